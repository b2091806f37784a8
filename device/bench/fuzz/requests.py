"""What is thrown at the control socket: proper requests and rubbish of many kinds, the same for the same seed.

Nothing here changes the agent if it does what it should: commands that speak, record, change or delete come only with
arguments that do not fit, and what is mutated is the request for the list of tools.
"""

import json
import random
from collections.abc import Callable
from dataclasses import dataclass

from device.core.wire import MOST_REQUEST_BYTES

ALIKE = 20
"""So many proper requests come in one piece of a flood."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One connection's doing: the pieces that it sends, what it does then, and how many requests that counts as."""

    kind: str
    pieces: tuple[bytes, ...]
    then: str = "read"
    """read: to the end or the answers; vanish: hang up at once; stall: read nothing for a while; wait: say nothing."""
    requests: int = 1


def request(command: str, arguments: object = None, number: object = 1) -> bytes:
    """A line; its parts need not be possible."""
    return (
        json.dumps({"id": number, "command": command, "arguments": {} if arguments is None else arguments}).encode()
        + b"\n"
    )


def attempt(chance: random.Random) -> Attempt:
    """The next thing to try."""
    return chance.choices(_MAKERS, _SHARES)[0](chance)


def _proper(chance: random.Random) -> Attempt:
    return Attempt(kind="proper", pieces=(_harmless(chance),))


def _harmless(chance: random.Random) -> bytes:
    return chance.choice(
        (
            request("status"),
            request("tools"),
            request("records", {"after": chance.randrange(50), "limit": chance.randrange(1, 20)}),
            request("records", {"after": -1, "limit": 3}),
            request("no such command"),
            request("cancel", {"id": "c999999"}),
        )
    )


_COMMANDS = ("ask", "say", "hear", "mute", "forget", "call", "cancel", "press", "records", "follow", "status")
_UNFIT: tuple[object, ...] = (
    {"x": 1}, {"text": ""}, {"text": "x" * 5000}, {"text": None}, {"on": "yes"}, {"everything": 1}, {"id": ""},
    {"id": 5}, {"samples": 7}, {"name": "", "arguments": []}, {"after": 1e300}, {"limit": -5}, {"last": 10**9},
    [1, 2], "text", 7,
)  # fmt: skip


def _arguments(chance: random.Random) -> Attempt:
    asked = request(chance.choice(_COMMANDS), chance.choice(_UNFIT))
    return Attempt(kind="arguments that do not fit", pieces=(asked,))


def _malformed(chance: random.Random) -> Attempt:
    return Attempt(kind="malformed", pieces=(chance.choice(_RUBBISH)(chance),))


def _random_bytes(chance: random.Random) -> bytes:
    return chance.randbytes(chance.randrange(1, 400)).replace(b"\n", b" ") + b"\n"


def _mutated(chance: random.Random) -> bytes:
    line = bytearray(request("tools"))
    for _ in range(chance.randrange(1, 4)):
        line[chance.randrange(len(line) - 1)] = chance.randrange(256)
    return bytes(line)


def _nested(chance: random.Random) -> bytes:
    depth = chance.randrange(100, 15_000)
    return b'{"id":1,"command":"tools","arguments":' + b'{"a":' * depth + b"1" + b"}" * depth + b"}\n"


def _strange(chance: random.Random) -> bytes:
    number: object = chance.choice((-1, 2**31 + 1, 10**40, 1.5, "1", None, [], True))
    return request(chance.choice(("tools", "x" * 65, "")), None, number)


_RUBBISH: tuple[Callable[[random.Random], bytes], ...] = (_random_bytes, _mutated, _nested, _strange)


def _oversized(chance: random.Random) -> Attempt:
    size = MOST_REQUEST_BYTES + chance.randrange(1, 200_000)
    return Attempt(kind="oversized", pieces=(b'{"id":1,"command":"' + b"x" * size + chance.choice((b"", b'"}\n')),))


def _torn(chance: random.Random) -> Attempt:
    line = request("tools")
    at = chance.randrange(1, len(line) - 1)
    return Attempt(kind="torn", pieces=(line[:at],), then="vanish")


def _crumbs(chance: random.Random) -> Attempt:
    line = _harmless(chance)
    at = sorted(chance.sample(range(1, len(line)), min(5, len(line) - 1)))
    pieces = tuple(line[a:b] for a, b in zip((0, *at), (*at, len(line)), strict=True))
    return Attempt(kind="in crumbs", pieces=pieces)


def _vanishing(chance: random.Random) -> Attempt:
    return Attempt(kind="vanishing", pieces=(_harmless(chance),), then="vanish")


def _flood(chance: random.Random) -> Attempt:
    return Attempt(kind="flood", pieces=(_harmless(chance) * ALIKE,), then="read", requests=ALIKE)


def _stalling(chance: random.Random) -> Attempt:
    asked = request("follow", {"last": 200}) if chance.random() < 0.5 else request("records", {"limit": 200}) * 8
    return Attempt(kind="stalling", pieces=(asked,), then="stall")


def _silent(chance: random.Random) -> Attempt:
    return Attempt(kind="silent", pieces=() if chance.random() < 0.5 else (b"{",), then="wait")


_MAKERS = (_proper, _arguments, _malformed, _oversized, _torn, _crumbs, _vanishing, _flood, _stalling, _silent)
_SHARES = (20, 15, 25, 4, 10, 5, 10, 8, 0.4, 0.4)
