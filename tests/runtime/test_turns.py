"""What became of each turn: whole conversations of an agent of fakes, and marks fed by hand."""

import asyncio

import pytest

from device.adapters.fakes.clock import FakeClock
from device.core.events import TextTyped, TurnEnded, TurnWasEmpty
from device.core.fsm import Machine, State
from device.runtime.dispatcher import ReplyReport
from device.runtime.marks import Mark, Marks, Stage
from device.runtime.spans import spans
from device.runtime.turns import MOST_CHARACTERS, MOST_MARKS, MOST_TURNS, Turns
from tests.runtime.stage import answers, stage, tools_of
from tests.virtual_time import in_virtual_time

TALKS = answers(
    ("hello", "Good morning. How are you?"),
    ("long", "word " * 400),
    ("weather", '<tool_call>\n{"name": "weather", "arguments": {}}\n</tool_call>'),
    ("It rains", "Take an umbrella."),
)


def named(turn) -> dict:
    return {span.name: span for span in spans(turn.marks)}


@in_virtual_time
async def test_a_spoken_turn_has_its_words_its_wait_and_the_span_of_every_stage():
    async with stage(TALKS, tools={}) as it:
        await it.say("hello")
        await it.until_quiet()
        (turn,) = it.agent.insight.turns.last()
        assert (turn.number, turn.cause, turn.said) == (it.agent.loop.machine.turn, "spoken", "hello")
        assert (turn.outcome, turn.answered) == ("heard", "Good morning. How are you?")
        found = named(turn)
        assert {"speech", "wait for the end", "recognition", "rehearsal", "prompt read", "reply written",
                "first sound made", "reply heard"} <= set(found)  # fmt: skip
        assert found["speech"].end_ms == found["wait for the end"].begin_ms == 0.0
        assert found["reply heard"].begin_ms == turn.voice_to_voice_ms
        assert found["rehearsal"].note == "kept"
        assert all(span.end_ms is not None and span.end_ms >= span.begin_ms for span in found.values())
        assert it.agent.insight.turns.latency() == {
            "n": 1,
            "p50_ms": turn.voice_to_voice_ms,
            "p95_ms": turn.voice_to_voice_ms,
        }


@in_virtual_time
async def test_a_call_is_part_of_the_turn_that_made_it_and_its_result_is_another():
    async def weather(context) -> str:
        """Tell the weather."""
        await asyncio.sleep(3.0)
        return "It rains."

    async with stage(TALKS, tools=tools_of(weather)) as it:
        await it.say("weather")
        await it.until_quiet()
        asked, told = it.agent.insight.turns.last()
        call = named(asked)["c1 weather"]
        assert (call.note, round((call.end_ms - call.begin_ms) / 1000)) == ("done", 3)
        assert (asked.outcome, asked.voice_to_voice_ms) == ("silent", None)
        assert (told.cause, told.said, told.answered) == ("results", "", "Take an umbrella.")
        assert told.voice_to_voice_ms > 3000, "the user has waited for it since they fell silent"
        assert "wait for the floor" in named(told)
        totals = it.agent.insight.turns.totals
        assert totals.turns == {"spoken": 1, "results": 1}
        assert totals.calls == {"done": 1}
        assert totals.replies == {"silent": 1, "heard": 1}


@in_virtual_time
async def test_a_cough_belongs_to_no_turn_and_an_interruption_to_the_one_it_ends():
    async with stage(TALKS, tools={}) as it:
        await it.say("")
        await it.until_quiet()
        assert it.agent.insight.turns.last() == []
        await it.say("long")
        await it.until(lambda: it.state is State.EMITTING)
        await it.say("hello")
        await it.until_quiet()
        long, hello = it.agent.insight.turns.last()
        assert (long.outcome, hello.outcome) == ("interrupted", "heard")
        assert named(long)["reply heard"].note == "interrupted"
        assert [mark.stage for mark in hello.marks].count(Stage.SPEECH_STARTED) == 1
        assert long.answered.startswith("word")


@in_virtual_time
async def test_who_goes_on_after_a_pause_has_a_rehearsal_thrown_away():
    async with stage(TALKS, tools={}) as it:
        it.recognizer.transcripts.append("long")
        it.level = 0.5
        await asyncio.sleep(0.5)
        it.level = 0.0
        await asyncio.sleep(0.2)
        it.recognizer._heard = "long, hello"
        it.level = 0.5
        await asyncio.sleep(0.5)
        await it.fall_silent()
        await it.until_quiet()
        (turn,) = it.agent.insight.turns.last()
        rehearsals = [span.note for span in spans(turn.marks) if span.name == "rehearsal"]
        assert rehearsals == ["thrown away", "kept"]


@in_virtual_time
async def test_a_typed_turn_is_no_voice_to_voice():
    async with stage(TALKS, tools={}) as it:
        it.post(TextTyped(text="hello"))
        await it.until_quiet()
        (turn,) = it.agent.insight.turns.last()
        assert (turn.cause, turn.said, turn.voice_to_voice_ms) == ("typed", "hello", None)
        assert it.agent.insight.turns.latency() == {"n": 0, "p50_ms": None, "p95_ms": None}


# --- by hand -------------------------------------------------------------------------------------------------------------


class Feed:
    def __init__(self) -> None:
        self.clock = FakeClock()
        self.marks = Marks(self.clock)
        self.turns = Turns(self.marks, self.clock)
        self.number = 0

    def put(self, *stages: Stage, note: str = "") -> None:
        for one in stages:
            self.clock.advance(0.1)
            self.marks.add(one, note)

    def turn(self, text: str = "hello", answer: str = "Hello.") -> None:
        before = Machine(turn=self.number)
        self.number += 1
        self.put(Stage.SPEECH_STARTED, Stage.SILENCE_BEGAN, Stage.PAUSED, Stage.RECOGNIZED, Stage.ENDPOINT)
        self.put(Stage.REPLY_STARTED, note=str(self.number))
        self.turns.step(before, TurnEnded(text=text), Machine(turn=self.number))
        self.put(Stage.PLAYBACK_STARTED, Stage.PLAYBACK_FINISHED, note=str(self.number))
        self.turns.follow(ReplyReport(turn=self.number, generated=answer, heard=answer, interrupted=False, failure=""))


def test_turns_marks_and_characters_are_bounded():
    feed = Feed()
    for _ in range(3 * MOST_TURNS):
        feed.put(*[Stage.READ_AHEAD] * (MOST_MARKS + 50), note="x" * 5000)
        feed.turn("y" * 5000, "z" * 5000)
    kept = feed.turns.last()
    assert [turn.number for turn in kept] == list(range(2 * MOST_TURNS + 1, 3 * MOST_TURNS + 1))
    for turn in kept:
        assert len(turn.marks) <= MOST_MARKS
        assert len(turn.said) == len(turn.answered) == MOST_CHARACTERS
        assert all(len(mark.note) <= 80 for mark in turn.marks)


def test_the_latency_is_that_of_the_last_hour():
    feed = Feed()
    feed.turn()
    feed.clock.advance(3500)
    feed.turn()
    assert feed.turns.latency()["n"] == 2
    feed.clock.advance(200)
    assert feed.turns.latency()["n"] == 1
    feed.clock.advance(3600)
    assert feed.turns.latency() == {"n": 0, "p50_ms": None, "p95_ms": None}
    assert feed.turns.totals.turns == {"spoken": 2}


def test_the_wait_is_from_the_last_silence_to_the_first_sound():
    feed = Feed()
    feed.turn()
    assert feed.turns.get(1).voice_to_voice_ms == pytest.approx(500.0)
    assert feed.turns.totals.latency_buckets[4] + feed.turns.totals.latency_buckets[5] == 1


def test_a_sound_of_a_reply_that_was_overtaken_answers_nobody():
    feed = Feed()
    feed.put(Stage.SPEECH_STARTED, Stage.SILENCE_BEGAN, Stage.ENDPOINT)
    feed.put(Stage.REPLY_STARTED, note="7")
    feed.put(Stage.PLAYBACK_STARTED, note="6")
    feed.turns.fold()
    assert feed.turns.get(7).voice_to_voice_ms is None


def test_what_is_said_while_the_last_words_are_recognized_belongs_to_the_next_turn():
    feed = Feed()
    feed.put(Stage.SPEECH_STARTED, Stage.SILENCE_BEGAN, Stage.ENDPOINT, Stage.SPEECH_STARTED)
    feed.put(Stage.REPLY_STARTED, note="1")
    feed.put(Stage.SILENCE_BEGAN, Stage.ENDPOINT)
    feed.put(Stage.REPLY_STARTED, note="2")
    first, second = feed.turns.last()
    assert [mark.stage for mark in first.marks].count(Stage.SPEECH_STARTED) == 1
    assert [mark.stage for mark in second.marks][:3] == [Stage.SPEECH_STARTED, Stage.SILENCE_BEGAN, Stage.ENDPOINT]


def test_a_reply_that_nobody_spoke_for_takes_nothing_of_an_utterance_under_way():
    feed = Feed()
    feed.put(Stage.SPEECH_STARTED)
    feed.put(Stage.REPLY_STARTED, note="1")
    feed.put(Stage.SILENCE_BEGAN, Stage.ENDPOINT)
    feed.turns.step(Machine(turn=1), TurnWasEmpty(), Machine(turn=1))
    feed.put(Stage.REPLY_STARTED, note="2")
    assert [[mark.stage for mark in turn.marks] for turn in feed.turns.last()] == [[Stage.REPLY_STARTED]] * 2


def test_forgetting_leaves_no_word_but_the_counts():
    feed = Feed()
    feed.turn("a secret")
    feed.put(Stage.RECOGNIZED, note="a secret")
    feed.turns.fold()
    feed.turns.forget()
    assert feed.turns.last() == []
    assert "secret" not in repr(vars(feed.turns))
    assert feed.turns.latency()["n"] == 1


def test_marks_of_no_turn_are_harmless():
    feed = Feed()
    for one in Stage:
        note = "5" if one in (Stage.REPLY_STARTED, Stage.PLAYBACK_STARTED) else "5 done"
        feed.marks.put(Mark(stage=one, seconds=1.0, note=note))
    feed.turns.fold()
