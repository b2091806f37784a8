"""Hands-free: the wake word begins a turn, and nothing else does."""

import pytest

from device.adapters.fakes.speech import LoudWake
from device.core.entries import ReplyEnded, UserSaid
from device.core.events import Called
from device.core.fsm import State
from device.core.presence import Mode
from device.errors import AudioError
from tests.runtime.agent import answers, scene
from tests.runtime.test_scenarios import STORY

SCRIPT = answers(("story", STORY), ("time", "It is noon."), ("Hello", "Hi."))
BY_NAME = ("start.way=wake-word", "start.follow_up_seconds=3")
STRICTLY_BY_NAME = ("start.way=wake-word", "start.follow_up_seconds=0")
SHOUT = 0.9


def named_scene(options=BY_NAME, **more):
    return scene(SCRIPT, options=options, wake=LoudWake(), **more)


async def call(it, words: str, *, blocks: int = 12) -> None:
    """The user says the wake word and goes on in the same breath."""
    it.recognizer.transcripts.append(words)
    await it.step(6, level=0.5)
    await it.step(4, level=SHOUT)
    await it.step(blocks, level=0.5)
    await it.step(14)


def said(it) -> list[str]:
    return [entry.text for entry in it.entries(UserSaid)]


async def test_what_lacks_the_wake_word_is_neither_recognized_nor_answered():
    async with named_scene() as it:
        assert it.agent.presence.mode is Mode.ASLEEP
        await it.hear("What is the time?")
        assert (said(it), it.recognizer.fed_samples) == ([], 0)
        assert it.state is State.IDLE


async def test_while_nobody_speaks_no_model_looks_for_it():
    async with named_scene() as it:
        await it.step(100)
        wake = it.agent.faculties.wake
        assert (wake.begun, wake.heard_samples) == (1, 0)  # once to warm it up


async def test_what_is_said_in_the_same_breath_is_the_turn_without_the_wake_word():
    async with named_scene() as it:
        await call(it, "Hey, Jarvis, what is the time?")
        await it.until_idle()
        assert said(it) == ["What is the time?"]
        assert it.entries(ReplyEnded)[0].heard == "It is noon."


async def test_it_looks_at_two_seconds_from_before_the_voice():
    async with named_scene() as it:
        await it.step(80)
        await it.step(10, level=0.5)
        before = it.agent.faculties.wake.before
        assert len(before) >= 32_000
        assert before[-512:].all()
        assert not before[:16_000].any()


async def test_of_a_long_talk_before_the_wake_word_only_the_last_words_are_recognized():
    async with named_scene() as it:
        await it.step(200, level=0.5)
        await call(it, "Hey, Jarvis, what is the time?")
        await it.until_idle()
        assert said(it) == ["What is the time?"]
        assert it.recognizer.fed_samples < 4 * 16_000


async def test_the_wake_word_alone_waits_for_the_request():
    async with named_scene() as it:
        await call(it, "Hey Jarvis.", blocks=0)
        assert it.state is State.LISTENING
        await it.step(60)
        assert it.agent.presence.mode is Mode.LISTENING
        await it.hear("What is the time?")
        await it.until_idle()
        assert said(it) == ["What is the time?"]


async def test_a_wake_word_that_is_known_only_after_the_end_waits_for_the_request_too():
    async with named_scene() as it:
        await it.step(8, level=0.5)
        await it.step(30)
        it.agent.capture._spotted(it.agent.capture._position)
        await it.rest()
        assert it.state is State.LISTENING
        await it.hear("What is the time?")
        await it.until_idle()
        assert said(it) == ["What is the time?"]


async def test_after_a_reply_no_wake_word_is_needed_for_a_while():
    async with named_scene() as it:
        await call(it, "Hey, Jarvis, what is the time?")
        await it.until_idle()
        await it.step(60)
        await it.hear("Hello")
        await it.until_idle()
        await it.step(100)
        assert it.agent.presence.mode is Mode.ASLEEP
        await it.hear("And what is the time now?")
        await it.until_idle()
        assert said(it) == ["What is the time?", "Hello"]


@pytest.mark.parametrize(("options", "stops"), [(BY_NAME, True), (STRICTLY_BY_NAME, False)])
async def test_who_talks_over_a_reply_stops_it_unless_only_the_wake_word_does(options, stops):
    async with named_scene(options) as it:
        await call(it, "Hey Jarvis, tell me a story.")
        await it.until(lambda: it.state is State.EMITTING)
        await it.step(5)
        await it.hear("Hello")
        await it.until_idle()
        assert it.entries(ReplyEnded)[0].interrupted is stops


async def test_the_wake_word_stops_a_reply_where_nothing_else_does():
    async with named_scene(STRICTLY_BY_NAME) as it:
        await call(it, "Hey Jarvis, tell me a story.")
        await it.until(lambda: it.state is State.EMITTING)
        await it.step(5)
        await call(it, "Hey, Jarvis, what is the time?")
        await it.until_idle()
        assert [reply.interrupted for reply in it.entries(ReplyEnded)] == [True, False]
        assert it.entries(ReplyEnded)[1].heard == "It is noon."


async def test_the_name_alone_over_a_reply_ends_it_and_listens():
    async with named_scene() as it:
        await call(it, "Hey Jarvis, tell me a story.")
        await it.until(lambda: it.state is State.EMITTING)
        await it.step(5)
        await it.hear("Hey Jarvis.")
        assert it.state is State.LISTENING
        assert it.entries(ReplyEnded)[0].interrupted


async def test_stop_after_the_name_is_a_wish_for_silence():
    async with named_scene(STRICTLY_BY_NAME) as it:
        await call(it, "Hey Jarvis, tell me a story.")
        await it.until(lambda: it.state is State.EMITTING)
        await call(it, "Hey Jarvis, stop.")
        await it.until_idle()
        assert len(it.entries(ReplyEnded)) == 1
        assert said(it)[-1] == "Stop."


async def test_a_wake_model_that_fails_does_no_harm():
    async with named_scene() as it:
        wake = it.agent.faculties.wake

        def broken(samples):
            raise AudioError("broken")

        wake.hear = broken
        await call(it, "Hey Jarvis, what is the time?")
        assert it.state is State.IDLE
        it.agent.wake()
        await it.hear("What is the time?")
        await it.until_idle()
        assert said(it)[-1] == "What is the time?"


async def test_what_was_spotted_before_a_mute_counts_no_more():
    async with named_scene() as it:
        await it.step(6, level=0.5)
        it.agent.mute()
        it.audio.step(SHOUT)
        await it.step(20)
        it.agent.unmute()
        await it.until(lambda: it.audio.listening)
        await it.step(40)
        assert (it.state, said(it)) == (State.IDLE, [])


async def test_a_call_is_one_step_of_the_machine():
    async with named_scene() as it:
        called = []
        it.agent.loop.observe(lambda before, event, after: called.append(type(event)))
        it.agent.wake()
        await it.rest()
        assert called == [Called]
