"""Troubles are told as they begin and end; a sound card that is missing at the start is one, and is waited for."""

import asyncio

from device.core.events import AudioLost
from device.errors import AudioError
from device.runtime.sound import SoundSupervisor
from device.runtime.troubles import Troubles
from tests.virtual_time import in_virtual_time


def test_each_change_is_told_once():
    troubles, told = Troubles(), []
    troubles.watch(lambda names: told.append(sorted(names)))
    troubles.begin("no sound card")
    troubles.begin("no sound card")
    troubles.begin("the disk is full")
    troubles.end("no sound card")
    troubles.end("no sound card")
    assert told == [[], ["no sound card"], ["no sound card", "the disk is full"], ["the disk is full"]]


class _Card:
    """A sound card that is plugged in later."""

    name, input_hz, output_hz, delay_seconds, xruns = "card", 16_000, 16_000, 0.0, 0
    there = False

    def open(self, exchange, lost, **_):
        if not self.there:
            raise AudioError("No microphone was found: plug one in.")

    def close(self):
        pass


@in_virtual_time
async def test_a_card_that_is_missing_at_the_start_is_waited_for():
    card, posted, opened = _Card(), [], []
    supervisor = SoundSupervisor(card, lambda captured, out: None, on_open=opened.append, post=posted.append)
    supervisor.miss("No microphone was found: plug one in.")
    running = asyncio.create_task(supervisor.run())
    await asyncio.sleep(10)
    assert [type(event) for event in posted] == [AudioLost]
    assert opened == []
    card.there = True
    await asyncio.sleep(10)
    assert opened == [card]
    running.cancel()
