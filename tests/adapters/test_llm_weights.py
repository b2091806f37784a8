"""Files that are no models, and memory that does not suffice."""

import struct

import pytest

from device.adapters import llm_weights
from device.errors import ModelError

MIB = 1 << 20


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "not a GGUF file"),
        (b"GG", "not a GGUF file"),
        (b"<html>404</html>" * 10, "not a GGUF file"),
        (b"GGUF\x03\x00\x00", "cut short"),
        (b"GGUF" + struct.pack("<IQQ", 3, 0, 0), "cannot be loaded"),
        (b"GGUF" + struct.pack("<IQQ", 3, 1 << 60, 1 << 60), "cannot be loaded"),
        (b"GGUF" + struct.pack("<IQQ", 3, 2, 5) + b"\xff" * 200, "cannot be loaded"),
        (b"GGUF" + struct.pack("<IQQ", 77, 2, 5) + bytes(200), "cannot be loaded"),
    ],
)
def test_a_file_that_is_no_model_is_refused_in_a_sentence_and_llama_cpp_is_silent(tmp_path, capfd, content, sentence):
    path = tmp_path / "model.gguf"
    path.write_bytes(content)
    with pytest.raises(ModelError, match=sentence) as failure:
        llm_weights.open_weights(path)
    assert str(path) in str(failure.value)
    assert "device models verify" in str(failure.value)
    assert capfd.readouterr() == ("", "")


def test_a_missing_file_says_what_fetches_it(tmp_path):
    with pytest.raises(ModelError, match="is missing; run `device models fetch`"):
        llm_weights.open_weights(tmp_path / "model.gguf")


def test_a_directory_in_place_of_the_file_cannot_be_read(tmp_path):
    with pytest.raises(ModelError, match="cannot be read"):
        llm_weights.open_weights(tmp_path)


def test_models_of_different_content_or_size_have_different_fingerprints(tmp_path):
    path = tmp_path / "model.gguf"
    seen = set()
    for content in (b"a" * 300_000, b"a" * 299_999 + b"b", b"a" * 300_001):
        path.write_bytes(content)
        seen.add(llm_weights.fingerprint(path))
    assert len(seen) == 3


def test_another_version_of_the_library_has_another_fingerprint(tmp_path, monkeypatch):
    path = tmp_path / "model.gguf"
    path.write_bytes(b"weights")
    before = llm_weights.fingerprint(path)
    assert llm_weights.fingerprint(path) == before
    monkeypatch.setattr("llama_cpp.__version__", "0.0.1")
    assert llm_weights.fingerprint(path) != before


def test_the_free_memory_is_what_the_kernel_says_is_available(tmp_path):
    meminfo = tmp_path / "meminfo"
    meminfo.write_text("MemTotal: 8000000 kB\nMemAvailable:  2048 kB\n")
    assert llm_weights.free_memory_bytes(meminfo) == 2 * MIB
    meminfo.write_text("MemTotal: 8000000 kB\n")
    with pytest.raises(ModelError, match="does not say"):
        llm_weights.free_memory_bytes(meminfo)
