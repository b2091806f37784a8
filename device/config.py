"""The configuration: read by tomli into frozen options, every value checked, every origin known.

Later sources win: the shipped defaults (`default.toml`), /etc/device/config.toml, the user's config.toml, a file
named on the command line, DEVICE_<SECTION>_<KEY> in the environment, `--set section.key=value`.
"""

import os
import types
import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
import tomli
from msgspec import Meta, Struct

from device.config_board import Board
from device.core.attention import AttentionOptions, Way
from device.core.endpointing import EndpointingOptions
from device.errors import ConfigError

DEFAULTS = Path(__file__).with_name("default.toml")
SYSTEM_FILE = Path("/etc/device/config.toml")
SERVICE_DIRECTORY = Path("/run/device")
"""The service's RUNTIME_DIRECTORY."""
CONTROL_SOCKET = "control.sock"

Milliseconds = Annotated[int, Meta(ge=0, le=60_000)]
Threads = Annotated[int, Meta(ge=0, le=256)]
Probability = Annotated[float, Meta(ge=0.0, le=1.0)]


class _Section(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table of the configuration file; the shipped defaults give every key a value."""


class Models(_Section, frozen=True, kw_only=True):
    """Which artifact plays each role."""

    vad: str
    turn: str
    asr: str
    tts: str
    llm: str
    wake: str
    noise: str


NO_MODEL = frozenset({("turn", "silence"), ("noise", "none")})
"""Roles that can do without one, and the word for that."""


class Audio(_Section, frozen=True, kw_only=True):
    """The sound device."""

    input: str
    output: str
    block_ms: Annotated[int, Meta(ge=5, le=100)]
    echo_cancellation: bool


class Hearing(_Section, frozen=True, kw_only=True):
    """When speech begins and ends; see `device.core.endpointing`."""

    threshold: Probability
    min_speech_ms: Milliseconds
    min_speech_over_reply_ms: Milliseconds
    pause_ms: Milliseconds
    end_silence_ms: Milliseconds
    end_silence_max_ms: Milliseconds
    unfinished_below: Probability
    finished_above: Probability
    preroll_ms: Annotated[int, Meta(ge=0, le=2_000)]
    max_utterance_seconds: Annotated[int, Meta(ge=1, le=600)]
    hold_early: bool
    speculate: bool
    read_ahead: bool
    auto_gain: bool
    threads: Annotated[int, Meta(ge=1, le=64)]


class Start(_Section, frozen=True, kw_only=True):
    """How the user begins; see `device.core.attention`."""

    way: Literal["always", "wake-word", "button"]
    wake_sensitivity: Probability
    patience_seconds: Annotated[float, Meta(ge=1, le=120)]
    follow_up_seconds: Annotated[float, Meta(ge=0, le=120)]


class Sounds(_Section, frozen=True, kw_only=True):
    """Short sounds beside the voice; see `device.core.earcons` and `device.runtime.ringing`."""

    earcons: bool
    volume: Probability
    alarm_volume: Probability
    alarm_repeats: Annotated[int, Meta(ge=0, le=1000)]
    alarm_every_seconds: Annotated[float, Meta(ge=5, le=3600)]


class Speaking(_Section, frozen=True, kw_only=True):
    """The voice."""

    speed: Annotated[float, Meta(ge=0.5, le=3.0)]
    threads: Annotated[int, Meta(ge=1, le=64)]
    in_parts: bool


class Thinking(_Section, frozen=True, kw_only=True):
    """The language model."""

    context_tokens: Annotated[int, Meta(ge=512, le=1 << 20)]
    max_tokens: Annotated[int, Meta(ge=1, le=4_096)]
    temperature: Annotated[float, Meta(ge=0.0, le=2.0)]
    seed: Annotated[int, Meta(ge=0, le=2**32 - 1)]
    threads: Threads
    chained_calls: Annotated[int, Meta(ge=0, le=100)]
    instructions: Annotated[str, Meta(max_length=4_000)]
    prompt_format: str
    examples: bool
    adapter: Annotated[str, Meta(max_length=4_096)]


class TaskOptions(_Section, frozen=True, kw_only=True):
    """The bounds of thinking in parallel."""

    children: Annotated[int, Meta(ge=0, le=8)]
    depth: Annotated[int, Meta(ge=1, le=8)]
    max_tokens: Annotated[int, Meta(ge=16, le=1 << 16)]
    seconds: Annotated[float, Meta(gt=0, le=86_400)]
    context_tokens: Annotated[int, Meta(ge=0, le=1 << 20)]


class ToolRules(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How calls of a tool that is named in the configuration are run; see `device.toolkit.ToolPolicy`."""

    timeout_seconds: Annotated[float, Meta(gt=0, le=86_400)] = 10.0
    at_once: Annotated[int, Meta(ge=1, le=64)] = 4
    duplicates: Literal["allow", "replace", "reject"] = "allow"
    confirm: bool = False
    most_characters: Annotated[int, Meta(ge=1, le=100_000)] = 2000
    sentence: bool = False
    memory_mb: Annotated[int, Meta(ge=0, le=1 << 20)] = 0
    """The most memory that its process may use; 0 for no bound."""


class CommandTool(ToolRules, frozen=True, kw_only=True):
    """A program as a tool: its arguments are written to its standard input as JSON, its output is the result."""

    command: Annotated[tuple[str, ...], Meta(min_length=1)]
    description: str
    parameters: dict[str, Any] = msgspec.field(default_factory=dict)
    """Each argument's JSON schema by its name."""
    required: tuple[str, ...] = ()


class McpServer(ToolRules, frozen=True, kw_only=True):
    """A server of tools that speaks the Model Context Protocol over its standard input and output."""

    command: Annotated[tuple[str, ...], Meta(min_length=1)]
    tools: tuple[str, ...] = ()
    """Those to offer; all without."""


class ToolOptions(_Section, frozen=True, kw_only=True):
    """What the model may do."""

    enabled: tuple[str, ...]
    also: tuple[str, ...]
    network: bool
    plugins: bool
    commands: dict[str, CommandTool]
    mcp: dict[str, McpServer]


class ConversationOptions(_Section, frozen=True, kw_only=True):
    """What is kept, and how turns are taken."""

    state: str
    keep_days: Annotated[int, Meta(ge=0, le=36_500)]
    synchronous: bool


class Control(_Section, frozen=True, kw_only=True):
    """The socket over which the commands reach a running agent."""

    socket: str
    group: str


class Logging(_Section, frozen=True, kw_only=True):
    """What is logged."""

    level: str


class Config(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All options."""

    models: Models
    audio: Audio
    hearing: Hearing
    start: Start
    sounds: Sounds
    speaking: Speaking
    thinking: Thinking
    tasks: TaskOptions
    tools: ToolOptions
    board: Board
    conversation: ConversationOptions
    control: Control
    logging: Logging

    def state_directory(self) -> Path:
        """Where the conversation is kept."""
        if self.conversation.state:
            return Path(self.conversation.state).expanduser()
        return Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state") / "device"

    def control_socket(self) -> Path:
        """Where an agent with this configuration is reached."""
        if self.control.socket:
            return Path(self.control.socket).expanduser()
        if directory := os.environ.get("RUNTIME_DIRECTORY"):  # systemd's, for the service
            return Path(directory.partition(":")[0]) / CONTROL_SOCKET
        return self._own_control_socket()

    def control_sockets(self) -> tuple[Path, ...]:
        """Where a running agent may be reached, the service first; the first that is there counts."""
        if self.control.socket:
            return (self.control_socket(),)
        return (SERVICE_DIRECTORY / CONTROL_SOCKET, self._own_control_socket())

    def _own_control_socket(self) -> Path:
        runtime = os.environ.get("XDG_RUNTIME_DIR")
        return (Path(runtime) / "device" if runtime else self.state_directory()) / CONTROL_SOCKET

    def endpointing(self) -> EndpointingOptions:
        """When an utterance begins, pauses and ends."""
        hearing = self.hearing
        return EndpointingOptions(
            threshold=hearing.threshold,
            min_speech_ms=hearing.min_speech_ms,
            min_speech_over_reply_ms=hearing.min_speech_over_reply_ms,
            pause_ms=hearing.pause_ms,
            end_silence_ms=hearing.end_silence_ms,
            end_silence_max_ms=hearing.end_silence_max_ms,
            unfinished_below=hearing.unfinished_below,
            finished_above=hearing.finished_above,
            max_utterance_ms=hearing.max_utterance_seconds * 1000,
        )

    def attention(self) -> AttentionOptions:
        """Who is listened to, and when."""
        return AttentionOptions(
            way=Way(self.start.way),
            patience_seconds=self.start.patience_seconds,
            follow_up_seconds=self.start.follow_up_seconds,
        )

    def language_threads(self) -> tuple[int, int]:
        """Threads of the language model while nothing else computes, and while something does."""
        cores = len(os.sched_getaffinity(0))
        threads = min(self.thinking.threads or cores, cores)
        return threads, max(min(threads, cores - 1), 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """The configuration in force, and for every key (section, name) where its value came from."""

    config: Config
    origins: Mapping[tuple[str, str], str]


def user_file() -> Path:
    """The user's own configuration file."""
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "device" / "config.toml"


def load(
    file: Path | None = None,
    *,
    overrides: Sequence[str] = (),
    environment: Mapping[str, str] | None = None,
    instead: Mapping[Path, Path | None] = types.MappingProxyType({}),
) -> Loaded:
    """Read all sources. Raises ConfigError, one sentence that names the key, the value and the file.

    `instead` names files that are read in the place of others, None for nothing, to see what would come of a change.
    """
    values: dict[tuple[str, str], Any] = {}
    origins: dict[tuple[str, str], str] = {}

    def take(table: Mapping[tuple[str, str], Any], origin: str) -> None:
        values.update(table)
        origins.update(dict.fromkeys(table, origin))

    take(_read(DEFAULTS), "default")
    for path in (SYSTEM_FILE, user_file(), file):
        read = None if path is None else instead.get(path, path)
        if path is not None and read is not None and (path == file or _is_there(read)):
            take(_checked(_read(read, str(path)), str(path)), str(path))
    environment = os.environ if environment is None else environment
    for name, text in environment.items():
        if (key := _environment_key(name)) is not None:
            take(_checked({key: _parsed(key, text)}, f"the environment variable {name}"), f"${name}")
    for override in overrides:
        name, equals, text = override.partition("=")
        section, dot, key_name = name.strip().partition(".")
        if not equals or not dot:
            raise ConfigError(f'"--set {override}" does not say section.key=value, such as speaking.speed=1.2.')
        key = (section, key_name)
        take(_checked({key: _parsed(key, text.strip())}, f"--set {override}"), "--set")
    return Loaded(config=_assemble(values, origins), origins=origins)


def value_of(key: tuple[str, str], text: str, origin: str) -> Any:
    """A value that was given as plain text, as TOML and JSON have it. Raises ConfigError if it cannot be the key's."""
    return msgspec.json.decode(msgspec.json.encode(_value(key, _parsed(key, text), origin)))


def _is_there(path: Path) -> bool:
    """Whether a file that need not be there is; where nobody may look there is nothing to be read."""
    try:
        return path.is_file()
    except OSError:
        return False


def _read(path: Path, name: str = "") -> dict[tuple[str, str], Any]:
    """What stands in a file that is called `name`."""
    name = name or str(path)
    try:
        tables = tomli.loads(path.read_text(encoding="utf-8-sig"))  # some editors begin a file with a mark
    except OSError as error:
        raise ConfigError(f"The configuration {name} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"The configuration {name} is not UTF-8 text.") from error
    except (ValueError, RecursionError) as error:  # a number, or a nesting, that nothing can hold is no TOML either
        raise ConfigError(f"The configuration {name} is not TOML: {error}.") from error
    found = {}
    for section, table in tables.items():
        if section not in _SECTIONS or not isinstance(table, dict):
            raise ConfigError(
                f"There is no section {_quoted(section)} (in {name}): the sections are {', '.join(_SECTIONS)}."
            )
        found.update({(section, name): value for name, value in table.items()})
    return found


def _checked(table: dict[tuple[str, str], Any], origin: str) -> dict[tuple[str, str], Any]:
    """`table` if every key exists and has a possible value. Raises ConfigError."""
    return {key: _value(key, value, origin) for key, value in table.items()}


def _value(key: tuple[str, str], value: Any, origin: str) -> Any:
    section, name = key
    if section not in _SECTIONS:
        raise ConfigError(
            f"There is no section {_quoted(section)} (in {origin}): the sections are {', '.join(_SECTIONS)}."
        )
    hints = _hints(section)
    if name not in hints:
        raise ConfigError(f"There is no key {section}.{name} (in {origin}): the keys are {', '.join(hints)}.")
    try:
        if isinstance(value, int) and not isinstance(value, bool) and _plain_type(hints[name]) is float:
            value = float(value)
        return msgspec.convert(value, hints[name])
    except (msgspec.ValidationError, OverflowError) as error:
        problem = str(error).split(" - at ")[0].rstrip(".").replace("Expected", "it must be", 1)
        raise ConfigError(f"{section}.{name} = {_quoted(value)} is impossible (in {origin}): {problem}.") from error


def _assemble(values: Mapping[tuple[str, str], Any], origins: Mapping[tuple[str, str], str]) -> Config:
    tables: dict[str, dict[str, Any]] = {section: {} for section in _SECTIONS}
    for (section, name), value in values.items():
        tables[section][name] = value
    config = msgspec.convert(tables, Config)
    for key, allowed in _CHOICES.items():
        if (value := values[key]) not in allowed:
            raise ConfigError(
                f"{'.'.join(key)} = {_quoted(value)} is impossible (in {origins[key]}): "
                f"it must be one of {', '.join(map(_quoted, allowed))}."
            )
    try:
        config.board.check()
    except ValueError as error:
        where, _, problem = str(error).partition(": ")
        origin = origins["board", where.removeprefix("board.").partition(".")[0]]
        raise ConfigError(f"{where} is impossible (in {origin}): {problem}.") from error
    hearing = config.hearing
    for shorter, longer in (
        ("pause_ms", "end_silence_ms"),
        ("end_silence_ms", "end_silence_max_ms"),
        ("unfinished_below", "finished_above"),
    ):
        if getattr(hearing, shorter) > getattr(hearing, longer):
            raise ConfigError(
                f"hearing.{shorter} = {getattr(hearing, shorter)} is impossible (in {origins['hearing', shorter]}): "
                f"it must not be above hearing.{longer}, which is {getattr(hearing, longer)}."
            )
    return config


def _environment_key(name: str) -> tuple[str, str] | None:
    """DEVICE_SPEAKING_SPEED → speaking, speed; None for variables that are none of ours."""
    if not name.startswith("DEVICE_"):
        return None
    section, _, key = name.removeprefix("DEVICE_").lower().partition("_")
    return (section, key) if section in _SECTIONS and key else None


def _parsed(key: tuple[str, str], text: str) -> Any:
    """A value that was given as plain text."""
    wanted = _plain_type(_hints(key[0]).get(key[1], str)) if key[0] in _SECTIONS else str
    try:
        value = tomli.loads(f"value = {text}")["value"]
    except (ValueError, RecursionError):
        value = text
    if wanted is str:
        return value if isinstance(value, str) else text
    if wanted is tuple and not isinstance(value, list):
        items = [item.strip() for item in text.strip("[] ").split(",") if item.strip()]
        numbers = _plain_type(typing.get_args(_hints(key[0])[key[1]])[0]) is int
        return [int(item) if numbers and item.isdecimal() else item for item in items]
    return value


def _hints(section: str) -> dict[str, Any]:
    return typing.get_type_hints(_SECTIONS[section], include_extras=True)


def _plain_type(hint: Any) -> type:
    """The type below an annotation: Annotated[float, …] → float, tuple[str, ...] → tuple."""
    if typing.get_origin(hint) is Annotated:
        hint = typing.get_args(hint)[0]
    plain: type = typing.get_origin(hint) or hint
    return plain


def _quoted(value: Any) -> str:
    return f'"{value}"' if isinstance(value, str) else repr(value)


_SECTIONS: Mapping[str, type[Struct]] = types.MappingProxyType(typing.get_type_hints(Config))

_CHOICES: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("thinking", "prompt_format"): ("", "chatml", "qwen", "llama3"),
    ("logging", "level"): ("debug", "info", "warning", "error"),
}
