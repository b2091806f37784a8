"""The streaming recognizer, for real, on a tiny model that knows four tones as four words."""

from itertools import pairwise

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from device.adapters.asr_online import OnlineRecognizer
from device.errors import ModelError

WORDS = ("alpha", "beta", "gamma", "delta")
TONES_HZ = (300.0, 700.0, 1500.0, 3200.0)
MEL_BINS, SUBSAMPLING, WINDOW = 80, 4, 16


def mel_bin(hz: float) -> int:
    """The bin that a tone lights up, of 80 between 0 and 8 kHz on Slaney's mel scale (as NeMo's features are)."""

    def mel(f: float) -> float:
        return f * 3 / 200 if f < 1000 else 15 + np.log(f / 1000) / (np.log(6.4) / 27)

    return round(mel(hz) / mel(8000.0) * (MEL_BINS + 1)) - 1


def write_tone_model(directory) -> None:
    """A streaming CTC model: each output frame is the mean of four feature frames, a word for each tone's bin."""
    weights = np.full((MEL_BINS, 5), 0.0, np.float32)
    for word, hz in enumerate(TONES_HZ):
        weights[mel_bin(hz), word] = 1.0
    bias = np.array([0, 0, 0, 0, -2], np.float32)  # a tone's bin is some e^2 loud, silence e^-10: there the blank wins
    float_type, int_type = TensorProto.FLOAT, TensorProto.INT64
    caches = {"cache_last_channel": (1, 1, 1, 1), "cache_last_time": (1, 1, 1, 1)}
    inputs = [
        helper.make_tensor_value_info("audio_signal", float_type, ["b", MEL_BINS, "t"]),
        helper.make_tensor_value_info("length", int_type, ["b"]),
        *(helper.make_tensor_value_info(name, float_type, ["b", *dims[1:]]) for name, dims in caches.items()),
        helper.make_tensor_value_info("cache_last_channel_len", int_type, ["b"]),
    ]
    outputs = [
        helper.make_tensor_value_info("logprobs", float_type, ["b", "n", 5]),
        helper.make_tensor_value_info("lengths", int_type, ["b"]),
        *(helper.make_tensor_value_info(f"{name}_next", float_type, ["b", *dims[1:]]) for name, dims in caches.items()),
        helper.make_tensor_value_info("cache_last_channel_len_next", int_type, ["b"]),
    ]
    nodes = [
        helper.make_node(
            "AveragePool", ["audio_signal"], ["pooled"], kernel_shape=[SUBSAMPLING], strides=[SUBSAMPLING]
        ),
        helper.make_node("Transpose", ["pooled"], ["frames"], perm=[0, 2, 1]),
        helper.make_node("MaxPool", ["frames"], ["widened"], kernel_shape=[5], strides=[1], pads=[2, 2]),
        helper.make_node("MatMul", ["widened", "weights"], ["scores"]),
        helper.make_node("Add", ["scores", "bias"], ["logits"]),
        helper.make_node("LogSoftmax", ["logits"], ["logprobs"], axis=-1),
        helper.make_node("Div", ["length", "four"], ["lengths"]),
        *(helper.make_node("Identity", [name], [f"{name}_next"]) for name in [*caches, "cache_last_channel_len"]),
    ]
    constants = {"weights": weights, "bias": bias, "four": np.array([SUBSAMPLING], np.int64)}
    graph = helper.make_graph(
        nodes, "tones", inputs, outputs, [numpy_helper.from_array(value, name) for name, value in constants.items()]
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    metadata = {"window_size": WINDOW, "chunk_shift": WINDOW, "subsampling_factor": SUBSAMPLING, "vocab_size": 4}
    for kind in ("channel", "time"):
        metadata |= {f"cache_last_{kind}_dim{number}": 1 for number in (1, 2, 3)}
    metadata |= {"normalize_type": "NA", "model_type": "EncDecCTCModel"}
    for key, value in metadata.items():
        entry = model.metadata_props.add()
        entry.key, entry.value = key, str(value)
    onnx.save(model, directory / "model.onnx")
    lines = [f"▁{word} {number}" for number, word in enumerate(WORDS)]
    (directory / "tokens.txt").write_text("\n".join([*lines, "<blk> 4", ""]), encoding="utf-8")


def tones(*words: str, seconds: float = 0.3, gap_seconds: float = 0.2) -> np.ndarray:
    parts = []
    for word in words:
        hz = TONES_HZ[WORDS.index(word)]
        parts.append(0.5 * np.sin(2 * np.pi * hz * np.arange(int(seconds * 16_000)) / 16_000))
        parts.append(np.zeros(int(gap_seconds * 16_000)))
    return np.concatenate(parts).astype(np.float32)


@pytest.fixture(scope="module")
def recognizer(tmp_path_factory):
    directory = tmp_path_factory.mktemp("tones")
    write_tone_model(directory)
    return OnlineRecognizer(directory)


def heard(recognizer: OnlineRecognizer, sound: np.ndarray) -> str:
    recognizer.begin()
    for start in range(0, len(sound), 512):
        recognizer.feed(sound[start : start + 512])
    return recognizer.finish()


@pytest.mark.parametrize("words", [["alpha"], ["delta", "alpha"], ["gamma", "beta", "gamma", "delta"]])
def test_words_are_recognized_as_they_are_spoken(recognizer, words):
    assert heard(recognizer, tones(*words)).split() == words


def test_partials_grow_while_the_speaker_speaks(recognizer):
    recognizer.begin()
    seen = []
    sound = tones("alpha", "beta", "gamma")
    for start in range(0, len(sound), 512):
        recognizer.feed(sound[start : start + 512])
        seen.append(recognizer.partial())
    assert seen[0] == ""
    assert all(later.startswith(earlier) for earlier, later in pairwise(seen))
    assert len({partial for partial in seen if partial}) >= 2
    assert recognizer.finish().split() == ["alpha", "beta", "gamma"]


def test_the_utterance_goes_on_after_a_finish(recognizer):
    recognizer.begin()
    recognizer.feed(tones("alpha"))
    assert recognizer.finish() == "alpha"
    recognizer.feed(tones("beta"))
    assert recognizer.finish() == "alpha beta"


def test_one_utterance_leaves_nothing_to_the_next(recognizer):
    assert heard(recognizer, tones("delta")) == "delta"
    assert heard(recognizer, np.zeros(8000, np.float32)) == ""
    assert heard(recognizer, tones("alpha")) == "alpha"


def test_a_model_of_another_kind_is_a_sentence(tmp_path):
    (tmp_path / "tokens.txt").write_text("<blk> 0\n")
    with pytest.raises(ModelError, match="No streaming recognizer"):
        OnlineRecognizer(tmp_path)
