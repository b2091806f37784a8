"""A sentence is what its speaker meant after they corrected themselves."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.core.repairs import repaired


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("set a timer for um six no wait make that eight minutes", "set a timer for 8 minutes"),
        ("for six minutes no wait eight minutes", "for 8 minutes"),
        ("for six minutes no make it eight", "for 8 minutes"),
        ("at six, no wait, make that seven", "at 7"),
        ("an alarm for 7 am sorry I mean 8 am", "an alarm for 8 am"),
        ("remind me at half past five no wait six to call ben", "remind me at 6 to call ben"),
        ("set it to twenty no twenty one degrees", "set it to 21 degrees"),
        ("lunch on monday at ten, no wait, tuesday", "lunch on tuesday at 10"),
        ("add milk no wait bread", "add bread"),
        ("set a timer for 90 seconds no wait 2 minutes", "set a timer for 2 minutes"),
        ("set a timer for 90 seconds no 2 minutes", "set a timer for 2 minutes"),
        ("set an alarm for 7 am no 8 pm", "set an alarm for 8 pm"),
        ("set an alarm for 7 a.m. no 8 p.m. please", "set an alarm for 8 p.m. please"),
        ("set an alarm for 7am no 8am", "set an alarm for 8am"),
        ("set an alarm for 7am no wait 8pm", "set an alarm for 8pm"),
        ("set a timer for half an hour no wait an hour", "set a timer for an hour"),
        ("a timer for 1 hour 20 minutes no wait 1 hour 30 minutes for rice", "a timer for 1 hour 30 minutes for rice"),
        ("set a timer for 20 minutes make that 25", "set a timer for 25 minutes"),
        ("remind me to make that call at five no wait six", "remind me to make that call at 6"),
        ("the light in the kitchen no I mean the bathroom", "the light in the bathroom"),
    ],
)
def test_what_was_taken_back_makes_room_for_what_came_instead(said, meant):
    assert repaired(said) == meant


@pytest.mark.parametrize(
    "said",
    [
        "no wait",
        "wait",
        "oh never mind",
        "no I meant something else",
        "I know what I mean",
        "it's too cold make it warmer",
        "there is no 7 up",
        "make that a habit",
        "the 5 of may no 8th",
        "remind me to make that call at 5",
        "add make that pie to the list",
        "can you make that 10 minutes",
        "note that I mean to call Ann tomorrow",
        "what do I mean by that",
        "tell her that I mean no harm",
    ],
)
def test_what_corrects_nothing_stays(said):
    assert repaired(said) == said


def test_hesitation_goes_but_is_never_all():
    assert repaired("um, uh set an alarm") == "set an alarm"
    assert repaired("uh") == "uh"


@given(st.lists(st.sampled_from("no|wait|make that|5|six|um|i mean|tuesday|milk|sorry|minutes".split("|"))))
def test_any_words_are_read(words):
    assert isinstance(repaired(" ".join(words)), str)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("set timers for three and seven minutes", "set timers for 3 minutes and 7 minutes"),
        ("for 3, 5 and 7 minutes please", "for 3 minutes, 5 minutes and 7 minutes please"),
        ("wake me at 6 and 7 PM", "wake me at 6 PM and 7 PM"),
        ("set it to 21 and 30 minutes later to 19", "set it to 21 and 30 minutes later to 19"),
        ("play blink 182 and 5 minutes later stop", "play blink 182 and 5 minutes later stop"),
    ],
)
def test_a_unit_that_numbers_share_is_written_behind_each(said, meant):
    assert repaired(said) == meant
