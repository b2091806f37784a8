"""Which set of models suits a computer: the largest that fits its memory and is quick enough to talk with.

A language model's speed is measured with a small one and carried over to larger ones: the time for a token grows with
the bytes that are read for it, above a part that does not. On the machine of the README's figures SmolLM2 135M (98 MB),
Qwen 0.5B (491 MB) and Qwen 1.5B (1117 MB) took 9.1, 20 and 40 ms a token, which lie on one line that meets zero at
minus 210 MB. What is carried over is an estimate; what was measured says so.
"""

from collections.abc import Sequence
from dataclasses import dataclass

OFFSET_MB = 210.0
"""How many bytes' worth of time a token costs that reads none; see above."""

SYSTEM_MB = 600
"""What the operating system and the program without its models take."""

LEAST_TOKENS_PER_SECOND = 10.0
"""Speech takes four tokens a second; below this the first sentence is not there within a second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSet:
    """A set: the memory of all its models, and the file size of its language model."""

    name: str
    models_mb: int
    weights_mb: float

    @property
    def needs_mb(self) -> int:
        """The memory that a computer must have for it."""
        return self.models_mb + SYSTEM_MB


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What is thought of a set on a computer; `tokens_per_second` is calculated unless it was `measured`."""

    of: ModelSet
    fits: bool
    tokens_per_second: float
    measured: bool

    @property
    def quick(self) -> bool:
        """Whether one can talk with it."""
        return self.tokens_per_second >= LEAST_TOKENS_PER_SECOND


def carried_over(tokens_per_second: float, from_mb: float, to_mb: float) -> float:
    """The speed of a model of `to_mb` where one of `from_mb` has the given speed."""
    return tokens_per_second * (from_mb + OFFSET_MB) / (to_mb + OFFSET_MB)


def judge(sets: Sequence[ModelSet], *, memory_mb: int, measured: str, tokens_per_second: float) -> tuple[Verdict, ...]:
    """What is thought of each set, by the speed of the language model of the set called `measured`."""
    weights_mb = next(one.weights_mb for one in sets if one.name == measured)
    return tuple(
        Verdict(
            of=one,
            fits=one.needs_mb <= memory_mb,
            tokens_per_second=carried_over(tokens_per_second, weights_mb, one.weights_mb),
            measured=one.weights_mb == weights_mb,
        )
        for one in sets
    )


def suggested(verdicts: Sequence[Verdict]) -> Verdict | None:
    """The largest set that fits and is quick; where none is quick, the quickest that fits; None if none fits."""
    fitting = sorted((one for one in verdicts if one.fits), key=lambda one: one.of.weights_mb)
    if not fitting:
        return None
    quick = [one for one in fitting if one.quick]
    return quick[-1] if quick else fitting[0]
