"""Conversion: Moonshine's vocabulary and Piper's metadata."""

import base64
import json

import gguf
import numpy as np
import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import TensorProto, helper

from device.adapters.models import convert_iq4_nl, convert_moonshine, convert_piper
from device.errors import ModelError


def packed(tokens: list[bytes]) -> bytes:
    out = b""
    for token in tokens:
        length = len(token)
        out += bytes([length]) if length < 128 else bytes([length % 128 + 128, length // 128])
        out += token
    return out


@given(st.lists(st.binary(max_size=300), max_size=30))
def test_a_vocabulary_is_read_token_for_token(tokens):
    assert convert_moonshine.parse_vocabulary(packed(tokens)) == tokens


@given(st.lists(st.binary(min_size=1, max_size=300), min_size=1, max_size=5), st.data())
def test_a_vocabulary_that_ends_within_a_token_is_refused(tokens, data):
    whole = packed(tokens)
    cut = whole[: len(whole) - data.draw(st.integers(1, len(tokens[-1])))]
    with pytest.raises(ModelError, match="ends within a token"):
        convert_moonshine.parse_vocabulary(cut)


def test_moonshine_becomes_graphs_and_a_list_of_tokens(tmp_path):
    source, target = tmp_path / "source", tmp_path / "target"
    source.mkdir()
    target.mkdir()
    for name in convert_moonshine.GRAPHS:
        (source / name).write_bytes(name.encode())
    (source / "tokenizer.bin").write_bytes(packed([b"<s>", "▁é".encode()]))
    convert_moonshine.convert(source, target)
    lines = (target / "tokens.txt").read_text().splitlines()
    assert [base64.b64decode(line.split()[0]) for line in lines] == [b"<s>", "▁é".encode()]
    assert [line.split()[1] for line in lines] == ["0", "1"]


def tiny_voice(path, *, ceils: int = 1, decoders: int = 1) -> None:
    """A graph with the inputs of a Piper voice, which rounds its durations up and ends in a decoder."""
    inputs = [
        helper.make_tensor_value_info("input", TensorProto.INT64, ["b", "n"]),
        helper.make_tensor_value_info("input_lengths", TensorProto.INT64, ["b"]),
        helper.make_tensor_value_info("scales", TensorProto.FLOAT, [3]),
    ]
    nodes = [helper.make_node("Cast", ["input"], ["x0"], to=TensorProto.FLOAT)]
    nodes += [helper.make_node("Ceil", [f"x{i}"], [f"x{i + 1}"]) for i in range(ceils)]
    nodes += [
        helper.make_node("Cast", ["input_lengths"], ["l"], to=TensorProto.FLOAT),
        helper.make_node("ReduceSum", ["l"], ["ls"], keepdims=0),
        helper.make_node("ReduceSum", ["scales"], ["ss"], keepdims=0),
        helper.make_node("Add", [f"x{ceils}", "ls"], ["y0"]),
        helper.make_node("Add", ["y0", "ss"], ["y1"]),
        helper.make_node("Unsqueeze", ["y1", "axis"], ["z"]),
        *[
            helper.make_node("Conv", ["z", convert_piper.DECODER_WEIGHT], [f"z{i}"], kernel_shape=[1])
            for i in range(decoders)
        ],
        helper.make_node("Sum", ["z", *[f"z{i}" for i in range(decoders)]], ["output"]),
    ]
    weights = [
        helper.make_tensor(convert_piper.DECODER_WEIGHT, TensorProto.FLOAT, [1, 1, 1], [2.0]),
        helper.make_tensor("axis", TensorProto.INT64, [1], [1]),
    ]
    outputs = [helper.make_tensor_value_info("output", TensorProto.FLOAT, None)]
    graph = helper.make_graph(nodes, "voice", inputs, outputs, weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.save(onnx.shape_inference.infer_shapes(model), path)


VOICE = {"audio": {"sample_rate": 22050}, "espeak": {"voice": "en-us"}, "num_speakers": 1,
         "phoneme_id_map": {"_": [0], "^": [1], "$": [2], "a": [3]}}  # fmt: skip


def test_a_piper_voice_gets_metadata_and_tokens_and_is_cut_in_two(tmp_path):
    source, target = tmp_path / "source", tmp_path / "target"
    source.mkdir()
    target.mkdir()
    tiny_voice(source / "v.onnx")
    (source / "v.onnx.json").write_text(json.dumps(VOICE))
    convert_piper.convert(source, target)
    metadata = {entry.key: entry.value for entry in onnx.load(target / "model.onnx").metadata_props}
    assert metadata["comment"] == "piper"
    assert metadata["model_type"] == "vits"
    assert metadata["has_espeak"] == "1"
    assert metadata["sample_rate"] == "22050"
    assert (target / "tokens.txt").read_text() == "_ 0\n^ 1\n$ 2\na 3\n"
    import onnxruntime

    def session(name):
        return onnxruntime.InferenceSession(target / name, providers=["CPUExecutionProvider"])

    feeds = {
        "input": np.array([[1, 3]], np.int64),
        "input_lengths": np.array([2], np.int64),
        "scales": np.zeros(3, np.float32),
    }
    durations, latent = session("encoder.onnx").run(None, feeds)
    assert durations.reshape(-1).tolist() == [1.0, 3.0]
    decoder = session("decoder.onnx")
    (whole,) = session("model.onnx").run(None, feeds)
    assert np.array_equal(decoder.run(None, {decoder.get_inputs()[0].name: latent})[0], whole)


@pytest.mark.parametrize("count", [0, 2])
@pytest.mark.parametrize(("part", "named"), [("ceils", "durations"), ("decoders", "decoder")])
def test_a_graph_in_which_a_part_cannot_be_found_is_refused(tmp_path, part, named, count):
    tiny_voice(tmp_path / "v.onnx", **{part: count})
    (tmp_path / "v.onnx.json").write_text(json.dumps(VOICE))
    with pytest.raises(ModelError, match=named):
        convert_piper.convert(tmp_path, tmp_path)


def test_what_is_not_a_voice_is_refused(tmp_path):
    with pytest.raises(ModelError, match="has 0"):
        convert_piper.convert(tmp_path, tmp_path)
    tiny_voice(tmp_path / "v.onnx")
    (tmp_path / "v.onnx.json").write_text("{}")
    with pytest.raises(ModelError, match="not a Piper voice"):
        convert_piper.convert(tmp_path, tmp_path)


def test_a_language_model_is_made_smaller_and_still_loads(weights, tmp_path):
    source, target = weights.parent, tmp_path / "target"
    target.mkdir()
    convert_iq4_nl.convert(source, target)
    (made,) = target.iterdir()
    reader = gguf.GGUFReader(made)
    kinds = {tensor.tensor_type for tensor in reader.tensors if tensor.name.endswith("ffn_up.weight")}
    assert kinds == {gguf.GGMLQuantizationType.IQ4_NL}


def test_what_is_no_language_model_is_refused(tmp_path):
    source, target = tmp_path / "source", tmp_path / "target"
    source.mkdir()
    target.mkdir()
    with pytest.raises(ModelError, match="has one .gguf file"):
        convert_iq4_nl.convert(source, target)
    (source / "model.gguf").write_bytes(b"GGUF" + bytes(100))
    with pytest.raises(ModelError, match="is not a language model that can be used here"):
        convert_iq4_nl.convert(source, target)
