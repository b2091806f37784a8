"""Grammars (GBNF) that hold a reply to a form, on llama.cpp's grammar sampler.

The rule it owns: nothing is accepted that was not checked before, because llama.cpp ends the process over a token
that its grammar does not allow, and over an end token always.
"""

import ctypes
from collections import OrderedDict
from typing import Any

import llama_cpp.llama_cpp as llama
import numpy as np
from numpy.typing import NDArray

from device.adapters import llm_log
from device.adapters.llm_sampling import Ids
from device.adapters.llm_vocabulary import Vocabulary
from device.errors import GenerationError

Sampler = Any
"""llama.cpp's pointer to a sampler."""

_COMPILED_KEPT = 8
_TOKEN_DATA = np.dtype([("id", np.int32), ("logit", np.float32), ("p", np.float32)])


class Grammars:
    """Compiles grammars and keeps the compiled ones, of which each reply gets a clone."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._compiled: OrderedDict[str, Sampler] = OrderedDict()
        # A control token has no bytes, but a grammar would take its name for text: never allow it.
        self._mute = np.zeros(vocabulary.size, dtype=np.bool_)
        self._mute[list(vocabulary.hidden_tokens - vocabulary.end_tokens)] = True

    def open(self, text: str) -> "Grammar":
        """A grammar at its beginning. Raises GenerationError if it is not valid; close it after use."""
        if text not in self._compiled:
            self._compiled[text] = self._compile(text)
            if len(self._compiled) > _COMPILED_KEPT:
                llama.llama_sampler_free(self._compiled.popitem(last=False)[1])
        self._compiled.move_to_end(text)
        return Grammar(self._vocabulary, self._mute, llama.llama_sampler_clone(self._compiled[text]))

    def close(self) -> None:
        """Free the compiled grammars."""
        while self._compiled:
            llama.llama_sampler_free(self._compiled.popitem()[1])

    def _compile(self, text: str) -> Sampler:
        llm_log.forget_errors()
        sampler = llama.llama_sampler_init_grammar(self._vocabulary.pointer, text.encode(), b"root")
        if not sampler:
            why = llm_log.cause() or "it does not parse, or no rule is named root"
            raise GenerationError(f"The grammar is not valid GBNF ({why}).")
        return sampler


class Grammar:
    """One reply's way through a grammar: a `device.adapters.llm_sampling.Constraint`."""

    def __init__(self, vocabulary: Vocabulary, mute: NDArray[np.bool_], sampler: Sampler) -> None:
        self._sampler = sampler
        self._mute = mute
        self._end = np.array(sorted(vocabulary.end_tokens)[:1], dtype=np.intp)
        self._openings = np.array(vocabulary.byte_tokens, dtype=np.intp)

    def allowed(self, ids: Ids) -> NDArray[np.bool_]:
        """For each token, whether it may come next."""
        tokens = np.zeros(len(ids), dtype=_TOKEN_DATA)
        tokens["id"] = ids
        array = llama.llama_token_data_array(
            data=tokens.ctypes.data_as(llama.llama_token_data_p), size=len(ids), selected=-1, sorted=False
        )
        llama.llama_sampler_apply(self._sampler, ctypes.byref(array))
        allowed: NDArray[np.bool_] = np.isfinite(tokens["logit"]) & ~self._mute[ids]
        return allowed

    def accept(self, token: int) -> bool:
        """An allowed token, not an end token, came; returns whether only the end may follow."""
        llama.llama_sampler_accept(self._sampler, token)
        return bool(self.allowed(self._end).all()) and not self.allowed(self._openings).any()

    def close(self) -> None:
        """Free it; closing twice is harmless."""
        if self._sampler is not None:
            llama.llama_sampler_free(self._sampler)
            self._sampler = None
