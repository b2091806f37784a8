"""An agent in a process of its own, so that its memory and its processor time are its own."""

import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any

from device.bench.overlap import player
from device.bench.overlap.player import Played, Staging
from device.bench.overlap.workloads import Workload
from device.config import Config
from device.errors import DeviceError


@dataclass(kw_only=True)
class AgentProcess:
    """The agent, seen from here; `model` is what its language model calls itself."""

    connection: Connection
    process: BaseProcess
    model: str = ""

    def play(self, workload: Workload) -> Played:
        """Play a workload to its end. Raises the DeviceError that the agent ended with."""
        self.connection.send(workload)
        played: Played = self.receive(Played)
        return played

    def receive(self, kind: type) -> Any:
        """What it sends next. Raises the DeviceError that it ended with."""
        try:
            received = self.connection.recv()
        except EOFError:
            self.process.join()
            raise DeviceError(
                f"The process of the {self.process.name} ended unexpectedly (exit code {self.process.exitcode})."
            ) from None
        if isinstance(received, DeviceError):
            raise received
        assert isinstance(received, kind)
        return received


@contextmanager
def agent_process(config: Config, name: str, staging: Staging) -> Iterator[AgentProcess]:
    """A living agent in a process of its own; it ends with the context. Raises DeviceError."""
    spawning = multiprocessing.get_context("spawn")
    ours, theirs = spawning.Pipe()
    process = spawning.Process(target=player.serve, args=(config, theirs, staging), name=f"{name} agent", daemon=True)
    process.start()
    theirs.close()
    agent = AgentProcess(connection=ours, process=process)
    try:
        agent.model = agent.receive(str)
        yield agent
        ours.send(None)
        process.join()
    finally:
        ours.close()
        process.terminate()
        process.join()
