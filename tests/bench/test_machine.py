"""A slower machine, or a busy one."""

import os
import sys
import time

import pytest

from device.bench import machine, slowing
from device.errors import DeviceError

COUNT = "import time\nwhile time.process_time() < 0.2: pass\nprint('x' * 200_000)"


def test_a_slowed_process_gets_only_its_share_and_its_output_is_whole():
    began = time.monotonic()
    output, slowed = slowing.run_slowed([sys.executable, "-S", "-c", COUNT], 30)
    assert output == "x" * 200_000 + "\n"
    assert time.monotonic() - began > 0.45  # a fifth of a second's work at three tenths of the speed
    assert slowed["percent"] == 30
    assert slowed["achieved"] == pytest.approx(30, abs=6)
    assert "stopped and continued" in slowed["method"]


def test_a_slowed_process_that_fails_is_an_error():
    with pytest.raises(DeviceError, match="ended with 3"):
        slowing.run_slowed([sys.executable, "-S", "-c", "raise SystemExit(3)"], 50)


def test_busy_processes_compute_and_end():
    def children_seconds() -> float:
        times = os.times()
        return times.children_user + times.children_system

    before = children_seconds()
    with slowing.busy(1):
        time.sleep(0.3)
    assert children_seconds() - before > 0.02


def test_the_machine_says_what_it_is():
    found = machine.description()
    assert found["cores"] >= 1
    assert found["processor"]
