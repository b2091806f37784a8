"""The prompt stays within the model's context, with room for what is prepared."""

import itertools

from device.adapters.fakes.clock import FakeClock
from device.adapters.fakes.ledger import MemoryLedger
from device.adapters.fakes.llm import ScriptedModel
from device.core.entries import (
    AlarmRang,
    AlarmSet,
    CallEnded,
    CallMade,
    ReplyEnded,
    ReplyStarted,
    TurnsDropped,
    UserSaid,
)
from device.core.prompt.messages import System
from device.core.prompt.renderers import choose
from device.runtime.dialogue import Dialogue


def made(*, context_tokens: int) -> Dialogue:
    model = ScriptedModel(lambda _: "", context_tokens=context_tokens)
    renderer = choose("", "", "qwen", time_of=str)
    return Dialogue(MemoryLedger(FakeClock()), model, renderer, [System(text="Be brief.")], reserve_tokens=200)


def answer(dialogue: Dialogue, turn: int, *news: AlarmRang | CallEnded) -> None:
    """A whole turn; `news` is told in it."""
    told = {"call_ids": [], "alarm_ids": []}
    for entry in news:
        call = isinstance(entry, CallEnded)
        told["call_ids" if call else "alarm_ids"].append(entry.call_id if call else entry.alarm_id)
    said = "Yes, indeed. " + " ".join(entry.text for entry in news if isinstance(entry, CallEnded)) + " alarm tea"
    started = ReplyStarted(turn=turn, **{name: tuple(ids) for name, ids in told.items()})
    dialogue.append(UserSaid(text=f"Is {turn} a number that I like?"), *news, started)
    dialogue.prompt()
    dialogue.append(ReplyEnded(turn=turn, generated=said, heard=said))


def test_a_conversation_that_outgrows_the_context_leaves_room_for_many_turns():
    dialogue = made(context_tokens=3000)
    prepared = dropped_at = 0
    times = []
    for number in range(200):
        said = UserSaid(text=f"Is {number} a number that I like?")
        prepared += dialogue.prompt_if(said) is not None
        dialogue.append(said, ReplyStarted(turn=number))
        assert len(dialogue.prompt()) <= dialogue.room_tokens
        dialogue.append(ReplyEnded(turn=number, generated="Yes, indeed.", heard="Yes, indeed."))
        drops = sum(isinstance(record.entry, TurnsDropped) for record in dialogue.ledger.records())
        if drops != dropped_at:
            times.append(number)
            dropped_at = drops
    assert len(times) > 2, "it was full more than once"
    assert prepared >= 200 - len(times)
    assert min(later - earlier for earlier, later in itertools.pairwise(times)) >= 5


def test_what_was_told_long_ago_takes_no_memory_and_vouches_for_nothing():
    dialogue = made(context_tokens=3000)
    for turn in range(1, 120):
        dialogue.append(
            CallMade(call_id=f"c{turn}", turn=turn - 1, name="look", arguments={}, after_chars=0),
            AlarmSet(alarm_id=f"t{turn}", due_wall_seconds=1.0, label="tea"),
        )
        result = CallEnded(call_id=f"c{turn}", status="done", text=f"moon number {turn}")
        answer(dialogue, turn, result, AlarmRang(alarm_id=f"t{turn}"))
    conversation = dialogue.conversation
    assert len(list(conversation.calls)) < 60
    assert len(conversation._alarms) < 60
    assert conversation.calls.next_id() == "c120"
    assert conversation.next_alarm_id() == "t120"
    assert "number 119" in conversation.yielded(3)
    assert "number 110" not in conversation.yielded(3)
    assert conversation.rung_alarms() == ()
