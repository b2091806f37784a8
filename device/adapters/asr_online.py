"""Streaming recognition by sherpa-onnx's OnlineRecognizer: transducers such as Zipformer, and NeMo CTC models.

The words come while the user speaks. At a pause a short tail of silence pushes the last ones out of the model. If the
user goes on after all, the tail is part of the utterance: to the model the pause was longer than it was.
"""

from pathlib import Path
from typing import Any

import numpy as np

from device.errors import ModelError
from device.ports import RECOGNITION_HZ, Samples

TAIL_SAMPLES = RECOGNITION_HZ * 6 // 10


class OnlineRecognizer:
    """`device.ports.Recognizer`."""

    def __init__(self, directory: Path, *, threads: int = 1) -> None:
        """Load the model in `directory`: encoder, decoder and joiner, or one CTC model. Raises ModelError."""
        self.name = directory.name
        tokens = directory / "tokens.txt"
        if not tokens.is_file():
            raise ModelError(
                f"The recognizer {directory.name} lacks tokens.txt: run `device models fetch {directory.name}`."
            )
        try:
            self._recognizer = _load(directory, str(tokens), threads)
        except (RuntimeError, ValueError) as error:
            raise ModelError(f"The recognizer {directory.name} cannot be loaded: {error}.") from error
        self.begin()

    def begin(self) -> None:
        """Start a new utterance."""
        self._stream = self._recognizer.create_stream()

    def feed(self, samples: Samples) -> None:
        """Hear the utterance's next samples and decode what is complete."""
        self._stream.accept_waveform(RECOGNITION_HZ, samples)
        self._decode()

    def partial(self) -> str:
        """What is recognized so far."""
        return str(self._recognizer.get_result(self._stream)).strip()

    def finish(self) -> str:
        """The transcript of all that was fed; what is fed later goes on after it."""
        self._stream.accept_waveform(RECOGNITION_HZ, np.zeros(TAIL_SAMPLES, np.float32))
        self._decode()
        return self.partial()

    def _decode(self) -> None:
        while self._recognizer.is_ready(self._stream):
            self._recognizer.decode_stream(self._stream)


def _load(directory: Path, tokens: str, threads: int) -> Any:
    import sherpa_onnx

    parts = [_find(directory, part) for part in ("encoder", "decoder", "joiner")]
    if all(parts):
        encoder, decoder, joiner = map(str, parts)
        return sherpa_onnx.OnlineRecognizer.from_transducer(
            tokens=tokens, encoder=encoder, decoder=decoder, joiner=joiner, num_threads=threads
        )
    model = directory / "model.onnx"
    if not model.is_file():
        raise ModelError(f"No streaming recognizer is in {directory}: run `device models fetch {directory.name}`.")
    return sherpa_onnx.OnlineRecognizer.from_nemo_ctc(tokens=tokens, model=str(model), num_threads=threads)


def _find(directory: Path, part: str) -> Path | None:
    """The file of a transducer's part, the quantized one if there are two."""
    found = sorted(directory.glob(f"{part}*.onnx"), key=lambda path: ("int8" not in path.name, path.name))
    return found[0] if found else None
