"""Trained matrices under their names in GGUF."""

import json

import gguf
import numpy as np
import pytest

from device.errors import UsageError
from device.tuning.adapter import layer_name, read, read_back, reordered, write


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


def turned(rows, position, *, neighbours):
    """A head's query or key, shape (length,), turned by its position: half against half, or neighbour by neighbour."""
    half = len(rows) // 2
    angles = position * 10_000.0 ** (-np.arange(half) / half)
    first, second = (rows[0::2], rows[1::2]) if neighbours else (rows[:half], rows[half:])
    pair = first * np.cos(angles) - second * np.sin(angles), first * np.sin(angles) + second * np.cos(angles)
    return np.stack(pair, axis=-1).reshape(-1) if neighbours else np.concatenate(pair)


def test_reordered_rows_give_the_same_attention_when_neighbours_are_turned():
    random = np.random.default_rng(1)
    heads, length, width = 3, 8, 5
    query, key = (random.standard_normal((heads * length, width)) for _ in range(2))
    told, seen = random.standard_normal((2, width))

    def scores(query, key, *, neighbours):
        found = []
        for head in range(heads):
            rows = slice(head * length, (head + 1) * length)
            asked = turned(query[rows] @ told, 7, neighbours=neighbours)
            found.append(asked @ turned(key[rows] @ seen, 3, neighbours=neighbours))
        return found

    wanted = scores(query, key, neighbours=False)
    assert scores(reordered(query, heads), reordered(key, heads), neighbours=True) == pytest.approx(wanted)
    assert scores(query, key, neighbours=True) != pytest.approx(wanted)


def base_of(path, architecture):
    writer = gguf.GGUFWriter(path, architecture)
    writer.add_name("tiny")
    writer.add_head_count(2)
    writer.add_head_count_kv(1)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def test_tuning_can_begin_with_an_adapter_that_was_written_before(tmp_path):
    random = np.random.default_rng(2)
    wanted = {
        f"layers.3.{layer}.lora_{part}": random.integers(-8, 8, (4, 4)).astype(np.float32)
        for layer in ("self_attn.q_proj", "mlp.down_proj")
        for part in "AB"
    }
    trained = {f"base_model.model.model.{key}.weight": matrix for key, matrix in wanted.items()}
    path = tmp_path / "lora.gguf"
    assert write(path, trained, base=base_of(tmp_path / "base.gguf", "qwen2"), alpha=8.0) == 4
    found = read_back(path)
    assert {key: matrix.tolist() for key, matrix in found.items()} == {k: m.tolist() for k, m in wanted.items()}


def test_a_llama_s_adapter_is_written_for_llama_cpp_and_not_gone_on_from(tmp_path):
    rows = np.arange(8, dtype=np.float32)[:, None]
    keys = ("self_attn.q_proj.lora_B", "self_attn.v_proj.lora_B", "self_attn.q_proj.lora_A")
    trained = {f"base_model.model.model.layers.0.{key}.weight": rows for key in keys}
    path = tmp_path / "lora.gguf"
    write(path, trained, base=base_of(tmp_path / "base.gguf", "llama"), alpha=8.0)
    found = {tensor.name: tensor.data.reshape(-1).tolist() for tensor in gguf.GGUFReader(path).tensors}
    assert found["blk.0.attn_q.weight.lora_b"] == [0, 2, 1, 3, 4, 6, 5, 7]
    assert found["blk.0.attn_v.weight.lora_b"] == found["blk.0.attn_q.weight.lora_a"] == list(range(8))
    with pytest.raises(UsageError, match="this kind of model"):
        read_back(path)
    with pytest.raises(UsageError, match="cannot be read"):
        read_back(tmp_path / "none")
