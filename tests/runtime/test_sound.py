"""The sound device's being opened, and what it exchanges before the agent is ready for it."""

import asyncio
import threading

import numpy as np

from device.adapters.fakes.audio import SteppedAudio
from device.runtime.sound import CALM_SECONDS, MOST_CALM_LOOKS, RETRY_SECONDS, SoundSupervisor
from device.runtime.watchdog import Watchdog
from tests.runtime.test_watchdog import Manager
from tests.virtual_time import in_virtual_time

BLOCKS = 5


class EagerRecording:
    """A device that exchanges as soon as it is opened, as fast as it may."""

    name = "an eager recording"
    input_hz = output_hz = 16_000

    def __init__(self) -> None:
        self.begun = threading.Event()
        self.thread: threading.Thread | None = None

    def open(self, exchange, lost, *, listening=True) -> None:
        def run() -> None:
            self.begun.set()
            for number in range(BLOCKS):
                exchange(np.full(4, number, np.float32), np.zeros(4, np.float32))

        self.thread = threading.Thread(target=run)
        self.thread.start()

    def close(self) -> None:
        self.thread.join()


async def test_what_a_device_exchanges_before_all_are_ready_for_it_is_not_lost():
    device, heard = EagerRecording(), []

    def make_ready(_) -> None:
        device.begun.wait()
        device.thread.join(0.05)  # had it not waited, it would be over by now

    supervisor = SoundSupervisor(
        device, lambda captured, out: heard.append(captured[0]), on_open=make_ready, post=lambda _: None
    )
    supervisor.open()
    supervisor.close()
    assert heard == [*range(BLOCKS)]


def supervised(device) -> SoundSupervisor:
    return SoundSupervisor(device, lambda captured, out: None, on_open=lambda _: None, post=lambda _: None)


async def test_sound_that_gets_on_answers_the_watchdog_with_its_next_block():
    device = SteppedAudio()
    supervisor = supervised(device)
    supervisor.open()
    pulse = supervisor.pulse()
    assert not pulse.done()
    device.step()
    assert pulse.done()
    device.step()


@in_virtual_time
async def test_a_card_that_is_waited_for_answers_the_watchdog_too():
    device = SteppedAudio()
    supervisor = supervised(device)
    supervisor.open()
    running = asyncio.create_task(supervisor.run())
    device.unplug()
    for _ in range(5):
        pulse = supervisor.pulse()
        await asyncio.sleep(RETRY_SECONDS * 1.5)
        assert pulse.done()
    running.cancel()


@in_virtual_time
async def test_a_card_that_says_it_is_open_and_exchanges_nothing_is_stuck_until_it_goes_on():
    device, manager = SteppedAudio(), Manager()
    supervisor = supervised(device)
    supervisor.open()
    watchdog = asyncio.create_task(Watchdog(manager, {"exchange sound": supervisor.pulse}, patience_seconds=60).run())
    await asyncio.sleep(200)
    assert max(manager.times("alive")) == 60.0
    assert manager.told[-1] == (70.0, "stuck: exchange sound")
    device.step()
    await asyncio.sleep(11)
    assert max(manager.times("alive")) > 200.0
    watchdog.cancel()


@in_virtual_time
async def test_a_card_that_asks_to_be_opened_anew_is_when_nobody_speaks_and_nobody_is_told_of_a_loss():
    device, posted, calm = SteppedAudio(), [], [False]
    supervisor = SoundSupervisor(
        device, lambda captured, out: None, on_open=lambda _: None, post=posted.append, calm=lambda: calm[0]
    )
    supervisor.open()
    running = asyncio.create_task(supervisor.run())
    device.ask_anew()
    device.ask_anew()
    await asyncio.sleep(5 * CALM_SECONDS)
    assert device.opened == 1
    calm[0] = True
    await asyncio.sleep(5 * CALM_SECONDS)
    assert device.opened == 2
    assert device.is_open
    assert not posted
    running.cancel()


@in_virtual_time
async def test_a_card_is_opened_anew_at_last_though_somebody_speaks_all_the_time():
    device = SteppedAudio()
    supervisor = SoundSupervisor(
        device, lambda captured, out: None, on_open=lambda _: None, post=lambda _: None, calm=lambda: False
    )
    supervisor.open()
    running = asyncio.create_task(supervisor.run())
    device.ask_anew()
    await asyncio.sleep((MOST_CALM_LOOKS + 5) * CALM_SECONDS)
    assert device.opened == 2
    running.cancel()


class OddAudio(SteppedAudio):
    """Fails as no device should, so many times."""

    def __init__(self) -> None:
        super().__init__()
        self.failures: list[Exception] = []

    def open(self, exchange, lost, *, listening=True) -> None:
        if self.failures:
            raise self.failures.pop()
        super().open(exchange, lost, listening=listening)


@in_virtual_time
async def test_a_card_that_fails_in_any_way_is_waited_for_and_that_is_logged_once(caplog):
    device, posted = OddAudio(), []
    supervisor = SoundSupervisor(
        device, lambda captured, out: None, on_open=lambda _: None, post=posted.append, calm=lambda: True
    )
    supervisor.open()
    running = asyncio.create_task(supervisor.run())
    device.failures = [OSError("too many files"), *(RuntimeError("PortAudio is odd") for _ in range(5))]
    device.unplug()
    device.missing = False
    await asyncio.sleep(RETRY_SECONDS * 6.5)
    assert not device.is_open
    await asyncio.sleep(RETRY_SECONDS)
    assert device.is_open
    assert [record.exc_info[1].args[0] for record in caplog.records if record.exc_info] == [
        "PortAudio is odd",
        "too many files",
    ]

    device.failures = [OSError()]
    device.ask_anew()
    await asyncio.sleep(1.0)
    assert [event.reason for event in posted] == ["unplugged", "OSError"]
    await asyncio.sleep(RETRY_SECONDS)
    assert device.is_open
    assert not running.done()
    running.cancel()
