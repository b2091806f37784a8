"""A Piper voice on onnxruntime, in two halves: phonemes to latent frames, and frames to sound a stretch at a time.

sherpa-onnx gives a sentence's sound when all of it is made. The second half of the voice is a convolution: a sample
depends on the frames around it and on no others. So the first stretch of a piece can be heard while the rest is being
made, and sounds exactly as if all had been made at once.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from device.adapters.onnx_session import open_session
from device.ports import Samples

FRAME_SAMPLES = 256
"""Samples of a frame: the hop of every Piper voice."""

EDGE_FRAMES = 9
"""A sample is the same to a thousandth once so many frames on either side of its own are known."""

FIRST_FRAMES, NEXT_FRAMES = 23, 46
"""A quarter and half of a second: the first stretch is waited for, later ones have time while it is heard."""

Frames = NDArray[np.float32]


class PiperGraph:
    """The halves of one voice; used from one thread at a time."""

    def __init__(self, directory: Path, *, threads: int) -> None:
        """Load encoder.onnx and decoder.onnx of a converted voice. Raises ModelError."""
        import onnxruntime

        self._encoder = open_session(directory / "encoder.onnx", threads=threads)
        self._decoder = open_session(directory / "decoder.onnx", threads=threads)
        self._durations, self._latent = (output.name for output in self._encoder.get_outputs())
        self._decoder_input = self._decoder.get_inputs()[0].name
        self._no_further = onnxruntime.RunOptions()
        self._no_further.only_execute_path_to_fetches = True

    def durations(self, ids: Sequence[int], scales: Sequence[float]) -> Frames:
        """How many frames each of the phonemes' ids lasts, shape (ids,)."""
        found: Any = self._encoder.run([self._durations], _feeds(ids, scales), self._no_further)[0]
        frames: Frames = found.reshape(-1)
        return frames

    def encode(self, ids: Sequence[int], scales: Sequence[float]) -> tuple[Frames, Frames]:
        """The durations, and the latent frames, shape (1, channels, frames)."""
        durations, latent = self._encoder.run([self._durations, self._latent], _feeds(ids, scales))
        return durations.reshape(-1), latent

    def stretches(self, latent: Frames) -> Iterator[Samples]:
        """The sound of the frames, one stretch after the other."""
        total, start = latent.shape[2], 0
        while start < total:
            end = start + (NEXT_FRAMES if start else FIRST_FRAMES)
            # Its end is dear: what would be left of the last frames costs as much as a whole stretch.
            end = total if end + EDGE_FRAMES >= total else end
            first = max(start - EDGE_FRAMES, 0)
            known = np.ascontiguousarray(latent[:, :, first : end + EDGE_FRAMES])
            sound: Samples = self._decoder.run(None, {self._decoder_input: known})[0].reshape(-1)
            yield sound[(start - first) * FRAME_SAMPLES : (end - first) * FRAME_SAMPLES]
            start = end


def _feeds(ids: Sequence[int], scales: Sequence[float]) -> dict[str, Any]:
    return {
        "input": np.array([ids], np.int64),
        "input_lengths": np.array([len(ids)], np.int64),
        "scales": np.array(scales, np.float32),
    }
