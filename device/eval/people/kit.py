"""The study's papers: the script for who leads it, the cards with the tasks, the statements, an empty sheet."""

import csv
import io

from device.eval.people.answers import COLUMNS
from device.eval.people.questionnaire import LEAST, MOST, STATEMENTS
from device.eval.people.tasks import SETS

FEWEST_PEOPLE = 16
"""With fewer, an interval hardly excludes anything but a very large difference."""

_SCRIPT = """# Leading the study

You compare two agents on the same device: one that goes on talking while it works (`async`), and one that takes strict
turns (`sync`). Ask at least {fewest} people, a multiple of four. It takes each about 25 minutes.

## Before

1. Set the device up in a quiet room and let `device doctor` find nothing. Use the same models for everybody.
2. Give each person a number. By the number modulo 4, this is their order:

   | number modulo 4 | first | then |
   |---|---|---|
   | 1 | async, set A | sync, set B |
   | 2 | sync, set A | async, set B |
   | 3 | async, set B | sync, set A |
   | 0 | sync, set B | async, set A |

3. Ask for consent in writing: what they say is recorded as text on the device, not as sound; they may stop at any time
   and have everything deleted (`device forget`). Do not tell them what differs between the two agents, and call them
   "the first" and "the second". Write down no names.

## With each agent

1. Begin: `device --set conversation.synchronous=false run` for async, `=true` for sync (after
   `device forget --all`, so that the next export holds this session alone).
2. Say: "This is a voice assistant. On each card is something to get done. Say it as you like. You may speak at any
   time, also while it speaks. When you believe that a card is done, take the next. If you give up on one, say so."
   Let them say hello to it and ask what it can do for one minute first; then run `device new`.
3. Lay out the cards of the set one by one, in their order. Do not help. Note the time when the first is laid out and
   when they say that the last one is done.
4. End the agent (Ctrl-C) and keep what it remembers: `device ledger export --out P01-async.jsonl` (the person's number
   and the agent).
5. Hand out the statements. One line of `answers.csv` is one person with one agent.

After the second agent ask which of the two they would rather have, and write `first`, `second` or nothing into
`preferred` of the second line.

## After

`device eval people answers.csv --exports DIRECTORY` prints the table: satisfaction, tasks done, time, errors and
interruptions with either agent, and the difference within each person with its 95 % interval (bootstrap over people).
Publish it whatever it says, with the number of people and how they were found.
"""


def files() -> dict[str, str]:
    """The kit's files by their names."""
    return {
        "script.md": _SCRIPT.format(fewest=FEWEST_PEOPLE),
        "tasks.md": _tasks(),
        "statements.md": _statements(),
        "answers.csv": _sheet(),
    }


def _tasks() -> str:
    parts = ["# Cards", ""]
    for name, tasks in SETS.items():
        parts += [f"## Set {name}", "", *(f"{number}. {task.card}" for number, task in enumerate(tasks, 1)), ""]
    return "\n".join(parts)


def _statements() -> str:
    scale = " ".join(map(str, range(LEAST, MOST + 1)))
    head = ["# How was it?", "", f"Mark a number: {LEAST} is “not at all”, {MOST} is “fully”.", ""]
    return "\n".join([*head, *(f"- {name}: {text}  {scale}" for name, (text, _) in STATEMENTS.items()), ""])


def _sheet() -> str:
    sheet = io.StringIO()
    csv.writer(sheet, lineterminator="\n").writerow(COLUMNS)
    return sheet.getvalue()
