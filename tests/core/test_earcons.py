"""Which step has which sound."""

from device.core.earcons import Earcon, earcon_of
from device.core.events import Called, Muted, ReplyFailed, SpeechStarted, TalkPressed, TurnEnded, TurnWasEmpty, Unmuted
from device.core.fsm import State


def test_being_called_sounds_ready():
    assert earcon_of(Called(), State.LISTENING) is Earcon.READY
    assert earcon_of(TalkPressed(), State.LISTENING) is Earcon.READY


def test_a_turn_that_is_answered_sounds_heard():
    assert earcon_of(TurnEnded(text="Hello"), State.GENERATING) is Earcon.HEARD


def test_the_microphone_and_what_goes_wrong_have_sounds_of_their_own():
    assert earcon_of(Muted(), State.IDLE) is Earcon.MUTED
    assert earcon_of(Unmuted(), State.IDLE) is Earcon.UNMUTED
    assert earcon_of(ReplyFailed(turn=1, reason="broke"), State.IDLE) is Earcon.ERROR


def test_all_else_is_silent():
    assert earcon_of(SpeechStarted(), State.LISTENING) is None
    assert earcon_of(TurnWasEmpty(), State.IDLE) is None
