"""The loop: who is told of its steps cannot stop it, and how long an event waited for the floor is noted."""

import asyncio

from device.runtime.marks import Stage
from tests.runtime.stage import answers, stage, tools_of
from tests.virtual_time import in_virtual_time

TALKS = answers(("hello", "Good morning."), ("go", '<tool_call>\n{"name": "fetch", "arguments": {}}\n</tool_call>'),
                ("fetched", "There it is."), ("again", "Yes, and a long story follows now."))  # fmt: skip


@in_virtual_time
async def test_an_observer_that_fails_is_logged_once_and_nobody_is_kept_waiting(caplog):
    async with stage(TALKS, tools={}) as it:
        told = []

        def fails(before, event, after):
            told.append(event)
            raise ZeroDivisionError

        def follows(news):
            raise ZeroDivisionError

        it.agent.loop.observe(fails)
        it.agent.loop.observe(lambda *_: told.append("the next one"))
        it.agent.dispatcher.followers.add(follows)
        await it.say("hello")
        await it.until_quiet()
        assert it.heard() == ["Good morning."]
        assert len(told) > 4
        assert told[1::2] == ["the next one"] * (len(told) // 2)
        assert caplog.text.count("it will not be logged again") == 1
        it.agent.loop.forget(fails)
        it.agent.loop.observe(fails)
        await it.say("hello")
        assert caplog.text.count("it will not be logged again") == 2


@in_virtual_time
async def test_the_wait_for_the_floor_is_noted():
    async def fetch(context) -> str:
        """Fetch it."""
        await asyncio.sleep(0.5)
        return "fetched"

    async with stage(TALKS, tools=tools_of(fetch)) as it:
        await it.say("go")
        await it.begin_to_say("again", seconds=2.0)
        await it.fall_silent()
        await it.until_quiet()
        assert "There it is." in " ".join(it.heard())
        marks = [mark for mark in it.agent.marks.since() if mark.stage in (Stage.FLOOR_ASKED, Stage.FLOOR_TAKEN)]
        assert {mark.note for mark in marks} <= {"ResultsArrived"}
        waits = [b.seconds - a.seconds for a, b in zip(marks[::2], marks[1::2], strict=True)]
        assert all(wait >= 0 for wait in waits)
