"""The abstract messages of a conversation, which a renderer puts into one model's words.

They are derived from the ledger (`device.core.context`) and know nothing of tokens. Text of a user, a tool or a file
is *data* in them: a renderer must write it so that it can never open a message or forge a result.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolSpec:
    """What the model is told of a tool: its name, one line of description and a JSON schema of its arguments."""

    name: str
    description: str
    parameters: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """The fixed part: instructions (trusted text) and the tools."""

    text: str
    tools: tuple[ToolSpec, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A user's turn. `cut_off_after` is what was heard of the reply that this turn interrupted, None if none was."""

    text: str
    cut_off_after: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A stretch of speech in an assistant's message."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Called:
    """A tool call in an assistant's message."""

    call_id: str
    name: str
    arguments: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Assistant:
    """The agent's message as it was heard. `tokens` are its ids as generated, empty where they do not hold."""

    parts: tuple[Said | Called, ...]
    tokens: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a call yields.

    `status` is running, unconfirmed (its text is a question for the user), done, failed, cancelled or timed_out.
    `late` says that other messages came between the call and this, so that the model needs to be reminded what was
    asked. `wall_seconds` is when it arrived (Unix time).
    """

    call_id: str
    name: str
    status: str
    text: str
    late: bool = False
    wall_seconds: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """Results that the model is told at once, in one message or in consecutive ones, as its kind wants."""

    results: tuple[Result, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Something that the agent should speak up about by itself: an alarm rang. `text` may quote a user's label."""

    text: str
    wall_seconds: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What a context that thinks in parallel is to find out, and what a fresh one is given for it."""

    text: str
    given: str = ""


Message = System | User | Assistant | Results | Notice | Task
