"""Warnings and errors are counted, the last ones kept."""

import logging

from device.runtime.mishaps import KEPT, kept_mishaps

log = logging.getLogger("device.somewhere")


def test_the_last_error_is_kept_and_all_are_counted():
    with kept_mishaps() as mishaps:
        assert mishaps.last() is None
        log.info("nothing")
        log.warning("a warning")
        assert mishaps.last() is None
        log.error("The sound %s\nis gone", "card")
        log.warning("another")
        assert (mishaps.last().text, mishaps.last().level) == ("The sound card is gone", "error")
        assert mishaps.counts == {"warning": 2, "error": 1}
        for number in range(3 * KEPT):
            log.error("%s %d", "x" * 10_000, number)
        assert len(mishaps._kept) == KEPT
        assert len(mishaps.last().text) == 300
        mishaps.forget()
        assert mishaps.last() is None
        assert mishaps.counts["error"] == 1 + 3 * KEPT
    log.error("afterwards")
    assert mishaps.last() is None
