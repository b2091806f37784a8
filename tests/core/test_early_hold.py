"""Holding the reply before it is known that the user speaks."""

from hypothesis import given
from hypothesis import strategies as st

from device.core.early_hold import EXCESS, EarlyHold, EarlyHoldOptions, Glimpse

OPTIONS = EarlyHoldOptions()


def heard(watch: EarlyHold, levels, *, own_sound=True, voice_likely=False):
    return [watch.frame(level, own_sound=own_sound, voice_likely=voice_likely) for level in levels]


def test_a_jump_above_what_the_canceller_leaves_is_caught_at_once():
    watch = EarlyHold()
    assert set(heard(watch, [-58.0] * 100)) == {None}
    assert heard(watch, [-40.0]) == [Glimpse.CAUGHT]
    assert watch.holding


def test_nothing_is_caught_while_the_agent_is_silent():
    assert set(heard(EarlyHold(), [-80.0] * 50 + [-10.0] * 50, own_sound=False)) == {None}


def test_what_no_voice_follows_fades_in_time():
    watch = EarlyHold()
    heard(watch, [-40.0])
    assert heard(watch, [-90.0] * OPTIONS.judge_frames)[-1] is Glimpse.FADED
    assert not watch.holding


def test_a_likely_voice_is_waited_for_but_not_for_ever():
    watch = EarlyHold()
    heard(watch, [-40.0])
    decisions = heard(watch, [-40.0] * OPTIONS.most_frames, voice_likely=True)
    assert decisions.index(Glimpse.FADED) == OPTIONS.most_frames - 1


def test_what_lasts_is_waited_for_longer_than_what_is_over_soon():
    watch = EarlyHold()
    heard(watch, [-40.0])
    decisions = heard(watch, [-40.0] * OPTIONS.most_frames)
    assert decisions.index(Glimpse.FADED) == OPTIONS.most_frames - 1


def test_what_was_a_voice_for_a_moment_is_waited_for_and_teaches_nothing():
    watch = EarlyHold()
    heard(watch, [-40.0] * 3)
    heard(watch, [-40.0] * 10, voice_likely=True)
    decisions = heard(watch, [-90.0] * OPTIONS.most_frames)
    assert decisions.index(Glimpse.FADED) >= OPTIONS.most_frames - 13
    assert Glimpse.CAUGHT in heard(watch, [-40.0])


def test_a_voice_that_swells_does_not_count_as_left_by_the_canceller():
    watch = EarlyHold()
    heard(watch, [-58.0] * 100)
    assert Glimpse.CAUGHT in heard(watch, [-58.0 + number for number in range(14)])


def test_what_was_no_voice_does_not_hold_again():
    watch = EarlyHold()
    heard(watch, [-40.0, *[-90.0] * OPTIONS.judge_frames])
    assert Glimpse.CAUGHT not in heard(watch, [-41.0] * 50)
    assert Glimpse.CAUGHT in heard(watch, [-25.0])


def test_a_loud_room_asks_for_a_louder_voice():
    watch = EarlyHold()
    heard(watch, [-40.0] * 50, own_sound=False)
    assert Glimpse.CAUGHT not in heard(watch, [-36.0] * 20)
    assert Glimpse.CAUGHT in heard(watch, [-20.0])


def test_other_peoples_talk_before_a_reply_does_not_hold_it_and_a_nearer_voice_does():
    syllables = ([4.0] * 6 + [-2.0] * 10) * 20
    watch = EarlyHold(EXCESS)
    heard(watch, syllables, own_sound=False)
    assert Glimpse.CAUGHT not in heard(watch, syllables[:32])
    assert Glimpse.CAUGHT in heard(watch, [10.0])


@given(st.lists(st.tuples(st.floats(-200, 10), st.booleans(), st.booleans()), max_size=300))
def test_every_glimpse_is_settled_before_the_next_and_none_lasts(frames):
    watch, since = EarlyHold(), None
    for number, (level, own_sound, likely) in enumerate(frames):
        decision = watch.frame(level, own_sound=own_sound, voice_likely=likely)
        if decision is Glimpse.CAUGHT:
            assert since is None
            assert own_sound
            since = number
        elif decision is Glimpse.FADED:
            assert OPTIONS.judge_frames <= number - since <= OPTIONS.most_frames
            since = None
        assert watch.holding == (since is not None)


def test_a_lesser_jump_is_caught_when_it_lasts():
    watch = EarlyHold(EXCESS)
    heard(watch, [0.0] * 100)
    assert heard(watch, [3.0] * 4) == [None, None, None, Glimpse.CAUGHT]


def test_a_lesser_jump_that_does_not_last_is_none():
    watch = EarlyHold(EXCESS)
    heard(watch, [0.0] * 100)
    assert set(heard(watch, [3.0, 3.0, 0.0, 0.0] * 5)) == {None}


def test_only_what_stands_out_far_is_clear():
    for level, clear in ((6.0, False), (15.0, True)):
        watch = EarlyHold(EXCESS)
        assert heard(watch, [level]) == [Glimpse.CAUGHT]
        assert watch.clear is clear
