"""The clock: set, kept, or wrong."""

import pytest

from device.adapters.clock_system import SystemClock
from device.adapters.doctor.clock import EARLIEST_SECONDS, clock
from device.adapters.programs import Finished
from device.adapters.store_sqlite import SqliteLedger
from device.core.entries import UserSaid
from tests.adapters.doctor.judging import has_failed, is_not_known, is_well, warns

NOW = EARLIEST_SECONDS + 1e7


def timedatectl(word: str) -> dict[str, Finished]:
    return {"timedatectl": Finished(code=0, out=f"{word}\n")}


def test_a_clock_that_a_server_sets_is_well(device):
    assert is_well(clock(device(programs=timedatectl("yes"), wall_seconds=lambda: NOW)))
    assert is_well(clock(device({"run/systemd/timesync/synchronized": ""}, wall_seconds=lambda: NOW)))


def test_a_clock_that_nothing_keeps_warns(device):
    assert warns(clock(device(programs=timedatectl("no"), wall_seconds=lambda: NOW)), "power cut")


def test_a_clock_chip_keeps_the_time_without_a_server(device):
    chip = {"sys/class/rtc/rtc0/name": "rpi_rtc"}
    assert is_well(clock(device(chip, programs=timedatectl("no"), wall_seconds=lambda: NOW)))


def test_without_timedatectl_it_is_not_known(device):
    assert is_not_known(clock(device(wall_seconds=lambda: NOW)))


@pytest.mark.parametrize("wrong", [0.0, 5e9])
def test_a_clock_that_is_wrong_by_years_has_failed(device, wrong):
    assert has_failed(clock(device(programs=timedatectl("yes"), wall_seconds=lambda: wrong)), "years")


async def test_a_clock_before_what_was_last_said_has_failed(device, tmp_path):
    ledger = SqliteLedger.open(tmp_path / "state", SystemClock(), on_failure=print)
    (record,) = ledger.append(UserSaid(text="hello"))
    await ledger.close()
    late, early = record.wall_seconds + 60, record.wall_seconds - 2 * 86_400
    assert is_well(clock(device(programs=timedatectl("yes"), wall_seconds=lambda: late)))
    assert has_failed(clock(device(programs=timedatectl("yes"), wall_seconds=lambda: early)), "last thing")
