"""The denoiser, for real, on a tiny model of GTCRN's form that lets nothing above 4 kHz through."""

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from device.adapters.asr_denoised import DenoisedRecognizer
from device.errors import ModelError

RATE = 16_000
N_FFT, HOP = 512, 256
BINS = N_FFT // 2 + 1
CACHES = {"conv_cache": (2, 1, 16, 16, 33), "tra_cache": (2, 3, 1, 1, 16), "inter_cache": (2, 1, 33, 16)}


def write_low_pass(directory, *, rate=RATE) -> None:
    """A model with GTCRN's inputs and outputs whose mask is fixed."""
    mask = np.zeros((1, BINS, 1, 1), np.float32)
    mask[:, : BINS // 2] = 1.0
    floats = TensorProto.FLOAT
    inputs = [helper.make_tensor_value_info("mix", floats, [1, BINS, 1, 2])]
    inputs += [helper.make_tensor_value_info(name, floats, shape) for name, shape in CACHES.items()]
    outputs = [helper.make_tensor_value_info("enh", floats, [1, BINS, 1, 2])]
    outputs += [helper.make_tensor_value_info(f"{name}_out", floats, shape) for name, shape in CACHES.items()]
    nodes = [helper.make_node("Mul", ["mix", "mask"], ["enh"])]
    nodes += [helper.make_node("Identity", [name], [f"{name}_out"]) for name in CACHES]
    graph = helper.make_graph(nodes, "low pass", inputs, outputs, [numpy_helper.from_array(mask, "mask")])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    metadata = {"model_type": "gtcrn", "sample_rate": rate, "n_fft": N_FFT, "hop_length": HOP, "version": 1}
    metadata |= {"window_length": N_FFT, "window_type": "hann_sqrt"}
    metadata |= {f"{name}_shape": ",".join(map(str, shape)) for name, shape in CACHES.items()}
    for key, value in metadata.items():
        entry = model.metadata_props.add()
        entry.key, entry.value = key, str(value)
    onnx.save(model, directory / "gtcrn_simple.onnx")


class Listener:
    """A recognizer that keeps what it hears."""

    name = "listener"

    def __init__(self) -> None:
        self.heard = np.zeros(0, np.float32)

    def begin(self) -> None:
        self.heard = np.zeros(0, np.float32)

    def feed(self, samples) -> None:
        self.heard = np.concatenate((self.heard, samples))

    def partial(self) -> str:
        return f"{len(self.heard)} so far"

    def finish(self) -> str:
        return f"{len(self.heard)} in all"


@pytest.fixture
def denoised(tmp_path):
    write_low_pass(tmp_path)
    listener = Listener()
    return DenoisedRecognizer(listener, tmp_path), listener


def tone(hz, seconds=1.0):
    return (0.3 * np.sin(2 * np.pi * hz * np.arange(round(seconds * RATE)) / RATE)).astype(np.float32)


def fed(recognizer, samples, size=512):
    recognizer.begin()
    for at in range(0, len(samples), size):
        recognizer.feed(samples[at : at + size])


def level(samples):
    return float(np.sqrt(np.mean(samples[2048:-2048] ** 2)))


def test_the_noise_is_gone_and_the_voice_is_left(denoised):
    recognizer, listener = denoised
    fed(recognizer, tone(500) + tone(6000))
    assert level(listener.heard) == pytest.approx(level(tone(500)), rel=0.02)
    assert len(listener.heard) > RATE - 2 * N_FFT
    assert recognizer.finish() == f"{len(listener.heard)} in all"
    assert recognizer.partial() == f"{len(listener.heard)} so far"


def test_an_utterance_hears_nothing_of_the_one_before(denoised):
    recognizer, listener = denoised
    fed(recognizer, tone(500))
    fed(recognizer, tone(500))
    again = listener.heard
    fed(recognizer, tone(500))
    assert np.array_equal(again, listener.heard)


def test_blocks_of_any_size_make_the_same_sound(denoised):
    recognizer, listener = denoised
    fed(recognizer, tone(700), size=512)
    once = listener.heard
    fed(recognizer, tone(700), size=160)
    length = min(len(once), len(listener.heard))
    assert np.allclose(once[:length], listener.heard[:length], atol=1e-6)


def test_a_directory_without_a_denoiser_is_told_with_the_command(tmp_path):
    with pytest.raises(ModelError, match="device models fetch"):
        DenoisedRecognizer(Listener(), tmp_path)


def test_a_denoiser_of_another_rate_is_refused(tmp_path):
    write_low_pass(tmp_path, rate=48_000)
    with pytest.raises(ModelError, match="48000 Hz"):
        DenoisedRecognizer(Listener(), tmp_path)
