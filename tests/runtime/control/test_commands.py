"""Commands are found, their arguments checked, their failures told, their time bounded."""

import asyncio
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from device.core.wire import Done, Failed, Part, Request
from device.errors import AudioError
from device.runtime.control import COMMANDS
from device.runtime.control.commands import Nothing, answer, command, commands_in
from device.runtime.control.live import Live
from tests.virtual_time import in_virtual_time


class Counting(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    to: int


@command("count")
async def count(live: Live, asked: Counting) -> Any:
    """Count."""
    for number in range(asked.to):
        await live.tell(number)
    return asked.to


@command("fail")
async def fail(live: Live, asked: Nothing) -> Any:
    """Fail."""
    raise AudioError("There is no sound.")


@command("break")
async def broken(live: Live, asked: Nothing) -> Any:
    """Break."""
    return 1 // 0


@command("dawdle", seconds=3)
async def dawdle(live: Live, asked: Nothing) -> Any:
    """Dawdle."""
    await asyncio.sleep(100)


OWN = commands_in(SimpleNamespace(a=count, b=fail, c=broken, d=dawdle))


async def answers(name: str, arguments: bytes = b"{}") -> list[Any]:
    sent: list[Any] = []

    async def send(one: Any, *, patience_seconds: float | None = None) -> None:
        sent.append(one)

    live = Live(agent=None, version="0", began_seconds=0.0)
    await answer(OWN, live, Request(id=5, command=name, arguments=msgspec.Raw(arguments)), send)
    return sent


async def test_parts_come_before_the_answer():
    assert await answers("count", b'{"to":2}') == [Part(id=5, value=0), Part(id=5, value=1), Done(id=5, value=2)]


@pytest.mark.parametrize("arguments", [b"{}", b'{"to":"x"}', b'{"to":1,"and":2}', b"3", b"["])
async def test_arguments_that_do_not_fit_are_a_wrong_command_line(arguments):
    (failed,) = await answers("count", arguments)
    assert failed.exit_code == 2
    assert "do not fit" in failed.sentence


async def test_failures_are_told_with_their_exit_codes(caplog):
    assert await answers("fail") == [Failed(id=5, sentence="There is no sound.", exit_code=5)]
    (failed,) = await answers("break")
    assert "ZeroDivisionError" in failed.sentence
    assert "The command break broke" in caplog.text
    (failed,) = await answers("no such")
    assert failed.exit_code == 11


@in_virtual_time
async def test_a_command_that_takes_too_long_is_ended():
    assert await answers("dawdle") == [Failed(id=5, sentence="dawdle took too long and was ended.", exit_code=1)]


def test_every_command_says_what_it_does():
    assert {"status", "interrupt"} <= set(COMMANDS)
    for found in COMMANDS.values():
        assert found.summary.endswith(".")
        assert found.seconds is None or found.seconds > 0
