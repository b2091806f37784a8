"""Loading and connecting an agent."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from device import __version__
from device.app.memory import open_ledger
from device.app.models import (
    files,
    load_echo_canceller,
    load_hearing,
    load_language_model,
    load_voice,
    load_wake_detector,
)
from device.app.tools import enabled_tools, external_options
from device.config import Config
from device.core.turn_end import judge_of
from device.errors import BoardError, ControlError
from device.logs import log_failure
from device.ports import Clock, Ledger
from device.runtime.agent import Agent, Surroundings
from device.runtime.assembly import assemble
from device.runtime.board import BoardLife
from device.runtime.faculties import Faculties
from device.toolkit import Outputs

if TYPE_CHECKING:
    from device.adapters.gpio_board import GpioBoard

log = logging.getLogger(__name__)


def _as_loaded(faculties: Faculties) -> None:
    """Change nothing."""


@asynccontextmanager
async def open_agent(
    surroundings: Surroundings,
    equip: Callable[[Faculties], None] = _as_loaded,
    *,
    script: Callable[[str], str] | None = None,
) -> AsyncIterator[Agent]:
    """Load and connect an agent; leaving the context ends it and keeps what was said.

    `equip` may change what was loaded before it is connected: other tools, a model that is watched. With a `script`,
    which makes a reply of a prompt, no language model is loaded: for measurements in which nobody needs to think.

    Raises ConfigError, ModelError, LedgerError, AudioError, each in one sentence. Leaving may raise LedgerError if
    something could not be kept.
    """
    from device.adapters.clock_system import SystemClock
    from device.adapters.external_tools import external_tools

    config, clock = surroundings.config, SystemClock()
    async with AsyncExitStack() as stack:
        ledger = open_ledger(surroundings.state_directory)
        stack.push_async_callback(ledger.close)
        board = open_board(config, on_failure=log_failure)
        stack.callback(board.close)
        on_board = BoardLife(board, config.board)
        stack.callback(on_board.close)
        builtin = enabled_tools(config, board.outputs.names() if board.outputs is not None else ())
        # Other people's tools are found while the models load.
        external = await stack.enter_async_context(external_tools(external_options(config), builtin))
        faculties = await _load(surroundings, clock, ledger, board.outputs, script)
        stack.push_async_callback(faculties.model.close)
        faculties.tools = {**builtin, **await external.offered()}
        faculties.board = board
        equip(faculties)
        agent = await stack.enter_async_context(assemble(surroundings, faculties))
        on_board.attach(agent, power_off=surroundings.power_off)
        if surroundings.control is not None:
            _open_control(surroundings.control, agent, config, stack)
        yield agent


def _open_control(path: Path, agent: Agent, config: Config, stack: AsyncExitStack) -> None:
    """Let commands reach the agent; without, it lives all the same."""
    from device.adapters.control_socket import ControlSocket
    from device.core.wire import PROTOCOL, Hello
    from device.runtime.control import COMMANDS
    from device.runtime.control.commands import Answering
    from device.runtime.control.live import Live

    live = Live(agent=agent, version=__version__, began_seconds=agent.faculties.clock.monotonic_seconds())
    hello = Hello(program="device", version=__version__, protocol=PROTOCOL)
    try:
        control = ControlSocket.open(
            path,
            group=config.control.group,
            hello=hello,
            answerer=lambda: Answering(COMMANDS, live),
        )
    except ControlError as error:
        log.warning("%s Commands such as `device status` do not reach this agent.", error)
    else:
        stack.push_async_callback(control.close)


def open_board(config: Config, *, on_failure: Callable[[BoardError], None]) -> "GpioBoard":
    """The buttons, the LED and the outputs of the configuration, as far as they can be used."""
    from device.adapters.gpio_board import GpioBoard

    return GpioBoard.open(config.board, on_failure=on_failure)


async def _load(
    surroundings: Surroundings,
    clock: Clock,
    ledger: Ledger,
    outputs: Outputs | None,
    script: Callable[[str], str] | None,
) -> Faculties:
    """Load what these surroundings need, each model in a thread of its own."""
    from device.adapters.health_linux import LinuxHealth

    config = surroundings.config
    faculties = Faculties(
        clock=clock,
        ledger=ledger,
        model=_UNLOADED,
        outputs=outputs,
        health=LinuxHealth(surroundings.state_directory),
        judge=judge_of(config.models.turn),
    )
    hears = surroundings.sound is not None
    speaks = hears and surroundings.show is None

    def load_model() -> None:
        if script is not None:
            from device.adapters.fakes.llm import ScriptedModel

            faculties.model = ScriptedModel(script)
            return
        faculties.model = load_language_model(config, files(config, "llm"))

    def load_ears() -> None:
        faculties.detector, faculties.turn_detector, faculties.recognizer = load_hearing(config)

    def load_wake() -> None:
        faculties.wake = load_wake_detector(config)

    def load_speech() -> None:
        faculties.synthesizer = load_voice(config)

    def load_canceller() -> None:
        faculties.canceller = load_echo_canceller()

    open_air = speaks and surroundings.echoes and config.audio.echo_cancellation
    loads = [
        load_model,
        *([load_ears] if hears else []),
        *([load_wake] if hears and config.start.way == "wake-word" else []),
        *([load_speech] if speaks else []),
        *([load_canceller] if open_air else []),
    ]
    outcomes = await asyncio.gather(*map(asyncio.to_thread, loads), return_exceptions=True)
    failures = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
    if failures:
        if faculties.model is not _UNLOADED:
            await faculties.model.close()
        raise failures[0]
    return faculties


_UNLOADED: Any = object()
