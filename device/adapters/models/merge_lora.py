"""Adds a LoRA adapter to the weights that it was tuned for, so that it costs no time when they are used.

W becomes W + (alpha / rank) B A, for every matrix W that the adapter has a pair of small ones for.
"""

from pathlib import Path

from device.adapters.models import gguf_file
from device.errors import ModelError

_FIRST, _SECOND = ".lora_a", ".lora_b"


def merge(model: Path, adapter: Path) -> int:
    """Change the matrices of `model`, whose numbers are whole (F16 or F32), in place; returns how many.

    Raises ModelError if the adapter is none, or one for another model; then nothing was changed.
    """
    whole, lora = gguf_file.read(model), gguf_file.read(adapter)
    names = [name.removesuffix(_FIRST) for name in lora.tensors if name.endswith(_FIRST)]
    alpha = lora.metadata.get("adapter.lora.alpha")
    if not names or not isinstance(alpha, float):
        raise ModelError(f"{adapter.name} is no adapter.")
    for name in names:
        _check(whole, lora, name)
    for name in names:
        first, second = lora.values(name + _FIRST), lora.values(name + _SECOND)
        whole.overwrite(name, whole.values(name) + alpha / len(first) * (second @ first))
    return len(names)


def _check(whole: gguf_file.GgufFile, lora: gguf_file.GgufFile, name: str) -> None:
    shapes = [
        tensors[key].shape if key in tensors else ()
        for tensors, key in ((whole.tensors, name), (lora.tensors, name + _FIRST), (lora.tensors, name + _SECOND))
    ]
    match shapes:
        case [(rows, columns), (rank, inputs), (outputs, width)] if (rows, columns, rank) == (outputs, inputs, width):
            whole.values(name)  # raises for one that is quantized
            return
    raise ModelError(f"{lora.path.name} is an adapter for another model than {whole.path.name}: {name} differs.")
