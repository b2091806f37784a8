"""Echo cancellation by WebRTC's AEC3, out of LiveKit's native library; nothing of it touches the network.

The library takes 10 ms at a time, as 16 bit integers: what was played first, then what the microphone heard. It finds
the delay between the two by itself; the device's own figure is where it begins.
"""

import numpy as np
from livekit.rtc.apm import AudioProcessingModule
from livekit.rtc.audio_frame import AudioFrame

from device.errors import AudioError
from device.ports import RECOGNITION_HZ, Samples

FULL_SCALE = 32_767.0
MOST_DELAY_MS = 500


class WebRtcCanceller:
    """`device.ports.EchoCanceller`."""

    frame_samples = RECOGNITION_HZ // 100

    def __init__(self) -> None:
        self._delay_ms = 0
        self._frame = AudioFrame(bytearray(2 * self.frame_samples), RECOGNITION_HZ, 1, self.frame_samples)
        self._integers = np.frombuffer(self._frame.data, np.int16)
        self.reset()

    def reset(self) -> None:
        """Forget the room."""
        self._module = AudioProcessingModule(echo_cancellation=True)

    def set_delay(self, seconds: float) -> None:
        """How long after it was handed out a sample comes back, as far as the device knows."""
        self._delay_ms = min(max(round(seconds * 1000), 0), MOST_DELAY_MS)

    def cancel(self, captured: Samples, played: Samples) -> Samples:
        """The captured frame without the echo. Raises AudioError."""
        try:
            self._fill(played)
            self._module.process_reverse_stream(self._frame)
            self._fill(captured)
            self._module.set_stream_delay_ms(self._delay_ms)
            self._module.process_stream(self._frame)
        except RuntimeError as error:
            raise AudioError(f"The echo canceller failed ({error}).") from error
        return self._integers.astype(np.float32) / np.float32(FULL_SCALE)

    def _fill(self, samples: Samples) -> None:
        self._integers[:] = np.clip(samples, -1.0, 1.0) * np.float32(FULL_SCALE)
