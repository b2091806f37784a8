"""Takes the agent's own voice out of what the microphone heard.

Rule: the canceller is given what was really handed to the loudspeaker, frame by frame beside what was captured at that
time, what was played first. While nothing has been played for so long that no room still rings of it, the canceller
rests and the microphone's sound passes as it is.
"""

from dataclasses import dataclass

import numpy as np

from device.ports import RECOGNITION_HZ, EchoCanceller, Samples
from device.runtime.resampling import StreamResampler

RINGING_SECONDS = 1.0
"""What was played is not heard any more after this: the way through card and room, and the room's ringing."""


_NOTHING: Samples = np.zeros(0, np.float32)


@dataclass(frozen=True, slots=True)
class Cleaned:
    """Sound at 16 kHz without the echo; `own_sound`: the agent's own voice was about."""

    samples: Samples
    own_sound: bool


class EchoRemover:
    """One stream's way through the canceller; without one only the sound's rate is changed."""

    def __init__(self, canceller: EchoCanceller | None) -> None:
        self._canceller = canceller
        self._ringing_seconds = 0.0
        self._nears = self._fars = _NOTHING
        self._far: StreamResampler | None = None
        self.use_device(RECOGNITION_HZ, RECOGNITION_HZ)

    def use_device(self, input_hz: int, output_hz: int, delay_seconds: float = 0.0) -> None:
        """The device was opened, or opened anew: forget the room. `delay_seconds`: the round trip as it knows it."""
        self._input_hz, self._output_hz = input_hz, output_hz
        self._near = StreamResampler(input_hz, RECOGNITION_HZ)
        self._ringing_seconds = 0.0
        if self._canceller is not None:
            self._canceller.set_delay(delay_seconds)
        self.reset()

    def reset(self) -> None:
        """The streams lost their step: what the canceller knows of the room's delay is void."""
        self._rest()
        if self._canceller is not None:
            self._canceller.reset()

    def clean(self, captured: Samples, played: Samples) -> Cleaned:
        """The next stretch of both streams, equally long in time; up to 10 ms of it come with the next one."""
        if played.any():
            self._ringing_seconds = RINGING_SECONDS
        near = self._near.process(captured)
        if self._ringing_seconds <= 0.0:
            return Cleaned(self._pass(near), own_sound=False)
        self._ringing_seconds -= len(captured) / self._input_hz
        if self._canceller is None:
            return Cleaned(near, own_sound=True)
        return Cleaned(self._cancel(self._canceller, near, played), own_sound=True)

    def _cancel(self, canceller: EchoCanceller, near: Samples, played: Samples) -> Samples:
        if self._far is None:
            self._far = StreamResampler(self._output_hz, RECOGNITION_HZ)
        self._nears = np.concatenate((self._nears, near))
        self._fars = np.concatenate((self._fars, self._far.process(played)))
        size = canceller.frame_samples
        whole = min(len(self._nears), len(self._fars)) // size * size
        frames = [
            canceller.cancel(self._nears[at : at + size], self._fars[at : at + size]) for at in range(0, whole, size)
        ]
        self._nears, self._fars = self._nears[whole:], self._fars[whole:]
        return np.concatenate(frames) if frames else _NOTHING

    def _pass(self, near: Samples) -> Samples:
        if not len(self._nears):
            self._rest()
            return near
        near = np.concatenate((self._nears, near))
        self._rest()
        return near

    def _rest(self) -> None:
        self._nears = self._fars = _NOTHING
        self._far = None
