"""Of every call it is known at any time whether it runs, asks, is news or was told."""

from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from device.core.calls import Calls, number_of
from device.core.entries import (
    CallConfirmed,
    CallEnded,
    CallMade,
    CallProgressed,
    CallQuestioned,
    CallsJoined,
    Record,
)


@dataclass
class Book:
    """Makes records of entries and keeps the fold of them."""

    calls: Calls = field(default_factory=Calls)
    records: list[Record] = field(default_factory=list)

    def add(self, *entries) -> None:
        for entry in entries:
            number = len(self.records) + 1
            record = Record(
                id=number, wall_seconds=float(number), boot_seconds=0.0, boot_id="b", context="main", entry=entry
            )
            self.records.append(record)
            self.calls.apply(record, entry)

    def made(self, *call_ids: str) -> None:
        self.add(*(CallMade(call_id=call_id, turn=1, name="look", arguments={}) for call_id in call_ids))

    def ended(self, call_id: str, status: str = "done", text: str = "42") -> None:
        self.add(CallEnded(call_id=call_id, status=status, text=text))

    def tell(self, *call_ids: str) -> None:
        for call_id in call_ids:
            self.calls.get(call_id).told = True


def test_a_call_runs_then_is_news_then_was_told():
    book = Book()
    book.made("c1")
    assert (book.calls.open(), book.calls.news()) == (("c1",), ())
    book.ended("c1")
    assert (book.calls.open(), book.calls.news(), book.calls.results()) == ((), ("c1",), ("c1",))
    book.tell("c1")
    assert book.calls.news() == ()


def test_a_call_ends_once():
    book = Book()
    book.made("c1")
    book.ended("c1", "timed_out", "too slow")
    book.ended("c1", "done", "42")
    book.add(CallProgressed(call_id="c1", text="half"), CallQuestioned(call_id="c1", question="Shall I?"))
    assert book.calls.get("c1").ended == CallEnded(call_id="c1", status="timed_out", text="too slow")
    assert book.calls.get("c1").result().text == "too slow"
    assert book.calls.questions() == ()


def test_what_belongs_to_no_call_is_passed_over():
    book = Book()
    book.ended("c7")
    book.add(CallConfirmed(call_id="c7"), CallsJoined(call_id="c7", call_ids=("c8",)))
    assert list(book.calls) == []


def test_a_call_is_made_once():
    book = Book()
    book.made("c1")
    book.ended("c1")
    book.made("c1")
    assert book.calls.open() == ()


def test_a_cancelled_call_is_read_but_not_spoken_up_about():
    book = Book()
    book.made("c1", "c2")
    book.ended("c1", "cancelled", "the call was cancelled")
    assert (book.calls.news(), book.calls.results()) == (("c1",), ())
    book.ended("c2")
    assert (book.calls.news(), book.calls.results()) == (("c1", "c2"), ("c2",))


def test_the_newest_progress_is_what_the_model_is_told_of_a_call_that_runs():
    book = Book()
    book.made("c1")
    assert book.calls.get("c1").result().text == "running"
    book.add(CallProgressed(call_id="c1", text="1 of 3"), CallProgressed(call_id="c1", text="2 of 3"))
    result = book.calls.get("c1").result()
    assert (result.status, result.text, result.wall_seconds) == ("running", "running, 2 of 3", None)


def test_a_result_says_when_it_came():
    book = Book()
    book.made("c1")
    book.ended("c1")
    assert book.calls.get("c1").result(late=True).wall_seconds == 2.0


# --- consent ---------------------------------------------------------------------------------------------------------


def test_a_call_asks_until_it_was_asked_and_waits_until_it_was_answered():
    book = Book()
    book.made("c1")
    book.add(CallQuestioned(call_id="c1", question="Shall I?"))
    assert (book.calls.questions(), book.calls.asked()) == (("c1",), ())
    assert book.calls.get("c1").result().status == "unconfirmed"
    book.calls.get("c1").asked = True
    assert (book.calls.questions(), book.calls.asked()) == ((), ("c1",))
    book.add(CallConfirmed(call_id="c1"))
    assert (book.calls.questions(), book.calls.asked(), book.calls.open()) == ((), (), ("c1",))
    assert book.calls.get("c1").result().status == "running"


def test_one_question_is_asked_at_a_time_so_that_the_answer_is_to_it():
    book = Book()
    book.made("c1", "c2")
    book.add(CallQuestioned(call_id="c1", question="One?"), CallQuestioned(call_id="c2", question="Two?"))
    assert book.calls.questions() == ("c1", "c2")
    book.calls.get("c1").asked = True
    assert (book.calls.questions(), book.calls.asked()) == ((), ("c1",))
    book.ended("c1", "cancelled")
    assert book.calls.questions() == ("c2",)


def test_a_call_that_ended_asks_no_more():
    book = Book()
    book.made("c1")
    book.add(CallQuestioned(call_id="c1", question="Shall I?"))
    book.ended("c1", "cancelled")
    assert book.calls.questions() == book.calls.asked() == ()


# --- joins -----------------------------------------------------------------------------------------------------------


def test_joined_results_are_told_by_the_call_that_joined_them():
    book = Book()
    book.made("c1", "c2", "c3")
    book.ended("c1")
    book.add(CallsJoined(call_id="c3", call_ids=("c1", "c2")))
    assert book.calls.news() == ()
    book.ended("c2")
    assert book.calls.news() == ()
    book.ended("c3")
    assert book.calls.news() == ("c3",)


def test_a_join_that_fails_gives_its_results_back():
    for status in ("failed", "cancelled", "timed_out"):
        book = Book()
        book.made("c1", "c2", "c3")
        book.add(CallsJoined(call_id="c3", call_ids=("c1", "c2")))
        book.ended("c1")
        book.ended("c3", status)
        assert book.calls.joined_by("c3") == ("c1", "c2")
        assert book.calls.results() == (("c1",) if status == "cancelled" else ("c1", "c3"))
        book.ended("c2")
        assert "c2" in book.calls.results()


def test_a_result_that_was_joined_twice_is_told_by_the_last():
    book = Book()
    book.made("c1", "c2", "c3")
    book.add(CallsJoined(call_id="c2", call_ids=("c1",)), CallsJoined(call_id="c3", call_ids=("c1", "c2")))
    assert (book.calls.joined_by("c2"), book.calls.joined_by("c3")) == ((), ("c1", "c2"))
    book.ended("c1")
    book.ended("c2")
    assert book.calls.news() == ()
    book.ended("c3", "failed")
    assert book.calls.news() == ("c1", "c2", "c3")


def test_nobody_joins_themselves():
    book = Book()
    book.made("c1")
    book.add(CallsJoined(call_id="c1", call_ids=("c1", "c9")))
    book.ended("c1")
    assert book.calls.news() == ("c1",)


# --- ids -------------------------------------------------------------------------------------------------------------


def test_ids_are_never_given_twice_even_after_a_fresh_start():
    book = Book()
    book.made("c1", "c2")
    book.calls.clear()
    assert book.calls.next_id() == "c3"
    assert list(book.calls) == []


def test_the_number_in_an_id():
    assert [number_of(text) for text in ("c7", "c", "", "cx", "c" + "9" * 30)] == [7, 0, 0, 0, 0]


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["made", "ended", "progressed", "questioned", "asked", "confirmed", "joined", "told"]),
        st.integers(0, 6),
        st.integers(0, 6),
        st.sampled_from(["done", "failed", "cancelled", "timed_out"]),
    ),
    max_size=50,
)


@given(STEPS)
def test_every_call_is_in_exactly_one_place(steps):
    book, ends = Book(), {}
    for step, number, other, status in steps:
        call_id, call = f"c{number}", book.calls.get(f"c{number}")
        match step:
            case "made":
                book.made(call_id)
            case "ended":
                if call is not None:
                    ends.setdefault(call_id, status)
                book.ended(call_id, status)
            case "progressed":
                book.add(CallProgressed(call_id=call_id, text="half"))
            case "questioned":
                book.add(CallQuestioned(call_id=call_id, question="Shall I?"))
            case "asked" if call is not None and call.asks:
                call.asked = True
            case "confirmed":
                book.add(CallConfirmed(call_id=call_id))
            case "joined":
                book.add(CallsJoined(call_id=call_id, call_ids=(f"c{other}",)))
            case "told" if call is not None and call.ended is not None:
                call.told = True
        calls = book.calls
        every = {call.made.call_id for call in calls}
        told = {key for key in every if calls.get(key).told}
        by_others = {key for key in every if calls.get(key).joined_by}
        assert set(calls.open()) == every - set(ends)
        assert {key: calls.get(key).ended.status for key in ends} == ends
        # What ended is news unless it was told, or another tells it.
        assert set(ends) - told - by_others <= set(calls.news()) <= set(ends) - told
        assert set(calls.results()) == {key for key in calls.news() if ends[key] != "cancelled"}
        assert set(calls.questions()) | set(calls.asked()) <= set(calls.open())
        assert not (calls.questions() and calls.asked())
        for key in by_others - told & set(ends):
            joiner = calls.get(calls.get(key).joined_by)
            tells = joiner.ended is None or joiner.ended.status == "done"
            assert (key in calls.news()) == (key in ends and key not in told and not tells)
        assert number_of(calls.next_id()) > max(map(number_of, every), default=0)


def test_a_call_that_was_made_again_is_known_since_the_record():
    book = Book()
    book.made("c1")
    book.ended("c1")
    assert not book.calls.repeated(0)
    book.made("c2")
    assert book.calls.repeated(0)
    assert book.calls.repeated(2)  # the first ended then
    assert not book.calls.repeated(3)
    book.add(CallMade(call_id="c3", turn=1, name="look", arguments={"what": "it"}))
    assert not book.calls.repeated(4)
