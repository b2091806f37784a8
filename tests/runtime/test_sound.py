"""The sound device's being opened, and what it exchanges before the agent is ready for it."""

import threading

import numpy as np

from device.runtime.sound import SoundSupervisor

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
