"""Phonemes by espeak-ng, through piper-tts.

Licence: piper-tts and espeak-ng are GPL-3.0. They are used nowhere but here, so that another phonemizer can take their
place.
"""

import threading

_espeak = threading.Lock()
"""espeak-ng keeps its state in globals."""


class EspeakPhonemes:
    """Text to phonemes for one espeak voice, such as "en-us"."""

    def __init__(self, voice: str) -> None:
        from piper.phonemize_espeak import EspeakPhonemizer

        self._voice = voice
        with _espeak:
            self._phonemizer = EspeakPhonemizer()

    def sentences(self, text: str) -> list[str]:
        """The phonemes of each sentence that espeak finds, one character each, words separated by spaces."""
        with _espeak:
            found = self._phonemizer.phonemize(self._voice, text.replace("\0", " "))
        return [sentence for phonemes in found if (sentence := "".join(phonemes).strip())]
