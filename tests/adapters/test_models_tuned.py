"""An adapter that is added to its model's weights: the same model as with the adapter beside it, at no cost in time."""

import shutil

import gguf
import numpy as np
import pytest

from device.adapters.models import convert_iq4_nl, gguf_file
from device.adapters.models.merge_lora import merge
from device.errors import ModelError
from tests.adapters.test_llm_adapter import model, says, written  # noqa: F401 - the fixture

pytestmark = pytest.mark.models


@pytest.fixture
def whole(model, tmp_path):  # noqa: F811
    """A copy of the tiny model, whose matrices are F16."""
    return shutil.copyfile(model, tmp_path / "whole.gguf")


def matrices_of(path):
    return {tensor.name: np.array(tensor.data, dtype=np.float32) for tensor in gguf.GGUFReader(path).tensors}


def test_a_file_s_numbers_are_read_where_they_stand(whole):
    found, wanted = gguf_file.read(whole), matrices_of(whole)
    assert set(found.tensors) == set(wanted)
    for name in ("token_embd.weight", "blk.1.ffn_down.weight", "output_norm.weight", "blk.0.attn_k.weight"):
        assert found.values(name).reshape(wanted[name].shape).tolist() == wanted[name].tolist()
    assert found.metadata["general.architecture"] == "llama"
    assert found.metadata["llama.attention.head_count_kv"] == 2


@pytest.mark.parametrize("cut", [0, 3, 20, 300, 5000])
def test_a_file_that_is_cut_short_is_refused(whole, cut):
    whole.write_bytes(whole.read_bytes()[:cut])
    with pytest.raises(ModelError, match=r"whole\.gguf"):
        gguf_file.read(whole)


def test_the_adapted_matrices_get_what_the_adapter_adds_and_all_others_stay(whole, tmp_path):
    before, adapter = matrices_of(whole), written(tmp_path / "a.gguf", whole, strength=0.1)
    lora = {tensor.name: np.array(tensor.data, dtype=np.float32) for tensor in gguf.GGUFReader(adapter).tensors}
    adapted = {name.removesuffix(".lora_a") for name in lora if name.endswith(".lora_a")}
    assert merge(whole, adapter) == len(adapted) == 4
    after = matrices_of(whole)
    for name, values in after.items():
        added = 2.0 * lora[name + ".lora_b"] @ lora[name + ".lora_a"] if name in adapted else 0.0
        assert np.abs(values - before[name] - added).max() < 2e-3, name  # what 16 bits round
        assert (np.abs(added).max() > 0.1) == (name in adapted)


def test_the_model_says_what_it_says_with_the_adapter_beside_it(whole, tmp_path):
    plain, adapter = says(whole), written(tmp_path / "a.gguf", whole, strength=1.0)
    beside = says(whole, adapter)
    merge(whole, adapter)
    assert says(whole) == beside != plain


def test_an_adapter_of_another_model_changes_nothing(whole, tmp_path):
    content = whole.read_bytes()
    with pytest.raises(ModelError, match=r"blk\.2\.\S+ differs"):
        merge(whole, written(tmp_path / "deep.gguf", whole, strength=1.0, layers=3))
    with pytest.raises(ModelError, match="is no adapter"):
        merge(whole, whole)
    assert whole.read_bytes() == content


def test_a_quantized_model_is_not_changed(whole, tmp_path):
    source, target = tmp_path / "source", tmp_path / "target"
    source.mkdir()
    target.mkdir()
    shutil.copyfile(whole, source / "m.gguf")
    convert_iq4_nl.convert(source, target)
    with pytest.raises(ModelError, match="is quantized"):
        merge(target / "model.gguf", written(tmp_path / "a.gguf", whole, strength=1.0))


def test_a_model_that_comes_with_its_adapter_is_made_quick_with_it(whole, tmp_path):
    made = {}
    for name, adapters in (("plain", ()), ("tuned", (1.0,))):
        source, target = tmp_path / name, tmp_path / f"{name}-made"
        source.mkdir()
        target.mkdir()
        shutil.copyfile(whole, source / "m.gguf")
        for strength in adapters:
            written(source / f"a{convert_iq4_nl.ADAPTER_ENDING}", whole, strength=strength)
        convert_iq4_nl.convert(source, target)
        (made[name],) = target.iterdir()
    kinds = {name: {t.name: t.tensor_type for t in gguf.GGUFReader(path).tensors} for name, path in made.items()}
    assert kinds["tuned"] == kinds["plain"]
    assert says(made["tuned"]) != says(made["plain"])


def test_without_room_for_the_weights_in_16_bits_it_says_so(whole, tmp_path, monkeypatch):
    source, target = tmp_path / "source", tmp_path / "target"
    source.mkdir()
    target.mkdir()
    shutil.copyfile(whole, source / "m.gguf")
    written(source / f"a{convert_iq4_nl.ADAPTER_ENDING}", whole, strength=1.0)
    monkeypatch.setattr(convert_iq4_nl.shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(9, 9, 1 << 20))
    with pytest.raises(ModelError, match="no room in"):
        convert_iq4_nl.convert(source, target)
    assert not list(target.iterdir())
