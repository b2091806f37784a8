"""The language of the control socket, as values and lines; pure.

Theory of operation
-------------------
Both sides speak lines of JSON, each ended by a line feed. The agent speaks first:

    agent    {"kind":"hello","program":"device","version":"0.1.0","protocol":1}
    client   {"id":1,"command":"ask","arguments":{"text":"How are you?"}}
    agent    {"kind":"part","id":1,"value":{"text":"I am"}}          any number of parts
    agent    {"kind":"done","id":1,"value":{"text":"I am well."}}    or {"kind":"failed","id":1,…}

A client sends its next request when the last one is done or failed. Whoever finds another protocol's number in the
greeting must not go on. What cannot be read ends the connection: after a torn line nothing can be trusted.

A protocol's number changes when an old client could misunderstand; a new command, argument or field changes nothing.
"""

from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from device.errors import ControlError

PROTOCOL = 1

MOST_REQUEST_BYTES = 64 * 1024
"""A longer line is no request."""

MOST_ANSWER_BYTES = 1024 * 1024
"""A longer line is no answer."""

_NO_ARGUMENTS = msgspec.Raw(b"{}")


class Request(Struct, frozen=True, kw_only=True):
    """What a client asks for; the command knows which arguments it has."""

    id: Annotated[int, Meta(ge=0, le=2**31)]
    command: Annotated[str, Meta(min_length=1, max_length=64)]
    arguments: msgspec.Raw = _NO_ARGUMENTS


class _Line(Struct, frozen=True, kw_only=True, tag_field="kind", tag=str.lower):
    """One line of the agent's."""


class Hello(_Line, frozen=True, kw_only=True):
    """The greeting, before anything is asked."""

    program: str
    version: str
    protocol: int


class Part(_Line, frozen=True, kw_only=True):
    """A piece of the answer; more come."""

    id: int
    value: Any


class Done(_Line, frozen=True, kw_only=True):
    """The answer, or what is left of it after the parts."""

    id: int
    value: Any = None


class Failed(_Line, frozen=True, kw_only=True):
    """The request came to nothing; the sentence is for a person, the code is how a command ends with it."""

    id: int
    sentence: str
    exit_code: int = 1


Answer = Hello | Part | Done | Failed

_read_request = msgspec.json.Decoder(Request).decode
_read_answer = msgspec.json.Decoder(Answer).decode
_write = msgspec.json.Encoder().encode


class WireError(ControlError, ValueError):
    """The other side sent what nobody can read."""


def request_line(request: Request) -> bytes:
    """A request as it is sent. Raises WireError if it is too long."""
    line = _write(request) + b"\n"
    if len(line) > MOST_REQUEST_BYTES:
        raise WireError(f"That is too much for one request: at most {MOST_REQUEST_BYTES // 1024} KiB.")
    return line


def answer_line(answer: Answer) -> bytes:
    """An answer as it is sent."""
    return _write(answer) + b"\n"


def read_request(line: bytes) -> Request:
    """The request in a line. Raises WireError."""
    try:
        return _read_request(line)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise WireError(f"That is no request: {_why(error)}.") from error


def read_answer(line: bytes) -> Answer:
    """The answer in a line. Raises WireError."""
    try:
        answer: Answer = _read_answer(line)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise WireError(f"The agent's answer cannot be read: {_why(error)}.") from error
    return answer


def arguments_of(raw: msgspec.Raw, kind: type[Struct]) -> Any:
    """A command's arguments. Raises WireError with the one that does not fit."""
    try:
        return msgspec.json.decode(raw, type=kind)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise WireError(f"The arguments do not fit: {_why(error)}.") from error


def check_greeting(answer: Answer, version: str) -> Hello:
    """The agent's greeting. Raises ControlError if it is none, or one of another protocol."""
    if not isinstance(answer, Hello) or answer.program != "device":
        raise WireError("What listens there is no device agent.")
    if answer.protocol != PROTOCOL:
        raise ControlError(
            f"The running agent (version {answer.version}) and this command (version {version}) do not understand each "
            "other: restart the agent, sudo systemctl restart device."
        )
    return answer


class Lines:
    """Cuts what arrives, however it is torn, into lines."""

    def __init__(self, most_bytes: int) -> None:
        """A line with its end may have `most_bytes`."""
        self._most_bytes = most_bytes
        self._kept = bytearray()
        self._searched = 0

    def __len__(self) -> int:
        """How many bytes wait to become a line."""
        return len(self._kept)

    def feed(self, received: bytes) -> None:
        """Take what arrived."""
        self._kept += received

    def next(self) -> bytes | None:
        """The next whole line, without its end; None if there is none yet. Raises WireError if it gets too long."""
        end = self._kept.find(b"\n", self._searched)
        if end < 0:
            self._searched = len(self._kept)
        if max(end, self._searched) >= self._most_bytes:
            raise WireError(f"A line of more than {self._most_bytes} bytes is too long.")
        if end < 0:
            return None
        line = bytes(self._kept[:end])
        del self._kept[: end + 1]
        self._searched = 0
        return line


def _why(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    return str(error).rstrip(".")[:200]
