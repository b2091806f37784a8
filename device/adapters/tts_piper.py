"""Speech by sherpa-onnx with a Piper voice, and the exact place where each word of it ends.

With the duration noise off, the voice's own duration predictor (`device.adapters.piper_graph`) yields for the same
phonemes the durations that the synthesis used, in frames of 256 samples. Should they ever not add up to the sound's
length, they are scaled to it.

sherpa-onnx makes a piece at a time. Where the first sound is waited for, the same voice makes it in parts (`stream`).
"""

import json
import logging
from collections.abc import Callable, Iterator
from functools import cache, partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from device.adapters.phonemes_espeak import EspeakPhonemes
from device.adapters.piper_graph import FRAME_SAMPLES, Frames, PiperGraph
from device.adapters.word_timing import WORD, word_ends_in_phonemes, word_ends_in_text
from device.errors import ModelError
from device.ports import Samples, Speech, WordEnd

log = logging.getLogger(__name__)

SILENT = 0.003
"""Samples under this count as silence at a piece's ends (-50 dB of full scale)."""

LEAD_SECONDS, TAIL_SECONDS = 0.01, 0.12
"""How much silence is left before and after a piece."""


class _Cut(NamedTuple):
    """The samples of a sound that are kept: from `start` to `end` of `total`."""

    total: int
    start: int
    end: int


class PiperSynthesizer:
    """`device.ports.Synthesizer`; used from one thread at a time."""

    def __init__(self, directory: Path, *, threads: int = 2, speed: float = 1.0) -> None:
        """Load a converted voice; `speed` above 1 is faster. Raises ModelError."""
        import sherpa_onnx

        for name in ("model.onnx", "tokens.txt", "voice.json", "encoder.onnx", "decoder.onnx"):
            if not (directory / name).is_file():
                raise ModelError(
                    f"The voice {directory.name} lacks {name}: run `device models fetch {directory.name}`."
                )
        voice: dict[str, Any] = json.loads((directory / "voice.json").read_text(encoding="utf-8"))
        self.name = directory.name
        self.sample_rate_hz = int(voice["audio"]["sample_rate"])
        self._ids: dict[str, int] = {symbol: ids[0] for symbol, ids in voice["phoneme_id_map"].items()}
        self._noise = float(voice.get("inference", {}).get("noise_scale", 0.667))
        self.speed, self.pace = 1.0, speed
        self._length_scale = float(voice.get("inference", {}).get("length_scale", 1.0))
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
        self._graph = PiperGraph(directory, threads=threads)

    @property
    def _speed(self) -> float:
        """As the model counts it."""
        return self.pace * self.speed / self._length_scale

    def synthesize(self, text: str) -> Speech:
        """The piece as sound, its silent ends cut short."""
        import sherpa_onnx

        sentences = self._sentences(text)
        if not sentences:
            return self._speech(text, np.zeros(0, np.float32), tuple[WordEnd, ...])
        options = sherpa_onnx.GenerationConfig()
        options.sid, options.speed, options.silence_scale = 0, self._speed, 1.0
        options.phoneme_codepoints = [[ord(phoneme) for phoneme in sentence] for sentence in sentences]
        sound = np.asarray(self._tts.generate(text, options).samples, dtype=np.float32)
        start, end = self._audible(sound)
        scales = self._scales(options.speed, noise=0.0)

        def align() -> tuple[WordEnd, ...]:
            frames = [self._graph.durations(self._ids_of(sentence), scales) for sentence in sentences]
            return self._words(text, sentences, frames, _Cut(len(sound), start, end))

        return self._speech(text, sound[start:end], align)

    def stream(self, text: str) -> Iterator[Speech]:
        """The piece in parts: the first takes a fraction of the time that the whole does."""
        sentences = self._sentences(text)
        if len(sentences) != 1:
            yield self.synthesize(text)
            return
        frames, latent = self._graph.encode(self._ids_of(sentences[0]), self._scales(self._speed, noise=self._noise))
        total = latent.shape[2] * FRAME_SAMPLES

        @cache
        def words(start: int) -> tuple[WordEnd, ...]:
            return self._words(text, sentences, [frames], _Cut(total, start, total))

        at, start, before = 0, -1, 0
        for sound in self._graph.stretches(latent):
            at += len(sound)
            if start < 0 and not np.any(np.abs(sound) > SILENT) and at < total:
                continue  # the voice has not begun yet
            first, last = self._audible(sound)
            skipped = first if start < 0 else 0
            start = at - len(sound) + skipped if start < 0 else start
            kept = sound[skipped : last if at >= total else None]
            until = before + len(kept)
            final = at >= total
            yield self._speech(text, kept, partial(_part, words, start, before, until, final=final), final=final)
            before = until

    def _speech(
        self, text: str, samples: Samples, align: Callable[[], tuple[WordEnd, ...]], *, final: bool = True
    ) -> Speech:
        return Speech(text=text, samples=samples, sample_rate_hz=self.sample_rate_hz, align=align, final=final)

    def _sentences(self, text: str) -> list[str]:
        """The phonemes of each sentence that the voice knows; none if there is nothing to say."""
        sentences = [kept for sentence in self._phonemes.sentences(text) if (kept := self._known(sentence))]
        return sentences if any(map(str.isalnum, "".join(sentences))) else []

    def _scales(self, speed: float, *, noise: float) -> tuple[float, float, float]:
        """Noise, and the pace to the last bit as sherpa-onnx makes it, since a frame is rounded up."""
        return noise, float(np.float32(1.0 / float(np.float32(speed)))), 0.0

    def _known(self, sentence: str) -> str:
        return "".join(phoneme for phoneme in sentence if phoneme in self._ids)

    def _audible(self, sound: Samples) -> tuple[int, int]:
        loud = np.flatnonzero(np.abs(sound) > SILENT)
        if not len(loud):
            return 0, len(sound)
        start = max(int(loud[0]) - round(LEAD_SECONDS * self.sample_rate_hz), 0)
        return start, min(int(loud[-1]) + round(TAIL_SECONDS * self.sample_rate_hz), len(sound))

    def _words(self, text: str, sentences: list[str], frames: list[Frames], cut: "_Cut") -> tuple[WordEnd, ...]:
        """Where each word ends in what was kept of the sound, from how many frames every phoneme lasts."""
        total, start, end = cut
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

    def _ids_of(self, sentence: str) -> list[int]:
        """The ids of a sentence as sherpa-onnx sends them: ^ _ p _ p _ … $."""
        ids = [self._ids["^"], self._ids["_"]]
        for phoneme in sentence:
            ids += [self._ids[phoneme], self._ids["_"]]
        return [*ids, self._ids["$"]]


def _part(
    words: Callable[[int], tuple[WordEnd, ...]], start: int, before: int, until: int, *, final: bool
) -> tuple[WordEnd, ...]:
    """The words that end in the samples from `before` to `until` of a piece that begins at `start` of its sound."""
    return tuple(
        WordEnd(chars=word.chars, samples=min(word.samples, until) - before)
        for word in words(start)
        if before < word.samples and (word.samples <= until or final)
    )


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
