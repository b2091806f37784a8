"""Timers, alarms and reminders, in the words in which they are set, told and cancelled."""

import pytest

from device.adapters.fakes.clock import FakeClock
from device.core.entries import AlarmSet
from device.core.notices import notice_text
from device.errors import ToolError
from tests.tools.surroundings import MONDAY_AFTERNOON, call, tool_context

HOUR = 3600.0


@pytest.fixture
def context():
    return tool_context()


async def test_a_timer_is_set_listed_and_cancelled(context):
    assert await call(context, "set_timer", duration="10 minutes", label="tea") == (
        "The timer for tea is set and rings in 10 minutes."
    )
    context.clock.advance(90)
    assert await call(context, "list_timers") == "a 10 minute timer for tea has 8 minutes and 30 seconds left"
    assert await call(context, "cancel_timer") == "The 10 minute timer for tea is cancelled."
    assert await call(context, "list_timers") == "No timer, alarm or reminder is set."


@pytest.mark.parametrize(
    ("time", "due_hours", "told"),
    [
        ("7 am", 16 + 40 / 60, "7:00 AM tomorrow"),
        ("half past six", 4 + 10 / 60, "6:30 PM today"),
        ("on friday at eight in the evening", 4 * 24 + 5 + 40 / 60, "8:00 PM on Friday"),
        ("in 90 minutes", 1.5, "1 hour and 30 minutes from now"),
        ("2 hours", 2, "2 hours from now"),
        ("two hours from now", 2, "2 hours from now"),
        ("another 5 minutes", 1 / 12, "5 minutes from now"),
        ("5 more minutes", 1 / 12, "5 minutes from now"),
        ("1900 hours", 4 + 40 / 60, "7:00 PM today"),
        ("on the 20th", 15 * 24 + 18 + 40 / 60, "9:00 AM on May 20"),
    ],
)
async def test_an_alarm_is_set_for_the_next_such_time(context, time, due_hours, told):
    assert await call(context, "set_alarm", time=time, label="work") == f"The alarm for work is set for {told}."
    (alarm,) = context.alarms.pending()
    assert alarm.due_wall_seconds == pytest.approx(MONDAY_AFTERNOON + due_hours * HOUR)
    assert (alarm.duration_seconds, alarm.label, alarm.reminder) == (
        due_hours * HOUR if "from now" in told else 0,
        "work",
        False,
    )


async def test_a_time_of_day_is_one_of_the_device_s_own_zone():
    clock = FakeClock(wall_seconds=MONDAY_AFTERNOON, utc_offset_seconds=-5 * HOUR)  # 9:20 in the morning
    context = tool_context(clock=clock)
    assert await call(context, "set_alarm", time="ten") == "The alarm is set for 10:00 AM today."
    assert context.alarms.pending()[0].due_wall_seconds == MONDAY_AFTERNOON + 40 * 60
    assert await call(context, "list_timers") == "an alarm rings at 10:00 AM today"
    assert await call(context, "get_time") == "It is 9:20 AM on Monday, May 4, 2026."


@pytest.mark.parametrize("what", ["call mum", "to call mum", "remind me to call mum", " call  mum "])
async def test_a_reminder_tells_what_of(context, what):
    assert await call(context, "remind", what=what, when="at five pm") == (
        "The reminder is set for 5:00 PM today: call mum."
    )
    assert await call(context, "remind", what=what, when="in 10 minutes") == (
        "The reminder is set for 10 minutes from now: call mum."
    )
    assert [(alarm.label, alarm.reminder) for alarm in context.alarms.pending()] == [("call mum", True)] * 2
    assert await call(context, "list_timers") == (
        "a reminder, call mum, comes in 10 minutes; a reminder, call mum, comes at 5:00 PM today"
    )
    soonest = context.alarms.pending()[0]
    entry = AlarmSet(alarm_id="t1", due_wall_seconds=1.0, label=soonest.label, reminder=soonest.reminder)
    assert notice_text(entry) == "reminder: call mum"


@pytest.mark.parametrize(
    ("name", "arguments", "problem"),
    [
        ("set_timer", {"duration": "never"}, "not a duration"),
        ("set_timer", {"duration": "10"}, "not a duration"),
        ("set_timer", {"duration": ""}, "not a duration"),
        ("set_timer", {"duration": "0 seconds"}, "not a duration"),
        ("set_timer", {"duration": "400 days"}, "one year at most"),
        ("set_alarm", {"time": "whenever"}, "not a time"),
        ("set_alarm", {"time": "today at noon"}, "12:00 PM today is over already"),
        ("set_alarm", {"time": "in 400 days"}, "one year at most"),
        ("remind", {"what": " ", "when": "noon"}, "ask the user what"),
        ("remind", {"what": "x", "when": ""}, "not a time"),
    ],
)
async def test_what_cannot_be_set_is_a_sentence_for_the_model(context, name, arguments, problem):
    with pytest.raises(ToolError, match=rf"{problem}.*\.$"):
        await call(context, name, **arguments)
    assert context.alarms.pending() == ()


async def test_there_is_an_end_to_their_number(context):
    for _ in range(64):
        await call(context, "set_timer", duration="1 hour")
    for name, arguments in (("set_timer", {"duration": "1 hour"}), ("set_alarm", {"time": "noon"})):
        with pytest.raises(ToolError, match="too many"):
            await call(context, name, **arguments)


async def a_busy_day(context):
    await call(context, "set_timer", duration="3 minutes", label="eggs")
    await call(context, "set_timer", duration="10 minutes")
    await call(context, "set_timer", duration="1 hour", label="cake")
    await call(context, "set_alarm", time="7 am", label="work")
    await call(context, "set_alarm", time="half past nine in the evening")
    await call(context, "remind", what="call mum", when="5 pm")


@pytest.mark.parametrize(
    ("which", "gone"),
    [
        ("the egg timer", "3 minute timer for eggs"),
        ("eggs", "3 minute timer for eggs"),
        ("ten minutes", "10 minute timer"),
        ("the ten minutes timer", "10 minute timer"),
        ("cake", "1 hour timer for cake"),
        ("my alarm for work", "7:00 AM alarm for work"),
        ("seven", "7:00 AM alarm for work"),
        ("the 9:30 alarm", "9:30 PM alarm"),
        ("calling mum", "reminder to call mum"),
        ("reminder", "reminder to call mum"),
        ("tomorrow", "7:00 AM alarm for work"),
        ("the reminder on the 4th", "reminder to call mum"),
        ("all alarms", "9:30 PM alarm and 7:00 AM alarm for work"),
    ],
)
async def test_which_one_is_cancelled_is_told_by_its_kind_label_duration_or_time(context, which, gone):
    await a_busy_day(context)
    verb = "are" if which.startswith("all") else "is"
    assert await call(context, "cancel_timer", which=which) == f"The {gone} {verb} cancelled."


EGGS, TEN, CAKE = "3 minute timer for eggs", "10 minute timer", "1 hour timer for cake"
WORK, EVENING, MUM = "7:00 AM alarm for work", "9:30 PM alarm", "reminder to call mum"


@pytest.mark.parametrize(
    ("which", "gone"),
    [
        ("all timers except the egg timer", f"{TEN} and {CAKE} are"),
        ("all the timers but not eggs and cake", f"{TEN} is"),
        ("all timers, except for the 10 minute one", f"{EGGS} and {CAKE} are"),
        ("the alarms apart from the seven o'clock one", f"{EVENING} is"),
        ("my alarms besides the one for tomorrow", f"{EVENING} is"),
        ("everything but my alarms", f"{EGGS}, {TEN}, {CAKE} and {MUM} are"),
        ("everything other than the timers and the reminder", f"{EVENING} and {WORK} are"),
    ],
)
async def test_what_is_excepted_is_not_cancelled(context, which, gone):
    await a_busy_day(context)
    assert await call(context, "cancel_timer", which=which) == f"The {gone} cancelled."


@pytest.mark.parametrize(
    ("which", "problem"),
    [
        ("all but the bananas", "not clear which to keep of the 3 minute timer"),
        ("all but eggs and bananas", "not clear which to keep"),
        ("the cake except the eggs", "not clear which to keep"),
        ("the reminders but for mum", "No other timer, alarm or reminder"),
    ],
)
async def test_if_nobody_knows_what_is_excepted_all_is_kept(context, which, problem):
    await a_busy_day(context)
    with pytest.raises(ToolError, match=rf"{problem}.*\.$"):
        await call(context, "cancel_timer", which=which)
    assert len(context.alarms.pending()) == 6


@pytest.mark.parametrize("which", ["", "timer", "the alarm", "bananas", "on friday", "the 2nd"])
async def test_if_several_are_meant_the_user_is_to_be_asked(context, which):
    await a_busy_day(context)
    with pytest.raises(ToolError, match=r"Several are set: the .*ask the user which one\.$"):
        await call(context, "cancel_timer", which=which)
    assert len(context.alarms.pending()) == 6


async def test_the_only_one_is_meant_whatever_it_is_called(context):
    await call(context, "set_timer", duration="1 hour", label="cake")
    assert "cake" in await call(context, "cancel_timer", which="whatever")
    with pytest.raises(ToolError, match="No timer, alarm or reminder is set"):
        await call(context, "cancel_timer")


async def test_of_two_alike_one_is_cancelled(context):
    for _ in range(2):
        await call(context, "set_timer", duration="5 minutes")
    await call(context, "cancel_timer", which="5 minutes")
    assert len(context.alarms.pending()) == 1


async def test_everything_can_be_cancelled_at_once(context):
    await a_busy_day(context)
    await call(context, "cancel_timer", which="everything")
    assert context.alarms.pending() == ()


@pytest.mark.parametrize(
    ("which", "gone"),
    [
        ("the evening alarm", f"{EVENING} is"),
        ("tomorrow morning's alarm", f"{WORK} is"),
        ("tomorrow's alarm", f"{WORK} is"),
        ("my timers", f"{EGGS}, {TEN} and {CAKE} are"),
        ("every alarm", f"{EVENING} and {WORK} are"),
        ("both alarms", f"{EVENING} and {WORK} are"),
        ("the eggs and cake timers", f"{EGGS} and {CAKE} are"),
    ],
)
async def test_several_and_parts_of_the_day_are_known_by_what_people_call_them(context, which, gone):
    await a_busy_day(context)
    assert await call(context, "cancel_timer", which=which) == f"The {gone} cancelled."


@pytest.mark.parametrize("which", ["7 pm", "9:30 am alarm", "seven tonight", "both", "both timers"])
async def test_what_is_not_set_is_not_taken_for_another(context, which):
    await a_busy_day(context)
    with pytest.raises(ToolError, match=r"ask the user which"):
        await call(context, "cancel_timer", which=which)
    assert len(context.alarms.pending()) == 6


@pytest.mark.parametrize(
    ("which", "problem"),
    [("all alarms", "No alarm is set; there is the"), ("my 7 am alarm", "No alarm is set"), ("5 minutes", "only the")],
)
async def test_the_only_one_is_not_meant_by_what_it_is_not(context, which, problem):
    await call(context, "set_timer", duration="10 minutes", label="pasta")
    with pytest.raises(ToolError, match=problem):
        await call(context, "cancel_timer", which=which)
    assert len(context.alarms.pending()) == 1


@pytest.mark.parametrize("duration", ["five pm", "until 5 pm", "17:00 today"])
async def test_a_timer_for_a_time_of_day_rings_then(context, duration):
    assert (
        await call(context, "set_timer", duration=duration) == "The timer is set and rings in 2 hours and 40 minutes."
    )


async def test_what_would_come_every_day_is_told_to_come_once(context):
    assert await call(context, "set_alarm", time="every day at 7 am") == (
        "The alarm is set for 7:00 AM tomorrow, and only that once."
    )


@pytest.mark.parametrize(
    ("label", "told"),
    [("pasta timer", " for pasta"), ("for the pasta", " for pasta"), ("timer", ""), ("called tea", " for tea")],
)
async def test_a_label_is_what_it_is_for(context, label, told):
    assert (await call(context, "set_timer", duration="5 minutes", label=label)).startswith(f"The timer{told} is set")


@pytest.mark.parametrize("duration", ["45-minute timer", "after 45 minutes", "45 minutes please"])
async def test_words_around_a_duration_do_not_matter(context, duration):
    assert await call(context, "set_timer", duration=duration) == "The timer is set and rings in 45 minutes."
