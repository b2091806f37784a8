"""The way to the engine's thread; the reader is the test itself, so nothing here waits."""

import pytest

from device.adapters.llm_mailbox import Mailbox
from device.errors import GenerationError


def test_wishes_are_done_in_the_order_posted_before_any_work():
    mailbox, done = Mailbox(), []
    for number in range(3):
        mailbox.post(lambda number=number: done.append(number))
    assert mailbox.read(lambda: True)
    assert done == [0, 1, 2]


def test_a_call_brings_back_its_result_or_its_error():
    mailbox = Mailbox()
    result = mailbox.call(lambda: 42)

    def fail() -> None:
        raise OSError("disk full")

    failure = mailbox.call(fail)
    assert mailbox.read(lambda: True)
    assert result.result(timeout=0) == 42
    assert str(failure.exception(timeout=0)) == "disk full"


def test_a_call_that_nobody_waits_for_any_more_is_not_made():
    mailbox, done = Mailbox(), []
    mailbox.call(lambda: done.append(1)).cancel()
    assert mailbox.read(lambda: True)
    assert done == []


def test_a_closed_mailbox_refuses_and_tells_its_reader_to_end():
    mailbox = Mailbox()
    mailbox.close()
    mailbox.close()
    assert not mailbox.read(lambda: True)
    with pytest.raises(GenerationError, match="closed"):
        mailbox.post(lambda: None)


def test_what_was_posted_before_the_end_is_still_answered():
    mailbox = Mailbox()
    result = mailbox.call(lambda: 42)
    mailbox.close()
    assert not mailbox.read(lambda: True)
    mailbox.drain()
    assert result.result(timeout=0) == 42
