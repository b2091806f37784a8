"""A trained adapter as the GGUF file that llama.cpp loads beside the model that it was trained on.

The rule it owns: how the layers are called there and here. Needs the package gguf, which comes with the extra `tuning`.
"""

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
