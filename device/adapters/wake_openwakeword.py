"""The wake word, by openWakeWord's models on onnxruntime.

Three models in a row: log-mel frames of 10 ms; an embedding of the last 76 frames, every 80 ms; and the word's own
model, which judges 16 embeddings, the last two seconds. The mel model wants 16-bit integers' scale, and its output is
brought to the embedding's by x / 10 + 2.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from device.adapters.onnx_session import open_session
from device.errors import ModelError
from device.ports import Samples

HOP_SAMPLES = 1280
OVERLAP_SAMPLES = 480
"""The mel model's frames are longer than their hop: so much of the sound before belongs to the next ones."""

MEL_HOP_FRAMES = 8
WINDOW_FRAMES = 76
EMBEDDINGS = 16
LOOKBACK_FRAMES = WINDOW_FRAMES + (EMBEDDINGS - 1) * MEL_HOP_FRAMES
LOOKBACK_SAMPLES = LOOKBACK_FRAMES * HOP_SAMPLES // MEL_HOP_FRAMES
"""What was heard earlier than this has no part in a judgement."""

FULL_SCALE = 32767.0

_Array = NDArray[np.float32]


class OpenWakeWord:
    """`device.ports.WakeDetector`."""

    lookback_samples = LOOKBACK_SAMPLES

    def __init__(self, directory: Path) -> None:
        """Load the models in `directory`. Raises ModelError."""
        words = [path for path in sorted(directory.glob("*.onnx")) if path.stem not in ("melspectrogram", "embedding")]
        if len(words) != 1:
            raise ModelError(f"No wake word is in {directory}: run `device models fetch {directory.name}`.")
        self.phrase = words[0].stem.split("_v")[0].replace("_", " ")
        self._mel = open_session(directory / "melspectrogram.onnx")
        self._embedding = open_session(directory / "embedding.onnx")
        self._word = open_session(words[0])
        self._mel_input, self._embedding_input, self._word_input = (
            session.get_inputs()[0].name for session in (self._mel, self._embedding, self._word)
        )
        self.begin(np.zeros(0, np.float32))

    def begin(self, before: Samples) -> None:
        """Somebody begins to speak; `before` is what was heard until now, of which the last two seconds count."""
        wanted = LOOKBACK_SAMPLES + OVERLAP_SAMPLES
        heard = np.zeros(wanted, np.float32)
        if len(before):
            heard[-len(before) :] = before[-wanted:]
        self._sound = heard[-OVERLAP_SAMPLES:]
        self._unjudged = np.zeros(0, np.float32)
        self._mels = self._mel_frames(heard)[-LOOKBACK_FRAMES:]
        starts = range(0, LOOKBACK_FRAMES - WINDOW_FRAMES + 1, MEL_HOP_FRAMES)
        self._embeddings = self._embed(np.stack([self._mels[at : at + WINDOW_FRAMES] for at in starts]))

    def hear(self, samples: Samples) -> float:
        """The highest probability, of all that these samples complete, that the wake word was just said."""
        self._unjudged = np.concatenate((self._unjudged, samples))
        highest = 0.0
        while len(self._unjudged) >= HOP_SAMPLES:
            hop, self._unjudged = self._unjudged[:HOP_SAMPLES], self._unjudged[HOP_SAMPLES:]
            highest = max(highest, self._judge(hop))
        return highest

    def _judge(self, hop: Samples) -> float:
        heard = np.concatenate((self._sound, hop))
        self._sound = heard[-OVERLAP_SAMPLES:]
        self._mels = np.concatenate((self._mels, self._mel_frames(heard)))[-WINDOW_FRAMES:]
        self._embeddings = np.concatenate((self._embeddings, self._embed(self._mels[None])))[-EMBEDDINGS:]
        (probability,) = self._word.run(None, {self._word_input: self._embeddings[None]})
        return float(probability[0, 0])

    def _mel_frames(self, samples: Samples) -> _Array:
        (mels,) = self._mel.run(None, {self._mel_input: samples[None] * np.float32(FULL_SCALE)})
        frames: _Array = mels.reshape(-1, mels.shape[-1]) / 10.0 + 2.0
        return frames

    def _embed(self, windows: _Array) -> _Array:
        (embeddings,) = self._embedding.run(None, {self._embedding_input: windows[..., None]})
        return np.asarray(embeddings, np.float32).reshape(len(windows), -1)
