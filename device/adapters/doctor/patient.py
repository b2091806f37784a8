"""What the checks look at: the system's files, its programs, the configuration, and the running agent if there is one.

Everything is reached through this, so that a test can put a broken system in its place.
"""

import os
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from device.adapters import programs
from device.adapters.models.store import ModelStore
from device.adapters.programs import Ask, Finished
from device.config import Config
from device.errors import DeviceError

Answer = Mapping[str, Any]


def _no_agent() -> Answer | None:
    return None


@dataclass(kw_only=True, eq=False)
class Patient:
    """A device to be looked at. `root` is where sys, proc, dev and etc are.

    `config` is None where it cannot be read, and `config_problem` says why. `ask_agent` gives what the running agent
    says of itself, None if none is reached; it raises DeviceError if there is one that does not answer.
    """

    config: Config | None
    config_problem: str = ""
    origins: Mapping[str, str] = field(default_factory=dict)
    """Where each option's value came from, by "section.key"."""
    state_directory: Path
    models: ModelStore
    version: str
    root: Path = Path("/")
    program: Path = Path("/opt/device/current")
    """Where the program's own files are: the locks, and what is beside them."""
    sockets: tuple[Path, ...] = ()
    ask: Ask = programs.ask
    ask_agent: Callable[[], Answer | None] = _no_agent
    wall_seconds: Callable[[], float] = time.time
    user: int = field(default_factory=os.geteuid)
    groups: frozenset[int] = field(default_factory=lambda: frozenset((os.getegid(), *os.getgroups())))
    thorough: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _agent: "tuple[Answer | None, DeviceError | None] | None" = None

    def at(self, path: str) -> Path:
        """A path of the system: "proc/meminfo"."""
        return self.root / path

    def text(self, path: str) -> str:
        """What stands in a file of the system; "" if it is not there or not ours to read."""
        try:
            return self.at(path).read_text(encoding="utf-8", errors="replace").strip("\n\0")
        except OSError:
            return ""

    def number(self, path: str) -> float | None:
        """The number that stands in a file of the system."""
        try:
            return float(self.text(path))
        except ValueError:
            return None

    def agent(self) -> Answer | None:
        """What the running agent says of itself, asked once; None without one. Raises DeviceError if it is mute."""
        with self._lock:
            if self._agent is None:
                try:
                    self._agent = self.ask_agent(), None
                except DeviceError as error:
                    self._agent = None, error
        answer, problem = self._agent
        if problem is not None:
            raise problem
        return answer

    @property
    def service_installed(self) -> bool:
        """Whether there is a service here."""
        return self.at("etc/systemd/system/device.service").exists()

    def unit(self, *properties: str) -> Mapping[str, str] | None:
        """Properties of the service's unit; None if there is no systemd to ask."""
        if not self.at("run/systemd/system").is_dir():
            return None
        shown = self.ask(("systemctl", "show", "device.service", f"--property={','.join(properties)}"))
        return _pairs(shown) if shown is not None and shown.code == 0 else None


def _pairs(shown: Finished) -> Mapping[str, str]:
    return {name: value for name, equals, value in (line.partition("=") for line in shown.out.splitlines()) if equals}
