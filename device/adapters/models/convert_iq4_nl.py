"""Makes a small language model quicker: its matrices in IQ4_NL, which ggml lays out anew for the processor at hand.

A model whose rows are no multiple of 256 has most of its "Q4_K_M" in Q5_0, which ggml computes one row at a time.
IQ4_NL has blocks of 32, so it fits any row, and is computed eight rows at a time (four on Arm). The language model's
head keeps its eight bits.
"""

import ctypes
from pathlib import Path

from device.errors import ModelError

FILE_TYPE = 25
"""LLAMA_FTYPE_MOSTLY_IQ4_NL."""


def convert(source: Path, target: Path) -> None:
    """Fill `target` with the requantized form of the one .gguf file in `source`.

    Raises ModelError if that is not a language model.
    """
    import llama_cpp.llama_cpp as llama

    from device.adapters import llm_log

    files = sorted(source.glob("*.gguf"))
    if len(files) != 1:
        raise ModelError(f"A language model has one .gguf file, but {source.name} has {len(files)}.")
    llm_log.silence()
    llm_log.forget_errors()
    params = llama.llama_model_quantize_default_params()
    params.ftype = FILE_TYPE
    params.allow_requantize = True
    made = target / "model.gguf"
    if llama.llama_model_quantize(str(files[0]).encode(), str(made).encode(), ctypes.byref(params)) != 0:
        raise ModelError(f"{files[0].name} is not a language model that can be used here: {llm_log.cause()}.")
