"""What a workload's run came to: read from its ledger, and from when each reply was first heard."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from device.bench.overlap.director import was_heard
from device.bench.overlap.workloads import Fact, Workload
from device.core.entries import CallMade, PieceHeard, Record, ReplyEnded
from device.core.utterances import words
from device.runtime.marks import Mark, Stage


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A workload's run. Times are seconds from the first sentence; `seconds` is when nothing was left to do.

    An answer that was never heard has no time, and then `all_answers_seconds` is the run's whole length.
    """

    seconds: float
    first_word_seconds: float | None
    all_answers_seconds: float
    heard_seconds: tuple[float | None, ...]
    words_lost: int
    interruptions: int
    replies: int
    cpu_seconds: float
    peak_rss_bytes: int

    @property
    def heard(self) -> int:
        """How many of the expected answers were heard."""
        return sum(seconds is not None for seconds in self.heard_seconds)


def outcome(
    workload: Workload,
    records: Sequence[Record],
    started: Mapping[int, float],
    *,
    begin_seconds: float,
    end_seconds: float,
    cpu_seconds: float,
    peak_rss_bytes: int,
) -> Outcome:
    """Judge a run by its `records`; `started` says when each reply was first heard. All on the boot-time clock."""
    facts = workload.facts()
    times = heard_at(records, facts)
    ended = [record.entry for record in records if isinstance(record.entry, ReplyEnded)]
    useful = [reply.turn for reply in ended if any(was_heard(fact, reply.heard) for fact in facts)]
    first = min((started[turn] for turn in useful if turn in started), default=None)
    seconds = end_seconds - begin_seconds
    relative = tuple(None if at is None else at - begin_seconds for at in times)
    return Outcome(
        seconds=seconds,
        first_word_seconds=None if first is None else first - begin_seconds,
        all_answers_seconds=max((at if at is not None else seconds for at in relative), default=0.0),
        heard_seconds=relative,
        words_lost=sum(_words_lost(fact, [reply.heard for reply in ended]) for fact in facts),
        interruptions=sum(reply.interrupted for reply in ended),
        replies=len(ended),
        cpu_seconds=cpu_seconds,
        peak_rss_bytes=peak_rss_bytes,
    )


def heard_at(records: Sequence[Record], facts: Sequence[Fact]) -> tuple[float | None, ...]:
    """When each fact had been heard to its end (boot-time clock), None if it never was."""
    so_far: dict[int, str] = defaultdict(str)
    found: dict[int, float] = {}
    for record in records:
        match record.entry:
            case PieceHeard(turn=turn, text=text):
                so_far[turn] += text
            case ReplyEnded(turn=turn, heard=heard):
                so_far[turn] = heard
            case _:
                continue
        for number, fact in enumerate(facts):
            if number not in found and was_heard(fact, so_far[turn]):
                found[number] = record.boot_seconds
    return tuple(found.get(number) for number in range(len(facts)))


def _words_lost(fact: Fact, heard: Sequence[str]) -> int:
    """How many of the fact's words were never heard, in the best of the replies that spoke of it; none if it was told.

    A model in its own words says other words than these, so only what carries the fact is asked of one that was told.
    """
    if any(was_heard(fact, reply) for reply in heard):
        return 0
    expected = words(fact.text)
    about = [set(words(reply)) for reply in heard if set(fact.keys) & set(words(reply))]
    return min((sum(word not in reply for word in expected) for reply in about), default=len(expected))


# --- the agent's pace --------------------------------------------------------------------------------------------


def spoken_seconds(records: Sequence[Record], started: Mapping[int, float], facts: Sequence[Fact]) -> dict[str, float]:
    """How long it took to say each fact's sentence: from the end of what the reply said before it to its own end."""
    before = dict(started)
    so_far: dict[int, str] = defaultdict(str)
    found: dict[str, float] = {}
    for record in records:
        if not isinstance(record.entry, PieceHeard) or record.entry.turn not in before:
            continue
        turn = record.entry.turn
        so_far[turn] += record.entry.text
        for fact in facts:
            if so_far[turn].strip().endswith(fact.sentence):
                seconds = record.boot_seconds - before[turn]
                found[fact.sentence] = min(found.get(fact.sentence, seconds), seconds)
                before[turn] = record.boot_seconds
    return found


def pace_samples(records: Sequence[Record], marks: Sequence[Mark]) -> dict[str, list[float]]:
    """What the run says of each part of the agent's pace (`device.bench.overlap.bound.Pace`), in seconds."""
    ended = {record.entry.turn: record.entry for record in records if isinstance(record.entry, ReplyEnded)}
    calls: dict[int, int] = defaultdict(int)
    for record in records:
        if isinstance(record.entry, CallMade):
            calls[record.entry.turn] += 1
    samples: dict[str, list[float]] = defaultdict(list)
    begins = [number for number, mark in enumerate(marks) if mark.stage is Stage.REPLY_STARTED]
    for begin, end in pairwise([*begins, len(marks)]):
        turn = int(marks[begin].note)
        if turn in ended and not ended[turn].interrupted:
            _add(samples, marks[begin:end], ended[turn], calls[turn])
    return dict(samples)


def _add(samples: dict[str, list[float]], marks: Sequence[Mark], ended: ReplyEnded, calls: int) -> None:
    first: dict[Stage, float] = {}
    for mark in marks:
        first.setdefault(mark.stage, mark.seconds)

    def between(name: str, one: Stage, other: Stage, *, parts: int = 1) -> None:
        if one in first and other in first and parts:
            samples[name].append((first[other] - first[one]) / parts)

    if first.get(Stage.FIRST_TOKEN, 0.0) < first[Stage.REPLY_STARTED]:
        return  # it was rehearsed
    between("prompt", Stage.REPLY_STARTED, Stage.FIRST_TOKEN)
    if not ended.generated.strip():
        between("call", Stage.FIRST_TOKEN, Stage.GENERATED, parts=calls)
        return
    between("sentence", Stage.FIRST_TOKEN, Stage.FIRST_PIECE)
    between("sound", Stage.FIRST_PIECE, Stage.PLAYBACK_STARTED)
    between("character", Stage.PLAYBACK_STARTED, Stage.PLAYBACK_FINISHED, parts=len(ended.generated.strip()))
