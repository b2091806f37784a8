"""Prometheus's text exposition format, version 0.0.4; pure.

Every family has its HELP and TYPE and then its samples; what a family is named, its samples are, too, but for a
histogram's, which have the suffixes _bucket, _sum and _count.
"""

import math
from collections.abc import Iterable, Sequence

from msgspec import Struct, field


class Sample(Struct, frozen=True, kw_only=True):
    """One value of a family; `suffix` is a histogram's."""

    value: float
    labels: dict[str, str] = field(default_factory=dict)
    suffix: str = ""


class Family(Struct, frozen=True, kw_only=True):
    """A metric: `kind` is gauge, counter or histogram."""

    name: str
    kind: str
    help: str
    samples: tuple[Sample, ...]


def exposition(families: Iterable[Family]) -> str:
    """All families as text; those without a sample are left out."""
    return "".join(_family(family) for family in families if family.samples)


def histogram(name: str, help_text: str, bounds: Sequence[float], counts: Sequence[int], total: float) -> Family:
    """A histogram of `counts` between `bounds`, with one more for what is above the last."""
    samples, below = [], 0
    for bound, count in zip((*bounds, math.inf), counts, strict=True):
        below += count
        samples.append(Sample(suffix="_bucket", labels={"le": _number(bound)}, value=below))
    samples += [Sample(suffix="_sum", value=total), Sample(suffix="_count", value=below)]
    return Family(name=name, kind="histogram", help=help_text, samples=tuple(samples))


def _family(family: Family) -> str:
    explained = family.help.replace("\\", r"\\").replace("\n", r"\n")
    lines = [f"# HELP {family.name} {explained}", f"# TYPE {family.name} {family.kind}"]
    lines += [f"{family.name}{one.suffix}{_labels(one.labels)} {_number(one.value)}" for one in family.samples]
    return "\n".join(lines) + "\n"


def _labels(labels: dict[str, str]) -> str:
    if not labels:
        return ""
    return "{" + ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items()) + "}"


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


def _number(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    return str(int(value)) if value == int(value) and abs(value) < 2**53 else repr(float(value))
