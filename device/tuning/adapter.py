"""A trained adapter as the GGUF file that llama.cpp loads beside the model that it was trained on.

The rule it owns: how the layers are called there and here. Needs the package gguf, which comes with the extra `tuning`.
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


def write(path: Path, matrices: Mapping[str, NDArray[np.float32]], *, base: Path, alpha: float) -> int:
    """Write an adapter for the model in `base`: matrices by their names in training, A (rank, in) and B (out, rank).

    They are kept in 16 bits. Returns how many there are.
    """
    import gguf

    about = gguf.GGUFReader(base)
    partial = path.with_name(path.name + ".partial")
    writer = gguf.GGUFWriter(partial, _text(about, "general.architecture"))
    writer.add_type("adapter")
    writer.add_string("adapter.type", "lora")
    writer.add_float32("adapter.lora.alpha", alpha)
    writer.add_string("general.base_model.0.name", _text(about, "general.name"))
    for key in sorted(matrices):
        writer.add_tensor(layer_name(key), np.ascontiguousarray(matrices[key], dtype=np.float16))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    partial.replace(path)
    return len(matrices)


def _text(about: Any, key: str) -> str:
    field = about.get_field(key)
    return "" if field is None else str(field.contents())
