"""Tools that reach into the agent itself, in whole conversations."""

import json

import numpy as np
import pytest

from device.core.entries import AlarmSet, ReplyEnded
from tests.runtime.agent import answers, scene


def call(name: str, **arguments) -> str:
    return "<tool_call>\n" + json.dumps({"name": name, "arguments": arguments}) + "\n</tool_call>"


async def replies(s, count: int) -> None:
    """Wait for that many replies and for silence."""
    await s.until(lambda: len(s.entries(ReplyEnded)) >= count)
    await s.until_idle()


def latest_level(s) -> float:
    """How loud the agent's last sound was."""
    sound = np.concatenate(s.out)
    return float(sound[np.flatnonzero(sound)[-100:]].max())


HALF = 0.25 * 0.5 ** (5 / 3)
"""The fake voice's level at half the volume."""


async def test_a_quieter_and_faster_voice_is_one_at_once_and_after_a_restart():
    script = answers(
        ("The volume is 50 percent", "Like this."),
        ("118 percent", "Or like this."),
        ("quieter", call("change_volume", to="50")),
        ("faster", call("change_speed", to="faster")),
        ("hello", "Hello there."),
    )
    async with scene(script) as s:
        await s.hear("make it quieter")
        await replies(s, 2)
        assert latest_level(s) == pytest.approx(HALF)
        assert s.voice.speed == 1.0
        await s.hear("now faster")
        await replies(s, 4)
        assert s.voice.speed == pytest.approx(1.176)
        ledger = s.ledger
    async with scene(script, ledger=ledger) as s:
        await s.hear("hello")
        await replies(s, 5)
        assert s.voice.speed == pytest.approx(1.176)
        assert latest_level(s) == pytest.approx(HALF)


async def test_a_reminder_is_told_when_its_time_has_come():
    script = answers(
        ("remind me", call("remind", what="call mum", when="in 10 minutes")),
    )
    async with scene(script) as s:
        await s.hear("remind me to call mum in ten minutes")
        await replies(s, 2)
        s.clock.advance(600)
        s.agent.alarms.look()
        await replies(s, 3)
        assert s.entries(AlarmSet)[-1].reminder
        assert s.entries(ReplyEnded)[-1].heard == "Reminder: call mum."


async def test_a_list_is_there_after_a_restart():
    script = answers(
        ("need milk", call("add_to_list", list="shopping", item="milk")),
        ("need to buy", call("read_list", list="shopping")),
    )
    async with scene(script) as s:
        await s.hear("we need milk")
        await replies(s, 2)
        ledger = s.ledger
    async with scene(script, ledger=ledger) as s:
        await s.hear("what do we need to buy")
        await replies(s, 4)
        assert s.entries(ReplyEnded)[-1].heard == "On the shopping list: milk."


async def test_what_this_agent_does_not_have_is_told_to_the_model():
    script = answers(("has no sensors", "I cannot tell."), ("hot", call("device_status")))
    async with scene(script) as s:
        await s.hear("are you hot")
        await replies(s, 2)
        assert s.entries(ReplyEnded)[-1].heard == "I cannot tell."
