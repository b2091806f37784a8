"""The status, the looks of who watches, traces and metrics, asked of an agent of fakes."""

import asyncio

import msgspec

from device.core.exposition import Family, exposition
from device.runtime.insight import FRESH_SECONDS, Vitals
from tests.core.test_exposition import read
from tests.runtime.control.asking import Client
from tests.runtime.stage import answers, stage, tools_of
from tests.virtual_time import VirtualClock, in_virtual_time

TALKS = answers(
    ("hello", "Good morning."),
    ("go", '<tool_call>\n{"name": "search", "arguments": {"what": "it"}}\n</tool_call>'),
)


async def search(context, what: str) -> str:
    """Search."""
    context.report("half way")
    await asyncio.sleep(100.0)
    return "found"


@in_virtual_time
async def test_the_status_tells_everything_of_one_screen():
    async with stage(TALKS, tools=tools_of(search)) as it:
        await it.say("hello")
        await it.until_quiet()
        await it.say("go")
        await asyncio.sleep(5.0)
        told = await Client(it).ask("status")
        assert (told["state"], told["mode"], told["muted"]) == ("idle", "idle", False)
        assert set(told["models"]) == {"llm", "asr", "tts", "vad", "turn"}
        assert told["sound"]["device"] == "stepped"
        assert told["sound"]["volume"] == 1.0
        assert told["memory"]["resident_bytes"] is None, "nobody reads it here"
        (main,) = told["contexts"]
        (call,) = main["calls"]
        assert (call["tool"], call["arguments"], call["progress"]) == ("search", {"what": "it"}, "half way")
        assert [turn["said"] for turn in told["turns"]] == ["hello", "go"]
        assert told["latency"]["n"] == 1
        assert told["latency"]["p50_ms"] > 0
        assert told["last_error"] is None


@in_virtual_time
async def test_looks_come_when_something_happens_and_at_most_five_a_second():
    async with stage(TALKS, tools={}) as it:
        client, loop = Client(it), asyncio.get_running_loop()
        it.agent.mute()
        await asyncio.sleep(1.0)
        first = await client.ask("watch")
        began = loop.time()
        await client.ask("watch")
        assert loop.time() - began >= 1.0, "nothing happened"
        it.agent.unmute()
        await asyncio.sleep(0.01)
        began = loop.time()
        looks = [await client.ask("watch") for _ in range(11)]
        assert 2.0 <= loop.time() - began <= 2.3
        assert looks[0]["live"]["states"][-1][1] == "idle"
        assert (first["muted"], looks[0]["muted"]) == (True, False)


@in_virtual_time
async def test_the_words_the_state_and_the_reply_are_seen_as_they_come():
    async with stage(TALKS, tools={}) as it:
        client, seen = Client(it), []

        async def watch():
            while True:
                seen.append(await client.ask("watch"))

        watching = asyncio.ensure_future(watch())
        await it.say("hello", seconds=2.0)
        await it.until_quiet()
        watching.cancel()
        assert {look["state"] for look in seen} >= {"listening", "emitting"}
        assert "hello" in {look["live"]["words"] for look in seen}
        assert "Good morning." in {look["live"]["reply"] for look in seen}
        assert (
            max(look["sound"]["microphone_db"] for look in seen)
            > -10
            > min(look["sound"]["microphone_db"] for look in seen)
        )


@in_virtual_time
async def test_a_turn_is_traced_by_its_number_and_the_last_one_without():
    async with stage(TALKS, tools={}) as it:
        client = Client(it)
        assert await client.ask("trace") is None
        assert "no turn yet" in client.failure.sentence
        assert await client.ask("turns") == []
        await it.say("hello")
        await it.until_quiet()
        await it.say("hello")
        await it.until_quiet()
        listed = await client.ask("turns")
        last = await client.ask("trace")
        assert last == await client.ask("trace", turn=listed[-1]["turn"])
        assert last["turn"] != (await client.ask("trace", turn=listed[0]["turn"]))["turn"]
        assert {"lane", "name", "begin_ms", "end_ms", "note"} == set(last["spans"][0])
        assert [moment["at_ms"] for moment in last["moments"]] == sorted(moment["at_ms"] for moment in last["moments"])
        assert await client.ask("trace", turn=999) is None
        assert "Turn 999 is not kept" in client.failure.sentence
        assert client.failure.exit_code == 11


@in_virtual_time
async def test_metrics_are_counted_and_hold_nothing_that_was_said():
    async with stage(TALKS, tools={}) as it:
        client = Client(it)
        read(exposition(msgspec.convert(await client.ask("metrics"), list[Family])))
        await it.say("hello")
        await it.until_quiet()
        text = exposition(msgspec.convert(await client.ask("metrics"), list[Family]))
        found = read(text)
        assert found["device_turns_total", (("cause", "spoken"),)] == 1
        assert found["device_voice_to_voice_seconds_count", ()] == 1
        assert found["device_state", (("state", "idle"),)] == 1
        assert "hello" not in text
        assert "morning" not in text


@in_virtual_time
async def test_forgetting_leaves_no_word_in_any_of_it():
    async with stage(TALKS, tools={}) as it:
        client = Client(it)
        await it.say("hello")
        await it.until_quiet()
        await client.ask("forget")
        told = await client.ask("watch")
        assert "hello" not in repr(told)
        assert "morning" not in repr(told)
        assert await client.ask("turns") == []


@in_virtual_time
async def test_the_computer_is_not_read_more_often_than_it_changes():
    reads = 0

    class Health:
        def read(self):
            nonlocal reads
            reads += 1
            return {"temperature_celsius": float(reads)}

    vitals = Vitals(Health(), VirtualClock())
    assert [await vitals.read() for _ in range(10)] == [{"temperature_celsius": 1.0}] * 10
    await asyncio.sleep(FRESH_SECONDS)
    assert await vitals.read() == {"temperature_celsius": 2.0}
