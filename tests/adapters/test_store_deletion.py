"""What was deleted is in no file any more, and what is left is whole."""

import asyncio
import sqlite3

import pytest

from device.adapters import store_deletion
from device.adapters.clock_system import SystemClock
from device.adapters.store_sqlite import FILE, SqliteLedger
from device.core.entries import AlarmSet, UserSaid
from device.errors import LedgerError


def opened(directory):
    return SqliteLedger.open(directory, SystemClock(), on_failure=print)


def everything_on_the_disk(directory) -> bytes:
    return b"".join(path.read_bytes() for path in directory.iterdir())


async def test_deleted_words_are_in_no_file_and_the_rest_survives(tmp_path):
    ledger = opened(tmp_path)
    for number in range(300):
        ledger.append(UserSaid(text=f"my secret number {number} is pangolin {'x' * number}"))
    ledger.append(AlarmSet(alarm_id="t1", due_wall_seconds=1.0, label="tea"))
    await ledger.durable()
    (tmp_path / f"{FILE}.damaged-20261125-000000").write_bytes(b"pangolin")
    assert b"pangolin" in everything_on_the_disk(tmp_path)
    assert await ledger.forget(lambda record: isinstance(record.entry, AlarmSet)) == 300
    assert b"pangolin" not in everything_on_the_disk(tmp_path)
    assert b"tea" in everything_on_the_disk(tmp_path)
    (added,) = ledger.append(UserSaid(text="anew"))
    assert added.id == 302
    await ledger.close()
    again = opened(tmp_path)
    assert [record.id for record in again.records()] == [301, 302]
    await again.close()


async def test_what_is_appended_meanwhile_stays(tmp_path):
    ledger = opened(tmp_path)
    ledger.append(UserSaid(text="old"))
    await ledger.durable()
    forgetting = asyncio.ensure_future(ledger.forget(lambda record: False))
    await asyncio.sleep(0)
    ledger.append(UserSaid(text="new"))
    assert await forgetting == 1
    await ledger.durable()
    await ledger.close()
    again = opened(tmp_path)
    assert [record.entry for record in again.records()] == [UserSaid(text="new")]
    await again.close()


async def test_a_reader_that_stays_is_told_of(tmp_path, monkeypatch):
    monkeypatch.setattr(store_deletion, "READERS_MILLISECONDS", 10)
    ledger = opened(tmp_path)
    ledger.append(UserSaid(text="old"))
    await ledger.durable()
    reader = sqlite3.connect(tmp_path / FILE)
    reader.execute("BEGIN")
    reader.execute("SELECT * FROM record").fetchall()
    with pytest.raises(LedgerError, match="end what is reading"):
        await ledger.forget(lambda record: False)
    reader.close()
    assert await ledger.forget(lambda record: False) == 1
    await ledger.close()
    assert b"old" not in (tmp_path / FILE).read_bytes()


async def test_what_could_not_be_deleted_is_there_to_be_deleted_again(tmp_path, monkeypatch):
    ledger = opened(tmp_path)
    ledger.append(UserSaid(text="a secret"))
    await ledger.durable()

    def refuses(database, ids):
        raise sqlite3.OperationalError("database or disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(store_deletion, "delete_for_good", refuses)
        with pytest.raises(LedgerError, match="could not be deleted"):
            await ledger.forget(lambda record: False)
    assert [record.entry.text for record in ledger.records()] == ["a secret"]
    assert await ledger.forget(lambda record: False) == 1
    assert ledger.records() == ()
    await ledger.close()
    assert b"a secret" not in everything_on_the_disk(tmp_path)
