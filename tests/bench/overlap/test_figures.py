"""What a run came to, read from its ledger."""

import itertools

import pytest

from device.adapters.fakes.clock import FakeClock
from device.adapters.fakes.ledger import MemoryLedger
from device.bench.overlap import report
from device.bench.overlap.bound import Pace
from device.bench.overlap.figures import heard_at, outcome, pace_samples, spoken_seconds
from device.bench.overlap.summary import summary
from device.bench.overlap.workloads import Call, Fact, Sentence, Workload
from device.core.entries import CallMade, PieceHeard, ReplyEnded, ReplyStarted
from device.runtime.marks import Marks, Stage

BOILER = Fact(text="the boiler is at 61 degrees", keys=("boiler", "61"))
RIVER = Fact(text="the river is 33 feet deep", keys=("river", "33"))
CALLS = tuple(Call(tool=fact.keys[0], seconds=1.0, fact=fact) for fact in (BOILER, RIVER))
PLAYED = {"decisions": "script", "models": {"llm": "a model"}, "machine": {"cores": 2, "processor": "a processor"}}
WORKLOAD = Workload(name="two", sentences=(Sentence(text="Both?", at_seconds=0.0, calls=CALLS),))


def record(*timed) -> tuple:
    """Records of (seconds, entry)."""
    clock = FakeClock()
    ledger = MemoryLedger(clock)
    for before, (seconds, entry) in itertools.pairwise([(0.0, None), *timed]):
        clock.advance(seconds - before[0])
        ledger.append(entry)
    return ledger.records()


def ended(turn: int, generated: str, heard: str | None = None) -> ReplyEnded:
    said = generated if heard is None else heard
    return ReplyEnded(turn=turn, generated=generated, heard=said, interrupted=heard is not None)


def judged(records, started):
    return outcome(
        WORKLOAD, records, started, begin_seconds=1.0, end_seconds=11.0, cpu_seconds=2.0, peak_rss_bytes=1000
    )


def test_a_fact_was_heard_when_the_piece_that_completes_it_was():
    records = record(
        (3.0, PieceHeard(turn=1, text="The boiler is at ")),
        (4.0, PieceHeard(turn=1, text="61 degrees. ")),
        (6.0, PieceHeard(turn=2, text="The river is 33 feet deep.")),
    )
    assert heard_at(records, (BOILER, RIVER)) == (4.0, 6.0)


def test_what_an_interrupted_reply_had_said_counts_and_the_rest_does_not():
    records = record(
        (5.0, ended(1, "The boiler is at 61 degrees. The river is 33.", heard="The boiler is at 61 degrees.")),
        (6.0, ended(2, "The river", heard="The")),
    )
    assert heard_at(records, (BOILER, RIVER)) == (5.0, None)


def test_halves_of_a_fact_in_two_replies_are_no_fact():
    records = record((5.0, ended(1, "The boiler is at", heard="The boiler is at")), (6.0, ended(2, "61 degrees.")))
    assert heard_at(records, (BOILER,)) == (None,)


def test_a_run_is_judged():
    records = record(
        (3.0, ended(1, "One moment.")),
        (6.0, ended(2, "The boiler is at 61 degrees.")),
        (9.0, ended(3, "The river is 33 feet deep.")),
    )
    one = judged(records, {1: 2.0, 2: 4.5, 3: 7.0})
    assert one.first_word_seconds == 3.5  # the reply that told nothing does not count
    assert one.all_answers_seconds == 8.0
    assert (one.heard, one.words_lost, one.replies, one.interruptions) == (2, 0, 3, 0)


def test_words_that_were_never_heard_are_lost():
    records = record((6.0, ended(2, "The boiler is at 61 degrees.", heard="The boiler is")))
    one = judged(records, {2: 4.5})
    assert one.words_lost == 3 + 6  # "at 61 degrees" and all of the river
    assert one.heard == 0
    assert one.first_word_seconds is None
    assert one.all_answers_seconds == 10.0


def test_the_pace_is_read_from_the_marks_of_whole_replies():
    clock = FakeClock()
    marks = Marks(clock)
    for seconds, stage, note in (
        (1.0, Stage.REPLY_STARTED, "1"),
        (0.5, Stage.FIRST_TOKEN, ""),
        (0.8, Stage.GENERATED, ""),
        (1.0, Stage.REPLY_STARTED, "2"),
        (0.3, Stage.FIRST_TOKEN, ""),
        (0.2, Stage.FIRST_PIECE, ""),
        (0.1, Stage.GENERATED, ""),
        (0.3, Stage.PLAYBACK_STARTED, ""),
        (1.4, Stage.PLAYBACK_FINISHED, ""),
        (1.0, Stage.REPLY_STARTED, "3"),
        (9.0, Stage.FIRST_TOKEN, ""),
    ):
        clock.advance(seconds)
        marks.add(stage, note)
    records = record(
        (0.0, ReplyStarted(turn=1)),
        (0.0, CallMade(call_id="c1", turn=1, name="boiler", arguments={})),
        (0.0, CallMade(call_id="c2", turn=1, name="river", arguments={})),
        (0.0, ended(1, "")),
        (0.0, ended(2, "The boiler is at 61 degrees.")),
        (0.0, ended(3, "The river", heard="The")),
    )
    samples = pace_samples(records, marks.since())
    assert samples["prompt"] == pytest.approx([0.5, 0.3])
    assert samples["call"] == pytest.approx([0.4])
    assert samples["sentence"] == pytest.approx([0.2])
    assert samples["sound"] == pytest.approx([0.4])
    assert samples["character"] == pytest.approx([1.4 / 28])


def test_how_long_a_sentence_takes_is_counted_from_what_the_reply_said_before_it():
    records = record(
        (3.0, PieceHeard(turn=1, text="6 times 7")),
        (3.5, PieceHeard(turn=1, text=" is 42.")),
        (5.0, PieceHeard(turn=1, text=" The boiler is at 61 degrees.")),
        (8.0, PieceHeard(turn=2, text="The boiler is at 61 degrees.")),
    )
    answer = Fact(text="6 times 7 is 42", keys=("42",))
    assert spoken_seconds(records, {1: 2.0, 2: 7.0}, (BOILER, answer)) == {answer.sentence: 1.5, BOILER.sentence: 1.0}


def test_both_modes_make_one_summary_and_a_table():
    quick, slow = [
        judged(
            record((at, ended(1, BOILER.sentence)), (2 * at, ended(2, RIVER.sentence))), {1: at - 1.0, 2: 2 * at - 1.0}
        )
        for at in (3.0, 5.0)
    ]
    pace = Pace(prompt=0.1, sentence=0.2, call=0.3, sound=0.1, character=0.05)
    result = summary([WORKLOAD], {"async": [quick], "sync": [slow]}, pace)
    assert result["async"]["time_to_all_answers_s"] == 5.0
    assert result["sync"]["time_to_all_answers_s_p95"] == 9.0
    assert result["speedup"] == pytest.approx(9 / 5)
    assert result["share_of_bound"] == pytest.approx(result["speedup"] / result["overlap_bound"], abs=0.01)
    assert result["share_of_bound_p50"] == result["share_of_bound"]  # of one
    assert result["async"]["completion_rate"] == 1.0
    for key in ("time_to_first_word_s", "time_to_first_word_s_p95", "words_lost", "cpu_s", "peak_rss_bytes"):
        assert key in result["sync"]
    text = report.as_text(result | PLAYED)
    assert "all answers heard" in text
    assert "1.80 times" in text


def test_one_mode_alone_has_a_bound_and_no_speedup():
    one = judged(record((3.0, ended(1, BOILER.sentence))), {1: 2.0})
    result = summary([WORKLOAD], {"async": [one]}, Pace.of({"call": [1.0], "character": [0.1]}, {}))
    assert "speedup" not in result
    assert result["overlap_bound"] >= 1.0
    assert "Overlap allows" in report.as_text(result | PLAYED)
    assert result["workloads"][0]["async"]["answers_heard_s"] == [2.0, None]
