"""Streams to clients that are quick, slow, or gone: bounded, and never felt by whoever puts something."""

import asyncio

import pytest

from device.core.entries import ConversationStarted, UserSaid
from device.errors import ControlError
from device.runtime.control.live import PUSHES_AT_ONCE, PUSHES_PER_SECOND, Live
from device.runtime.control.streaming import Backlog, stream
from tests.runtime.control.asking import Client
from tests.runtime.stage import answers, stage
from tests.virtual_time import in_virtual_time


def live(push) -> Live:
    return Live(agent=None, version="0", began_seconds=0.0, push=push)


@in_virtual_time
async def test_what_comes_together_is_told_together_and_nothing_is_told_while_there_is_nothing():
    backlog, got = Backlog[int](most=100), []

    async def push(value):
        got.append((asyncio.get_running_loop().time(), value))

    streaming = asyncio.ensure_future(stream(live(push), backlog, every_seconds=0.25))
    for number in range(5):
        backlog.put(number)
        await asyncio.sleep(0.1)
    await asyncio.sleep(100.0)
    assert [value for _, value in got] == [[0], [1, 2], [3, 4]]
    streaming.cancel()


@in_virtual_time
async def test_who_falls_behind_is_told_and_gets_nothing_more():
    backlog, got, reads = Backlog[int](most=3), [], asyncio.Event()

    async def push(value):
        got.append(value)
        await reads.wait()

    streaming = asyncio.ensure_future(stream(live(push), backlog, every_seconds=0.1))
    for number in range(9):
        backlog.put(number)
        await asyncio.sleep(0.001)
    reads.set()
    with pytest.raises(ControlError, match="more slowly"):
        await streaming
    assert got == [[0]]


@in_virtual_time
async def test_fifty_streams_share_one_pace():
    sources, count = [Backlog[int](most=1000) for _ in range(50)], 0

    async def push(value):
        nonlocal count
        count += 1

    everyone = live(push)
    streams = [asyncio.ensure_future(stream(everyone, source, every_seconds=0.05)) for source in sources]
    for number in range(1000):
        for source in sources:
            source.put(number)
        await asyncio.sleep(0.01)
    assert 0.9 * PUSHES_PER_SECOND * 10 < count < PUSHES_PER_SECOND * 10 + PUSHES_AT_ONCE + len(sources)
    for streaming in streams:
        streaming.cancel()


@in_virtual_time
async def test_the_ledger_is_followed_from_its_last_records_on_and_a_client_that_goes_leaves_nothing():
    async with stage(answers(), tools={}) as it:
        client = Client(it)
        it.agent.dialogue.append(UserSaid(text="before"))
        following = asyncio.ensure_future(client.ask("follow", last=1))
        await asyncio.sleep(0.1)
        it.agent.dialogue.append(UserSaid(text="one"), UserSaid(text="two"))
        await asyncio.sleep(1.0)
        await Client(it).ask("forget", everything=True)
        it.agent.dialogue.append(ConversationStarted())
        await asyncio.sleep(1.0)
        told = [[record["entry"].get("text", record["entry"]["kind"]) for record in page] for page in client.parts]
        assert told[:2] == [["before"], ["one", "two"]]
        assert told[-1][-1] == "ConversationStarted"
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)
        assert not it.ledger.followers


@in_virtual_time
async def test_however_much_is_added_at_once_it_is_told_in_order_in_bounded_pages():
    async with stage(answers(), tools={}) as it:
        client = Client(it)
        following = asyncio.ensure_future(client.ask("follow"))
        await asyncio.sleep(0.1)
        for number in range(500):
            it.agent.dialogue.append(UserSaid(text=f"{number} {'x' * 4000}"))
        await asyncio.sleep(10.0)
        assert all(len(page) <= 200 and len(str(page)) < 300_000 for page in client.parts)
        told = [record["entry"]["text"].split()[0] for page in client.parts for record in page]
        assert told == [str(number) for number in range(500)]
        following.cancel()
