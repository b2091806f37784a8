"""The fuzzer, in small, on a whole agent with a scripted model: nothing breaks, stays open, changes or is lost."""

import asyncio
import json
import random
import sys
from pathlib import Path

from device import app
from device.bench.fuzz.requests import attempt
from device.config import load
from device.core.events import ShutdownRequested
from device.runtime.agent import Surroundings

REQUESTS = 1500


def test_the_same_seed_makes_the_same_requests_of_every_kind():
    first, again = ([attempt(random.Random(f"3 {number}")) for number in range(3000)] for _ in range(2))
    assert first == again
    assert {one.kind for one in first} == {
        "proper", "arguments that do not fit", "malformed", "oversized", "torn", "in crumbs", "vanishing", "flood", "stalling",
        "silent",
    }  # fmt: skip


def open_files() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


async def fuzzed(path: Path) -> dict:
    clients = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "device.bench.fuzz.clients", path, "--requests", str(REQUESTS), "--clients", "50",
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, _ = await clients.communicate(b"go\n")
    assert clients.returncode == 0
    return json.loads(out)


async def test_an_agent_that_is_fuzzed_by_fifty_clients_answers_the_polite_and_is_as_it_was(tmp_path, caplog):
    config = load(overrides=["tools.enabled=none", "conversation.keep_days=0"], environment={}).config
    path = tmp_path / "c.sock"
    shown: list[str] = []
    surroundings = Surroundings(config=config, state_directory=tmp_path, show=shown.append, control=path)
    async with app.open_agent(surroundings, script=lambda _: "Good morning.") as agent:
        living = asyncio.create_task(agent.run())
        before, tasks = open_files(), len(asyncio.all_tasks())
        records = agent.faculties.ledger.records()
        told = await fuzzed(path)
        for _ in range(100):
            if len(asyncio.all_tasks()) <= tasks and open_files() <= before:
                break
            await asyncio.sleep(0.05)
        assert open_files() <= before
        assert len(asyncio.all_tasks()) <= tasks
        assert agent.faculties.ledger.records() == records
        assert not agent.faculties.ledger.followers
        agent.loop.post(ShutdownRequested())
        await living
    assert sum(told["requests"].values()) >= REQUESTS
    assert told["polite"]["n"] > 0
    assert told["polite"]["unanswered"] == 0
    assert not [how for how in told["answers"] if "broke" in how or "no end" in how]
    assert not [record for record in caplog.records if record.levelname == "ERROR"]
    assert shown == []
