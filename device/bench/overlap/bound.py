"""How much faster overlap could make a workload at all: the shortest time of strict turns against that of overlap.

Both are computed from the workload and the agent's own pace. Under strict turns everything follows everything else:
a reply's calls run one after another, then one reply tells them all. With perfect overlap every call runs as soon as
it can be known, every result is written while something else is being said, and only the mouth says one thing after
another. No agent of this pace can be faster than the latter.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from device.bench.overlap.workloads import Call, Fact, Workload

PARTS = ("prompt", "sentence", "call", "sound", "character")
"""The parts of the pace that are the same for every sentence and call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How fast the agent is. All are seconds.

    `prompt`: from a reply's start to its first token. `sentence`: to write one sentence. `call`: to write one call.
    `sound`: from a written sentence to its first sound. `spoken`: to say this sentence; `character`: to say one
    character of any other.
    """

    prompt: float
    sentence: float
    call: float
    sound: float
    character: float
    spoken: Mapping[str, float] = field(default_factory=dict)

    @classmethod
    def of(cls, samples: Mapping[str, Sequence[float]], spoken: Mapping[str, float]) -> "Pace":
        """The mean of each part, from measured `samples` by its name; what was never measured counts as nothing."""
        return cls(**{name: _mean(samples.get(name, ())) for name in PARTS}, spoken=spoken)

    def speech(self, facts: Sequence[Fact]) -> float:
        """How long it takes to say the facts."""
        sentences = [fact.sentence for fact in facts]
        return sum(self.spoken.get(sentence, self.character * len(sentence)) for sentence in sentences)


def serial_seconds(workload: Workload, pace: Pace) -> float:
    """From the first sentence to the last answer's end under strict turns."""
    now = 0.0
    for sentence in workload.sentences:
        now = max(now, sentence.at_seconds)
        calls: Sequence[Call] = sentence.calls
        telling: tuple[Fact, ...] = () if sentence.answer is None else (sentence.answer,)
        while calls or telling:
            now = _strict_reply(now, telling, calls, pace)
            telling = tuple(call.fact for call in calls)
            calls = [call.then for call in calls if call.then is not None]
    return now


def _strict_reply(now: float, telling: Sequence[Fact], calls: Sequence[Call], pace: Pace) -> float:
    """The end of a reply that says something and makes calls, which run one after another."""
    first_token = now + pace.prompt
    speech_end = first_token + pace.sentence + pace.sound + pace.speech(telling) if telling else now
    written = first_token + pace.sentence * len(telling)
    calls_end = written
    for number, call in enumerate(calls, 1):
        calls_end = max(calls_end, written + number * pace.call) + call.seconds
    return max(speech_end, calls_end)


def overlapped_seconds(workload: Workload, pace: Pace) -> float:
    """From the first sentence to the last answer's end with perfect overlap."""
    mouth = 0.0
    for ready, fact in sorted(_tellings(workload, pace), key=lambda telling: telling[0]):
        mouth = max(mouth, ready) + pace.speech([fact])
    return mouth


def first_answer_seconds(workload: Workload, pace: Pace) -> float:
    """From the first sentence to the first answer's first sound with perfect overlap."""
    return min(ready for ready, _ in _tellings(workload, pace))


def _tellings(workload: Workload, pace: Pace) -> Iterator[tuple[float, Fact]]:
    """When each fact could be begun to be said at the earliest."""
    for sentence in workload.sentences:
        first_token = sentence.at_seconds + pace.prompt
        if sentence.answer is not None:
            yield first_token + pace.sentence + pace.sound, sentence.answer
        for number, call in enumerate(sentence.calls, 1):
            yield from _followed(call, first_token + number * pace.call, pace)


def _followed(call: Call, made: float, pace: Pace) -> Iterator[tuple[float, Fact]]:
    written = made + call.seconds + pace.prompt + pace.sentence
    yield written + pace.sound, call.fact
    if call.then is not None:
        yield from _followed(call.then, written + pace.call, pace)


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0
