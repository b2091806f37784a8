"""Voice activity by Silero VAD on onnxruntime.

The model takes a window of 512 samples with the 64 that came before it, and carries a state from window to window.
"""

from pathlib import Path

import numpy as np

from device.adapters.onnx_session import open_session
from device.errors import ModelError
from device.ports import RECOGNITION_HZ, Samples

FILES = ("silero_vad_16k_op15.onnx", "silero_vad.onnx")
"""The variants whose inputs these are; others of the same package are refused, some of them crash their loader."""

CONTEXT_SAMPLES = 64


class SileroVad:
    """`device.ports.VoiceDetector`."""

    window_samples = 512

    def __init__(self, directory: Path) -> None:
        """Load the model in `directory`. Raises ModelError."""
        path = next((directory / name for name in FILES if (directory / name).is_file()), None)
        if path is None:
            raise ModelError(f"No voice activity model is in {directory}: run `device models fetch {directory.name}`.")
        self._session = open_session(path)
        self._rate = np.array(RECOGNITION_HZ, dtype=np.int64)
        self._input = np.zeros((1, CONTEXT_SAMPLES + self.window_samples), np.float32)
        self._state = np.zeros((2, 1, 128), np.float32)

    def probability(self, window: Samples) -> float:
        """Probability of speech in the next 512 samples at 16 kHz."""
        self._input[0, :CONTEXT_SAMPLES] = self._input[0, -CONTEXT_SAMPLES:]
        self._input[0, CONTEXT_SAMPLES:] = window
        feeds = {"input": self._input, "state": self._state, "sr": self._rate}
        probability, self._state = self._session.run(None, feeds)
        return float(probability[0, 0])

    def reset(self) -> None:
        """Forget what was heard before."""
        self._input[:] = 0.0
        self._state = np.zeros((2, 1, 128), np.float32)
