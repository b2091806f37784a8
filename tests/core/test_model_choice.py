"""Which set of models suits a computer."""

import pytest

from device.core.model_choice import ModelSet, carried_over, judge, suggested

SETS = (
    ModelSet(name="tiny", models_mb=635, weights_mb=98),
    ModelSet(name="default", models_mb=1046, weights_mb=491),
    ModelSet(name="small", models_mb=1466, weights_mb=808),
    ModelSet(name="llama", models_mb=6061, weights_mb=4921),
)


def choice(memory_mb: int, speed: float) -> str | None:
    best = suggested(judge(SETS, memory_mb=memory_mb, measured="tiny", tokens_per_second=speed))
    return None if best is None else best.of.name


def test_a_measured_speed_is_carried_over_as_it_was_found_to_be():
    assert carried_over(110, 98, 491) == pytest.approx(48, abs=2)
    assert carried_over(110, 98, 1117) == pytest.approx(25, abs=1)
    assert carried_over(30, 98, 98) == 30


@pytest.mark.parametrize(
    ("memory_mb", "speed", "name"),
    [
        (500, 100, None),
        (1300, 100, "tiny"),
        (2000, 100, "default"),
        (4000, 100, "small"),
        (16_000, 100, "small"),
        (16_000, 400, "llama"),
        (16_000, 30, "default"),
        (16_000, 15, "tiny"),
        (16_000, 2, "tiny"),
    ],
)
def test_the_largest_that_fits_and_is_quick_is_chosen_else_the_quickest(memory_mb, speed, name):
    assert choice(memory_mb, speed) == name


def test_what_was_measured_and_what_is_calculated_is_told_apart():
    verdicts = judge(SETS, memory_mb=4000, measured="default", tokens_per_second=40)
    assert [one.of.name for one in verdicts if one.measured] == ["default"]
    assert [one.of.name for one in verdicts if one.fits] == ["tiny", "default", "small"]
    assert verdicts[1].tokens_per_second == 40
