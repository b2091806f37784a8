"""Moonshine on ONNX Runtime: a sound becomes tokens, those that were guessed before in one step.

A growing utterance is decoded again and again, and nearly all of each transcript stood in the one before. So the last
transcript is a draft: the decoder reads all of it at once, keeps what it would have written itself, and writes only
the rest token by token. What comes out is what greedy decoding gives without a draft, but for the rounding of quantized
activations; at the end of an utterance, where somebody waits, it comes in one step instead of one for each token
(speculative decoding, Leviathan et al. 2023, with the past as the small model).
"""

import base64
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from device.adapters.onnx_session import open_session
from device.errors import ModelError
from device.ports import RECOGNITION_HZ, Samples

FILES = ("encoder_model.ort", "decoder_model_merged.ort", "tokens.txt")

BEGIN, END = 1, 2
FIRST_TEXT_TOKEN = 3

TOKENS_PER_SECOND = 6.5
"""As its authors bound it, since Moonshine may repeat itself without end (Jeffries et al. 2024)."""

_Cache = dict[str, npt.NDArray[np.float32]]


class MoonshineGraph:
    """The two graphs and the vocabulary of a converted model."""

    def __init__(self, directory: Path, *, threads: int = 1) -> None:
        """Load them from `directory`. Raises ModelError."""
        self._encoder = open_session(directory / FILES[0], threads=threads)
        self._decoder = open_session(directory / FILES[1], threads=threads)
        self._vocabulary = _read_vocabulary(directory / FILES[2])
        try:
            self._outputs = [output.name for output in self._decoder.get_outputs()]
            self._nothing = {
                given.name: np.zeros((1, given.shape[1], 0, given.shape[3]), np.float32)
                for given in self._decoder.get_inputs()
                if given.name.startswith("past_key_values.")
            }
            self.transcribe(np.zeros(RECOGNITION_HZ, np.float32))
        except Exception as error:  # onnxruntime raises classes of its own without a common base
            raise ModelError(
                f"{directory.name} is no Moonshine: run `device models verify {directory.name}`."
            ) from error

    def transcribe(self, sound: Samples, draft: Sequence[int] = ()) -> list[int]:
        """The tokens of `sound` (16 kHz), without the mark of their end; sooner, the more of `draft` is right."""
        most = max(int(len(sound) / RECOGNITION_HZ * TOKENS_PER_SECOND), 1)
        every_sample = np.ones((1, len(sound)), np.int64)
        hidden = self._encoder.run(None, {"input_values": sound[None], "attention_mask": every_sample})[0]
        always = {"encoder_hidden_states": hidden, "encoder_attention_mask": every_sample}
        tokens, following, cache = self._check(always, list(draft)[:most])
        while following != END and len(tokens) < most:
            tokens.append(following)
            following, cache = self._step(always, following, cache)
        return tokens

    def text(self, tokens: Sequence[int]) -> str:
        """What the tokens spell."""
        spelt = b"".join(self._vocabulary[token] for token in tokens if token >= FIRST_TEXT_TOKEN)
        return spelt.decode("utf-8", "replace").replace("▁", " ").strip()

    def _check(self, always: dict[str, Any], draft: list[int]) -> tuple[list[int], int, _Cache]:
        """As much of the draft as is right, the token that follows it, and what the decoder remembers of both."""
        logits, given = self._run(always, [BEGIN, *draft], self._nothing, cached=False)
        best = [int(token) for token in logits[0].argmax(axis=-1)]
        right = next((place for place, token in enumerate(draft) if token != best[place]), len(draft))
        cache = {name: value[:, :, : right + 1] if ".decoder." in name else value for name, value in given.items()}
        return draft[:right], best[right], cache

    def _step(self, always: dict[str, Any], token: int, cache: _Cache) -> tuple[int, _Cache]:
        """The token that follows one more."""
        logits, given = self._run(always, [token], cache, cached=True)
        kept = {name: value if ".decoder." in name else cache[name] for name, value in given.items()}
        return int(logits[0, -1].argmax()), kept

    def _run(
        self, always: dict[str, Any], tokens: list[int], cache: _Cache, *, cached: bool
    ) -> tuple[npt.NDArray[np.float32], _Cache]:
        """The scores behind each of the tokens, and the keys and values."""
        fed = {
            **always,
            **cache,
            "input_ids": np.array([tokens], np.int64),
            "use_cache_branch": np.array([cached]),
        }
        logits, *values = self._decoder.run(self._outputs, fed)
        names = (name.replace("present.", "past_key_values.") for name in self._outputs[1:])
        return logits, dict(zip(names, values, strict=True))


def _read_vocabulary(path: Path) -> list[bytes]:
    try:
        lines = path.read_text(encoding="ascii").splitlines()
        return [base64.b64decode(line.rpartition(" ")[0], validate=True) for line in lines]
    except (OSError, ValueError) as error:
        raise ModelError(f"The file {path} is damaged: run `device models fetch {path.parent.name}`.") from error
