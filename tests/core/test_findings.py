"""Verdicts: a remedy each, the gravest first, an exit code for scripts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.core.findings import (
    ALL_WELL,
    SOMETHING_FAILED,
    WARNINGS_ONLY,
    Finding,
    Outcome,
    Verdict,
    by_gravity,
    exit_code,
    failed,
    not_here,
    not_known,
    together,
    warning,
    well,
)

outcomes = st.sampled_from(list(Outcome))
findings = st.builds(lambda outcome, says: Finding(outcome=outcome, says=says, remedy="Mend it."), outcomes, st.text())


@pytest.mark.parametrize("outcome", [Outcome.FAILED, Outcome.WARNING])
def test_what_is_not_well_needs_a_remedy(outcome):
    with pytest.raises(ValueError, match="what is to be done"):
        Finding(outcome=outcome, says="It is broken.")


@given(st.lists(findings, min_size=1))
def test_the_gravest_comes_first_and_decides_the_exit_code(found):
    verdicts = [Verdict(check=str(number), finding=finding) for number, finding in enumerate(found)]
    ordered = by_gravity(verdicts)
    gravities = [one.finding.outcome.gravity for one in ordered]
    assert gravities == sorted(gravities)
    codes = {Outcome.FAILED: SOMETHING_FAILED, Outcome.WARNING: WARNINGS_ONLY}
    assert exit_code(verdicts) == codes.get(ordered[0].finding.outcome, ALL_WELL)
    assert together(found).outcome is ordered[0].finding.outcome


def test_equals_stay_in_their_order():
    verdicts = [Verdict(check=name, finding=well("Fine.")) for name in "cab"]
    assert [one.check for one in by_gravity(verdicts)] == ["c", "a", "b"]


def test_together_tells_what_is_gravest_once_each():
    one = together(
        [well("A."), failed("B.", "Do b."), warning("C.", "Do c."), failed("B.", "Do b."), failed("D.", "Do d.")]
    )
    assert (one.outcome, one.says, one.remedy) == (Outcome.FAILED, "B. D.", "Do b. Do d.")


def test_what_cannot_be_told_or_is_not_there_is_no_failure():
    assert (
        exit_code([Verdict(check="a", finding=not_known("?")), Verdict(check="b", finding=not_here("-"))]) == ALL_WELL
    )
    assert exit_code([]) == ALL_WELL
