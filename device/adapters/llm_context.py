"""One llama.cpp context with several sequences that share a KV cache.

The rule it owns: its methods are called from one thread only, and never with anything that makes llama.cpp abort.
"""

import ctypes
import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import llama_cpp.llama_cpp as llama
import numpy as np

from device.adapters.llm_sampling import Logits
from device.errors import ModelError

_DIGEST_BYTES = 32
_READ_BYTES = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Tokens to compute for one sequence from position `start` on; with `logits`, those of the last are wanted.

    Those of the token number `weighed` (from 0) are wanted, too, unless that is None.
    """

    sequence: int
    start: int
    tokens: Sequence[int]
    logits: bool
    weighed: int | None = None


class LlamaContext:
    """A context over loaded weights; also the `device.adapters.llm_cache.Memory` of its sequences."""

    def __init__(
        self,
        model: int,
        *,
        cells: int,
        sequences: int,
        batch_tokens: int,
        key_type: int,
        mark: bytes,
        adapter: int | None = None,
    ) -> None:
        """`cells` is how many tokens all sequences together may hold, those they share counted once.

        `key_type` is in what form the keys are kept (a ggml type), `mark` names in saved states what they are good
        for. An `adapter` changes what the weights compute. Raises ModelError if the memory does not suffice.
        """
        parameters = llama.llama_context_default_params()
        parameters.n_ctx = cells
        parameters.n_batch = parameters.n_ubatch = batch_tokens
        parameters.n_seq_max = sequences
        parameters.kv_unified = True
        # On processors the fused attention reads a prompt's end a quarter slower, and saves time nowhere.
        parameters.flash_attn_type = llama.LLAMA_FLASH_ATTN_TYPE_DISABLED
        parameters.type_k = key_type
        parameters.no_perf = True
        self._pointer = llama.llama_init_from_model(model, parameters)
        if not self._pointer:
            raise ModelError(f"No memory for a context of {cells} tokens; set a smaller one.")
        if adapter is not None:
            adapters, scales = (llama.llama_adapter_lora_p_ctypes * 1)(), (ctypes.c_float * 1)(1.0)
            adapters[0] = ctypes.cast(adapter, llama.llama_adapter_lora_p_ctypes)
            llama.llama_set_adapters_lora(self._pointer, adapters, 1, scales)
        self.cells: int = llama.llama_n_ctx(self._pointer)
        self._memory = llama.llama_get_memory(self._pointer)
        self._batch = llama.llama_batch_init(batch_tokens, 0, 1)
        self._vocabulary_size: int = llama.llama_vocab_n_tokens(llama.llama_model_get_vocab(model))
        self._mark = mark
        self._threads = 0
        self._shift_due = False

    def close(self) -> None:
        """Free the context; the weights are the owner's to free afterwards. Closing twice is harmless."""
        if self._pointer:
            llama.llama_batch_free(self._batch)
            llama.llama_free(self._pointer)
            self._pointer = None

    def use_threads(self, threads: int) -> None:
        """From the next batch on; a thread more than there are free cores slows it many times over."""
        if threads != self._threads:
            llama.llama_set_n_threads(self._pointer, threads, threads)
            self._threads = threads

    def compute(self, stretches: Sequence[Stretch]) -> list[int] | None:
        """Compute one batch; returns the row of each stretch's last token, for `logits`; None if it failed.

        After a failure the memory must be cut back to what it held before.
        """
        batch, item = self._batch, 0
        rows = []
        for stretch in stretches:
            for position, token in enumerate(stretch.tokens, stretch.start):
                batch.token[item] = token
                batch.pos[item] = position
                batch.n_seq_id[item] = 1
                batch.seq_id[item][0] = stretch.sequence
                batch.logits[item] = False
                item += 1
            batch.logits[item - 1] = stretch.logits
            if stretch.weighed is not None:
                batch.logits[item - len(stretch.tokens) + stretch.weighed] = True
            rows.append(item - 1)
        batch.n_tokens = item
        if llama.llama_decode(self._pointer, batch) != 0:
            return None
        self._shift_due = False
        return rows

    def logits(self, row: int) -> Logits:
        """A view of the last batch's logits, valid until the next batch: float32, shape (vocabulary,)."""
        pointer = llama.llama_get_logits_ith(self._pointer, row)
        return np.ctypeslib.as_array(pointer, shape=(self._vocabulary_size,))

    def remove(self, sequence: int, start: int) -> bool:
        """Forget the sequence's cells from position `start`; False if the model cannot forget a part."""
        return bool(llama.llama_memory_seq_rm(self._memory, sequence, start, -1))

    def shift(self, sequence: int, start: int, end: int) -> bool:
        """Forget the cells from position `start` to `end` and move those behind up; False if the model cannot.

        No other sequence may share the cells that move. Their keys are turned to the new positions with the next batch.
        """
        if not llama.llama_memory_can_shift(self._memory):
            return False
        if not llama.llama_memory_seq_rm(self._memory, sequence, start, end):
            return False
        llama.llama_memory_seq_add(self._memory, sequence, end, -1, start - end)
        self._shift_due = True
        return True

    def copy(self, parent: int, child: int) -> None:
        """Share all the parent's cells with the child, which must be empty."""
        llama.llama_memory_seq_cp(self._memory, parent, child, -1, -1)

    def save(self, sequence: int, tokens: Sequence[int], path: Path) -> None:
        """Write the sequence's state, atomically and with a digest behind it. Raises OSError."""
        if self._shift_due:  # llama.cpp would write them with their new positions, unturned
            raise OSError("the state is between two batches")
        partial = path.with_name(path.name + ".partial")
        try:
            ids = (llama.llama_token * len(tokens))(*tokens)
            if not llama.llama_state_seq_save_file(self._pointer, str(partial).encode(), sequence, ids, len(tokens)):
                raise OSError(f"llama.cpp could not write {partial}")
            with partial.open("r+b") as file:
                digest = self._digest(file.fileno(), partial.stat().st_size)
                file.seek(0, os.SEEK_END)
                file.write(digest)
                file.flush()
                os.fsync(file.fileno())
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)

    def load(self, sequence: int, path: Path) -> list[int] | None:
        """Read a state into the empty sequence; returns its tokens, None if the file is missing, torn or foreign."""
        try:
            with path.open("rb") as file:
                size = path.stat().st_size - _DIGEST_BYTES
                if size <= 0 or os.pread(file.fileno(), _DIGEST_BYTES, size) != self._digest(file.fileno(), size):
                    return None
        except OSError:
            return None
        ids = (llama.llama_token * self.cells)()
        length = ctypes.c_size_t()
        if not llama.llama_state_seq_load_file(
            self._pointer, str(path).encode(), sequence, ids, len(ids), ctypes.byref(length)
        ):
            return None
        return list(ids[: length.value])

    def _digest(self, descriptor: int, size: int) -> bytes:
        digest = hashlib.blake2b(self._mark, digest_size=_DIGEST_BYTES)
        for offset in range(0, size, _READ_BYTES):
            digest.update(os.pread(descriptor, min(_READ_BYTES, size - offset), offset))
        return digest.digest()
