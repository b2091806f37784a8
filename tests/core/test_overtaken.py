"""What was said in two goes is put together as one turn, unless the second takes the first back."""

from device.core.context import Conversation
from device.core.entries import CallMade, Record, ReplyEnded, ReplyStarted, UserSaid
from device.core.overtaken import SAME_TURN_SECONDS, Overtaken
from device.core.prompt.messages import User


def test_what_was_said_long_ago_is_another_turn():
    said = Overtaken().by("Hello.", 3, 100.0)
    assert said.turns == (3,)
    assert said.with_words("You there?") == "Hello. You there?"
    assert not said.is_over("So?", 100.0 + SAME_TURN_SECONDS)
    assert said.is_over("So?", 101.0 + SAME_TURN_SECONDS)
    assert said.is_over("Stop it!", 100.0)
    assert not Overtaken().is_over("Stop it!", 1e9)


def replay(*entries, later_seconds: float = 0.0) -> Conversation:
    """The last entry came so much later."""
    return Conversation.replay(
        Record(
            id=number, wall_seconds=later_seconds * (number == len(entries)), boot_seconds=0, boot_id="",
            context="main", entry=entry,
        )
        for number, entry in enumerate(entries, 1)
    )  # fmt: skip


OVERTAKEN = (
    UserSaid(text="What time is it?"),
    ReplyStarted(turn=1),
    ReplyEnded(turn=1, generated="It", heard="", interrupted=True, unfinished=True, overtaken=True),
)


def users(conversation: Conversation) -> list[str]:
    return [message.text for message in conversation.messages() if isinstance(message, User)]


def test_words_in_two_goes_are_one_message():
    assert users(replay(*OVERTAKEN, UserSaid(text="In Oslo."))) == ["What time is it? In Oslo."]


def test_after_a_call_of_the_overtaken_reply_all_that_was_said_follows_it():
    call = CallMade(call_id="c1", turn=1, name="look", arguments={})
    conversation = replay(*OVERTAKEN[:2], call, OVERTAKEN[2], UserSaid(text="In Oslo."))
    assert users(conversation) == ["What time is it?", "What time is it? In Oslo."]
    conversation = replay(*OVERTAKEN[:2], call, OVERTAKEN[2], UserSaid(text="In Oslo."), ReplyStarted(turn=2))
    assert conversation.repeats(2, "look", {})
    assert not conversation.repeats(3, "look", {})


def test_who_says_stop_takes_back_what_was_not_answered():
    conversation = replay(*OVERTAKEN, UserSaid(text="Stop."), UserSaid(text="Hello."))
    assert users(conversation) == ["What time is it?", "Stop.", "Hello."]
    assert conversation.last_said == "Hello."


def test_much_later_only_what_is_said_then_is_answered_although_a_call_still_runs():
    call = CallMade(call_id="c1", turn=1, name="look", arguments={})
    conversation = replay(*OVERTAKEN[:2], call, OVERTAKEN[2], UserSaid(text="Hello."), later_seconds=60)
    assert users(conversation) == ["What time is it?", "Hello."]
    assert conversation._before_unanswered_turns() == len(conversation.messages()) - 1
