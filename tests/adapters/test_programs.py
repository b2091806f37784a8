"""Asking the system's programs."""

import sys

import pytest

from device.adapters.programs import Finished, ask
from device.errors import DeviceError


def test_a_programs_words_and_end_are_told():
    found = ask((sys.executable, "-c", "import sys; print('so'); print('but', file=sys.stderr); sys.exit(3)"))
    assert found == Finished(code=3, out="so\n", err="but\n")


def test_a_program_that_is_not_there_is_none():
    assert ask(("no-such-program",)) is None


def test_a_program_that_hangs_is_ended():
    with pytest.raises(DeviceError, match="did not answer"):
        ask((sys.executable, "-c", "import time; time.sleep(60)"), seconds=0.05)
