"""Ways to make the machine that is measured a worse one: slower, or busy with something else.

A slower machine is made by a duty cycle: the measured process is stopped and continued a hundred times a second. A
quota of processor time (cgroup v2's cpu.max) would not do: it lets one thread run at full speed until all threads'
common budget is spent, which is no slower core at all, and it needs rights that a container seldom has. The duty cycle
slows every thread alike, the sound device's too, so it blurs each time by up to a period; it needs no rights.
"""

import ctypes
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from device.errors import DeviceError

PERIOD_SECONDS = 0.01

BUSY = "import os, sys\nwhile os.getppid() == int(sys.argv[1]):\n    for _ in range(1 << 18): pass"
"""A program that computes until its parent is gone."""

PR_SET_PDEATHSIG = 1


@contextmanager
def busy(processes: int) -> Iterator[None]:
    """So many processes compute beside us while the context is open, each as much as one core gives it."""
    command = [sys.executable, "-S", "-c", BUSY, str(os.getpid())]
    running = [subprocess.Popen(command, stdout=subprocess.DEVNULL) for _ in range(processes)]  # noqa: S603
    try:
        yield
    finally:
        for process in running:
            process.kill()
            process.wait()


def run_slowed(command: Sequence[str], percent: int) -> tuple[str, dict[str, Any]]:
    """Run `command` so that it computes only `percent` of the time; its output, and how it was slowed.

    Raises DeviceError if it fails; what went wrong it has written to standard error itself.
    """
    with tempfile.TemporaryFile() as output:
        with subprocess.Popen(command, stdout=output) as process:  # noqa: S603
            try:
                achieved = _keep_slow(process, percent)
            finally:
                process.send_signal(signal.SIGCONT)
        if process.returncode:
            raise DeviceError(f"The slowed measurement ended with {process.returncode}: see above.")
        output.seek(0)
        text = output.read().decode()
    method = f"stopped and continued every {PERIOD_SECONDS * 1000:.0f} ms"
    return text, {"percent": percent, "achieved": round(100 * achieved, 1), "method": method}


def _keep_slow(process: subprocess.Popen[bytes], percent: int) -> float:
    """Stop and continue the process until it ends; returns the share of the time that it was let run.

    A sleep takes longer than it should, the more so on a busy machine, so each stop makes up for what ran so far.
    """
    ran = stopped = 0.0
    while process.poll() is None:
        began = time.monotonic()
        time.sleep(PERIOD_SECONDS * percent / 100)
        process.send_signal(signal.SIGSTOP)
        halted = time.monotonic()
        ran += halted - began
        time.sleep(max(ran * (100 - percent) / percent - stopped, 0.0))
        process.send_signal(signal.SIGCONT)
        stopped += time.monotonic() - halted
    return ran / max(ran + stopped, 1e-9)


def end_with_parent() -> None:
    """Have the kernel end this process when its parent ends, even while it is stopped."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
