"""The experiment on the ledger, small: the real store, real processes that are really killed."""

import asyncio
import random

import pytest

from device import app
from device.core.entries import UserSaid
from device.core.values import SharedValues
from device.eval.ledger.concurrent import concurrent
from device.eval.ledger.crashes import crashes
from device.eval.ledger.torn import torn


def test_what_many_writers_saw_is_linearizable_and_the_checker_would_notice_otherwise():
    found = concurrent("seed", 6, 12)
    assert found["conflicts"] > 0
    assert found["linearizable"] == found["keys"] == 3
    assert found["gapless"]
    assert found["rejected"] == {"stale read": True, "lost update": True}


def test_a_store_that_overwrites_silently_is_found_out(monkeypatch):
    write = SharedValues.write

    def careless(self, name, value, *, version):
        return write(self, name, value, version=self.version(name))

    monkeypatch.setattr(SharedValues, "write", careless)
    found = concurrent("seed", 6, 12)
    assert found["linearizable"] < found["keys"]
    assert found["stuck"]


@pytest.mark.parametrize("acknowledged", [True, False])
def test_nothing_acknowledged_is_lost_when_processes_are_killed(acknowledged):
    found = crashes("seed", 3, 4, acknowledged=acknowledged, cuts=2)
    assert found["crashes"] == 3
    assert found["gapless"]
    assert found["damaged"] == 0
    assert all(cut["gapless"] and not cut["damaged"] for cut in found["torn"])
    if acknowledged:
        assert (found["linearizable"], found["undecided"], found["stuck"]) == (found["keys"], 0, [])


def test_a_store_that_acknowledges_before_the_disk_has_it_is_found_out(monkeypatch, tmp_path):
    forgetful = tmp_path / "sitecustomize.py"
    forgetful.write_text(
        "import device.adapters.store_sqlite as store\n"
        "async def at_once(self): pass\n"
        "store.SqliteLedger.durable = at_once\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    found = (crashes(f"seed {number}", 3, 4, acknowledged=True, cuts=0) for number in range(5))
    assert any(one["linearizable"] < one["keys"] for one in found)


async def test_a_torn_log_leaves_the_beginning_of_the_records(tmp_path):
    ledger = app.open_ledger(tmp_path / "state")
    for number in range(30):
        ledger.append(UserSaid(text=str(number)))
        await ledger.durable()
    chance = random.Random(0)
    cuts = [await asyncio.to_thread(torn, tmp_path / "state", chance) for _ in range(8)]
    await ledger.close()
    assert all(cut["gapless"] for cut in cuts)
    assert len({cut["records"] for cut in cuts}) > 1
