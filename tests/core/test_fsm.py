import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.core.effects import (
    CancelReply,
    DiscardUtterance,
    FinishReply,
    RecordDropped,
    RecordUserTurn,
    StartReply,
)
from device.core.events import (
    EVENT_TYPES,
    AlarmsRang,
    Event,
    PlaybackFinished,
    PlaybackStarted,
    Priority,
    ResultsArrived,
    SpeechStarted,
    StopPressed,
    TurnEnded,
    TurnEvent,
    TurnWasEmpty,
)
from device.core.fsm import DEFERRED, HELD, IGNORED, TABLE, Machine, State, diagram, listing, step
from device.core.inbox import Inbox

PAIRS = [(state, event) for state in State for event in EVENT_TYPES]


def an(kind: type[Event], *, turn: int = 0) -> Event:
    fields = {
        "turn": turn,
        "text": "hello",
        "perhaps_all": "hello you",
        "reason": "broke",
        "alarm_ids": ("t1",),
        "call_ids": ("c1",),
    }
    return kind(**{name: fields[name] for name in [field.name for field in dataclasses.fields(kind)]})


@pytest.mark.parametrize(("state", "kind"), PAIRS)
def test_every_pair_of_state_and_event_stands_in_exactly_one_place(state: State, kind: type[Event]) -> None:
    assert [(state, kind) in place for place in (TABLE, DEFERRED, IGNORED)].count(True) == 1


@pytest.mark.parametrize(("state", "kind"), sorted(DEFERRED, key=str))
def test_a_pair_that_must_wait_is_refused_by_the_machine(state: State, kind: type[Event]) -> None:
    with pytest.raises(ValueError, match="must wait"):
        step(Machine(state=state, turn=0), an(kind))


def test_every_state_can_be_reached_from_idle_and_left_for_it() -> None:
    onward: dict[State, set[State]] = {state: set() for state in State}
    for (state, _), rule in TABLE.items():
        onward[state].add(rule.to)

    def reachable(start: State) -> set[State]:
        found, new = {start}, [start]
        while new:
            for to in onward[new.pop()] - found:
                found.add(to)
                new.append(to)
        return found

    assert reachable(State.IDLE) == set(State)
    assert all(State.IDLE in reachable(state) for state in State)


def test_only_floor_taking_events_are_deferred() -> None:
    assert all(kind.takes_floor for _, kind in DEFERRED)


def test_an_event_of_an_overtaken_turn_is_recorded_and_changes_nothing() -> None:
    machine = Machine(state=State.EMITTING, turn=5)
    after, effects = step(machine, PlaybackFinished(turn=4))
    assert after == machine
    assert effects == (RecordDropped(event="PlaybackFinished", turn=4),)


def test_speech_over_a_reply_pauses_it_and_a_cough_lets_it_go_on() -> None:
    machine = Machine(state=State.EMITTING, turn=3, answers=Priority.USER)
    held, _ = step(machine, SpeechStarted())
    assert held.state is State.EMITTING_HELD
    assert held.state.visible is State.LISTENING
    resumed, _ = step(held, TurnWasEmpty())
    assert resumed == machine


def test_an_utterance_over_a_reply_cancels_it_records_the_words_and_answers_them() -> None:
    held = Machine(state=State.EMITTING_HELD, turn=3)
    after, effects = step(held, TurnEnded(text="wait"))
    assert (after.state, after.turn) == (State.GENERATING, 4)
    assert effects == (
        CancelReply(turn=3, answer_later=True),
        RecordUserTurn(text="wait", typed=False),
        StartReply(turn=4, priority=Priority.USER),
    )


def test_the_stop_button_makes_whatever_the_reply_still_does_stale() -> None:
    after, effects = step(Machine(state=State.GENERATING, turn=7), StopPressed())
    assert effects == (CancelReply(turn=7),)
    assert step(after, PlaybackStarted(turn=7))[1] == (RecordDropped(event="PlaybackStarted", turn=7),)


def test_the_diagram_and_the_listing_name_every_state() -> None:
    for state in State:
        assert state.name in diagram()
        assert f"| {state.name} |" in listing()


@st.composite
def _events(draw: st.DrawFn) -> list[tuple[type[Event], int]]:
    return draw(st.lists(st.tuples(st.sampled_from(EVENT_TYPES), st.integers(-2, 0)), max_size=60))


@given(_events())
def test_any_events_in_any_order_keep_the_machine_and_its_inbox_sound(
    kinds: list[tuple[type[Event], int]],
) -> None:
    machine, inbox = Machine(), Inbox()
    running: int | None = None
    for kind, age in kinds:
        inbox.post(an(kind, turn=machine.turn + age))
        while (event := inbox.take(machine)) is not None:
            before = machine
            machine, effects = step(machine, event)
            assert machine.turn in (before.turn, before.turn + 1)
            for effect in effects:
                if isinstance(effect, (CancelReply, FinishReply)):
                    assert effect.turn == running
                    running = None
                if isinstance(effect, StartReply):
                    assert running is None
                    assert effect.turn == machine.turn
                    running = effect.turn
                if isinstance(effect, DiscardUtterance):
                    assert before.holder is Priority.USER
            busy = machine.state not in (State.IDLE, State.LISTENING)
            assert busy == (running is not None)
            if isinstance(event, TurnEvent) and event.turn != before.turn:
                assert machine == before
        if machine.state is State.IDLE:
            assert len(inbox) == 0


@given(st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, max_size=8), st.sampled_from(sorted(HELD, key=str)))
def test_results_that_wait_for_the_floor_make_one_reply(call_ids: list[str], state: State) -> None:
    inbox, machine = Inbox(), Machine(state=state)
    for call_id in call_ids:
        inbox.post(ResultsArrived(call_ids=(call_id,)))
        assert inbox.take(machine) is None
    free = Machine()
    event = inbox.take(free)
    assert isinstance(event, ResultsArrived)
    assert set(event.call_ids) == set(call_ids)
    assert len(event.call_ids) == len(set(call_ids))
    assert inbox.take(free) is None


def test_an_alarm_takes_the_floor_from_a_result_but_not_from_an_answer_to_the_user() -> None:
    inbox = Inbox()
    inbox.post(AlarmsRang(alarm_ids=("t1",)))
    assert inbox.take(Machine(state=State.EMITTING, answers=Priority.USER)) is None
    assert inbox.take(Machine(state=State.EMITTING, answers=Priority.ALARM)) is None
    assert inbox.take(Machine(state=State.EMITTING, answers=Priority.RESULT)) == AlarmsRang(alarm_ids=("t1",))


def test_what_a_starting_reply_tells_no_longer_waits() -> None:
    inbox = Inbox()
    inbox.post(ResultsArrived(call_ids=("c1", "c2")))
    inbox.post(AlarmsRang(alarm_ids=("t1",)))
    inbox.settle(call_ids=("c1",), alarm_ids=("t1",))
    assert inbox.take(Machine()) == ResultsArrived(call_ids=("c2",))
    assert inbox.take(Machine()) is None


def test_control_comes_before_the_user_and_the_user_before_everything_else() -> None:
    inbox = Inbox()
    for event in (PlaybackStarted(turn=0), TurnEnded(text="one"), TurnEnded(text="two"), StopPressed()):
        inbox.post(event)
    machine = Machine(state=State.GENERATING)
    order = [inbox.take(machine) for _ in range(4)]
    assert order == [StopPressed(), TurnEnded(text="one"), TurnEnded(text="two"), PlaybackStarted(turn=0)]
