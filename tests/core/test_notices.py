"""What a ringing alarm says."""

import pytest

from device.core.entries import AlarmSet
from device.core.notices import notice_text

SEVEN_UTC = 1_800_000_000.0 - 1_800_000_000 % 86_400 + 7 * 3600


@pytest.mark.parametrize(
    ("alarm", "late_seconds", "text"),
    [
        ({"duration_seconds": 600.0, "label": "tea"}, 0.0, "the 10 minute timer for tea is over"),
        ({"duration_seconds": 600.0}, 59.0, "the 10 minute timer is over"),
        ({"duration_seconds": 600.0}, 7200.0, "the 10 minute timer is over, 2 hours ago"),
        ({"label": "work"}, 0.0, "it is 7:00 AM: alarm for work"),
        ({}, 0.0, "it is 7:00 AM: alarm"),
        ({"utc_offset_seconds": 12.5 * 3600}, 0.0, "it is 7:30 PM: alarm"),
        ({"label": "work"}, 300.0, "the alarm for work was due at 7:00 AM, 5 minutes ago"),
        ({"label": "call mum", "reminder": True}, 0.0, "reminder: call mum"),
        ({"label": "call mum", "reminder": True, "duration_seconds": 60.0}, 0.0, "reminder: call mum"),
        ({"label": "call mum", "reminder": True}, 3600.0, "reminder: call mum, due 1 hour ago"),
    ],
)
def test_the_words_of_each_kind(alarm, late_seconds, text):
    assert notice_text(AlarmSet(alarm_id="t1", due_wall_seconds=SEVEN_UTC, **alarm), late_seconds) == text
