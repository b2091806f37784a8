"""The end of a turn by the Smart Turn model on onnxruntime, from the sound of the last eight seconds.

It is good at telling a sentence that goes on from one that is finished once there are two or three seconds to hear;
below that it says "complete" at almost any pause, so it serves to extend a wait, never to decide alone.
"""

from pathlib import Path

import numpy as np

from device.adapters.features_whisper import log_mel
from device.adapters.onnx_session import open_session
from device.ports import RECOGNITION_HZ, Samples

LISTENED_SAMPLES = 8 * RECOGNITION_HZ


class SmartTurn:
    """`device.ports.TurnDetector`."""

    def __init__(self, directory: Path, *, threads: int = 1) -> None:
        """Load the model in `directory`. Raises ModelError."""
        self._session = open_session(directory / "smart-turn-v3.2-cpu.onnx", threads=threads)

    def completeness(self, utterance: Samples) -> float:
        """Probability that the turn is complete: what is missing of eight seconds is silence in front."""
        heard = utterance[-LISTENED_SAMPLES:]
        padded = np.pad(heard, (LISTENED_SAMPLES - len(heard), 0))
        normalized = (padded - padded.mean()) / np.sqrt(padded.var() + 1e-7)
        features = log_mel(normalized.astype(np.float32))[None]
        probability = float(self._session.run(None, {"input_features": features})[0].reshape(-1)[0])
        return min(max(probability, 0.0), 1.0)
