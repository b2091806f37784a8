"""Trained matrices under their names in GGUF."""

import json

import numpy as np
import pytest

from device.errors import UsageError
from device.tuning.adapter import layer_name, read


@pytest.mark.parametrize(
    ("trained", "name"),
    [
        ("base_model.model.model.layers.11.self_attn.o_proj.lora_A.weight", "blk.11.attn_output.weight.lora_a"),
        ("base_model.model.model.layers.0.mlp.gate_proj.lora_B.weight", "blk.0.ffn_gate.weight.lora_b"),
    ],
)
def test_a_trained_matrix_has_a_name_in_gguf(trained, name):
    assert layer_name(trained) == name


@pytest.mark.parametrize(
    "trained", ["base_model.model.lm_head.lora_A.weight", "layers.1.self_attn.x_proj.lora_A.weight", ""]
)
def test_a_layer_that_no_adapter_can_have_is_named(trained):
    with pytest.raises(UsageError, match="no layer"):
        layer_name(trained)


def safetensors(path, kind, numbers, shape):
    content = numbers.tobytes()
    declared = {
        "__metadata__": {"format": "pt"},
        "a": {"dtype": kind, "shape": shape, "data_offsets": [0, len(content)]},
    }
    head = json.dumps(declared).encode()
    path.write_bytes(len(head).to_bytes(8, "little") + head + content)
    return path


@pytest.mark.parametrize("kind", ["F32", "F16", "BF16"])
def test_matrices_are_read_in_every_precision_of_training(tmp_path, kind):
    wanted = np.array([[1.0, -0.5, 0.0], [2.0, 3.5, -96.0]], dtype=np.float32)  # exact in all three
    numbers = {
        "F32": wanted,
        "F16": wanted.astype(np.float16),
        "BF16": (wanted.view(np.uint32) >> 16).astype(np.uint16),
    }
    found = read(safetensors(tmp_path / "a", kind, numbers[kind], [2, 3]))
    assert found["a"].dtype == np.float32
    assert (found["a"] == wanted).all()


@pytest.mark.parametrize("content", [b"", b"\xff" * 20, b"\x02\0\0\0\0\0\0\0[]", b"\x02\0\0\0\0\0\0\0{]"])
def test_what_is_no_such_file_is_named(tmp_path, content):
    path = tmp_path / "weights"
    path.write_bytes(content)
    if content:
        with pytest.raises(UsageError, match="weights"):
            read(path)
    with pytest.raises(UsageError, match="cannot be read"):
        read(tmp_path / "none")


def test_a_matrix_that_is_cut_short_is_refused(tmp_path):
    path = safetensors(tmp_path / "a", "F32", np.ones(5, dtype=np.float32), [2, 3])
    with pytest.raises(UsageError):
        read(path)
