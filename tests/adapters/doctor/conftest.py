"""A device to look at: its files, its programs and its agent are what a test puts there."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from device.adapters.doctor.patient import Patient
from device.adapters.models.manifest import read_manifest
from device.adapters.models.store import ModelStore
from device.adapters.programs import Finished
from device.config import SYSTEM_FILE, load, user_file


def configured(*options: str) -> Any:
    return load(overrides=options, environment={}, instead={SYSTEM_FILE: None, user_file(): None}).config


@pytest.fixture
def device(tmp_path) -> Callable[..., Patient]:
    """A device with these files below its root, and programs that print so; nothing else is there."""

    def make(
        files: Mapping[str, str] | None = None,
        *,
        programs: Mapping[str, Finished | Exception] | None = None,
        options: tuple[str, ...] = (),
        agent: Any = None,
        **more: Any,
    ) -> Patient:
        root = tmp_path / "root"
        root.mkdir(exist_ok=True)
        for name, text in (files or {}).items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text)

        def ask(command, *, seconds=3.0):
            answer = (programs or {}).get(command[0])
            if isinstance(answer, Exception):
                raise answer
            return answer

        def ask_agent():
            if isinstance(agent, Exception):
                raise agent
            return agent

        state = tmp_path / "state"
        state.mkdir(exist_ok=True)
        return Patient(
            **{
                "config": configured(*options),
                "state_directory": state,
                "models": ModelStore(tmp_path / "models", read_manifest()),
                "version": "1.2",
                "root": root,
                "ask": ask,
                "ask_agent": ask_agent,
                "user": 1000,
                "groups": frozenset({1000}),
            }
            | more
        )

    return make
