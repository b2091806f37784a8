"""The timers' and the clock's words."""

import re

import pytest

from device.adapters.fakes.clock import FakeClock
from device.errors import ConfigError, ToolError
from device.toolkit import PendingAlarm, ToolContext
from device.tools import all_tools, builtin_tools


class FakeAlarms:
    def __init__(self, clock):
        self.clock, self.alarms, self.number = clock, {}, 0

    async def set(self, duration_seconds, label):
        self.number += 1
        due = self.clock.wall_seconds() + duration_seconds
        alarm = PendingAlarm(
            alarm_id=f"t{self.number}", label=label, due_wall_seconds=due, duration_seconds=duration_seconds
        )
        self.alarms[alarm.alarm_id] = alarm
        return alarm

    async def cancel(self, alarm_id):
        return self.alarms.pop(alarm_id, None) is not None

    def pending(self):
        return tuple(self.alarms.values())


@pytest.fixture
def context():
    clock = FakeClock()
    return ToolContext(clock=clock, alarms=FakeAlarms(clock))


TOOLS = builtin_tools()


async def test_a_timer_is_set_listed_and_cancelled(context):
    assert await TOOLS["set_timer"](context, {"duration": "10 minutes", "label": "tea"}) == (
        "The timer for tea is set and rings in 10 minutes."
    )
    context.clock.advance(90)
    assert await TOOLS["list_timers"](context, {}) == "a 10 minutes timer for tea has 8 minutes and 30 seconds left"
    assert await TOOLS["cancel_timer"](context, {}) == "The 10 minutes timer for tea is cancelled."
    assert await TOOLS["list_timers"](context, {}) == "No timer is running."


async def test_which_timer_is_cancelled_is_told_by_its_label_or_its_duration(context):
    for duration, label in (("3 minutes", "eggs"), ("10 minutes", ""), ("1 hour", "cake")):
        await TOOLS["set_timer"](context, {"duration": duration, "label": label})
    with pytest.raises(ToolError, match=r"Several timers are running: .*ask the user which one"):
        await TOOLS["cancel_timer"](context, {"which": ""})
    assert "eggs" in await TOOLS["cancel_timer"](context, {"which": "the egg timer for eggs"})
    assert "10 minutes" in await TOOLS["cancel_timer"](context, {"which": "ten minutes"})
    assert "cake" in await TOOLS["cancel_timer"](context, {"which": "whatever"})
    with pytest.raises(ToolError, match="No timer is running"):
        await TOOLS["cancel_timer"](context, {})


@pytest.mark.parametrize("duration", ["never", "10", "", "0 seconds", "3 years", "400 days"])
async def test_an_impossible_duration_is_a_sentence_for_the_model(context, duration):
    with pytest.raises(ToolError, match=r"\.$"):
        await TOOLS["set_timer"](context, {"duration": duration})
    assert context.alarms.pending() == ()


async def test_there_is_an_end_to_the_number_of_timers(context):
    for _ in range(64):
        await TOOLS["set_timer"](context, {"duration": "1 hour"})
    with pytest.raises(ToolError, match="too many"):
        await TOOLS["set_timer"](context, {"duration": "1 hour"})


async def test_the_time_is_told_in_words(context):
    said = await TOOLS["get_time"](context, {})
    assert re.fullmatch(r"It is \d{1,2}:\d\d [AP]M on \w+day, \w+ \d{1,2}, 20\d\d\.", said)


def test_tools_are_chosen_by_name():
    assert list(builtin_tools(["calculate"])) == ["calculate"]
    assert list(builtin_tools()) == list(all_tools())
    with pytest.raises(ConfigError, match='no tool "launch"'):
        builtin_tools(["launch"])
