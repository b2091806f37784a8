"""What is counted of the scenes, and what they say together; pure."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from device.bench.duplex.rooms import Room
from device.bench.duplex.scenes import Kind
from device.bench.statistics import percentiles, rate_interval
from device.core.utterances import words


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One scene. `pause_ms`: from the first sample of the user's speech to the last sample of the reply;
    `pause_from_audible_ms`: from where that speech is first as loud as the room's noise.
    """

    room: str
    kind: Kind
    said: str
    recognized: str
    alone: str | None = None
    """What is recognized of the same words in the same room without a reply."""
    interrupted: bool
    holds: int
    """How many times the reply was held."""
    pause_ms: float | None = None
    pause_from_audible_ms: float | None = None
    heard: str = ""
    """What the ledger says was heard."""
    truly_heard: str | None = None
    """What was; None where that cannot be told from the sound."""
    erle_db: float | None = None
    late_blocks: int = 0

    @property
    def self_interrupted(self) -> bool:
        """Whether the agent took its own voice for the user's."""
        return self.kind is Kind.UNDISTURBED and (self.interrupted or bool(self.recognized))


def word_errors(said: str, recognized: str) -> tuple[int, int]:
    """Substitutions, insertions and deletions, and how many words were said."""
    wanted, got = words(said), words(recognized)
    row = list(range(len(got) + 1))
    for number, word in enumerate(wanted, 1):
        above, row = row, [number]
        for column, other in enumerate(got, 1):
            row.append(min(above[column - 1] + (word != other), above[column] + 1, row[-1] + 1))
    return row[-1], len(wanted)


def summary(rooms: Sequence[Room], outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """All figures, together and by room."""
    return {
        "rooms": len(rooms),
        **_figures(outcomes),
        "echo_at_most_as_loud": _figures([one for one in outcomes if _room(rooms, one).echo_db <= 0]),
        "by_room": [
            {
                "room": room.name,
                "ring_seconds": room.ring_seconds,
                "echo_db": room.echo_db,
                "delay_ms": room.delay_ms,
                "drift_ppm": room.drift_ppm,
                "noise": f"{room.noise} {room.noise_dbfs:.0f} dB",
                **_figures([one for one in outcomes if one.room == room.name]),
            }
            for room in rooms
        ],
        "scenes": [asdict(one) for one in outcomes],
    }


def _room(rooms: Sequence[Room], outcome: Outcome) -> Room:
    return next(room for room in rooms if room.name == outcome.room)


def _figures(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    alone = [one for one in outcomes if one.kind is Kind.UNDISTURBED]
    barge_ins = [one for one in outcomes if one.kind is Kind.BARGE_IN]
    noises = [one for one in outcomes if one.kind is Kind.NOISE]
    caught = [one for one in barge_ins if one.interrupted]
    told = [one for one in caught if one.truly_heard is not None]
    erles = [one.erle_db for one in alone if one.erle_db is not None]
    return {
        "replies": len(outcomes),
        "self_interruptions": sum(one.self_interrupted for one in alone),
        "false_holds": sum(one.holds for one in alone),
        "barge_ins": len(barge_ins),
        "barge_in_caught_rate": _rate(len(caught), len(barge_ins)),
        "barge_in_caught_interval": [round(bound, 4) for bound in rate_interval(len(caught), len(barge_ins))],
        "pause_ms": percentiles([one.pause_ms for one in caught if one.pause_ms is not None]),
        "pause_from_audible_ms": percentiles(
            [one.pause_from_audible_ms for one in caught if one.pause_from_audible_ms is not None]
        ),
        "heard_text_exact_rate": _rate(sum(one.heard == one.truly_heard for one in told), len(told)),
        "heard_text_told": len(told),
        "word_error_rate": _word_error_rate([(one.said, one.recognized) for one in caught]),
        "word_error_rate_alone": _word_error_rate([(one.said, one.alone) for one in caught if one.alone is not None]),
        "noises": len(noises),
        "noises_resumed_rate": _rate(sum(not one.interrupted for one in noises), len(noises)),
        "erle_db": round(float(np.median(erles)), 1) if erles else None,
        "late_blocks": sum(one.late_blocks for one in outcomes),
    }


def _word_error_rate(pairs: Sequence[tuple[str, str]]) -> float | None:
    errors = [word_errors(*pair) for pair in pairs]
    return _rate(sum(wrong for wrong, _ in errors), sum(count for _, count in errors))


def _rate(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None
