"""Arguments are held to what the user said, and to nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.core.grounding import grounded
from device.core.prompt.messages import ToolSpec
from device.core.said import durations_in, numbers_in


def tool(required=(), **properties) -> ToolSpec:
    return ToolSpec(
        name="tool",
        description="A tool",
        parameters={"type": "object", "properties": properties, "required": list(required)},
    )


TEXT, WHOLE, NUMBER, SWITCH = ({"type": kind} for kind in ("string", "integer", "number", "boolean"))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Put an hour and a half on the clock.", [("an hour and a half", 5400)]),
        ("for half an hour", [("half an hour", 1800)]),
        ("1 hour and 20 minutes please", [("1 hour and 20 minutes", 4800)]),
        ("ten minutes, then 20 minutes", [("ten minutes", 600), ("20 minutes", 1200)]),
        ("at 5:30", []),
        ("no time at all", []),
        ("Give me fifty beats a minute.", []),
        ("Two pills, and wake me in an hour.", [("an hour", 3600)]),
        ("In about 10 minutes from now, and in two hours' time.", [("10 minutes", 600), ("two hours", 7200)]),
        ("another hour and another 5 minutes", [("another hour and another 5 minutes", 3900)]),
        ("Wait another 5 minutes, then another hour and go", [("5 minutes", 300), ("another hour", 3600)]),
    ],
)
def test_durations_are_found_in_a_sentence(text, found):
    assert durations_in(text) == found


def test_numbers_are_found_and_times_of_day_are_none():
    assert numbers_in("twenty five at 7:30, 2.5 or half past five") == [25.0, 2.5]
    assert numbers_in("2.5 million, 1,500 or three quarters") == [2_500_000.0, 1500.0, 0.75]


@pytest.mark.parametrize(
    ("properties", "value"),
    [
        ({"minutes": WHOLE}, 90),
        ({"duration_min": WHOLE}, 90),
        ({"length": {**NUMBER, "description": "length in seconds"}}, 5400),
        ({"hours": NUMBER}, 1.5),
    ],
)
def test_a_number_in_a_unit_of_time_is_counted_from_the_duration(properties, value):
    (name,) = properties
    assert grounded(tool([name], **properties), {name: 1}, "clean for an hour and a half") == {name: value}


def test_a_whole_number_is_not_made_of_a_part():
    assert grounded(tool(["hours"], hours=WHOLE), {"hours": 2}, "an hour and a half") == {"hours": 2}


def test_the_only_number_that_was_said_is_the_one_that_was_meant():
    assert grounded(tool(["level"], level=WHOLE), {"level": 5}, "set it to twenty five") == {"level": 25}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"people": 2, "time": "7 pm"}, "a table for my wife and me at seven pm"),
        ({"people": 3}, "either two or four"),
        ({"people": 1}, "a table please"),
    ],
)
def test_a_number_stays_where_the_words_leave_a_doubt(arguments, said):
    assert grounded(tool(["people", "time"], people=WHOLE, time=TEXT), arguments, said) == arguments


def test_a_duration_that_nobody_said_becomes_the_one_that_was():
    spec = tool(["duration"], duration=TEXT)
    assert grounded(spec, {"duration": "1 hour"}, "for an hour and a half") == {"duration": "an hour and a half"}
    assert grounded(spec, {"duration": "90 minutes"}, "for an hour and a half") == {"duration": "90 minutes"}


@pytest.mark.parametrize(
    ("value", "said", "kept"),
    [
        ("Rice", "a timer for the rice", True),
        ("timer 1", "three minutes for the egg", False),
        ("", "three minutes", False),
    ],
)
def test_an_optional_text_needs_a_source(value, said, kept):
    assert ("label" in grounded(tool(label=TEXT), {"label": value}, said)) == kept


def test_what_was_said_earlier_is_a_source():
    assert grounded(tool(which=TEXT), {"which": "egg"}, "cancel it", earlier="an egg timer") == {"which": "egg"}


def test_a_required_argument_is_never_taken_away():
    assert grounded(tool(["city"], city=TEXT), {"city": "Oslo"}, "how cold is it") == {"city": "Oslo"}


def test_a_required_text_without_a_source_is_what_is_left_of_the_words():
    spec = tool(["text", "language"], text=TEXT, language=TEXT)
    invented = {"text": "good morning", "language": "english"}
    assert grounded(spec, invented, "good morning in French") == {"text": "good morning", "language": "French"}
    assert grounded(spec, invented, "French for good morning in Paris") == invented


def test_how_a_wish_was_put_is_no_argument():
    spec = tool(["item", "list"], item=TEXT, list=TEXT)
    milk = {"item": "milk", "list": "shopping"}
    assert grounded(spec, milk, "we're out of milk") == milk
    assert grounded(spec, milk, "buy some milk") == milk
    assert grounded(spec, milk, "milk on the garden list")["list"] == "garden list"
    all_of_it = {"item": "everything", "list": "shopping list"}
    assert grounded(spec, all_of_it, "clear the shopping list") == all_of_it


def test_what_another_argument_holds_is_no_part_of_a_text():
    spec = tool(["title", "day", "time"], title=TEXT, day=TEXT, time=TEXT)
    given = {"title": "Lunch with Ann tomorrow at noon", "day": "tomorrow", "time": "noon"}
    assert grounded(spec, given, "lunch with ann tomorrow at noon") == {**given, "title": "Lunch with Ann"}
    same = {"title": "noon", "day": "tomorrow", "time": "noon"}
    assert grounded(spec, same, "noon tomorrow") == same


def test_a_sentence_that_nobody_said_is_left_out():
    spec = tool(["text"], text=TEXT)
    given = {"text": "I'm going to bed. I'll be 10 minutes late."}
    assert grounded(spec, given, "text him that I'll be ten minutes late") == {"text": "I'll be 10 minutes late"}
    assert grounded(spec, given, "text him I'll be ten minutes late") == {"text": "I'll be 10 minutes late."}
    assert grounded(spec, {"text": "3.5 late"}, "late") == {"text": "3.5 late"}


def test_a_number_gets_its_unit_back():
    assert grounded(tool(["length"], length=TEXT), {"length": "45"}, "timer 45 seconds") == {"length": "45 seconds"}
    assert grounded(tool(["length"], length=TEXT), {"length": "1.5"}, "an hour and a half") == {
        "length": "an hour and a half"
    }


@pytest.mark.parametrize(
    ("name", "said", "value"),
    [
        ("on", "turn the fan off", False),
        ("enabled", "switch it on", True),
        ("locked", "unlock the door", False),
        ("locked", "lock the door", True),
        ("locked", "see to the door", True),
    ],
)
def test_a_switch_goes_the_way_that_was_said(name, said, value):
    assert grounded(tool([name], **{name: SWITCH}), {name: True}, said) == {name: value}


def test_an_optional_switch_or_number_that_nobody_spoke_of_is_left_out():
    spec = tool(shuffle=SWITCH, count=WHOLE)
    assert grounded(spec, {"shuffle": True, "count": 10}, "play some jazz") == {}
    assert grounded(spec, {"shuffle": True, "count": 10}, "shuffle ten songs") == {"shuffle": True, "count": 10}


@given(
    st.dictionaries(
        st.sampled_from("abc"), st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.text())
    ),
    st.text(),
)
def test_whatever_was_called_and_said_required_arguments_stay(arguments, said):
    spec = tool("abc", a=TEXT, b=WHOLE, c={})
    assert grounded(spec, arguments, said).keys() == arguments.keys()


def test_a_bare_number_in_words_gets_its_unit_back():
    tool = ToolSpec(
        name="set_timer",
        description="Set a timer",
        parameters={"properties": {"duration": {"type": "string"}}, "required": ["duration"]},
    )
    assert grounded(tool, {"duration": "three"}, "Set a timer for three seconds.") == {"duration": "three seconds"}


MODES = {"type": "string", "enum": ["heat", "cool", "fan_only", "off"]}


@pytest.mark.parametrize(
    ("said", "mode"),
    [
        ("switch the heating on", "heat"),
        ("turn the heating off", "off"),
        ("just the fan please, no cooling", "fan_only"),
        ("make it nice in here", "cool"),
    ],
)
def test_the_choice_that_was_said_is_the_one_that_was_meant(said, mode):
    assert grounded(tool(["mode"], mode=MODES), {"mode": "cool"}, said) == {"mode": mode}


def test_what_was_said_and_left_out_is_filled_in():
    spec = tool(mode=MODES, delay_minutes=WHOLE, extra_rinse=SWITCH, distanceKm=NUMBER)
    assert grounded(spec, {}, "heat in half an hour") == {"mode": "heat", "delay_minutes": 30}
    assert grounded(spec, {}, "with an extra rinse") == {"extra_rinse": True}
    assert grounded(spec, {}, "but no extra rinse") == {"extra_rinse": False}
    assert grounded(spec, {}, "I walked five point five kilometers") == {"distanceKm": 5.5}
    assert grounded(spec, {}, "a rinse in 20 minutes or in 30 minutes") == {}


def test_what_stands_in_another_argument_is_not_filled_in_again():
    spec = tool(["text"], text=TEXT, mode=MODES, minutes=WHOLE)
    assert grounded(spec, {"text": "heat"}, "write heat") == {"text": "heat"}
    assert grounded(spec, {"text": "10 minutes"}, "for 10 minutes") == {"text": "10 minutes"}


def test_a_time_of_day_is_no_duration():
    spec = tool(at=TEXT, minutes=WHOLE)
    assert grounded(spec, {"at": "10:00", "minutes": 60}, "at 10 o'clock for an hour")["at"] == "10:00"
    assert grounded(spec, {"minutes": 60}, "at half past five") == {}


def test_a_number_may_have_a_name_in_the_description():
    spec = tool(["percent_open"], percent_open={**WHOLE, "description": "0 is closed, 100 is fully open"})
    assert grounded(spec, {"percent_open": 50}, "close the blinds") == {"percent_open": 0}
    assert grounded(spec, {"percent_open": 0}, "open the blinds") == {"percent_open": 100}
    assert grounded(spec, {"percent_open": 7}, "the blinds halfway please") == {"percent_open": 50}
    assert grounded(spec, {"percent_open": 0}, "open the blinds to thirty percent") == {"percent_open": 30}


def test_a_price_has_cents():
    assert grounded(tool(["amount"], amount=NUMBER), {"amount": 4250}, "I spent forty two fifty") == {"amount": 42.5}
    assert grounded(tool(["rooms"], rooms=WHOLE), {"rooms": 42}, "forty two fifty") == {"rooms": 42}


def test_the_items_of_a_list_are_said_ones_each_once():
    spec = tool(["names"], names={"type": "array"})
    assert grounded(spec, {"names": ["Tom", "Julia", "Tom", "Paul"]}, "ask tom and julia") == {
        "names": ["Tom", "Julia"]
    }
    assert grounded(spec, {"names": ["Paul", "Paul"]}, "ask him") == {"names": ["Paul"]}


def test_a_part_of_a_time_becomes_the_whole_one():
    spec = tool(["what", "when"], what=TEXT, when={**TEXT, "description": "a time of day"})
    given = {"what": "water the plants", "when": "morning"}
    assert grounded(spec, given, "tomorrow morning remind me to water the plants")["when"] == "tomorrow morning"
    days = {"what": "noon", "when": "tomorrow"}
    assert grounded(spec, days, "tomorrow at noon") == days


def test_the_schemas_own_words_are_no_time():
    spec = tool(["what", "when"], what=TEXT, when={**TEXT, "description": "a time of day"})
    given = {"what": "call mum at 6 pm", "when": "a time of day"}
    assert grounded(spec, given, "remind me to call mum at six pm") == {"what": "call mum", "when": "6 pm"}


def test_an_optional_text_is_not_another_arguments():
    spec = tool(["length"], length=TEXT, label=TEXT)
    assert grounded(spec, {"length": "an hour", "label": "an hour"}, "for an hour") == {"length": "an hour"}


def test_a_part_of_a_duration_becomes_the_whole_one():
    assert grounded(tool(["length"], length=TEXT), {"length": "and a half"}, "an hour and a half") == {
        "length": "an hour and a half"
    }


def test_what_is_to_be_told_is_told_in_the_words_that_were_said():
    spec = tool(["body"], body=TEXT)
    told = {"body": "I am writing to confirm that the contract was signed"}
    assert grounded(spec, told, "email ann saying the contract is signed") == {"body": "the contract is signed"}
    other = {"body": "Happy birthday to you"}
    assert grounded(spec, other, "email ann that the contract is signed") == other


def test_a_time_with_its_link_is_kept_apart_too():
    spec = tool(["what", "when"], what=TEXT, when=TEXT)
    given = {"what": "call my mother at 6 pm", "when": "at 6 pm"}
    assert grounded(spec, given, "remind me to call my mother at six pm")["what"] == "call my mother"


def test_a_number_from_a_result_is_not_pulled_back_to_the_number_said():
    spec = tool(["number"], number=WHOLE)
    assert grounded(spec, {"number": 54}, "follow 27", results="27 leads to 54") == {"number": 54}
    assert grounded(spec, {"number": 55}, "follow 27", results="27 leads to 54") == {"number": 27}
    assert grounded(spec, {"number": 54}, "follow 27", earlier="27 leads to 54") == {"number": 27}


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("7 a.m. tomorrow", "wake me up at 7 a.m. tomorrow"),
        ("7 p.m. tonight", "remind me at 7 p.m. tonight"),
        ("The code is 42. I do.", "note the code is 42 I do"),
        ("Ann is here. 42.", "note ann is here 42"),
    ],
)
def test_short_numbers_and_small_words_are_said_too(value, said):
    assert grounded(tool(["text"], text=TEXT), {"text": value}, said) == {"text": value}


def test_an_optional_text_of_small_words_stays_where_they_were_said():
    assert grounded(tool(which=TEXT), {"which": "all"}, "cancel all alarms") == {"which": "all"}
    assert grounded(tool(which=TEXT), {"which": "all"}, "cancel the alarms") == {}


@pytest.mark.parametrize(
    ("said", "value", "whole"),
    [
        ("remind me tomorrow at 6:30 pm", "tomorrow", "tomorrow at 6:30 pm"),
        ("remind me tomorrow at 6:30 pm", "6:30", "tomorrow at 6:30 pm"),
        ("wake me day after tomorrow at 6", "6", "day after tomorrow at 6"),
        ("an alarm for friday at seven", "7:00", "friday at 7"),
        ("an alarm for friday at seven", "07:00", "friday at 7"),
        ("an alarm for friday at seven", "on friday", "friday at 7"),
        ("wake me at six in the morning", "6:00", "6 in the morning"),
        ("wake me at 7 at night", "07:00", "7 at night"),
        ("an alarm for 7 o'clock tomorrow", "7", "7 o'clock tomorrow"),
        ("an alarm for june 5th at seven", "7 am", "june 5th at 7"),
        ("cancel the 7 am alarm", "7", "7 am"),
        ("wake me the day after tomorrow at 6", "tomorrow at 6", "day after tomorrow at 6"),
        ("tomorrow please wake me at seven pm", "7 pm", "tomorrow at 7 pm"),
        ("good morning, tomorrow I must get up at six", "6", "tomorrow at 6"),
        ("wake me up at 6 p.m. tomorrow", "18:00", "6 p.m. tomorrow"),
        ("wake me at noon", "12:00", "noon"),
    ],
)
def test_a_part_of_a_time_gets_its_day_and_its_half_of_the_day_back(said, value, whole):
    assert grounded(tool(["when"], when=TEXT), {"when": value}, said) == {"when": whole}


@pytest.mark.parametrize(
    ("said", "value"),
    [
        ("an alarm for friday at seven", "friday at 8"),
        ("an alarm for friday at seven", "saturday"),
        ("at seven", "7 am"),
        ("an alarm for six, six thirty and seven", "7"),
        ("I must be there at nine tomorrow so wake me at seven", "7"),
        ("buy 12 eggs at noon", "12"),
        ("the lamp at 10 percent tomorrow", "tomorrow"),
        ("play the 3rd song at 7 pm", "7 pm"),
        ("she comes tomorrow. 7 pm is dinner", "7 pm tomorrow"),
    ],
)
def test_a_time_that_is_no_part_of_the_one_said_stays(said, value):
    assert grounded(tool(["when"], when=TEXT), {"when": value}, said) == {"when": value}


def test_a_unit_whose_number_is_in_another_argument_stays_one():
    spec = tool(["amount", "unit"], amount=NUMBER, unit=TEXT)
    given = {"amount": 0.5, "unit": "hour"}
    assert grounded(spec, given, "how many minutes are half an hour") == given
    assert grounded(tool(["length"], length=TEXT), {"length": "hour"}, "half an hour") == {"length": "half an hour"}


def test_an_optional_argument_takes_nothing_from_a_required_one():
    spec = tool(["time"], time=TEXT, label=TEXT)
    given = {"time": "7:30 tomorrow", "label": "tomorrow"}
    assert grounded(spec, given, "wake me at 7:30 tomorrow")["time"] == "7:30 tomorrow"
    assert grounded(spec, {"time": "7:30", "label": "trip at 7:30"}, "wake me at 7:30 for the trip")["label"] == "trip"


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("number", 2_500_000, "2.5 million"),
        ("steps", 1500, "1,500 steps in 30 minutes"),
        ("distance_meters", 1500, "I ran 1,500 meters"),
        ("share", 0.75, "three quarters of it"),
        ("temperature_celsius", -18, "minus eighteen celsius"),
        ("number", -18, "minus eighteen"),
    ],
)
def test_a_number_in_parts_in_thousands_or_below_zero_is_said(name, value, said):
    assert grounded(tool([name], **{name: NUMBER}), {name: value}, said) == {name: value}


def test_a_part_of_a_duration_that_is_counted_is_said():
    given = {"length": "45 minutes"}
    assert grounded(tool(["length"], length=TEXT), given, "three quarters of an hour") == given


def test_a_day_gets_no_hour():
    spec = tool(["city"], city=TEXT, day={**TEXT, "description": "which day, as the user said it"})
    given = {"city": "Oslo", "day": "tomorrow"}
    assert grounded(spec, given, "how warm is it in oslo tomorrow evening") == given
    assert grounded(spec, given, "how warm is it tomorrow in oslo at 7 pm") == given


OFF, APART = "turn off the lamp and the fan", "the lamp off and the fan on"


def test_a_switch_may_be_told_of_once_for_several_things():
    spec = tool(["output", "on"], output=TEXT, on=SWITCH)
    given = {"output": "fan", "on": True}
    assert grounded(spec, given, OFF, own="the fan", around=OFF)["on"] is False
    assert grounded(spec, given, APART, own="the fan on", around=APART)["on"] is True


def test_a_time_is_told_once_and_by_the_argument_that_is_for_it():
    spec = tool(["duration"], duration=TEXT, label=TEXT)
    assert grounded(spec, {"duration": "10 minutes", "label": "10 minutes"}, "for 10 minutes") == {
        "duration": "10 minutes"
    }
    spec = tool(["date"], date=TEXT, deadline=TEXT)
    given = {"date": "monday", "deadline": "5 pm"}
    assert grounded(spec, given, "on monday, deadline 5 pm") == given
