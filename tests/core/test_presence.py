"""What the agent shows of itself."""

import pytest

from device.core.fsm import State
from device.core.presence import Mode, Presence, presence


def shown(state: State, *, muted=False, attends=True, working=False) -> Presence:
    return presence(state, muted=muted, attends=attends, working=working)


@pytest.mark.parametrize(
    ("state", "mode"),
    [
        (State.IDLE, Mode.IDLE),
        (State.LISTENING, Mode.LISTENING),
        (State.GENERATING, Mode.THINKING),
        (State.EMITTING, Mode.SPEAKING),
        (State.GENERATING_HELD, Mode.LISTENING),
        (State.EMITTING_HELD, Mode.LISTENING),
    ],
)
def test_every_state_is_shown(state, mode):
    assert shown(state) == Presence(mode=mode)


def test_it_sleeps_when_nobody_would_be_listened_to():
    assert shown(State.IDLE, attends=False).mode is Mode.ASLEEP
    assert shown(State.EMITTING, attends=False).mode is Mode.SPEAKING


def test_a_mute_shows_whatever_else_goes_on():
    assert shown(State.IDLE, muted=True, attends=False) == Presence(mode=Mode.MUTED, muted=True)
    assert shown(State.EMITTING, muted=True) == Presence(mode=Mode.SPEAKING, muted=True)


def test_work_in_the_background_shows_beside_it():
    assert shown(State.IDLE, working=True) == Presence(mode=Mode.IDLE, working=True)


def test_an_update_shows_beside_whatever_goes_on():
    assert presence(State.IDLE, muted=False, attends=True, working=False, updating=True) == Presence(
        mode=Mode.IDLE, updating=True
    )
