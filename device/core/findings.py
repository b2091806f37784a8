"""What a look at the device found: verdicts, their order, and what they come to; pure.

Every finding that is not well says what to do: one without a remedy is a mistake of the check.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum


class Outcome(Enum):
    """How something fares; the graver come first."""

    FAILED = "failed"
    """It keeps the agent from its work, or will."""
    WARNING = "warning"
    """It works, but worse than it could, or not for long."""
    NOT_KNOWN = "not known"
    """It could not be looked at."""
    OK = "ok"
    NOT_APPLICABLE = "not applicable"
    """There is no such thing here."""

    @property
    def gravity(self) -> int:
        """The lower, the graver."""
        return list(Outcome).index(self)


NEEDS_REMEDY = (Outcome.FAILED, Outcome.WARNING)

ALL_WELL, SOMETHING_FAILED, WARNINGS_ONLY = 0, 1, 12
"""What a command that looks at everything exits with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a check found: one sentence, and where it is not well another that says what to do."""

    outcome: Outcome
    says: str
    remedy: str = ""

    def __post_init__(self) -> None:
        if self.outcome in NEEDS_REMEDY and not self.remedy:
            raise ValueError(f"what is to be done? {self.says}")


def well(says: str) -> Finding:
    """Nothing is wrong."""
    return Finding(outcome=Outcome.OK, says=says)


def warning(says: str, remedy: str) -> Finding:
    """It works, but not as it should."""
    return Finding(outcome=Outcome.WARNING, says=says, remedy=remedy)


def failed(says: str, remedy: str) -> Finding:
    """It does not work."""
    return Finding(outcome=Outcome.FAILED, says=says, remedy=remedy)


def not_known(says: str, remedy: str = "") -> Finding:
    """It cannot be told."""
    return Finding(outcome=Outcome.NOT_KNOWN, says=says, remedy=remedy)


def not_here(says: str) -> Finding:
    """There is nothing to look at."""
    return Finding(outcome=Outcome.NOT_APPLICABLE, says=says)


def together(findings: Iterable[Finding]) -> Finding:
    """Several findings as one: the gravest outcome, and what those of that outcome say. Raises ValueError for none."""
    every = list(findings)
    gravest = min((finding.outcome for finding in every), key=lambda outcome: outcome.gravity)
    said = [finding for finding in every if finding.outcome is gravest]
    return Finding(
        outcome=gravest,
        says=" ".join(dict.fromkeys(finding.says for finding in said)),
        remedy=" ".join(dict.fromkeys(finding.remedy for finding in said if finding.remedy)),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The finding of the check called `check`, which took so many `seconds`."""

    check: str
    finding: Finding
    seconds: float = 0.0


def by_gravity(verdicts: Iterable[Verdict]) -> list[Verdict]:
    """The gravest first; among equals, in the order in which they were given."""
    return sorted(verdicts, key=lambda verdict: verdict.finding.outcome.gravity)


def exit_code(verdicts: Iterable[Verdict]) -> int:
    """0 if all is well or cannot be told, 12 if there are warnings only, 1 if anything failed."""
    outcomes = {verdict.finding.outcome for verdict in verdicts}
    if Outcome.FAILED in outcomes:
        return SOMETHING_FAILED
    return WARNINGS_ONLY if Outcome.WARNING in outcomes else ALL_WELL
