"""Trained matrices under their names in GGUF."""

import pytest

from device.errors import UsageError
from device.tuning.adapter import layer_name


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
