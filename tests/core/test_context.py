"""A conversation is the replay of its ledger, and what the model is told of it only grows."""

from dataclasses import dataclass, field
from itertools import pairwise

from hypothesis import example, given
from hypothesis import strategies as st

from device.adapters.fakes.clock import FakeClock
from device.adapters.fakes.ledger import MemoryLedger
from device.core.context import Conversation
from device.core.entries import (
    AlarmCancelled,
    AlarmRang,
    AlarmSet,
    AnyEntry,
    CallEnded,
    CallMade,
    ConversationStarted,
    PieceHeard,
    ReplyEnded,
    ReplyStarted,
    TurnsDropped,
    UserSaid,
    decode,
    encode,
)
from device.core.prompt.messages import Assistant, Called, Notice, Result, Results, Said, User


@dataclass
class Story:
    """Tells a conversation entry by entry, as the runtime would."""

    ledger: MemoryLedger = field(default_factory=lambda: MemoryLedger(FakeClock()))
    conversation: Conversation = field(default_factory=lambda: Conversation("m"))
    turn: int = 0

    def add(self, *entries: AnyEntry) -> None:
        for record in self.ledger.append(*entries):
            self.conversation.apply(record)

    def user(self, text: str) -> None:
        self.add(UserSaid(text=text))

    def reply(self) -> None:
        self.turn += 1
        told = self.conversation
        self.add(ReplyStarted(turn=self.turn, call_ids=told.calls.news(), alarm_ids=told.rung_alarms()))

    def ends(self, generated: str, heard: str | None = None) -> None:
        heard = generated if heard is None else heard
        whole = heard == generated
        tokens = tuple(generated.encode()) if whole else ()
        self.add(
            ReplyEnded(
                turn=self.turn, generated=generated, heard=heard, interrupted=not whole, model="m", tokens=tokens
            )
        )

    def call(self, name: str = "clock", after_chars: int = 0) -> str:
        call_id = self.conversation.calls.next_id()
        self.add(CallMade(call_id=call_id, turn=self.turn, name=name, arguments={}, after_chars=after_chars))
        return call_id

    def result(self, call_id: str, text: str = "42") -> None:
        self.add(CallEnded(call_id=call_id, status="done", text=text))

    @property
    def messages(self):
        return self.conversation.messages()


def test_a_plain_exchange():
    story = Story()
    story.user("hello")
    story.reply()
    story.ends("Hi.")
    assert story.messages == (User(text="hello"), Assistant(parts=(Said(text="Hi."),), tokens=tuple(b"Hi.")))


def test_an_interrupted_reply_stands_as_far_as_it_was_heard_and_the_next_turn_says_so():
    story = Story()
    story.user("tell me a story")
    story.reply()
    story.ends("Once upon a time there was", heard="Once upon")
    story.user("stop, what time is it")
    assert story.messages[1:] == (
        Assistant(parts=(Said(text="Once upon"),)),
        User(text="stop, what time is it", cut_off_after="Once upon"),
    )


def test_what_is_said_again_stands_once_unless_something_is_between():
    story = Story()
    for _ in range(3):
        story.reply()
        story.ends("The tea is ready.")
    assert story.messages == (Assistant(parts=(Said(text="The tea is ready."),), tokens=tuple(b"The tea is ready.")),)
    story.user("What?")
    story.reply()
    story.ends("The tea is ready.")
    assert len(story.messages) == 3


def test_a_call_stands_where_it_was_made_and_its_result_where_a_reply_tells_it():
    story = Story()
    story.user("time?")
    story.reply()
    call = story.call(after_chars=5)
    story.ends("Wait. Done.")
    story.result(call, "noon")
    assert story.conversation.calls.news() == (call,)
    story.reply()
    assert story.conversation.calls.news() == ()
    assert story.messages[-1] == Results(
        results=(Result(call_id=call, name="clock", status="done", text="noon", wall_seconds=1_800_000_000.0),)
    )


def test_news_comes_before_the_question_that_waits_for_an_answer():
    story = Story()
    story.user("time?")
    story.reply()
    call = story.call()
    story.ends("One moment.")
    story.user("and the weather?")
    story.result(call)
    story.reply()
    kinds = [type(message).__name__ for message in story.messages]
    assert kinds == ["User", "Assistant", "Results", "Results", "User"]
    assert story.messages[2].results[0].status == "running"
    assert story.messages[3].results[0].late


def test_a_result_whose_reply_was_not_heard_is_told_again():
    story = Story()
    story.user("time?")
    story.reply()
    call = story.call()
    story.ends("")
    story.result(call)
    story.reply()
    story.ends("It is noon.", heard="")
    assert story.conversation.calls.news() == (call,)
    assert not any(isinstance(message, Results) for message in story.messages)


def test_a_result_that_the_model_passes_over_is_told_again_once_and_not_for_ever():
    story = Story()
    story.user("two things")
    story.reply()
    first, second = story.call(), story.call()
    story.ends("Yes.")
    story.result(first, "the moon was seen over there")
    story.result(second, "rain")
    story.reply()
    story.ends("It will rain.")
    assert story.conversation.calls.news() == (first,)
    story.result(story.call(), "wind")
    for _ in range(2):
        story.reply()
        story.ends("Some wind.")
    assert story.conversation.calls.news() == ()


def test_two_results_and_an_alarm_make_one_reply():
    story = Story()
    story.user("two things")
    story.reply()
    first, second = story.call(), story.call()
    story.ends("Yes.")
    story.add(AlarmSet(alarm_id="t1", due_wall_seconds=5.0, label="tea", duration_seconds=180.0))
    story.result(second, "b")
    story.result(first, "a")
    story.add(AlarmRang(alarm_id="t1"))
    story.reply()
    results, notice = story.messages[-2:]
    assert [result.text for result in results.results] == ["a", "b"]
    assert notice == Notice(text="the 3 minute timer for tea is over", wall_seconds=1_800_000_000.0)
    assert story.conversation.rung_alarms() == ()


def test_a_crash_leaves_of_the_reply_what_was_heard_of_it():
    story = Story()
    story.user("a story")
    story.reply()
    story.add(PieceHeard(turn=1, text="Once upon"), PieceHeard(turn=1, text=" a time"))
    reborn = Conversation.replay(story.ledger.records(), model="m")
    assert reborn.open_turn == 1
    story.conversation = reborn
    story.user("go on")
    assert story.messages[1] == Assistant(parts=(Said(text="Once upon a time"),))
    assert story.messages[2].cut_off_after == "Once upon a time"


def test_tokens_of_another_model_are_not_reused():
    story = Story()
    story.user("hello")
    story.reply()
    story.ends("Hi.")
    other = Conversation.replay(story.ledger.records(), model="other")
    assert other.messages()[1].tokens == ()


def test_a_fresh_conversation_forgets_the_talk_and_keeps_the_alarms():
    story = Story()
    story.user("hello")
    story.add(AlarmSet(alarm_id="t1", due_wall_seconds=5.0))
    story.add(ConversationStarted())
    assert story.messages == ()
    assert [alarm.alarm_id for alarm in story.conversation.pending_alarms()] == ["t1"]
    assert story.conversation.next_alarm_id() == "t2"


def test_a_cancelled_alarm_is_gone_and_a_rung_one_is_not_pending():
    story = Story()
    story.add(AlarmSet(alarm_id="t1", due_wall_seconds=5.0), AlarmSet(alarm_id="t2", due_wall_seconds=6.0))
    story.add(AlarmCancelled(alarm_id="t1"), AlarmRang(alarm_id="t2"), AlarmRang(alarm_id="t9"))
    assert story.conversation.pending_alarms() == ()
    assert story.conversation.rung_alarms() == ("t2",)


def test_dropped_turns_leave_the_prompt():
    story = Story()
    for text in ("one", "two", "three"):
        story.user(text)
        story.reply()
        story.ends("ok")
    story.add(TurnsDropped(before_id=story.conversation.second_turn_id()))
    assert [message.text for message in story.messages if isinstance(message, User)] == ["two", "three"]


STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            ["user", "reply", "call", "result", "end", "tell", "cut", "unheard", "set", "ring", "cancel", "piece"]
        ),
        st.integers(0, 5),
    ),
    max_size=60,
)


def play(steps) -> tuple[Story, list[tuple]]:
    """Perform steps that make sense; returns the story and the messages that each reply was given."""
    story, given_to, replying = Story(), [], False
    open_calls: list[str] = []
    alarms = 0
    for step, number in steps:
        match step:
            case "user" if not replying:
                story.user(f"u{number}")
            case "reply" if not replying:
                story.reply()
                given_to.append(story.messages)
                replying = True
            case "call" if replying:
                open_calls.append(story.call())
            case "result" if open_calls:
                story.result(open_calls.pop(number % len(open_calls)))
            case "piece" if replying:
                story.add(PieceHeard(turn=story.turn, text="w "))
            case "end" | "tell" | "cut" | "unheard" if replying:
                heard = {"end": None, "tell": None, "cut": "word", "unheard": ""}[step]
                story.ends("It is 42." if step == "tell" else "word word", heard)
                if step == "unheard":
                    given_to.pop()
                replying = False
            case "set":
                alarms += 1
                story.add(AlarmSet(alarm_id=f"t{alarms}", due_wall_seconds=9.0))
            case "ring" if alarms:
                story.add(AlarmRang(alarm_id=f"t{number % alarms + 1}"))
            case "cancel" if alarms:
                story.add(AlarmCancelled(alarm_id=f"t{number % alarms + 1}"))
    return story, given_to


@given(STEPS)
def test_what_a_reply_was_given_is_the_beginning_of_what_every_later_one_is_given(steps):
    _, given_to = play(steps)
    for earlier, later in pairwise(given_to):
        assert later[: len(earlier)] == earlier


@given(STEPS)
def test_the_replay_of_the_ledger_through_the_disk_is_the_same_conversation(steps):
    story, _ = play(steps)
    assert all(decode(encode(record.entry)) == record.entry for record in story.ledger.records())
    assert Conversation.replay(story.ledger.records(), model="m") == story.conversation


@given(STEPS)
@example([(step, 0) for step in ("reply", "call", "end", "user", "result", "reply", "end", "reply")])
@example([(step, 0) for step in ("reply", "call", "end", "user", "result", "reply", "tell", "reply")])
def test_no_result_is_lost_or_told_twice(steps):
    """One that the answer to something else left out is told once more, by a reply of its own."""
    story, _ = play(steps)
    told = [r.call_id for m in story.messages if isinstance(m, Results) for r in m.results if r.status != "running"]
    entries = [record.entry for record in story.ledger.records()]
    said = {
        call_id
        for started, ended in pairwise(e for e in entries if isinstance(e, (ReplyStarted, ReplyEnded)))
        if isinstance(ended, ReplyEnded) and ended.heard == "It is 42."
        for call_id in started.call_ids
    }
    for call_id in set(told):
        assert told.count(call_id) <= 2
        if call_id in said:
            assert call_id not in story.conversation.calls.news()
    ended = {record.entry.call_id for record in story.ledger.records() if isinstance(record.entry, CallEnded)}
    assert ended == set(told) | set(story.conversation.calls.news())


@given(STEPS)
def test_every_call_that_was_made_stays_in_the_prompt(steps):
    story, _ = play(steps)
    made = [record.entry.call_id for record in story.ledger.records() if isinstance(record.entry, CallMade)]
    shown = [p.call_id for m in story.messages if isinstance(m, Assistant) for p in m.parts if isinstance(p, Called)]
    closed = [call for call in made if story.conversation.open_turn is None or call in shown]
    assert shown == closed
