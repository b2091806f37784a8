"""Takes the agent's own voice out of what the microphone heard.

Rule: the canceller is given what was really handed to the loudspeaker, frame by frame beside what was captured at that
time, what was played first. While nothing has been played for long, the canceller rests and the microphone's sound
passes as it is; pauses of a conversation it works through, since it finds the echo's place anew after a rest.
"""

from dataclasses import dataclass

import numpy as np

from device.ports import RECOGNITION_HZ, EchoCanceller, Samples
from device.runtime.echo_model import EchoModel
from device.runtime.levels import OffsetRemover
from device.runtime.resampling import StreamResampler

RINGING_SECONDS = 0.5
"""What was played is not heard any more after this: the way through card and room, and the room's ringing."""

REST_SECONDS = 20.0
"""The canceller rests when nothing was played for so long."""


_NOTHING: Samples = np.zeros(0, np.float32)


@dataclass(frozen=True, slots=True)
class Cleaned:
    """Sound at 16 kHz without the echo, and for how long nothing has been played by now.

    There are two of the same length: a canceller takes away the most of an echo, and with it of a voice that sounds at
    the same time or in the room's ringing after it; what the model leaves (`left`) holds more of the echo and all
    of the voice. Without a model they are the same.
    """

    samples: Samples
    left: Samples
    silent_seconds: float
    excess_db: tuple[float, ...] = ()
    """By how much each frame of 10 ms exceeds what the echo explains; none while nothing was played for long."""

    @property
    def own_sound(self) -> bool:
        """Whether the agent's own voice was about."""
        return self.silent_seconds < RINGING_SECONDS


class EchoRemover:
    """One stream's way through the canceller; without one only the sound's rate is changed.

    A `model` of the echo tells beside it what the echo does not explain.
    """

    def __init__(self, canceller: EchoCanceller | None, model: EchoModel | None = None) -> None:
        self._canceller = canceller
        self._model = model if canceller is not None else None
        self.learning = True
        """Whether the model goes on learning the echo: a voice over it would be taken for a part of it."""
        self._silent_seconds = REST_SECONDS
        self._nears = self._fars = _NOTHING
        self._far: StreamResampler | None = None
        self.use_device(RECOGNITION_HZ, RECOGNITION_HZ)

    @property
    def cancels(self) -> bool:
        """Whether an echo is expected at all."""
        return self._canceller is not None

    @property
    def models(self) -> bool:
        """Whether it is told what the echo does not explain."""
        return self._model is not None

    def use_device(self, input_hz: int, output_hz: int, delay_seconds: float = 0.0) -> None:
        """The device was opened, or opened anew: forget the room. `delay_seconds`: the round trip as it knows it."""
        self._input_hz, self._output_hz = input_hz, output_hz
        self._near = StreamResampler(input_hz, RECOGNITION_HZ)
        self._offset = OffsetRemover(RECOGNITION_HZ)
        self._silent_seconds = REST_SECONDS
        if self._canceller is not None:
            self._canceller.set_delay(delay_seconds)
        self.reset()

    def reset(self) -> None:
        """The streams lost their step: what the canceller knows of the room's delay is void."""
        self._rest()
        if self._canceller is not None:
            self._canceller.reset()
        if self._model is not None:
            self._model.reset()

    def clean(self, captured: Samples, played: Samples) -> Cleaned:
        """The next stretch of both streams, equally long in time; up to 10 ms of it come with the next one."""
        if played.any():
            self._silent_seconds = 0.0
        near = self._offset.process(self._near.process(captured))
        if self._silent_seconds >= REST_SECONDS or self._canceller is None:
            near = self._pass(near)
            cleaned = Cleaned(near, near, self._silent_seconds)
        else:
            cleaned = self._cancel(self._canceller, near, played)
        self._silent_seconds += len(captured) / self._input_hz
        return cleaned

    def _cancel(self, canceller: EchoCanceller, near: Samples, played: Samples) -> Cleaned:
        if self._far is None:
            self._far = StreamResampler(self._output_hz, RECOGNITION_HZ)
        self._nears = np.concatenate((self._nears, near))
        self._fars = np.concatenate((self._fars, self._far.process(played)))
        size = canceller.frame_samples
        whole = min(len(self._nears), len(self._fars)) // size * size
        pairs = [(self._nears[at : at + size], self._fars[at : at + size]) for at in range(0, whole, size)]
        samples = _joined([canceller.cancel(*pair) for pair in pairs])
        unexplained = [] if self._model is None else [self._model.frame(*pair, learn=self.learning) for pair in pairs]
        self._nears, self._fars = self._nears[whole:], self._fars[whole:]
        left = samples if self._model is None else _joined([one.left for one in unexplained])
        return Cleaned(samples, left, self._silent_seconds, tuple(one.excess_db for one in unexplained))

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


def _joined(frames: list[Samples]) -> Samples:
    return np.concatenate(frames) if frames else _NOTHING
