"""States of late, and words as they are said."""

import asyncio

from device.adapters.fakes.clock import FakeClock
from device.core.events import SpeechStarted, StopPressed, TurnPaused, WordsHeard
from device.core.fsm import Machine, State
from device.runtime.glance import Glance
from tests.virtual_time import in_virtual_time

IDLE, LISTENING = Machine(state=State.IDLE), Machine(state=State.LISTENING)


def test_the_states_of_the_last_seconds_are_told_with_their_age():
    clock = FakeClock()
    glance = Glance(clock)
    clock.advance(100)
    glance.step(IDLE, SpeechStarted(), LISTENING)
    clock.advance(5)
    glance.step(LISTENING, StopPressed(), IDLE)
    clock.advance(2)
    assert glance.states(60) == [(60, "idle"), (7, "listening"), (2, "idle")]
    assert glance.states(4) == [(4, "listening"), (2, "idle")]
    clock.advance(1000)
    assert glance.states(60) == [(60, "idle")]


def test_words_grow_and_go_when_somebody_speaks_anew():
    glance = Glance(FakeClock())
    glance.step(LISTENING, WordsHeard(text="what is"), LISTENING)
    glance.step(LISTENING, TurnPaused(text="what is it"), LISTENING)
    assert glance.words == "what is it"
    glance.step(IDLE, SpeechStarted(), LISTENING)
    assert glance.words == ""


@in_virtual_time
async def test_who_waits_is_woken_by_a_step_and_else_after_the_time():
    glance, loop = Glance(FakeClock()), asyncio.get_running_loop()
    waiting = [asyncio.ensure_future(glance.stirs(0, 10.0)) for _ in range(2)]
    await asyncio.sleep(1)
    glance.step(IDLE, StopPressed(), IDLE)
    await asyncio.gather(*waiting)
    assert loop.time() == 1
    await glance.stirs(0, 10.0)
    assert loop.time() == 1, "it has happened already"
    await glance.stirs(1, 10.0)
    assert loop.time() == 11
    assert not glance._waiting
