"""Calls listed, cancelled and made over the control socket; conversations begun anew and forgotten."""

import asyncio

from device.core.entries import AlarmSet, CallEnded, UserSaid, ValueWritten
from device.errors import ToolError
from tests.runtime.control.asking import Client
from tests.runtime.stage import answers, stage, tools_of
from tests.virtual_time import in_virtual_time

SEARCH = '<tool_call>\n{"name": "search", "arguments": {"what": "gold"}}\n</tool_call>'


async def search(context, what: str) -> str:
    """Search."""
    if what == "nothing":
        raise ToolError("There is nothing to find.")
    await asyncio.sleep(2.0 if what == "tin" else 100.0)
    return f"found {what}"


SCRIPT = answers(("find gold", SEARCH), ("hello", "Good morning."))


@in_virtual_time
async def test_a_call_under_way_can_be_cancelled_by_its_id():
    async with stage(SCRIPT, tools=tools_of(search)) as it:
        client = Client(it)
        await it.say("find gold")
        await it.until(lambda: bool(it.agent.home.runner.open_calls()))
        await client.ask("cancel", id="c9")
        assert client.failure.sentence == 'Nothing called "c9" is under way; there is c1.'
        assert await client.ask("cancel", id="c1") == {"cancelled": "c1"}
        assert [ended.status for ended in it.entries(CallEnded)] == ["cancelled"]


@in_virtual_time
async def test_tools_are_listed_and_called_without_the_conversation_knowing():
    async with stage(SCRIPT, tools=tools_of(search)) as it:
        client = Client(it)
        (tool,) = await client.ask("tools")
        assert (tool["name"], tool["description"]) == ("search", "Search")
        before = len(it.ledger.records())
        assert await client.ask("call", name="search", arguments={"what": "tin"}) == {"result": "found tin"}
        for arguments, sentence in (({"what": "nothing"}, "nothing to find"), ({"what": "gold"}, "longer than 10")):
            await client.ask("call", name="search", arguments=arguments)
            assert sentence in client.failure.sentence
            assert client.failure.exit_code == 10
        await client.ask("call", name="dig")
        assert "no tool" in client.failure.sentence
        assert len(it.ledger.records()) == before


@in_virtual_time
async def test_a_fresh_conversation_knows_nothing_of_the_last():
    async with stage(SCRIPT, tools=tools_of(search)) as it:
        client = Client(it)
        await it.say("find gold")
        await it.until(lambda: bool(it.agent.home.runner.open_calls()))
        await client.ask("new")
        assert not it.agent.home.runner.open_calls()
        assert it.agent.dialogue.conversation.messages() == ()
        await client.ask("ask", text="hello")
        assert "gold" not in it.model.prompts[-1]
        it.check()


@in_virtual_time
async def test_what_is_forgotten_is_gone_from_memory_and_ledger_and_alarms_stay_unless_all_goes():
    async with stage(SCRIPT, tools=tools_of(search)) as it:
        client = Client(it)
        await client.ask("ask", text="hello")
        await it.agent.alarms.set(1000.0, "tea")
        await it.agent.values.put("list shopping", ["milk"], version=0)
        assert (await client.ask("forget"))["records"] > 2
        assert not it.entries(UserSaid)
        assert {type(record.entry) for record in it.ledger.records()} == {AlarmSet, ValueWritten}
        assert it.agent.dialogue.conversation.messages() == ()
        assert not [mark for mark in it.agent.marks.since() if "morning" in mark.note]
        await client.ask("forget", everything=True)
        assert it.ledger.records() == ()
        assert it.agent.alarms.pending() == ()
        assert it.agent.values.get("list shopping").version == 0
        await client.ask("ask", text="hello")
        assert it.heard() == ["Good morning."]


@in_virtual_time
async def test_records_are_told_in_bounded_pages():
    async with stage(SCRIPT, tools=tools_of(search)) as it:
        client = Client(it)
        for number in range(300):
            it.agent.dialogue.append(UserSaid(text=f"{number} {'x' * 2000}"))
        seen, last = [], 0
        while page := await client.ask("records", after=last):
            assert len(page) <= 200
            seen += [record["entry"]["text"].split()[0] for record in page if record["entry"]["kind"] == "UserSaid"]
            last = page[-1]["id"]
        assert seen == [str(number) for number in range(300)]
        (newest,) = await client.ask("records", after=-1, limit=1)
        assert newest["entry"]["text"].startswith("299")
