"""Recognition behind a denoiser: GTCRN (or a DPDFNet) through sherpa-onnx's OnlineSpeechDenoiser.

The sound is denoised as it comes, so nothing is waited for at the pause but the last half of a frame of 32 ms, which is
silence by then. Only the words are made of it: the voice detector hears the room as it is.
"""

from pathlib import Path
from typing import Any

import numpy as np

from device.errors import ModelError
from device.ports import RECOGNITION_HZ, Recognizer, Samples


class DenoisedRecognizer:
    """`device.ports.Recognizer` that lets another one hear less noise."""

    def __init__(self, recognizer: Recognizer, directory: Path, *, threads: int = 1) -> None:
        """Load the denoiser in `directory`. Raises ModelError."""
        self.name = recognizer.name
        self._recognizer = recognizer
        self._denoiser = _load(directory, threads)

    def begin(self) -> None:
        """Start a new utterance."""
        self._denoiser.reset()
        self._recognizer.begin()

    def feed(self, samples: Samples) -> None:
        """Hear the utterance's next samples."""
        denoised = np.asarray(self._denoiser.run(samples, RECOGNITION_HZ).samples, np.float32)
        if len(denoised):
            self._recognizer.feed(denoised)

    def partial(self) -> str:
        """What is recognized so far."""
        return self._recognizer.partial()

    def finish(self) -> str:
        """The transcript of all that was fed."""
        return self._recognizer.finish()


def _load(directory: Path, threads: int) -> Any:
    import sherpa_onnx

    files = sorted(directory.glob("*.onnx"))
    if len(files) != 1:
        raise ModelError(f"No denoiser is in {directory}: run `device models fetch {directory.name}`.")
    model = sherpa_onnx.OfflineSpeechDenoiserModelConfig(num_threads=threads)
    if "gtcrn" in files[0].name:
        model.gtcrn.model = str(files[0])
    else:
        model.dpdfnet.model = str(files[0])
    try:
        denoiser = sherpa_onnx.OnlineSpeechDenoiser(sherpa_onnx.OnlineSpeechDenoiserConfig(model=model))
    except (RuntimeError, ValueError) as error:
        raise ModelError(f"The denoiser {directory.name} cannot be loaded: {error}.") from error
    if denoiser.sample_rate != RECOGNITION_HZ:
        raise ModelError(f"The denoiser {directory.name} works at {denoiser.sample_rate} Hz, not at 16 kHz.")
    return denoiser
