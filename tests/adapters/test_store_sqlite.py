"""The ledger on the disk: in order, durable, and whole after whatever happens."""

import asyncio
import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time

import pytest

from device.adapters.clock_system import SystemClock
from device.adapters.store_sqlite import FILE, SqliteLedger
from device.core.entries import AlarmSet, UserSaid
from device.errors import InUseError, LedgerError
from tests.disks import fill_up, small_disk


def opened(directory, failures=None):
    return SqliteLedger.open(directory, SystemClock(), on_failure=(failures if failures is not None else []).append)


async def test_what_was_appended_is_there_after_a_restart(tmp_path):
    ledger = opened(tmp_path / "state")
    first, second = ledger.append(UserSaid(text="one"), UserSaid(text="zwei 🙂"))
    assert (first.id, second.id) == (1, 2)
    await ledger.durable()
    await ledger.close()
    again = opened(tmp_path / "state")
    assert [record.entry for record in again.records()] == [UserSaid(text="one"), UserSaid(text="zwei 🙂")]
    assert again.append(UserSaid(text="three"))[0].id == 3
    assert [record.id for record in again.records(after_id=2)] == [3]
    await again.close()


async def test_entries_of_one_moment_share_a_commit(tmp_path):
    ledger = opened(tmp_path)
    for number in range(200):
        ledger.append(UserSaid(text=str(number)))
    await ledger.durable()
    assert ledger.commits < 20
    await ledger.close()


CHILD = """
import asyncio, sys
from pathlib import Path
from device.adapters.clock_system import SystemClock
from device.adapters.store_sqlite import SqliteLedger
from device.core.entries import UserSaid
async def main():
    ledger = SqliteLedger.open(Path(sys.argv[1]), SystemClock(), on_failure=print)
    number = len(ledger.records())
    while True:
        ledger.append(UserSaid(text=str(number)))
        if number % 7 == 0:
            await ledger.durable()
            print(number, flush=True)
        number += 1
asyncio.run(main())
"""


def test_kill_9_at_any_moment_loses_nothing_that_was_acknowledged(tmp_path):
    for round_number in range(6):
        child = subprocess.Popen([sys.executable, "-c", CHILD, str(tmp_path)], stdout=subprocess.PIPE, text=True)
        acknowledged = int(child.stdout.readline())
        time.sleep(0.01 * round_number)
        child.send_signal(signal.SIGKILL)
        rest, _ = child.communicate()
        acknowledged = max([acknowledged, *(int(line) for line in rest.split()[:-1])])
        database = sqlite3.connect(tmp_path / FILE)
        kept = [
            (number, json.loads(entry)["text"]) for number, entry in database.execute("SELECT id, entry FROM record")
        ]
        database.close()
        assert kept == [(number + 1, str(number)) for number in range(len(kept))]
        assert len(kept) > acknowledged


async def test_a_second_instance_is_told_who_has_it(tmp_path):
    ledger = opened(tmp_path)
    with pytest.raises(InUseError, match=rf"process {os.getpid()}.*--state"):
        opened(tmp_path)
    await ledger.close()
    await opened(tmp_path).close()


@pytest.mark.parametrize("damage", [b"", b"rubbish" * 1000, os.urandom(8192)])
async def test_a_damaged_ledger_is_moved_aside_and_kept(tmp_path, damage, caplog):
    ledger = opened(tmp_path)
    ledger.append(UserSaid(text="precious"))
    await ledger.close()
    (tmp_path / FILE).write_bytes(damage)
    again = opened(tmp_path)
    again.append(UserSaid(text="new"))
    await again.close()
    if damage:
        (aside,) = tmp_path.glob(f"{FILE}.damaged-*")
        assert aside.read_bytes() == damage
        assert "damaged" in caplog.text


async def test_a_page_that_rots_in_the_middle_is_noticed(tmp_path):
    ledger = opened(tmp_path)
    ledger.append(*(UserSaid(text="x" * 500) for _ in range(100)))
    await ledger.close()
    path = tmp_path / FILE
    content = bytearray(path.read_bytes())
    content[4096 * 3 : 4096 * 5] = os.urandom(8192)
    path.write_bytes(content)
    again = opened(tmp_path)
    await again.close()
    assert list(tmp_path.glob("*.damaged-*"))


async def test_entries_of_a_newer_version_are_kept_and_passed_over(tmp_path):
    ledger = opened(tmp_path)
    ledger.append(UserSaid(text="one"))
    await ledger.close()
    database = sqlite3.connect(tmp_path / FILE)
    database.execute("INSERT INTO record VALUES (2, 1.0, 1.0, 'b', 'main', CAST('{\"kind\": \"Telepathy\"}' AS BLOB))")
    database.commit()
    database.close()
    again = opened(tmp_path)
    assert [record.id for record in again.records()] == [1]
    assert again.append(UserSaid(text="three"))[0].id == 3
    await again.close()


async def test_a_ledger_of_a_newer_version_is_not_touched(tmp_path):
    await opened(tmp_path).close()
    database = sqlite3.connect(tmp_path / FILE)
    database.execute("PRAGMA user_version = 99")
    database.close()
    with pytest.raises(LedgerError, match="newer version"):
        opened(tmp_path)


class Refusing:
    """A connection whose disk is full while it is told so."""

    def __init__(self, database):
        self.database, self.full = database, False

    def executemany(self, *arguments):
        if self.full:
            raise sqlite3.OperationalError("database or disk is full")
        return self.database.executemany(*arguments)

    def __enter__(self):
        return self.database.__enter__()

    def __exit__(self, *arguments):
        return self.database.__exit__(*arguments)

    def close(self):
        self.database.close()


async def test_a_full_disk_is_told_once_and_what_waited_is_written_when_there_is_room(tmp_path):
    failures: list[LedgerError] = []
    ledger = opened(tmp_path, failures)
    ledger._database = disk = Refusing(ledger._database)
    disk.full = True
    ledger.append(UserSaid(text="one"))
    with pytest.raises(LedgerError, match="free some room"):
        await ledger.durable()
    ledger.append(AlarmSet(alarm_id="t1", due_wall_seconds=1.0))
    assert len(ledger.records()) == 2
    disk.full = False
    while True:
        try:
            await ledger.durable()
            break
        except LedgerError:
            await asyncio.sleep(0.05)
    await ledger.close()
    assert len(failures) == 1
    again = opened(tmp_path)
    assert len(again.records()) == 2
    await again.close()


async def test_who_watches_is_told_when_the_disk_begins_to_refuse_and_when_it_no_longer_does(tmp_path):
    told: list[str] = []
    ledger = opened(tmp_path, [])
    ledger.watch(lambda failure: told.append("" if failure is None else "refuses"))
    ledger._database = disk = Refusing(ledger._database)
    disk.full = True
    ledger.append(UserSaid(text="one"))
    with pytest.raises(LedgerError):
        await ledger.durable()
    ledger.watch(lambda failure: told.append("" if failure is None else "already"))
    await asyncio.wrap_future(ledger.pulse())
    disk.full = False
    await ledger.close()
    assert told[:2] == ["refuses", "already"]
    assert told[2:] == ["", ""]


async def settled(ledger: SqliteLedger) -> None:
    """Wait until everything is on the disk, however often that is refused before."""
    while True:
        try:
            await ledger.durable()
        except LedgerError:
            await asyncio.sleep(0.05)
        else:
            return


async def test_a_disk_that_is_full_from_the_start_is_told_and_what_waited_is_written_when_there_is_room(tmp_path):
    with small_disk(tmp_path / "disk", kib=512) as disk:
        ledger = opened(disk)
        ledger.append(UserSaid(text="before"))
        await ledger.close()
        filler, failures, told = fill_up(disk), [], []
        ledger = opened(disk, failures)
        ledger.watch(lambda failure: told.append("" if failure is None else "refuses"))
        assert [record.entry.text for record in ledger.records()] == ["before"]
        assert ledger.append(UserSaid(text="meanwhile"))[0].id == 2
        with pytest.raises(LedgerError, match="free some room"):
            await ledger.durable()
        with pytest.raises(LedgerError, match="free some room"):
            await ledger.forget(lambda _: False)
        await asyncio.wrap_future(ledger.pulse())
        filler.unlink()
        await settled(ledger)
        assert (len(failures), told) == (1, ["refuses", ""])
        await ledger.close()
        again = opened(disk)
        assert [record.entry.text for record in again.records()] == ["before", "meanwhile"]
        await again.close()


@pytest.mark.parametrize("what", ["new", "an index with room", "a log with room"])
async def test_trouble_with_a_disk_that_was_full_from_the_start_comes_and_goes_though_nothing_is_said(tmp_path, what):
    with small_disk(tmp_path / "disk", kib=512) as disk:
        if what != "new":
            ledger = opened(disk)
            ledger.append(UserSaid(text="before"))
            await ledger.close()
        if what != "new":  # SQLite can open such a file although there is no room
            (disk / f"{FILE}-shm").write_bytes(bytes(32_768))
        if what == "a log with room":
            (disk / f"{FILE}-wal").write_bytes(b"")
        filler, told = fill_up(disk), asyncio.Queue()
        ledger = opened(disk, [])
        loop = asyncio.get_running_loop()
        ledger.watch(lambda failure: loop.call_soon_threadsafe(told.put_nowait, failure))
        assert "free some room" in str(await asyncio.wait_for(told.get(), 60))
        assert len(ledger.records()) == (what != "new")
        filler.unlink()
        assert await asyncio.wait_for(told.get(), 60) is None
        await ledger.close()


async def test_what_a_log_holds_after_a_crash_is_known_on_a_full_disk(tmp_path):
    with small_disk(tmp_path / "disk", kib=512) as disk:
        program = (
            "import asyncio, os, sys; from pathlib import Path; from device.adapters.clock_system import SystemClock;"
            "from device.adapters.store_sqlite import SqliteLedger; from device.core.entries import UserSaid\n"
            "async def main():\n"
            "    ledger = SqliteLedger.open(Path(sys.argv[1]), SystemClock(), on_failure=print)\n"
            "    ledger.append(UserSaid(text='kept'))\n"
            "    await ledger.durable()\n"
            "    os._exit(9)\n"
            "asyncio.run(main())"
        )
        crash = [sys.executable, "-c", program, disk]
        assert (await asyncio.to_thread(subprocess.run, crash, check=False)).returncode == 9
        assert (disk / f"{FILE}-wal").stat().st_size > 0
        (disk / f"{FILE}-shm").unlink()  # a power cut takes the index along, or leaves one that cannot be trusted
        filler = fill_up(disk)
        ledger = opened(disk, [])
        assert [record.entry.text for record in ledger.records()] == ["kept"]
        ledger.append(UserSaid(text="more"))
        filler.unlink()
        await settled(ledger)
        await ledger.close()
        again = opened(disk)
        assert [record.entry.text for record in again.records()] == ["kept", "more"]
        await again.close()


async def test_what_was_said_on_a_disk_that_stays_full_is_named_at_the_end(tmp_path):
    with small_disk(tmp_path / "disk", kib=64) as disk:
        fill_up(disk)
        ledger = opened(disk, [])
        ledger.append(UserSaid(text="one"), UserSaid(text="two"))
        with pytest.raises(LedgerError, match="last 2 entries"):
            await ledger.close()
        quiet = opened(disk, [])
        await quiet.close()


async def test_a_writer_that_hangs_does_not_come_round_to_its_pulse(tmp_path):
    ledger = opened(tmp_path)
    await asyncio.wrap_future(ledger.pulse())
    begun, goes_on = threading.Event(), threading.Event()

    class Hanging(Refusing):
        def executemany(self, *arguments):
            begun.set()
            goes_on.wait()
            return self.database.executemany(*arguments)

    ledger._database = Hanging(ledger._database)
    ledger.append(UserSaid(text="one"))
    await asyncio.to_thread(begun.wait)
    pulse = ledger.pulse()
    await asyncio.sleep(0.05)
    assert not pulse.done()
    goes_on.set()
    await asyncio.wrap_future(pulse)
    await ledger.close()
    with pytest.raises(LedgerError, match="closed"):
        ledger.pulse()


async def test_what_could_not_be_kept_is_said_at_the_end(tmp_path):
    ledger = opened(tmp_path, [])
    ledger._database = disk = Refusing(ledger._database)
    disk.full = True
    ledger.append(UserSaid(text="one"))
    with pytest.raises(LedgerError, match="last 1 entries"):
        await ledger.close()


def test_a_directory_that_cannot_be_made_is_a_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(LedgerError, match="cannot be made"):
        opened(tmp_path / "file" / "state")
