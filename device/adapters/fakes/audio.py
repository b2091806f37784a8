"""A sound device whose clock a test moves."""

from collections.abc import Callable

import numpy as np

from device.errors import AudioError
from device.ports import RECOGNITION_HZ, Exchange, Samples

BLOCK_SAMPLES = 512


class SteppedAudio:
    """`device.ports.AudioDevice` that exchanges a block when it is told to, on the caller's thread."""

    def __init__(self) -> None:
        self.name = "stepped"
        self.input_hz = self.output_hz = RECOGNITION_HZ
        self.delay_seconds, self.xruns = 0.0, 0
        self.missing = False
        """Whether opening it fails, as if it were unplugged."""
        self.opened = 0
        self.listening = False
        self._exchange: Exchange | None = None
        self._lost: Callable[[str], None] | None = None

    def open(self, exchange: Exchange, lost: Callable[[str], None], *, listening: bool = True) -> None:
        """Ready for steps."""
        if self.missing:
            raise AudioError("The stepped device is unplugged: plug it in.")
        self.opened += 1
        self._exchange, self._lost, self.listening = exchange, lost, listening

    def close(self) -> None:
        """No steps any more."""
        self._exchange = None

    @property
    def is_open(self) -> bool:
        """Whether it may be stepped."""
        return self._exchange is not None

    def step(self, level: float = 0.0) -> Samples:
        """Let one block of 32 ms pass in which the microphone hears `level`; returns what the loudspeaker got."""
        out = np.zeros(BLOCK_SAMPLES, np.float32)
        if self._exchange is not None:
            heard = np.full(BLOCK_SAMPLES if self.listening else 0, level, np.float32)
            heard[np.arange(len(heard)) // 8 % 2 == 1] *= -1.0  # a constant is no sound
            self._exchange(heard, out)
        return out

    def ask_anew(self) -> None:
        """Ask to be opened anew."""
        if self._lost is not None:
            self._lost("")

    def unplug(self) -> None:
        """Vanish."""
        lost = self._lost
        self._exchange, self.missing = None, True
        if lost is not None:
            lost("unplugged")
