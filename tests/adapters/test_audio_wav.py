"""A sound device made of files."""

import threading
import time

import numpy as np
import pytest
import soundfile

from device.adapters.audio_wav import WavDevice
from device.errors import AudioError


def run(device: WavDevice, blocks: int) -> tuple[np.ndarray, list[float]]:
    """Exchange so many blocks; returns what was captured and when."""
    captured, times, done = [], [], threading.Event()

    def exchange(block: np.ndarray, out: np.ndarray) -> None:
        if len(times) < blocks:
            captured.append(block.copy())
            times.append(time.monotonic())
            out[:] = 0.25
        else:
            done.set()

    device.open(exchange, lambda _: None)
    assert done.wait(20)
    device.close()
    return np.concatenate(captured), times


def test_a_recording_is_the_microphone_and_the_reply_goes_to_a_file(tmp_path):
    samples = np.linspace(-0.5, 0.5, 4000, dtype=np.float32)
    soundfile.write(tmp_path / "in.wav", samples, 16_000)
    device = WavDevice(tmp_path / "in.wav", tmp_path / "out.wav", paced=False)
    captured, _ = run(device, 20)
    assert np.allclose(captured[:4000], samples, atol=1e-4)
    assert not captured[4000:].any()
    assert device.input_ended
    reply, rate_hz = soundfile.read(tmp_path / "out.wav")
    assert rate_hz == device.output_hz
    assert np.allclose(reply[: 20 * 22_050 * 16 // 1000], 0.25, atol=1e-4)


def test_both_directions_keep_the_same_time():
    device = WavDevice(np.zeros(16_000, np.float32), paced=False, output_hz=22_050)
    run(device, 1000)
    last = device.blocks[1000]
    assert last.input_sample / 16_000 == pytest.approx(last.output_sample / 22_050, abs=1e-4)


def test_real_time_pace_is_kept_on_average():
    device = WavDevice(np.zeros(16_000, np.float32), block_ms=10)
    _, times = run(device, 50)
    # The pace is the device's contract; a busy machine makes single blocks late but never early.
    assert all(moment - times[0] > number * 0.01 - 0.02 for number, moment in enumerate(times))


def test_rubbish_and_places_that_cannot_be_written_are_sentences(tmp_path):
    (tmp_path / "rubbish.wav").write_bytes(b"no")
    with pytest.raises(AudioError):
        WavDevice(tmp_path / "rubbish.wav")
    with pytest.raises(AudioError):
        WavDevice(np.zeros(10, np.float32), tmp_path / "no" / "out.wav")


def test_closing_twice_and_without_opening_is_harmless(tmp_path):
    device = WavDevice(np.zeros(10, np.float32), tmp_path / "out.wav")
    device.close()
    device.close()


def test_a_reply_never_overwrites_the_question(tmp_path):
    question, link = tmp_path / "in.wav", tmp_path / "link.wav"
    soundfile.write(question, np.zeros(100), 16_000)
    link.symlink_to(question)
    before = question.read_bytes()
    for out in (question, link):
        with pytest.raises(AudioError, match=r"overwrite the recording .*in\.wav"):
            WavDevice(question, out)
    assert question.read_bytes() == before
