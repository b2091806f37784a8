"""Who is listened to, and when."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.core.attention import SAMPLES_PER_SECOND, Attention, AttentionOptions, Heed, Way

LISTEN, SPOT, NOTHING = Heed.LISTEN, Heed.SPOT, Heed.NOTHING


def attention(way: Way, **options) -> Attention:
    return Attention(AttentionOptions(way=way, **options))


def at(seconds: float) -> int:
    return round(seconds * SAMPLES_PER_SECOND)


@pytest.mark.parametrize(("way", "heed"), [(Way.ALWAYS, LISTEN), (Way.WAKE_WORD, SPOT), (Way.BUTTON, NOTHING)])
def test_before_anybody_called_it_depends_on_the_way(way, heed):
    assert attention(way).heed(0) is heed


@pytest.mark.parametrize("way", [Way.WAKE_WORD, Way.BUTTON])
def test_who_called_is_listened_to_until_patience_ends_and_that_is_told_once(way):
    it = attention(way, patience_seconds=8)
    it.call(at(1))
    assert (it.heed(at(8.9)), it.gives_up(at(8.9))) == (LISTEN, False)
    assert it.heed(at(9)) is not LISTEN
    assert (it.gives_up(at(9)), it.gives_up(at(9))) == (True, False)


def test_a_reply_needs_no_wake_word_to_be_interrupted_or_followed_up():
    it = attention(Way.WAKE_WORD, follow_up_seconds=6)
    it.reply(at(1), under_way=True)
    assert it.heed(at(50)) is LISTEN
    it.reply(at(50), under_way=False)
    it.reply(at(51), under_way=False)
    assert (it.heed(at(55.9)), it.heed(at(56))) == (LISTEN, SPOT)


def test_without_a_follow_up_nothing_but_the_wake_word_is_heard_whoever_talks_over_a_reply():
    it = attention(Way.WAKE_WORD, follow_up_seconds=0)
    it.reply(0, under_way=True)
    assert it.heed(at(1)) is SPOT
    it.reply(at(2), under_way=False)
    it.answer(at(3))
    assert it.heed(at(3)) is SPOT


def test_one_press_is_one_utterance():
    it = attention(Way.BUTTON)
    it.call(0)
    it.answer(at(1))
    assert it.heed(at(1)) is NOTHING
    it.reply(at(1), under_way=True)
    assert it.heed(at(2)) is NOTHING
    assert not it.gives_up(at(60))


def test_who_wants_no_more_is_not_waited_for():
    it = attention(Way.BUTTON)
    it.call(0)
    it.dismiss()
    assert it.heed(at(1)) is NOTHING
    assert not it.gives_up(at(60))


_DEEDS = st.sampled_from(["call", "answer", "dismiss", "begins", "ends", "pass"])


@given(st.lists(st.tuples(_DEEDS, st.integers(0, at(10))), max_size=30))
def test_whatever_happens_one_who_stays_quiet_for_long_enough_is_not_heard(deeds):
    button, word, now = attention(Way.BUTTON), attention(Way.WAKE_WORD), 0
    for deed, pause in deeds:
        now += pause
        for it in (button, word):
            match deed:
                case "begins" | "ends":
                    it.reply(now, under_way=deed == "begins")
                case "pass":
                    it.gives_up(now)
                case _:
                    getattr(it, deed)(*([] if deed == "dismiss" else [now]))
    word.reply(now, under_way=False)
    assert button.heed(now + at(8)) is NOTHING
    assert word.heed(now + at(8)) is SPOT
