"""The experiment: every persona with the same wishes, with the asynchronous agent and with its strict turns."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from device.bench.overlap.summary import ASYNC, SYNC
from device.eval import intervals
from device.eval.experiment import Perform, Plan, Sizes
from device.eval.result import Case, Row, Table
from device.eval.users.actor import Actor, Played
from device.eval.users.personas import MANNERS, PERSONAS
from device.eval.users.session import session
from device.eval.users.wishes import SETTINGS, wishes

NAME = "users"
QUESTION = "What do people of several tempers get done with the asynchronous agent and with a synchronous one?"
NOT_MEASURED = (
    "Whether real people are content: nobody was asked. device/eval/people is a kit to ask them.",
    "Users by voice: these type, and read.",
    "A user who is better than the agent's own model: the same model plays them, as well as the table says.",
)
WISHES = 3
MODES = (ASYNC, SYNC)
RULE, MODEL = "by rule", "by the model"
PLAYERS = (RULE, MODEL)


def plan(sizes: Sizes) -> Plan:
    """Every persona in every setting so often, each time with other wishes, played by rule and by the model."""
    repeats = sizes.times(1, 20)
    steps = [
        f"{player}, {setting}, {persona}, {number}"
        for number in range(repeats)
        for setting in SETTINGS
        for persona in PERSONAS
        for player in PLAYERS
    ]

    @contextmanager
    def performing() -> Iterator[Perform]:
        with Actor(sizes.config) as actor:
            yield lambda step: _perform(sizes, actor, step)

    llm = sizes.config.models.llm
    return Plan(
        name=NAME,
        question=QUESTION,
        options={"personas": list(PERSONAS), "settings": list(SETTINGS), "wishes": WISHES, "repeats": repeats},
        steps=steps,
        performing=performing,
        tables=_tables,
        not_measured=NOT_MEASURED,
        thinks=f"{llm}, the agent and the users that are played by the model",
        models={"llm": llm},
    )


def _perform(sizes: Sizes, actor: Actor, step: str) -> Case:
    player, setting, persona, number = step.split(", ")
    part = PERSONAS[persona](wishes(setting, sizes.seed, int(number), WISHES))
    played: list[Played] = []
    if player == MODEL:
        part, played = actor.word(part, MANNERS[persona], 100 * (1000 * sizes.seed + int(number)))
    order = sorted(MODES, reverse=bool(int(number) % 2))
    asked = actor if player == MODEL else None
    return {
        "player": player,
        "setting": setting,
        "persona": persona,
        "lines": [line.text for line in part.lines],
        "draws": [{"draws": one.draws, "accepted": one.accepted} for one in played],
        **{mode: session(sizes.config, part, setting, strict=mode == SYNC, actor=asked) for mode in order},
    }


# --- tables ------------------------------------------------------------------------------------------------------


def _tables(cases: Mapping[str, Case]) -> tuple[Table, ...]:
    by_player = {name: [case for case in cases.values() if case["player"] == name] for name in PLAYERS}
    tables = [make(name, own) for name, own in by_player.items() if own for make in (_done, _spent)]
    return (*tables, *((_playing(by_player[MODEL]),) if by_player[MODEL] else ()))


def _groups(cases: Sequence[Case]) -> list[tuple[str, list[Case]]]:
    found = [
        *((name, [case for case in cases if case["persona"] == name]) for name in PERSONAS),
        *((name, [case for case in cases if case["setting"] == name]) for name in SETTINGS),
        ("all of them", list(cases)),
    ]
    return [(name, own) for name, own in found if own]


def _done(player: str, cases: Sequence[Case]) -> Table:
    return Table(
        title=f"What people get done, played {player}",
        columns=(
            "wishes fulfilled, async",
            "wishes fulfilled, sync",
            "more of them, async",
            "done after, async",
            "done after, sync",
            "sooner by",
        ),
        rows=tuple(_done_row(name, own) for name, own in _groups(cases)),
        note="By text. In strict turns a user waits until the agent has finished, unless they interrupt. Intervals "
        "draw whole dialogues, in pairs of the same wishes.",
        drawn=("wishes fulfilled, async", "wishes fulfilled, sync"),
    )


def _done_row(name: str, cases: Sequence[Case]) -> Row:
    of = {mode: [case[mode] for case in cases] for mode in MODES}
    seconds = {mode: [one["seconds"] for one in of[mode]] for mode in MODES}
    shares = {mode: [one["fulfilled"] / one["wanted"] for one in of[mode]] for mode in MODES}
    return Row(
        label=name,
        cells=(
            *(intervals.share([one["fulfilled"] for one in of[m]], [one["wanted"] for one in of[m]]) for m in MODES),
            intervals.paired_difference(shares[ASYNC], shares[SYNC], "%"),
            *(intervals.mean(seconds[mode], "s") for mode in MODES),
            intervals.paired_difference(seconds[SYNC], seconds[ASYNC], "s"),
        ),
    )


def _spent(player: str, cases: Sequence[Case]) -> Table:
    return Table(
        title=f"Errors, words wasted and interruptions, played {player}",
        columns=(
            "wrong calls, async",
            "wrong calls, sync",
            "words wasted, async",
            "words wasted, sync",
            "interruptions survived, async",
            "interruptions survived, sync",
        ),
        rows=tuple(_spent_row(name, own) for name, own in _groups(cases)),
        note="In one dialogue. Wrong are calls that nobody wanted, or that failed; wasted are the words of replies "
        "that were cut off; an interruption is survived when a reply is heard to its end after it.",
    )


def _spent_row(name: str, cases: Sequence[Case]) -> Row:
    of = {mode: [case[mode] for case in cases] for mode in MODES}
    return Row(
        label=name,
        cells=(
            *(intervals.mean([one["unwanted"] + one["failed"] for one in of[mode]], "") for mode in MODES),
            *(intervals.mean([one["words_wasted"] for one in of[mode]], "") for mode in MODES),
            *(
                intervals.share([one["survived"] for one in of[m]], [one["interruptions"] for one in of[m]])
                for m in MODES
            ),
        ),
    )


def _playing(cases: Sequence[Case]) -> Table:
    """How well the model plays a user."""
    rows = []
    for name in [*PERSONAS, "all of them"]:
        own = [case for case in cases if name in (case["persona"], "all of them")]
        draws = [one for case in own for one in case["draws"]]
        verdicts = [verdict for case in own for mode in MODES for verdict in case[mode]["judged"]]
        rows.append(
            Row(
                label=name,
                cells=(
                    intervals.rate(sum(one["accepted"] and one["draws"] == 1 for one in draws), len(draws)),
                    intervals.rate(sum(one["accepted"] for one in draws), len(draws)),
                    intervals.rate(sum(one["content"] == one["truly"] for one in verdicts), len(verdicts)),
                    intervals.rate(sum(one["content"] for one in verdicts), len(verdicts)),
                    intervals.rate(sum(one["truly"] for one in verdicts), len(verdicts)),
                ),
            )
        )
    return Table(
        title="How well the model plays people",
        columns=(
            "first wording says the wish",
            "one of three does",
            "judges rightly what was done",
            "says that it was done",
            "it was done",
        ),
        rows=tuple(rows),
        note="A rule checks each wording: the wish's numbers and no others, and the words it needs. Where none of "
        "three passes, the plain words are said. In the end the model that played says of each wish whether it was "
        "done; nothing rests on that.",
    )
