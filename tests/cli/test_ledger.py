"""`device ledger` on ledgers written by the agent's own store."""

import asyncio
import grp
import json
import os
import sqlite3
import subprocess
import sys

import pytest

from device.adapters.fakes.clock import FakeClock
from device.adapters.ledger_reading import PAGE_RECORDS
from device.adapters.store_sqlite import FILE, SqliteLedger
from device.cli.main import main
from device.core.entries import ReplyStarted, UserSaid


@pytest.fixture
def ledger(tmp_path, capsys):
    """Runs `device ledger …` on a directory with the given turns; returns the exit code and what was printed."""

    async def write(turns) -> None:
        store = SqliteLedger.open(tmp_path, FakeClock(), on_failure=pytest.fail)
        store.append(*(UserSaid(text=turn) for turn in turns), ReplyStarted(turn=1))
        await store.close()

    def run(*arguments: str, turns=("What time is it?", "Grüße an alle")) -> tuple[int, str, str]:
        if turns and not (tmp_path / FILE).exists():
            asyncio.run(write(turns))
        code = main(["--set", f"conversation.state={tmp_path}", "ledger", *arguments])
        return code, *capsys.readouterr()

    run.directory = tmp_path
    return run


def test_the_last_records_are_shown_a_line_each(ledger):
    code, out, _ = ledger("tail", "-n", "2")
    assert code == 0
    assert [line.split()[0] for line in out.splitlines()] == ["2", "3"]
    assert 'UserSaid  text="Grüße an alle"' in out


def test_for_scripts_they_are_json_a_line_each(ledger):
    _, out, _ = ledger("tail", "--json")
    records = [json.loads(line) for line in out.splitlines()]
    assert [record["id"] for record in records] == [1, 2, 3]
    assert records[0]["entry"] == {"kind": "UserSaid", "text": "What time is it?"}


def test_words_are_found_wherever_they_stand_and_however_they_are_written(ledger):
    _, out, _ = ledger("search", "usersaid", "GRÜSSE")
    assert len(out.splitlines()) == 1
    assert ledger("search", "banana")[:2] == (0, "")


def test_one_record_is_shown_whole_and_a_missing_one_is_a_sentence(ledger):
    _, out, _ = ledger("show", "2")
    assert json.loads(out)["entry"]["text"] == "Grüße an alle"
    code, _, error = ledger("show", "9")
    assert code == 7
    assert "no record 9" in error


def test_everything_is_exported_however_much_it_is(ledger, tmp_path):
    target = tmp_path / "out.jsonl"
    turns = [f"turn {number}" for number in range(2 * PAGE_RECORDS + 3)]
    assert ledger("export", "--out", str(target), turns=turns)[0] == 0
    assert [json.loads(line)["id"] for line in target.read_text().splitlines()] == [*range(1, len(turns) + 2)]


def test_a_kind_of_record_that_only_another_version_knows_is_exported_as_it_is(ledger):
    ledger("tail")
    with sqlite3.connect(ledger.directory / FILE) as database:
        row = (9, 0.0, 0.0, "b", "main", b'{"kind":"FutureThing","what":[1]}')
        database.execute("INSERT INTO record VALUES (?, ?, ?, ?, ?, ?)", row)
    database.close()
    assert "FutureThing  what=[1]" in ledger("tail")[1]


def test_it_reads_beside_the_agent_that_writes(ledger):
    ledger("tail")
    store = SqliteLedger.open(ledger.directory, FakeClock(), on_failure=pytest.fail)

    async def beside() -> None:
        store.append(UserSaid(text="just now"))
        await store.durable()
        assert "just now" in ledger("tail")[1]
        await store.close()

    asyncio.run(beside())


@pytest.mark.parametrize("content", [None, b"", b"no database at all, but long enough to be looked at" * 40])
def test_without_a_ledger_that_can_be_read_a_sentence_says_so(ledger, content):
    if content is not None:
        (ledger.directory / FILE).write_bytes(content)
    code, out, error = ledger("tail", turns=())
    assert (code, out) == (7, "")
    assert len(error.splitlines()) == 1


# --- as another user ---------------------------------------------------------------------------------------------

READER = """
import os, sys
from pathlib import Path
from device.adapters import ledger_reading
from device.errors import LedgerError
os.setgroups([int(group) for group in sys.argv[2].split(",") if group]); os.setgid(65534); os.setuid(65534)
try:
    print([record["entry"].get("text") for record in ledger_reading.records(Path(sys.argv[1]))])
except LedgerError as error:
    print(error)
"""

WRITER = """
import asyncio, os, sys
from pathlib import Path
from device.adapters.clock_system import SystemClock
from device.adapters.store_sqlite import SqliteLedger
from device.core.entries import UserSaid
os.umask(0o027)
async def main():
    ledger = SqliteLedger.open(Path(sys.argv[1]), SystemClock(), on_failure=print)
    ledger.append(UserSaid(text="hello"))
    await ledger.durable()
    if sys.argv[2] == "killed":
        os.kill(os.getpid(), 9)
    if sys.argv[2] == "running":
        print("running", flush=True)
        sys.stdin.read()
    await ledger.close()
asyncio.run(main())
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can try as another user")
@pytest.mark.parametrize("state", ["running", "ended", "killed", "killed, its index lost"])
def test_a_member_of_the_group_reads_it_with_and_without_the_service_and_nobody_else_does(tmp_path, state):
    group = grp.getgrnam("daemon").gr_gid
    place = tmp_path / "state"
    place.mkdir(mode=0o750)
    os.chown(place, -1, group)
    place.chmod(0o2750)
    for directory in list(place.parents)[:-2]:
        directory.chmod(0o755)
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, place, state.partition(",")[0]],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    if state == "running":
        assert writer.stdout.readline() == "running\n"
    else:
        writer.communicate()
    if "lost" in state:
        (place / f"{FILE}-shm").unlink()
    files = {path.name for path in place.iterdir()}

    def read(groups: str) -> str:
        command = [sys.executable, "-c", READER, place, groups]
        found = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        return found.stdout + found.stderr

    assert read(str(group)) == "['hello']\n"
    assert "join the group" in read("")
    assert {path.name for path in place.iterdir()} == files, "a reader leaves nothing behind"
    writer.communicate()
