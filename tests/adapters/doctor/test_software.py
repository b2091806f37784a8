"""The configuration, the models, the packages and the versions."""

import hashlib
import importlib.metadata
import json
import os

import pytest

from device.adapters.doctor.software import configuration, models, packages, version
from device.errors import ConfigError, ControlError
from tests.adapters.doctor.judging import has_failed, is_absent, is_not_known, is_well, warns


def sound(config) -> None:
    """Anything goes."""


def test_a_configuration_that_cannot_be_read_has_failed(device):
    assert has_failed(configuration(device(config=None, config_problem="speed = 99 is impossible."), check=sound), "99")


def test_one_that_names_what_there_is_not_has_failed(device):
    def refuse(config):
        raise ConfigError("There is no tool x.")

    assert has_failed(configuration(device(), check=refuse), "no tool x")
    assert is_well(configuration(device(), check=sound))


@pytest.fixture
def fetched(device, tmp_path):
    """A device with all its models, each one file of some bytes."""
    patient = device(options=("models.turn=silence",))
    wanted = [getattr(patient.config.models, role) for role in ("vad", "asr", "tts", "llm")]
    for name in wanted:
        folder = tmp_path / "models" / name
        folder.mkdir(parents=True)
        file = folder / "model.bin"
        file.write_bytes(b"weights")
        about = {
            "bytes": 7,
            "mtime_ns": file.stat().st_mtime_ns,
            "sha256": hashlib.sha256(b"weights").hexdigest(),
        }
        note = {
            "files": {"model.bin": about},
            "convert_version": patient.models.manifest.artifacts[name].convert_version,
        }
        (folder / "installed.json").write_text(json.dumps(note))
    return patient, [tmp_path / "models" / name / "model.bin" for name in wanted]


def test_models_that_are_whole_are_well(fetched):
    patient, _ = fetched
    assert is_well(models(patient))
    patient.thorough = True
    assert is_well(models(patient))


def test_a_model_that_is_missing_or_cut_has_failed(fetched):
    patient, (vad, *_, llm) = fetched
    llm.write_bytes(b"weigh")
    assert has_failed(models(patient), "damaged")
    llm.unlink()
    finding = models(patient)
    assert has_failed(finding, "missing")
    assert finding.remedy == f"device models fetch {patient.config.models.llm}"
    vad.unlink()
    finding = models(patient)
    assert finding.says.startswith("2 models are missing or damaged")
    assert finding.remedy == f"device models fetch {patient.config.models.vad} {patient.config.models.llm}"


def test_a_byte_that_changed_secretly_is_found_thoroughly(fetched):
    patient, (vad, *_) = fetched
    kept = vad.stat()
    vad.write_bytes(b"weightz")
    os.utime(vad, ns=(kept.st_atime_ns, kept.st_mtime_ns))
    assert is_well(models(patient))
    patient.thorough = True
    assert has_failed(models(patient), "checksum")
    assert (vad.parent / "installed.json").exists(), "a look changes nothing"


def test_the_wake_words_model_matters_only_where_it_is_used(fetched, device):
    patient, _ = fetched
    named = device(options=("models.turn=silence", "start.way=wake-word"), models=patient.models)
    assert has_failed(models(named), "hey-jarvis")
    assert is_not_known(models(device(config=None)))


@pytest.fixture
def locked(device, tmp_path):
    locks = tmp_path / "program" / "scripts" / "locks"
    locks.mkdir(parents=True)
    (locks / "run.lock").write_text(
        "numpy==2.4.6 ; python_full_version < '3.9' \\\n    --hash=sha256:0\n"
        "numpy==2.5.5 ; python_full_version >= '3.9' \\\n    --hash=sha256:1\ntomli==2.5.0 \\\n"
        "lgpio==0.2.2.0 ; python_full_version < '3.9' \\\n    --hash=sha256:2\n"
    )
    (locks / "llama.lock").write_text("llama-cpp-python==0.3.36 \\\n")
    return device(program=tmp_path / "program")


def test_packages_are_compared_with_the_lock(locked):
    there = {"numpy": "2.5.5", "tomli": "2.5.0", "llama-cpp-python": "0.3.36"}
    assert is_well(packages(locked, installed=there.__getitem__))
    there["numpy"] = "1.26.4"
    assert warns(packages(locked, installed=there.__getitem__), "numpy 1.26.4 instead of 2.5.5")

    def missing(name):
        raise importlib.metadata.PackageNotFoundError(name)

    assert warns(packages(locked, installed=missing), "3 of 3")


def test_without_a_lock_packages_are_not_known(device, tmp_path):
    assert is_not_known(packages(device(program=tmp_path)))


def test_an_agent_of_another_version_is_to_be_restarted(device):
    assert is_absent(version(device()))
    assert is_well(version(device(agent={"version": "1.2"})))
    assert warns(version(device(agent={"version": "1.1"})), "restart")
    assert is_not_known(version(device(agent=ControlError("It does not answer."))))
