"""Makes a small language model quicker: its matrices in IQ4_NL, which ggml lays out anew for the processor at hand.

A model whose rows are no multiple of 256 has most of its "Q4_K_M" in Q5_0, which ggml computes one row at a time.
IQ4_NL has blocks of 32, so it fits any row, and is computed eight rows at a time (four on Arm). The language model's
head keeps its eight bits. An adapter that comes with the model is added to its weights before they are made so: beside
them it would have to be computed anew for every token.
"""

import ctypes
import math
import shutil
from pathlib import Path

from device.adapters.models import gguf_file
from device.adapters.models.merge_lora import merge
from device.errors import ModelError

ADAPTER_ENDING = ".lora.gguf"

_WHOLE, _IQ4_NL = 1, 25
"""LLAMA_FTYPE_MOSTLY_F16 and LLAMA_FTYPE_MOSTLY_IQ4_NL."""
_WHOLE_BYTES = 2


def convert(source: Path, target: Path) -> None:
    """Fill `target` with the requantized form of the one .gguf model in `source`, tuned if an adapter is there, too.

    Raises ModelError if that is not a language model, or the adapter is another one's.
    """
    files = sorted(source.glob("*.gguf"))
    adapters = [file for file in files if file.name.endswith(ADAPTER_ENDING)]
    models = [file for file in files if file not in adapters]
    if len(models) != 1 or len(adapters) > 1:
        raise ModelError(f"A language model has one .gguf file, but {source.name} has {len(models)}.")
    made = target / "model.gguf"
    if not adapters:
        _quantize(models[0], made, _IQ4_NL)
        return
    whole = target / "whole.gguf"
    _check_room(models[0], target)
    try:
        _quantize(models[0], whole, _WHOLE)
        merge(whole, adapters[0])
        _quantize(whole, made, _IQ4_NL)
    finally:
        whole.unlink(missing_ok=True)


def _check_room(source: Path, target: Path) -> None:
    """Raise ModelError unless the weights have room in 16 bits beside what is made of them."""
    numbers = sum(math.prod(tensor.shape) for tensor in gguf_file.read(source).tensors.values())
    needed, free = _WHOLE_BYTES * numbers + source.stat().st_size, shutil.disk_usage(target).free
    if free < needed:
        raise ModelError(f"There is no room in {target.parent}: {needed >> 20} MB are needed, {free >> 20} are free.")


def _quantize(source: Path, target: Path, file_type: int) -> None:
    import llama_cpp.llama_cpp as llama

    from device.adapters import llm_log

    llm_log.silence()
    llm_log.forget_errors()
    params = llama.llama_model_quantize_default_params()
    params.ftype = file_type
    params.allow_requantize = True
    if llama.llama_model_quantize(str(source).encode(), str(target).encode(), ctypes.byref(params)) != 0:
        raise ModelError(f"{source.name} is not a language model that can be used here: {llm_log.cause()}.")
