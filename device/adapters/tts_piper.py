"""Speech by sherpa-onnx with a Piper voice, and the exact place where each word of it ends.

With the duration noise off, the voice's own duration predictor (`durations.onnx`, see
`device.adapters.models.convert_piper`) yields for the same phonemes the durations that the synthesis used, in frames
of 256 samples. Should they ever not add up to the sound's length, they are scaled to it.
"""

import json
import logging
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from device.adapters.onnx_session import open_session
from device.adapters.phonemes_espeak import EspeakPhonemes
from device.adapters.word_timing import WORD, word_ends_in_phonemes, word_ends_in_text
from device.errors import ModelError
from device.ports import Samples, Speech, WordEnd

log = logging.getLogger(__name__)

FRAME_SAMPLES = 256
"""Samples of a frame of the voice's durations: the hop of every Piper voice."""

SILENT = 0.003
"""Samples under this count as silence at a piece's ends (-50 dB of full scale)."""

LEAD_SECONDS, TAIL_SECONDS = 0.01, 0.12
"""How much silence is left before and after a piece."""


class PiperSynthesizer:
    """`device.ports.Synthesizer`; used from one thread at a time."""

    def __init__(self, directory: Path, *, threads: int = 2, speed: float = 1.0) -> None:
        """Load a converted voice; `speed` above 1 is faster. Raises ModelError."""
        import sherpa_onnx

        for name in ("model.onnx", "tokens.txt", "voice.json", "durations.onnx"):
            if not (directory / name).is_file():
                raise ModelError(
                    f"The voice {directory.name} lacks {name}: run `device models fetch {directory.name}`."
                )
        voice: dict[str, Any] = json.loads((directory / "voice.json").read_text(encoding="utf-8"))
        self.name = directory.name
        self.sample_rate_hz = int(voice["audio"]["sample_rate"])
        self._ids: dict[str, int] = {symbol: ids[0] for symbol, ids in voice["phoneme_id_map"].items()}
        self._noise = float(voice.get("inference", {}).get("noise_scale", 0.667))
        self.speed = 1.0
        self._pace = speed / float(voice.get("inference", {}).get("length_scale", 1.0))
        self._phonemes = EspeakPhonemes(voice["espeak"]["voice"])
        vits = sherpa_onnx.OfflineTtsVitsModelConfig(
            model=str(directory / "model.onnx"),
            lexicon="",
            tokens=str(directory / "tokens.txt"),
            noise_scale=self._noise,
            noise_scale_w=0.0,
            length_scale=1.0,  # set for each piece
        )
        model = sherpa_onnx.OfflineTtsModelConfig(vits=vits, num_threads=threads)
        config = sherpa_onnx.OfflineTtsConfig(model=model, max_num_sentences=1)
        if not config.validate():
            raise ModelError(
                f"The voice {directory.name} cannot be loaded: run `device models verify {directory.name}`."
            )
        self._tts = sherpa_onnx.OfflineTts(config)
        self._durations = open_session(directory / "durations.onnx")

    def synthesize(self, text: str) -> Speech:
        """The piece as sound, its silent ends cut short."""
        import sherpa_onnx

        sentences = [kept for sentence in self._phonemes.sentences(text) if (kept := self._known(sentence))]
        if not any(map(str.isalnum, "".join(sentences))):
            return Speech(
                text=text,
                samples=np.zeros(0, np.float32),
                sample_rate_hz=self.sample_rate_hz,
                align=tuple[WordEnd, ...],
            )
        options = sherpa_onnx.GenerationConfig()
        options.sid, options.speed, options.silence_scale = 0, self._pace * self.speed, 1.0
        options.phoneme_codepoints = [[ord(phoneme) for phoneme in sentence] for sentence in sentences]
        sound = np.asarray(self._tts.generate(text, options).samples, dtype=np.float32)
        start, end = self._audible(sound)
        return Speech(
            text=text,
            samples=sound[start:end],
            sample_rate_hz=self.sample_rate_hz,
            align=partial(
                self._align, text, sentences, len(sound), start, end, length_scale=_length_scale(options.speed)
            ),
        )

    def _known(self, sentence: str) -> str:
        return "".join(phoneme for phoneme in sentence if phoneme in self._ids)

    def _audible(self, sound: Samples) -> tuple[int, int]:
        loud = np.flatnonzero(np.abs(sound) > SILENT)
        if not len(loud):
            return 0, len(sound)
        start = max(int(loud[0]) - round(LEAD_SECONDS * self.sample_rate_hz), 0)
        return start, min(int(loud[-1]) + round(TAIL_SECONDS * self.sample_rate_hz), len(sound))

    def _align(
        self, text: str, sentences: list[str], total: int, start: int, end: int, *, length_scale: np.float32
    ) -> tuple[WordEnd, ...]:
        """Where each word ends in sound[start:end], from the voice's durations of all its phonemes."""
        frames = [self._frames(sentence, length_scale) for sentence in sentences]
        ends = np.concatenate([[0], np.cumsum(np.concatenate(frames))])
        if ends[-1] * FRAME_SAMPLES != total:
            log.debug("durations of %r add up to %d of %d samples", text, ends[-1] * FRAME_SAMPLES, total)
        scale = total / ends[-1]
        chars = word_ends_in_text(text)
        words = [found.group() for found in WORD.finditer(text) if any(map(str.isalnum, found.group()))]
        places = word_ends_in_phonemes(words, " ".join(sentences), self._alone)
        offset = _places_in_ids(sentences)
        found = []
        for char, place in zip(chars, places, strict=True):
            samples = min(max(round(float(ends[offset[place]]) * scale) - start, 0), end - start)
            found.append(WordEnd(chars=char, samples=samples))
        if found:
            found[-1] = WordEnd(chars=found[-1].chars, samples=end - start)
        return tuple(found)

    def _alone(self, word: str) -> str:
        return " ".join(map(self._known, self._phonemes.sentences(word)))

    def _frames(self, sentence: str, length_scale: np.float32) -> NDArray[np.float32]:
        """Frames of every id of a sentence as sherpa-onnx sends it: ^ _ p _ p _ … $."""
        ids = [self._ids["^"], self._ids["_"]]
        for phoneme in sentence:
            ids += [self._ids[phoneme], self._ids["_"]]
        ids.append(self._ids["$"])
        feeds = {
            "input": np.array([ids], np.int64),
            "input_lengths": np.array([len(ids)], np.int64),
            "scales": np.array([self._noise, length_scale, 0.0], np.float32),
        }
        frames: NDArray[np.float32] = self._durations.run(None, feeds)[0].reshape(-1)
        return frames


def _length_scale(speed: float) -> np.float32:
    """What sherpa-onnx makes of a speed, to the last bit: a frame is rounded up, so that every bit counts."""
    return np.float32(1.0 / float(np.float32(speed)))


def _places_in_ids(sentences: list[str]) -> list[int]:
    """For every place in the sentences joined by a space: how many ids lie before it, in all sentences' ids."""
    places: list[int] = []
    before = 0
    for number, sentence in enumerate(sentences):
        if number:
            places.append(before)  # the joining space itself
        places += [before + 2 + 2 * count for count in range(len(sentence) + (number == len(sentences) - 1))]
        before += 3 + 2 * len(sentence)
    return places
