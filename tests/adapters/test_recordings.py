"""Recordings of any kind are read, rubbish is a sentence, and what is written survives a kill."""

import io
import os
import struct
import subprocess
import sys
import wave

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from device.adapters.recordings import RecordingReader, RecordingWriter, as_pcm16, read_recording
from device.errors import AudioError


def tone(seconds: float = 1.0, rate_hz: int = 16_000, hz: float = 440.0) -> np.ndarray:
    return (0.5 * np.sin(2 * np.pi * hz * np.arange(int(seconds * rate_hz)) / rate_hz)).astype(np.float32)


@pytest.mark.parametrize("rate_hz", [8_000, 11_025, 16_000, 22_050, 44_100, 48_000, 96_000])
@pytest.mark.parametrize("channels", [1, 2, 6])
def test_any_rate_and_number_of_channels_is_read(tmp_path, rate_hz, channels):
    path = tmp_path / "tone.wav"
    soundfile.write(path, np.repeat(tone(1.0, rate_hz)[:, None], channels, axis=1), rate_hz)
    samples = read_recording(path, 16_000)
    assert len(samples) == pytest.approx(16_000, abs=200)
    middle = samples[4_000:12_000]
    spectrum = np.abs(np.fft.rfft(middle))
    assert np.argmax(spectrum) * 16_000 / len(middle) == pytest.approx(440, abs=4)
    assert np.abs(middle).max() == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize(
    ("suffix", "subtype"), [("wav", "PCM_24"), ("wav", "FLOAT"), ("wav", "ULAW"), ("flac", "PCM_16"), ("ogg", "VORBIS")]
)
def test_other_formats_are_read(tmp_path, suffix, subtype):
    path = tmp_path / f"tone.{suffix}"
    soundfile.write(path, tone(), 16_000, subtype=subtype)
    assert len(read_recording(path, 16_000)) == 16_000


@pytest.mark.parametrize(
    "content",
    [b"", b"\0", b"RIFF", b"not a recording at all" * 100, b"RIFF\x24\0\0\0WAVEfmt ", os.urandom(5000), b"\0" * 44],
)
def test_rubbish_is_a_sentence_that_names_the_file(tmp_path, content):
    path = tmp_path / "rubbish.wav"
    path.write_bytes(content)
    with pytest.raises(AudioError, match=r"rubbish\.wav.*\.$"):
        read_recording(path, 16_000)


def test_a_missing_file_and_a_directory_are_sentences(tmp_path):
    for path in (tmp_path / "gone.wav", tmp_path):
        with pytest.raises(AudioError, match=path.name):
            read_recording(path, 16_000)


def test_a_recording_without_samples_or_with_one_is_read(tmp_path):
    for count in (0, 1):
        path = tmp_path / f"{count}.wav"
        soundfile.write(path, np.zeros(count, np.float32), 44_100)
        assert len(read_recording(path, 16_000)) <= 1


def test_a_truncated_recording_is_read_as_far_as_it_goes(tmp_path, caplog):
    path = tmp_path / "cut.wav"
    soundfile.write(path, tone(2.0), 16_000)
    path.write_bytes(path.read_bytes()[:32_044])
    assert len(read_recording(path, 16_000)) == 16_000
    assert "cut.wav" in caplog.text


def test_not_a_number_and_too_loud_samples_are_tamed(tmp_path):
    path = tmp_path / "nan.wav"
    samples = tone()
    samples[100:200] = np.nan
    samples[300:400] = np.inf
    soundfile.write(path, samples, 16_000, subtype="FLOAT")
    assert np.isfinite(read_recording(path, 16_000)).all()


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=400), st.integers(0, 60))
def test_no_damage_to_a_header_is_anything_but_a_recording_or_a_sentence(tmp_path_factory, damage, at):
    content = io.BytesIO()
    soundfile.write(content, tone(0.05), 16_000, format="WAV")
    damaged = bytearray(content.getvalue())
    damaged[at : at + len(damage)] = damage
    path = tmp_path_factory.mktemp("r") / "d.wav"
    path.write_bytes(damaged)
    try:
        samples = read_recording(path, 16_000)
    except AudioError:
        return
    assert np.isfinite(samples).all()


def test_an_hour_is_read_in_little_memory(tmp_path):
    path = tmp_path / "hour.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8_000)
        for _ in range(60):
            file.writeframes(b"\0" * 2 * 8_000 * 60)
    longest = total = 0
    with RecordingReader(path, 16_000) as reader:
        while (block := reader.read()) is not None:
            longest, total = max(longest, len(block)), total + len(block)
    assert total == pytest.approx(3600 * 16_000, rel=1e-3)
    assert longest < 100_000


def test_what_is_written_is_read_back(tmp_path):
    path = tmp_path / "out.wav"
    writer = RecordingWriter(path, 22_050)
    writer.write(tone(0.5, 22_050))
    writer.close()
    samples, rate_hz = soundfile.read(path, dtype="float32")
    assert rate_hz == 22_050
    assert np.abs(samples - tone(0.5, 22_050)).max() < 1e-4


def test_a_kill_leaves_a_readable_recording(tmp_path):
    path = tmp_path / "killed.wav"
    code = (
        "import os, signal, numpy as np; from pathlib import Path\n"
        "from device.adapters.recordings import RecordingWriter\n"
        f"w = RecordingWriter(Path({str(path)!r}), 22050)\n"
        "for _ in range(200): w.write(np.full(2205, 0.25, np.float32))\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=False)
    left = list(tmp_path.iterdir())
    assert left
    samples, _ = soundfile.read(left[0], dtype="float32")
    assert len(samples) > 150 * 2205
    assert struct.unpack("<I", left[0].read_bytes()[40:44])[0] >= 2 * len(samples)


def test_a_place_that_cannot_be_written_is_a_sentence(tmp_path):
    with pytest.raises(AudioError, match="cannot be written"):
        RecordingWriter(tmp_path / "none" / "out.wav", 16_000)
    with pytest.raises(AudioError, match="cannot be written"):
        RecordingWriter(tmp_path, 16_000)


def test_samples_beyond_full_scale_are_cut_off_and_do_not_wrap_around():
    assert as_pcm16(np.array([2.0, -2.0, np.nan, 0.0], np.float32)).tolist() == [32767, -32767, 0, 0]
