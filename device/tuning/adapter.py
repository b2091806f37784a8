"""A trained adapter as the GGUF file that llama.cpp loads beside the model that it was trained on.

The rule it owns: how the layers are called there and here, and how their rows stand. Needs the package gguf, which
comes with the extra `tuning`.
"""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from device.errors import UsageError

_NAMES = {
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
}
"""The layers as the training library calls them, and as GGUF does."""
_KEY = re.compile(r"layers\.(\d+)\.(\w+\.\w+)\.lora_([AB])\.weight$")


_HEADS = {"attn_q": "attention.head_count", "attn_k": "attention.head_count_kv"}
"""The layers whose rows stand in another order in a GGUF file of the Llama kind, and how many heads they have there."""
_REORDERED = ("llama",)

_KINDS = {"F32": np.float32, "F16": np.float16, "BF16": np.uint16}
_LENGTH_BYTES = 8


def read(path: Path) -> dict[str, NDArray[np.float32]]:
    """The matrices in a safetensors file, by their names. Raises UsageError.

    The format is a length, that many bytes of JSON, and the numbers; it is read here because a library for it knows no
    bfloat16 without a second one of two gigabytes.
    """
    try:
        content = path.read_bytes()
        start = _LENGTH_BYTES + int.from_bytes(content[:_LENGTH_BYTES], "little")
        declared = json.loads(content[_LENGTH_BYTES:start])
        return {name: _matrix(content[start:], one) for name, one in declared.items() if name != "__metadata__"}
    except OSError as error:
        raise UsageError(f"The adapter in {path} cannot be read: {error.strerror}.") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UsageError(f"{path} is no file of trained matrices.") from error


def _matrix(numbers: bytes, declared: Mapping[str, Any]) -> NDArray[np.float32]:
    first, end = declared["data_offsets"]
    found = np.frombuffer(numbers[first:end], dtype=_KINDS[declared["dtype"]])
    if declared["dtype"] == "BF16":  # the upper half of a 32-bit number
        found = (found.astype(np.uint32) << 16).view(np.float32)
    return found.astype(np.float32).reshape(declared["shape"])


def layer_name(key: str) -> str:
    """A trained matrix's name in GGUF. Raises UsageError for one that no adapter can have."""
    found = _KEY.search(key)
    if found is None or found[2] not in _NAMES:
        raise UsageError(f"{key} is of no layer that an adapter can have.")
    return f"blk.{found[1]}.{_NAMES[found[2]]}.weight.lora_{found[3].lower()}"


def reordered(rows: NDArray[np.float32], heads: int) -> NDArray[np.float32]:
    """The rows of a query's or key's matrix as GGUF wants them of a Llama: shape (heads · length, …).

    Training turns a head's first half against its second; llama.cpp turns, for this kind of model, each two neighbours
    against each other.
    """
    return rows.reshape(heads, 2, len(rows) // heads // 2, *rows.shape[1:]).swapaxes(1, 2).reshape(rows.shape)


def write(path: Path, matrices: Mapping[str, NDArray[np.float32]], *, base: Path, alpha: float) -> int:
    """Write an adapter for the model in `base`: matrices by their names in training, A (rank, in) and B (out, rank).

    They are kept in 16 bits. Returns how many there are.
    """
    import gguf

    about = gguf.GGUFReader(base)
    architecture = _text(about, "general.architecture")
    partial = path.with_name(path.name + ".partial")
    writer = gguf.GGUFWriter(partial, architecture)
    writer.add_type("adapter")
    writer.add_string("adapter.type", "lora")
    writer.add_float32("adapter.lora.alpha", alpha)
    writer.add_string("general.base_model.0.name", _text(about, "general.name"))
    for key in sorted(matrices):
        name, rows = layer_name(key), matrices[key]
        part = name.split(".")[2]
        if architecture in _REORDERED and name.endswith("lora_b") and part in _HEADS:
            rows = reordered(rows, int(_text(about, f"{architecture}.{_HEADS[part]}")))
        writer.add_tensor(name, np.ascontiguousarray(rows, dtype=np.float16))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    partial.replace(path)
    return len(matrices)


def read_back(path: Path) -> dict[str, NDArray[np.float32]]:
    """The matrices of an adapter's GGUF file, by the ends of their names in training: "layers.3.mlp.up_proj.lora_A".

    Raises UsageError.
    """
    import gguf

    try:
        about = gguf.GGUFReader(path)
    except (OSError, ValueError) as error:
        raise UsageError(f"The adapter in {path} cannot be read: {error}.") from error
    if _text(about, "general.architecture") in _REORDERED:
        raise UsageError(f"{path}: going on from an adapter of this kind of model is not possible.")
    names = {there: here for here, there in _NAMES.items()}
    found = {}
    for tensor in about.tensors:
        _, layer, part, *_, matrix = tensor.name.split(".")
        found[f"layers.{layer}.{names[part]}.lora_{matrix[-1].upper()}"] = np.asarray(tensor.data, dtype=np.float32)
    return found


def _text(about: Any, key: str) -> str:
    field = about.get_field(key)
    return "" if field is None else str(field.contents())
