"""The composition root: the only place that knows which adapter stands behind which port.

`open_agent` loads everything, side by side where it can. Adapters are imported where they are used: a command that
needs none starts at once.
"""

import asyncio
import logging
import os
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from device import __version__
from device.config import SYSTEM_FILE, Config, Loaded, Models, ToolOptions, load, user_file
from device.core.turn_end import judge_of
from device.errors import AudioError, BoardError, ConfigError, ControlError, DeviceError, ModelError
from device.ports import (
    RECOGNITION_HZ,
    Clock,
    EchoCanceller,
    LanguageModel,
    Ledger,
    LogLines,
    Recognizer,
    Samples,
    Service,
    TurnDetector,
    VariedVoices,
    VoiceDetector,
    WakeDetector,
)
from device.runtime.agent import Agent, Surroundings
from device.runtime.assembly import assemble
from device.runtime.board import BoardLife
from device.runtime.faculties import Faculties
from device.toolkit import Outputs, Tool
from device.tools import builtin_tools

if TYPE_CHECKING:
    from device.adapters.audio_portaudio import PortAudioDevice
    from device.adapters.audio_wav import WavDevice
    from device.adapters.doctor.bundle import Entry
    from device.adapters.doctor.patient import Patient
    from device.adapters.gpio_board import GpioBoard
    from device.adapters.models.manifest import Manifest
    from device.adapters.models.store import ModelStore
    from device.core.findings import Verdict

log = logging.getLogger(__name__)

SERVICE_UNIT, SERVICE_PROGRAM = Path("/etc/systemd/system/device.service"), Path("/opt/device/current")

NO_TOOLS = ("none",)
"""The configuration's way to say that the model gets no tools."""


def model_store() -> "ModelStore":
    """The user's store of models."""
    from device.adapters.models.store import ModelStore

    return ModelStore.default()


def memory_mb() -> int:
    """The memory of this computer in MB (10^6), what its firmware keeps left out."""
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 1_000_000


def models_of_set(name: str) -> list[str]:
    """The options that choose the models of the manifest's set `name`. Raises ModelError."""
    manifest = model_store().manifest
    roles = {artifact: manifest.artifacts[artifact].role for artifact in manifest.artifacts_of(name)}
    return [f"models.{role}={artifact}" for artifact, role in roles.items() if role in Models.__struct_fields__]


def sound_card(config: Config) -> "PortAudioDevice":
    """The microphone and loudspeaker of the configuration, not opened yet."""
    from device.adapters.audio_portaudio import PortAudioDevice

    return PortAudioDevice(config.audio.input, config.audio.output, block_ms=config.audio.block_ms)


def service() -> Service:
    """Whoever started this process and wants to know how it fares; nobody outside systemd."""
    from device.adapters.service_systemd import SystemdService

    return SystemdService.from_environment()


def service_environment() -> Mapping[str, str]:
    """The variables that the installed service's unit sets; none without one."""
    import shlex

    from device.adapters.programs import ask

    shown = ask(("systemctl", "show", "device.service", "--property=Environment", "--value"))
    pairs = (word.partition("=") for word in shlex.split(shown.out)) if shown is not None and not shown.code else ()
    return {name: value for name, _, value in pairs}


def read_journal(wanted: LogLines) -> str:
    """The service's log lines; "" if there are none. Raises ControlError, UsageError."""
    from device.adapters import journal

    return journal.read(wanted)


def follow_journal(wanted: LogLines) -> int:
    """Print the service's log lines as they come, until Ctrl-C; journalctl's exit code. Raises ControlError."""
    import subprocess

    from device.adapters import journal

    return subprocess.run(journal.command(wanted, follow=True), check=False).returncode  # noqa: S603 - written there


def patient(
    file: Path | None,
    *,
    overrides: Sequence[str] = (),
    socket: Path | None = None,
    ask: Callable[[Path], Any],
    thorough: bool = False,
) -> "Patient":
    """The device, to be looked at: the service where one is installed, else the user's own agent.

    `ask` gets an agent's status over its socket; it may raise DeviceError.
    """
    import device
    from device.adapters.doctor.patient import Patient
    from device.adapters.models.manifest import read_manifest
    from device.adapters.models.store import ModelStore

    serves = SERVICE_UNIT.exists() and file is None
    environment = service_environment() if serves else {}
    loaded, problem = _loaded(file, overrides, environment if serves else None)
    usual = (loaded or load(environment={}, instead={SYSTEM_FILE: None, user_file(): None})).config
    state, models = environment.get("XDG_STATE_HOME"), environment.get("DEVICE_MODELS")
    own_place = usual.conversation.state or not state
    sockets = (socket,) if socket is not None else usual.control_sockets()
    return Patient(
        config=None if loaded is None else loaded.config,
        config_problem=problem,
        origins={} if loaded is None else {".".join(key): origin for key, origin in loaded.origins.items()},
        state_directory=usual.state_directory() if own_place else Path(str(state)) / "device",
        models=ModelStore(Path(models), read_manifest()) if models else ModelStore.default(),
        version=__version__,
        program=SERVICE_PROGRAM if serves else Path(device.__file__).parents[1],
        sockets=sockets,
        ask_agent=lambda: _ask_first(sockets, ask),
        thorough=thorough,
    )


def _loaded(
    file: Path | None, overrides: Sequence[str], service: Mapping[str, str] | None
) -> tuple[Loaded | None, str]:
    """The configuration in force, of a service with these variables or of the user's agent; else why there is none."""
    hidden: dict[Path, Path | None] = {} if service is None else {user_file(): None}
    try:
        return load(file, overrides=overrides, environment=service, instead=hidden), ""
    except ConfigError as error:
        return None, str(error)


def _ask_first(sockets: Sequence[Path], ask: Callable[[Path], Any]) -> Any:
    """What the first agent that is there answers, None without one. Raises DeviceError."""
    for path in sockets:
        try:
            if path.exists():
                return ask(path)
        except PermissionError as error:
            raise ControlError(
                f"You may not reach {path}: use sudo, or join its group (sudo usermod -aG device $USER)."
            ) from error
    return None


def examine(of: "Patient") -> "list[Verdict]":
    """What every check finds, each by itself and in bounded time."""
    from device.adapters.doctor.checks import all_checks
    from device.adapters.doctor.examination import examine

    return examine(of, all_checks(check_configuration))


def record_latency(of: "Patient") -> dict[str, Any]:
    """Keep the last hour's latency as what is usual on this device. Raises ControlError, LedgerError."""
    from device.adapters.doctor.latency import record

    return record(of)


def report(
    of: "Patient",
    path: Path,
    *,
    verdicts: Mapping[str, Any],
    query: Callable[[str, Mapping[str, Any]], Any],
    conversation: bool,
) -> "list[Entry]":
    """Write the archive for a bug report; what is in it. `query` asks the running agent. Raises UsageError."""
    from device.adapters.doctor.bundle import Wanted, gather, write

    entries = gather(of, Wanted(verdicts=verdicts, query=query, conversation=conversation))
    write(path, entries, wall_seconds=of.wall_seconds())
    return entries


def check_configuration(config: Config) -> None:
    """What `load` cannot know: whether its tools and models exist. Raises ConfigError, ModelError."""
    enabled_tools(config, tuple(config.board.outputs))
    manifest = model_store().manifest
    for role in Models.__struct_fields__:
        if (role, getattr(config.models, role)) != ("turn", "silence"):
            _check_role(config, manifest, role)


def open_board(config: Config, *, on_failure: Callable[[BoardError], None]) -> "GpioBoard":
    """The buttons, the LED and the outputs of the configuration, as far as they can be used."""
    from device.adapters.gpio_board import GpioBoard

    return GpioBoard.open(config.board, on_failure=on_failure)


def list_sound_devices() -> str:
    """The sound devices that there are, one a line. Raises AudioError."""
    from device.adapters.audio_devices import list_devices

    return list_devices()


def read_recording(path: Path) -> Samples:
    """A whole recording at 16 kHz, mono. Raises AudioError."""
    from device.adapters import recordings

    return recordings.read_recording(path, RECOGNITION_HZ)


def write_recording(path: Path, samples: Samples) -> None:
    """Keep samples at 16 kHz as a WAV, whole or not at all. Raises AudioError."""
    from device.adapters import recordings

    recordings.write_recording(path, samples, RECOGNITION_HZ)


def at_recognition_rate(samples: Samples, from_hz: int) -> Samples:
    """A whole sound at 16 kHz."""
    from device.runtime.resampling import resample

    return resample(samples, from_hz, RECOGNITION_HZ)


def varied_voices(config: Config) -> VariedVoices:
    """Speakers of many kinds, to measure with. Raises ModelError if the configured voice is not fetched."""
    from device.adapters.varied_voices import VariedVoices

    return VariedVoices(model_store().path(config.models.tts))


def recording(
    source: Path | Samples | Iterator[Samples], out: Path | None, config: Config, *, paced: bool = True
) -> "WavDevice":
    """A recording as a sound device, whose replies go to `out`. Raises AudioError."""
    from device.adapters.audio_wav import WavDevice

    return WavDevice(source, out, paced=paced, block_ms=config.audio.block_ms)


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
    from device.adapters.store_sqlite import SqliteLedger

    config, clock = surroundings.config, SystemClock()
    async with AsyncExitStack() as stack:
        ledger = SqliteLedger.open(surroundings.state_directory, clock, on_failure=_report)
        stack.push_async_callback(ledger.close)
        board = open_board(config, on_failure=_report)
        stack.callback(board.close)
        on_board = BoardLife(board, config.board)
        stack.callback(on_board.close)
        builtin = enabled_tools(config, board.outputs.names() if board.outputs is not None else ())
        # Other people's tools are found while the models load.
        external = await stack.enter_async_context(external_tools(_external_options(config), builtin))
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


def read_ledger(directory: Path, *, after_id: int = 0, last: int | None = None) -> Iterator[dict[str, Any]]:
    """The records above an id, or the `last` ones, as JSON has them, beside an agent or not. Raises LedgerError."""
    from device.adapters import ledger_reading

    if last is not None:
        return iter(ledger_reading.last_records(directory, last))
    return ledger_reading.records(directory, after_id=after_id)


async def forget(state_directory: Path, *, everything: bool) -> int:
    """Delete what no running agent remembers, for good; how many records. Raises InUseError, LedgerError."""
    from device.adapters.clock_system import SystemClock
    from device.adapters.store_sqlite import SqliteLedger
    from device.runtime.control.memory import is_kept

    ledger = SqliteLedger.open(state_directory, SystemClock(), on_failure=_report)
    try:
        return await ledger.forget(lambda record: is_kept(record, everything=everything))
    finally:
        await ledger.close()


async def _load(
    surroundings: Surroundings,
    clock: Clock,
    ledger: Ledger,
    outputs: Outputs | None,
    script: Callable[[str], str] | None,
) -> Faculties:
    """Load what these surroundings need, each model in a thread of its own."""
    from device.adapters.health_linux import LinuxHealth

    config, store = surroundings.config, model_store()
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
        faculties.model = load_language_model(config, _files(config, store, "llm"))

    def load_ears() -> None:
        faculties.detector, faculties.turn_detector, faculties.recognizer = load_hearing(config)

    def load_wake() -> None:
        faculties.wake = load_wake_detector(config)

    def load_voice() -> None:
        from device.adapters.tts_piper import PiperSynthesizer

        faculties.synthesizer = PiperSynthesizer(
            _files(config, store, "tts"), threads=config.speaking.threads, speed=config.speaking.speed
        )

    def load_canceller() -> None:
        faculties.canceller = load_echo_canceller()

    open_air = speaks and surroundings.echoes and config.audio.echo_cancellation
    loads = [
        load_model,
        *([load_ears] if hears else []),
        *([load_wake] if hears and config.start.way == "wake-word" else []),
        *([load_voice] if speaks else []),
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


def enabled_tools(config: Config, outputs: Sequence[str] = ()) -> Mapping[str, Tool]:
    """The built-in tools that the configuration lets the model use, by name; `outputs` are the pins to switch.

    Raises ConfigError for a tool that there is not.
    """
    names = config.tools.enabled
    return {} if names == NO_TOOLS else builtin_tools(names, network=config.tools.network, outputs=outputs)


def _external_options(config: Config) -> ToolOptions:
    """What is configured of tools from outside; nothing if there are to be no tools."""
    without = msgspec.structs.replace(config.tools, plugins=False, commands={}, mcp={})
    return without if config.tools.enabled == NO_TOOLS else config.tools


def _report(failure: DeviceError) -> None:
    log.error("%s", failure)


def _files(config: Config, store: "ModelStore", role: str) -> Path:
    """The directory of the model that the configuration gives this role. Raises ModelError, also if it has another."""
    _check_role(config, store.manifest, role)
    return store.path(getattr(config.models, role))


def _check_role(config: Config, manifest: "Manifest", role: str) -> None:
    """Raise ModelError if the configuration gives a role to no model, or to one of another."""
    name: str = getattr(config.models, role)
    artifact = manifest.artifacts.get(name)
    if artifact is None or artifact.role != role:
        raise ModelError(
            f'models.{role} = "{name}" is impossible: choose a model of the role {role} from `device models list`.'
        )


def load_language_model(config: Config, directory: Path) -> LanguageModel:
    """The language model in `directory`. Raises ModelError."""
    from device.adapters.llm_llama import LlamaEngine

    files = sorted(directory.glob("*.gguf"))
    if len(files) != 1:
        raise ModelError(f"{directory.name} (key models.llm) is not a language model: choose one of the role llm.")
    threads, threads_busy = config.language_threads()
    return LlamaEngine.load(
        files[0],
        context_tokens=config.thinking.context_tokens,
        task_tokens=config.tasks.context_tokens,
        threads=threads,
        threads_busy=threads_busy,
    )


def load_hearing(config: Config) -> tuple[VoiceDetector, TurnDetector, Recognizer]:
    """All that listening is done with. Raises ModelError."""
    from device.adapters.vad_silero import SileroVad

    store = model_store()
    return (
        SileroVad(_files(config, store, "vad")),
        _load_turn_detector(config, store),
        load_recognizer(config, _files(config, store, "asr")),
    )


def load_voice_detector(config: Config) -> VoiceDetector:
    """What hears that somebody speaks. Raises ModelError."""
    from device.adapters.vad_silero import SileroVad

    return SileroVad(_files(config, model_store(), "vad"))


def load_wake_detector(config: Config) -> WakeDetector:
    """What hears the wake word. Raises ModelError."""
    from device.adapters.wake_openwakeword import OpenWakeWord

    return OpenWakeWord(_files(config, model_store(), "wake"))


def load_echo_canceller() -> EchoCanceller:
    """What takes the agent's own voice out of the microphone's sound; 40 MB. Raises AudioError."""
    try:
        from device.adapters.aec_webrtc import WebRtcCanceller
    except (ImportError, OSError) as error:
        raise AudioError(
            f"The echo canceller cannot be loaded ({error}): run scripts/setup, or use a headset with "
            "--set audio.echo_cancellation=false."
        ) from error
    return WebRtcCanceller()


def load_recognizer(config: Config, directory: Path) -> Recognizer:
    """The recognizer in `directory`, of either kind. Raises ModelError."""
    from device.adapters.asr_moonshine import MoonshineRecognizer
    from device.adapters.asr_online import OnlineRecognizer

    if (directory / "decoder_model_merged.ort").is_file():
        return MoonshineRecognizer(directory, threads=config.hearing.threads)
    return OnlineRecognizer(directory, threads=config.hearing.threads)


def _load_turn_detector(config: Config, store: "ModelStore") -> TurnDetector:
    from device.adapters.turn_silence import SilenceRule
    from device.adapters.turn_smart import SmartTurn

    return SilenceRule() if config.models.turn == "silence" else SmartTurn(_files(config, store, "turn"))
