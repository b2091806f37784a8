"""Alarms that ring until somebody heeds them, in virtual time."""

import asyncio
from contextlib import asynccontextmanager

import numpy as np
import pytest

from device.core.earcons import Earcon
from device.core.entries import AlarmRang, AlarmSet, ReplyStarted
from device.core.events import Backchannel, Called, SilenceAsked, StopPressed, TalkPressed, TextTyped, Unmuted
from device.core.fsm import State
from device.ports import Speech, WordEnd
from device.runtime.chimes import chime
from device.runtime.playback import Playback
from tests.runtime.stage import answers, stage
from tests.virtual_time import in_virtual_time

SCRIPT = answers(("weather", "It rains, and the 1 minute timer is over."), ("Hello", "Hi."))
NOTICE = "The 1 minute timer for tea is over."
AGAIN = ("sounds.alarm_repeats=3", "sounds.alarm_every_seconds=30")


@asynccontextmanager
async def kitchen(options=AGAIN, **more):
    """A stage on which every tone is noted with its time."""
    async with stage(SCRIPT, tools={}, options=options, **more) as it:
        it.tones, ring = [], it.agent.playback.ring

        def noted(make, *, alone=False):
            assert alone
            assert not it.level, "it rings into an utterance"
            it.tones.append(asyncio.get_running_loop().time())
            ring(make, alone=alone)

        it.agent.playback.ring = noted
        yield it


async def rung(it):
    """A timer of a minute has rung and was told."""
    await it.agent.alarms.set(60, "tea")
    await it.until(lambda: it.heard() == [NOTICE], seconds=90)
    await it.until_quiet()


@in_virtual_time
async def test_it_rings_again_so_many_times_and_is_one_alarm_for_the_ledger():
    async with kitchen() as it:
        await rung(it)
        await asyncio.sleep(300)
        assert it.heard() == [NOTICE] * 4
        assert np.diff(it.tones) == pytest.approx(30, abs=3)
        assert len(it.entries(AlarmRang)) == 1
        await it.say("Hello")
        await it.until_quiet()
        assert it.heard()[4:] == ["Hi."]
        assert it.model.prompts[-1].count(NOTICE) == 1
        it.check()


@in_virtual_time
async def test_where_it_is_not_to_ring_again_it_does_not():
    async with kitchen(("sounds.alarm_repeats=0",)) as it:
        await rung(it)
        await asyncio.sleep(100)
        assert it.heard() == [NOTICE]
        assert len(it.tones) == 1


@pytest.mark.parametrize(
    "event",
    [StopPressed(), TalkPressed(), Called(), Unmuted(), TextTyped(text="Hello"), SilenceAsked(text="stop"), Backchannel(text="ok")],
)  # fmt: skip
@in_virtual_time
async def test_whatever_the_user_does_ends_it(event):
    async with kitchen() as it:
        await rung(it)
        await asyncio.sleep(40)
        assert it.heard() == [NOTICE] * 2
        it.post(event)
        await asyncio.sleep(100)
        assert it.heard()[2:] in ([], ["Hi."])
        assert len(it.tones) == 2


@in_virtual_time
async def test_words_end_it_and_a_cough_does_not():
    async with kitchen() as it:
        await rung(it)
        await it.say("")
        await asyncio.sleep(40)
        assert it.heard() == [NOTICE] * 2
        await it.say("Hello")
        await asyncio.sleep(100)
        assert it.heard()[2:] == ["Hi."]


@in_virtual_time
async def test_the_tone_ends_as_the_user_begins_to_speak_and_the_notice_waits():
    async with kitchen() as it:
        await it.agent.alarms.set(60, "tea")
        await it.until(lambda: it.tones != [], seconds=90)
        await it.begin_to_say("", seconds=0.3)
        assert it.state.visible is State.LISTENING
        assert not it.agent.playback._chime.alone
        assert not it.audio.step(0.5).any()
        await it.fall_silent()
        await it.until_quiet()
        assert it.heard() == [NOTICE]


@in_virtual_time
async def test_it_does_not_ring_into_what_somebody_says_but_afterwards():
    async with kitchen() as it:
        await rung(it)
        await it.begin_to_say("", seconds=40)
        assert len(it.tones) == 1
        await it.fall_silent()
        await asyncio.sleep(5)
        assert it.heard() == [NOTICE] * 2


@in_virtual_time
async def test_one_that_came_due_while_the_user_spoke_is_told_in_the_answer_and_rings_after_it():
    async with kitchen() as it:
        await it.agent.alarms.set(60, "tea")
        await asyncio.sleep(59.5)
        await it.say("What is the weather?", seconds=2)
        await it.until_quiet()
        assert it.entries(ReplyStarted)[0].alarm_ids == ("t1",)
        assert it.tones == []
        told = it.heard()
        await asyncio.sleep(35)
        assert it.heard()[len(told) :] == [NOTICE]
        assert len(it.tones) == 1
        it.post(StopPressed())
        await asyncio.sleep(100)
        assert len(it.tones) == 1


@in_virtual_time
async def test_it_rings_while_the_microphone_is_closed():
    async with kitchen() as it:
        it.agent.mute()
        await rung(it)
        await asyncio.sleep(40)
        assert it.heard() == [NOTICE] * 2
        it.agent.unmute()
        await asyncio.sleep(100)
        assert it.heard() == [NOTICE] * 2


@in_virtual_time
async def test_two_ring_together_and_the_second_begins_anew():
    async with kitchen() as it:
        await rung(it)
        await asyncio.sleep(80)
        await it.agent.alarms.set(1, "")
        await asyncio.sleep(300)
        both = f"{NOTICE} The 1 second timer is over."
        assert it.heard() == [*[NOTICE] * 3, "The 1 second timer is over.", both, both, both]


@in_virtual_time
async def test_after_a_restart_what_was_told_is_silent_and_what_was_not_rings():
    async with kitchen() as it:
        await rung(it)
        records = it.ledger.records()
    async with kitchen(records=records) as it:
        await asyncio.sleep(100)
        assert len(it.tones) == 0
    alarm = next(record for record in records if isinstance(record.entry, AlarmSet))
    rang = next(record for record in records if isinstance(record.entry, AlarmRang))
    async with kitchen(records=(alarm, rang)) as it:
        await asyncio.sleep(50)
        assert it.heard() == [NOTICE] * 2


# --- the tone ----------------------------------------------------------------------------------------------------


def tone(rate_hz):
    return chime(Earcon.ALARM, volume=0.5, rate_hz=rate_hz)


def test_the_tone_comes_before_the_words_and_is_loud_where_the_voice_is_low():
    heard = []
    playback = Playback(on_started=heard.append, on_finished=heard.append)
    playback.use_device(16_000)
    playback.set_gain(0.01)
    playback.begin(1)
    playback.enqueue(
        1,
        Speech(
            text="Hi",
            samples=np.full(512, 0.25, np.float32),
            sample_rate_hz=16_000,
            align=lambda: (WordEnd(chars=2, samples=512),),
        ),
    )
    playback.complete(1)
    playback.ring(tone, alone=True)
    out = np.zeros(len(tone(16_000)), np.float32)
    playback.render(out)
    assert np.array_equal(out, tone(16_000))
    assert heard == []
    playback.render(out)
    assert heard == [1, 1]
    assert np.abs(out).max() < 0.01


def test_it_is_hushed_without_a_click_and_no_other_sound_is():
    playback = Playback(on_started=lambda _: None, on_finished=lambda _: None)
    playback.use_device(16_000)
    out = np.zeros(1600, np.float32)
    for alone in (True, False):
        playback.ring(tone, alone=alone)
        playback.render(out[:500])
        playback.hush()
        playback.render(out)
        assert bool(out[100:].any()) is not alone
        assert np.abs(np.diff(out)).max() < 0.5
