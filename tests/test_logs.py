"""What the journal gets, received on a real socket; and what a terminal gets."""

import logging
import os
import socket
import struct
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.logs import JournalHandler, encoded


def decoded(sent: bytes) -> dict[str, str]:
    """Fields as the journal reads them."""
    fields = {}
    while sent:
        line, _, rest = sent.partition(b"\n")
        name, equals, value = line.partition(b"=")
        if not equals:
            (length,) = struct.unpack("<Q", rest[:8])
            value, rest = rest[8 : 8 + length], rest[9 + length :]
        fields[name.decode()] = value.decode()
        sent = rest
    return fields


@given(
    st.dictionaries(st.from_regex(r"[A-Z_]{1,20}", fullmatch=True), st.text(st.characters(exclude_categories=["Cs"])))
)
def test_any_fields_reach_the_journal_as_they_are(fields):
    assert decoded(encoded(fields)) == fields


@pytest.fixture
def journal(tmp_path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as end:
        end.bind(str(tmp_path / "journal"))
        end.settimeout(10)
        yield tmp_path / "journal", end


def test_an_event_has_its_priority_and_where_it_came_from(journal):
    path, end = journal
    handler = JournalHandler(path)
    log = logging.getLogger("device.test")
    log.addHandler(handler)
    try:
        log.error("The %s is gone\n\x1b[31mred", "sound")
    finally:
        log.removeHandler(handler)
        handler.close()
    fields = decoded(end.recv(100_000))
    assert fields["MESSAGE"] == "The sound is gone\n\ufffd[31mred"
    assert (fields["PRIORITY"], fields["SYSLOG_IDENTIFIER"], fields["LOGGER"]) == ("3", "device", "device.test")
    assert fields["CODE_FILE"] == __file__
    assert fields["CODE_FUNC"] == "test_an_event_has_its_priority_and_where_it_came_from"
    assert fields["THREAD_NAME"] == "MainThread"


def test_a_message_of_any_length_and_a_flood_harm_nobody(journal):
    path, end = journal
    handler = JournalHandler(path)
    record = logging.LogRecord("x", logging.INFO, "f", 1, "long " * 100_000, (), None)
    for _ in range(500):
        handler.emit(record)
    assert len(decoded(end.recv(1 << 20))["MESSAGE"]) == 16_000
    handler.close()


PROGRAM = "import logging; from device import logs; logs.start('info'); logging.getLogger('x').warning('two\\nlines')"


def test_standard_error_gets_a_line_that_a_person_reads():
    found = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True, timeout=60)
    assert found.stderr.endswith(" WARNING x: two\nlines\n")


def test_standard_error_that_leads_to_a_journal_that_is_not_there_has_priorities(tmp_path):
    with (tmp_path / "stderr").open("w+") as stderr:
        status = os.fstat(stderr.fileno())
        environment = os.environ | {"JOURNAL_STREAM": f"{status.st_dev}:{status.st_ino}"}
        program = f"from device import logs; import pathlib; logs.JOURNAL = pathlib.Path('/nowhere'); {PROGRAM}"
        program = program.replace("JournalHandler()", "JournalHandler(JOURNAL)")
        subprocess.run([sys.executable, "-c", program], stderr=stderr, env=environment, check=True, timeout=60)
        stderr.seek(0)
        assert stderr.read() == "<4>two ⏎ lines\n"
