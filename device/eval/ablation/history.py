"""What is heard in the end if the prompt comes from what was heard, by the ledger, or from a plain history.

A plain history keeps each reply as it was written, as a chat does: what a user cut off counts as said. The same user
interrupts the same replies; a director stands for the model, so that nothing else differs.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from device.bench.overlap.player import Staging, playing, says_nothing
from device.config import Config
from device.core.context import Conversation
from device.core.entries import Record, ReplyEnded
from device.eval import intervals
from device.eval.result import Case, Row, Table
from device.eval.workloads import TOOLS, workload

OPERATIONS = (2, 4)
SCALE = 0.2
KINDS = {False: "from the ledger: what was heard", True: "plain history: what was written"}


@dataclass(slots=True)
class PlainHistory(Conversation):
    """A conversation that takes every reply for heard as it was written."""

    def apply(self, record: Record) -> None:
        """Take the next record."""
        entry = record.entry
        if isinstance(entry, ReplyEnded):
            whole = msgspec.structs.replace(
                entry, heard=entry.generated, interrupted=False, unfinished=False, overtaken=False
            )
            record = msgspec.structs.replace(record, entry=whole)
        Conversation.apply(self, record)


async def remembering(config: Config, seed: str) -> Case:
    """How either fares with one user who interrupts. Raises DeviceError."""
    found: dict[str, Case] = {}
    async with playing(config, Staging(strict=False, script=says_nothing, specs=TOOLS)) as player:
        dialogue = player.agent.dialogue
        for plain, label in KINDS.items():
            kind = PlainHistory if plain else Conversation
            dialogue.conversation = kind.replay(dialogue.ledger.records(), model=dialogue.model_name)
            runs = []
            for operations in OPERATIONS:
                one = workload("interrupted", operations, seed, scale=SCALE)
                outcome = (await player.play(one)).outcome
                runs.append({"facts": len(one.facts()), "heard": outcome.heard, "interruptions": outcome.interruptions})
            found[label] = {name: sum(run[name] for run in runs) for name in runs[0]}
    return {"part": "remembering", "kinds": found}


def table(cases: Sequence[Case]) -> Table:
    """How either fared."""
    rows = []
    for label in KINDS.values():
        own = [case["kinds"][label] for case in cases]
        rows.append(
            Row(
                label=label,
                cells=(
                    intervals.share([one["heard"] for one in own], [one["facts"] for one in own]),
                    intervals.count(sum(one["interruptions"] for one in own)),
                ),
            )
        )
    return Table(
        title="Interrupted replies: where the prompt comes from",
        columns=("answers heard in the end", "interruptions"),
        rows=tuple(rows),
        note="Spoken at their true pace, a director saying everything that the prompt does not show as said.",
        drawn=("answers heard in the end",),
    )
