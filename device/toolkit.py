"""What a tool is, and what it may use of the agent; the one module that the author of a tool needs.

    from device.toolkit import ToolContext, ToolError, tool

    @tool(timeout_seconds=5)
    async def water(context: ToolContext, plant: str, litres: float = 0.5) -> str:
        '''Water a plant.

Args:
            plant: which one, as the user calls it

        '''

What it returns is what the model is told, one or two plain sentences, or with `@tool(sentence=True)` what the user is
told word for word; what it raises as `ToolError` the model is told, too. The
agent goes on talking meanwhile, so a tool may take as long as it needs within its timeout.

"""

import inspect
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal, Protocol

from device.core.prompt.messages import ToolSpec
from device.core.toolspec import checked, spec_of
from device.errors import Conflict, ToolError

if TYPE_CHECKING:
    # Not when it runs: ports load numpy, and every call of a plugin would wait for that.
    from device.ports import Clock

__all__ = [
    "Alarms", "Child", "Conflict", "FunctionTool", "Health", "OpenCall", "Outputs", "PendingAlarm", "Stored", "Tasks",
    "Tool", "ToolContext", "ToolError", "ToolPolicy", "Values", "VoiceControls", "Work", "tool", "tools_in", "update",
]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolPolicy:
    """How a tool's calls are run.

    `at_once` bounds its calls under way; one more waits for its turn. `duplicates` says what becomes of a call while
    one with the same arguments is under way: both run, the new one replaces the old, or it is refused. With
    `confirm` the user is asked before it runs. Of its result `most_characters` are told. With `sentence` the result is
    one for the user's ears, or several: they are told it as it is, at once and surely right; else the model words it.
    A call that changes something `outside` of the agent begins only when the ledger holds it, so that no power cut
    makes the agent forget what it has done.
    """

    timeout_seconds: float = 10.0
    at_once: int = 4
    duplicates: Literal["allow", "replace", "reject"] = "allow"
    confirm: bool = False
    most_characters: int = 2000
    sentence: bool = False
    outside: bool = False


class Tool(Protocol):
    """One thing that the agent can do."""

    @property
    def spec(self) -> ToolSpec:
        """What the model is told of it."""
        ...

    @property
    def policy(self) -> ToolPolicy:
        """How its calls are run."""
        ...

    async def __call__(self, context: "ToolContext", arguments: dict[str, object]) -> str:
        """Do it; returns what the model is told. Raises ToolError with a sentence for the model."""
        ...


# --- what a tool may use -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingAlarm:
    """An alarm that has not rung yet. One that was set for a time of day has no `duration_seconds`."""

    alarm_id: str
    label: str
    due_wall_seconds: float
    duration_seconds: float
    reminder: bool = False


class Alarms(Protocol):
    """The alarms that tools may set; kept across restarts."""

    async def set(self, duration_seconds: float, label: str, *, reminder: bool = False) -> PendingAlarm:
        """Set a timer that rings after a duration, however the clock is set; durable when it returns.

        A `reminder` tells its label instead of ringing as a timer or alarm.
        """
        ...

    async def set_at(self, wall_seconds: float, label: str, *, reminder: bool = False) -> PendingAlarm:
        """Set an alarm for a Unix time, which follows the clock when that is set; durable when it returns.

        Raises ToolError while the clock is known to be wrong.
        """
        ...

    async def cancel(self, alarm_id: str) -> bool:
        """Take an alarm back; False if it is not pending."""
        ...

    def pending(self) -> tuple[PendingAlarm, ...]:
        """All alarms that have not rung, soonest first; their due times by the clock as it is now."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A shared value and its version, which every write raises; version 0 is a value that was never written."""

    value: Any
    version: int


class Values(Protocol):
    """Values that the whole agent shares, parallel contexts included; kept across restarts."""

    def get(self, name: str) -> Stored:
        """The value called `name` as it is now; None at version 0 if it was never written.

        It may be on its way to the disk, and be taken back by a power cut; what `put` has returned never is.
        """
        ...

    async def put(self, name: str, value: Any, *, version: int) -> Stored:
        """Replace the value (anything that JSON can write) if it still has `version`; durable when it returns.

        Raises Conflict, a ToolError, if somebody else wrote it meanwhile: read it again and decide anew.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCall:
    """A call under way. `seconds` is how long it has run; `progress` what it last reported."""

    call_id: str
    name: str
    arguments: Mapping[str, Any]
    seconds: float
    progress: str = ""


class Work(Protocol):
    """What the context that called the tool is working on; the call of the tool itself is left out."""

    def open_calls(self) -> tuple[OpenCall, ...]:
        """The calls under way, oldest first."""
        ...

    async def cancel(self, call_id: str) -> bool:
        """End a call and all that it began; False if it is not under way. It has ended when this returns."""
        ...

    async def join(self, call_ids: tuple[str, ...]) -> str:
        """Wait for calls of this context and tell all their results together, which are then not told one by one.

        Each gets its share of the characters that are told; one that another call joined later is told there.
        Raises ToolError if one of them does not exist, or if the join could never end because its calls wait for it.
        """
        ...


class Child(Protocol):
    """A context that thinks in parallel."""

    @property
    def context_id(self) -> str:
        """What it is called in the ledger."""
        ...

    async def result(self) -> str:
        """Wait for what it found out. Raises ToolError if it failed, was cancelled or used up its budget."""
        ...

    async def cancel(self) -> None:
        """End it and all that it began."""
        ...


class Tasks(Protocol):
    """Thinking in parallel. Children live no longer than the call that made them."""

    def fork(self, task: str) -> Child:
        """A child that knows all that its parent knows. Raises ToolError if there are too many already."""
        ...

    def spawn(self, task: str, given: str = "") -> Child:
        """A child that knows only what it is given. Raises ToolError if there are too many already."""
        ...

    async def join(self, *children: Child) -> tuple[str, ...]:
        """The results of all `children`. Raises ToolError, as soon as one fails or if it could never end."""
        ...


class VoiceControls(Protocol):
    """How the agent sounds; kept across restarts."""

    volume: float
    """0 to 1, of the loudspeaker's full scale."""
    speed: float
    """1 is the voice's own pace; 0.5 to 2."""


class Outputs(Protocol):
    """Pins that are named in the configuration and may be switched."""

    def names(self) -> tuple[str, ...]:
        """What there is to switch."""
        ...

    def switch(self, name: str, *, on: bool) -> None:
        """Switch one. Raises ToolError."""
        ...


class Health(Protocol):
    """How the computer fares."""

    def read(self) -> Mapping[str, float | str]:
        """What can be read, by names with units: temperature_celsius, throttled, memory_free_bytes and so on."""
        ...


MOST_TRIES = 16
"""So often a change is made anew because others wrote the value meanwhile."""


async def update(values: Values, name: str, change: Callable[[Any], Any]) -> Any:
    """Replace a shared value by `change` of it, whoever else writes it at the same time; returns the new one.

    `change` is asked anew after every Conflict, so it must do nothing else. Raises Conflict if others never rest.
    """
    for tries in range(1, MOST_TRIES + 1):
        stored = values.get(name)
        try:
            return (await values.put(name, change(stored.value), version=stored.version)).value
        except Conflict:
            if tries == MOST_TRIES:
                raise
    raise AssertionError("the last try returns or raises")


class _Absent:
    """What this agent does not have: using it tells the model so."""

    def __init__(self, what: str) -> None:
        self._what = what

    def __getattr__(self, name: str) -> Any:
        raise ToolError(f"This device has no {self._what}.")

    def __setattr__(self, name: str, value: Any) -> None:
        if name != "_what":
            raise ToolError(f"This device has no {self._what}.")
        super().__setattr__(name, value)


def _absent(what: str) -> Any:
    return _Absent(what)


def _unheard(text: str) -> None:
    del text


@dataclass(frozen=True, kw_only=True)
class ToolContext:
    """What a call may use of the agent. `report` tells how far it has come, a few words at a time."""

    clock: "Clock"
    alarms: Alarms = _absent("alarms")
    values: Values = _absent("memory for lists and notes")
    work: Work = _absent("list of its work")
    tasks: Tasks = _absent("parallel thinking")
    voice: VoiceControls = _absent("voice to adjust")
    outputs: Outputs = _absent("outputs to switch")
    health: Health = _absent("sensors of its own")
    report: Callable[[str], None] = _unheard


# --- tools from functions ----------------------------------------------------------------------------------------

ToolFunction = Callable[..., Awaitable[str]]


def tool(*, network: bool = False, hidden: bool = False, **policy: Any) -> Callable[[ToolFunction], ToolFunction]:
    """Make a typed async function a tool; `policy` are the fields of `ToolPolicy`.

    A tool that needs the `network` is offered only where that is allowed, a `hidden` one only if it is named in the
    configuration.
    """

    def mark(function: ToolFunction) -> ToolFunction:
        function.tool = FunctionTool(  # type: ignore[attr-defined]
            spec=spec_of(function), function=function, policy=ToolPolicy(**policy), network=network, hidden=hidden
        )
        return function

    return mark


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionTool:
    """A function as a `Tool`."""

    spec: ToolSpec
    function: ToolFunction
    policy: ToolPolicy = field(default_factory=ToolPolicy)
    network: bool = False
    hidden: bool = False

    async def __call__(self, context: ToolContext, arguments: dict[str, object]) -> str:
        """Call the function with `arguments` in the types that it declares."""
        return await self.function(context, **checked(self.spec, arguments))

    def with_choices(self, argument: str, choices: Sequence[str]) -> "FunctionTool":
        """The same tool, whose string `argument` must be one of `choices`, known only when the device starts."""
        properties = self.spec.parameters["properties"]
        properties = properties | {argument: properties[argument] | {"enum": list(choices)}}
        spec = replace(self.spec, parameters={**self.spec.parameters, "properties": properties})
        return replace(self, spec=spec)


def tools_in(module: Any) -> tuple[FunctionTool, ...]:
    """The tools that are defined in `module`, in their order there."""
    functions = [value for value in vars(module).values() if inspect.isfunction(value)]
    return tuple(f.tool for f in functions if hasattr(f, "tool") and f.__module__ == module.__name__)
