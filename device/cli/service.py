"""`device run --service`: the agent as systemd runs it, from loading to its end.

It waits for a sound card that is not there yet, tells systemd when it is ready and that it is alive, and prints
nothing: what was said is in the ledger, and what went wrong in the journal.
"""

import argparse
import asyncio
import faulthandler
import logging
import os
import signal
from pathlib import Path

from device import app
from device.cli.conversation import control_path, living, state_directory
from device.cli.run import configuration
from device.config import Config
from device.errors import DeviceError
from device.runtime.agent import Agent, Surroundings
from device.runtime.watchdog import Watchdog, keep_waiting

log = logging.getLogger(__name__)

POWER_OFF = "power-off"
"""The file in the runtime directory by which the agent asks the system to power off (systemd/device-power-off.path)."""

PATIENCE = 2
"""A thread may be busy for so many times the watchdog's time."""


async def serve(args: argparse.Namespace, config: Config) -> int:
    """Be a service until the agent is told to end; returns the exit code."""
    faulthandler.enable()  # a watchdog's SIGABRT shows where every thread is
    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # there is nothing to reload yet
    service = app.service()
    waiting = asyncio.create_task(keep_waiting(service))
    surroundings = Surroundings(
        config=config,
        state_directory=state_directory(args, config),
        sound=app.sound_card(config),
        control=control_path(args, config),
        echoes=True,
        as_service=True,
        reread=lambda: configuration(args),
        power_off=_power_off,
    )
    async with living(surroundings) as life:
        waiting.cancel()
        patience_seconds = PATIENCE * (service.watchdog_seconds or 0.0)
        watching = asyncio.create_task(
            Watchdog(service, life.agent.pulses, patience_seconds=patience_seconds).run(), name="watchdog"
        )
        service.ready()
        reload_on_hangup(life.agent)
        life.agent.troubles.watch(lambda names: service.status(", ".join(sorted(names)) or "ready"))
        await life.agent.run()
        service.stopping()
        watching.cancel()
    return 0


def reload_on_hangup(agent: Agent) -> None:
    """Let SIGHUP do what `device reload` does; at a terminal it stays the terminal's end."""
    loop = asyncio.get_running_loop()
    reloads: set[asyncio.Task[None]] = set()

    async def reload() -> None:
        try:
            await agent.reloading.reload()
        except DeviceError as error:
            log.error("The configuration stays as it is: %s", error)  # noqa: TRY400 - a sentence says it

    def begin() -> None:
        task = loop.create_task(reload(), name="reload")
        reloads.add(task)
        task.add_done_callback(reloads.discard)

    loop.add_signal_handler(signal.SIGHUP, begin)


def _power_off() -> None:
    directory = os.environ.get("RUNTIME_DIRECTORY", "").partition(":")[0]
    if directory:
        (Path(directory) / POWER_OFF).touch()
