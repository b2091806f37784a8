"""Early and late endpoints: the endpointing in simulated time, and the settings that no other beats."""

import json
import xml.etree.ElementTree as ET
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.bench.turn.picture import picture
from device.bench.turn.replay import Outcome, Pace
from device.bench.turn.replay import replay as replayed
from device.bench.turn.sweep import Point, frontier, recommended, score, settings, silences
from device.cli.main import main
from device.core.endpointing import LOUDEST_DB, EndpointingOptions
from device.core.turn_end import Signs

DATA = Path(__file__).parents[1] / "data"
WINDOW = 512
NOW = EndpointingOptions(pause_ms=128, end_silence_ms=256, end_silence_max_ms=960)


def pace(answer_ms: float, reply_ms: float = 0.0, share_ms: float = 0.0) -> Pace:
    return Pace(answer_ms=answer_ms, share_ms=share_ms, reply_ms=reply_ms, preroll_windows=8)


def by_sound(signs: Signs) -> float:
    """A rule that only listens to the turn detector."""
    assert signs.sound is not None
    return signs.sound


def replay(spoken, options, pace):
    return replayed(spoken, options, pace, by_sound)


@dataclass
class Spoken:
    """Speech and silence by turns, in windows of 32 ms, and what the models would say at each pause."""

    runs: tuple[int, ...]
    answers: list[float] = field(default_factory=lambda: [1.0])
    asked: list[tuple[int, int]] = field(default_factory=list)
    window_samples: int = WINDOW

    @property
    def probabilities(self) -> list[float]:
        return [0.9 if number % 2 == 0 else 0.0 for number, run in enumerate(self.runs) for _ in range(run)]

    @property
    def end_sample(self) -> int:
        last_speech = len(self.runs) - 1 if len(self.runs) % 2 else len(self.runs) - 2
        return sum(self.runs[: last_speech + 1]) * WINDOW

    @property
    def levels_db(self) -> list[float]:
        return [LOUDEST_DB] * len(self.probabilities)

    def signs(self, first_window: int, last_window: int) -> Signs:
        self.asked.append((first_window, last_window))
        return Signs(text="So it is.", sound=self.answers[min(len(self.asked), len(self.answers)) - 1])


@dataclass
class Asked(Spoken):
    """One whose words the language model knows, too."""

    def signs(self, first_window: int, last_window: int) -> Signs:
        return replace(super().signs(first_window, last_window), likely_end=0.0)


@dataclass
class Levelled(Spoken):
    """One whose voice falls silent before the detector notices."""

    quiet_from: int = 0

    @property
    def levels_db(self) -> list[float]:
        return [-20.0 if number < self.quiet_from else -70.0 for number, _ in enumerate(self.probabilities)]


def test_a_finished_sentence_ends_after_the_short_silence():
    spoken = Spoken((30, 60))
    assert replay(spoken, NOW, pace(50)) == Outcome(early=0, delay_ms=256.0)
    assert spoken.asked == [(0, 33)]


def test_an_unfinished_one_ends_after_the_long_silence():
    assert replay(Spoken((30, 60), [0.1]), NOW, pace(50)).delay_ms == 960.0


def test_an_answer_that_comes_late_ends_it_at_the_next_window():
    assert replay(Spoken((30, 60)), NOW, pace(200)).delay_ms == 352.0


def test_a_pause_that_is_taken_for_the_end_is_an_early_endpoint():
    found = replay(Spoken((30, 15, 30, 60)), NOW, pace(50))
    assert found == Outcome(early=1, delay_ms=256.0)


@pytest.mark.parametrize(("reply_ms", "early"), [(0, 1), (300, 1), (400, 0)])
def test_who_goes_on_before_the_reply_is_audible_is_not_cut_off(reply_ms, early):
    # The endpoint comes 256 ms into a pause of 480; the speaker is heard to go on 96 ms after it.
    assert replay(Spoken((30, 15, 30, 60)), NOW, pace(50, reply_ms)).early == early


def test_a_pause_that_the_models_see_through_is_none():
    found = replay(Spoken((30, 15, 30, 60), [0.0, 1.0]), NOW, pace(50))
    assert found == Outcome(early=0, delay_ms=256.0)


def test_the_language_models_share_comes_later_and_counts_from_then_on():
    def by_share(signs: Signs) -> float:
        return 0.0 if signs.likely_end is None else 1.0

    for share_ms, delay_ms in ((50, 256.0), (200, 384.0), (2000, 960.0)):
        found = replayed(Asked((30, 60)), NOW, pace(50, share_ms=share_ms), by_share)
        assert found.delay_ms == delay_ms


def test_the_level_tells_a_pause_before_the_voice_detector_does():
    # The voice falls silent four windows before the detector notices.
    quiet = Levelled((34, 60), quiet_from=30)
    assert replay(quiet, NOW, pace(50)).delay_ms == replay(Spoken((34, 60)), NOW, pace(50)).delay_ms - 4 * 32


def test_an_answer_to_a_pause_that_is_over_is_void():
    spoken = Spoken((30, 5, 30, 60), [1.0, 0.0])
    assert replay(spoken, NOW, pace(100)) == Outcome(early=0, delay_ms=960.0)
    assert spoken.asked == [(0, 33), (0, 68)]


def test_what_never_sounds_like_speech_has_no_endpoint():
    spoken = Spoken((1, 60))
    assert replay(spoken, NOW, pace(50)) == Outcome(early=0, delay_ms=None)


@given(
    runs=st.lists(st.integers(1, 50), min_size=2, max_size=9),
    answers=st.lists(st.floats(0, 1), min_size=1, max_size=9),
    answer_ms=st.integers(0, 400),
)
def test_the_last_endpoint_comes_between_the_shortest_silence_and_the_longest(runs, answers, answer_ms):
    whole = runs if len(runs) % 2 else runs[:-1]  # the last run is speech, and then silence
    found = replay(Spoken((*whole[:-1], 10, 60), answers), NOW, pace(answer_ms))
    assert found.delay_ms is not None
    assert 256.0 <= found.delay_ms <= 960.0


def point(rate: float, p50: float, mean: float | None = None) -> Point:
    return Point(
        pause_ms=64,
        end_silence_ms=128,
        end_silence_max_ms=500,
        unfinished_below=0.3,
        finished_above=0.9,
        cut_off_rate=rate,
        cut_off_interval=(0.0, 1.0),
        cut_off_rate_with_pauses=None,
        delay_ms={"mean": p50 if mean is None else mean, "p50": p50, "p90": p50, "p95": p50},
        missed=0,
    )


points = st.lists(
    st.builds(point, st.integers(0, 20).map(lambda n: n / 20), st.integers(0, 30).map(lambda n: 32.0 * n)), min_size=1
)


@given(points)
def test_nothing_beats_the_frontier_and_everything_else_is_beaten_by_it(several):
    best = frontier(several)
    for one in best:
        assert not any(
            other.cut_off_rate <= one.cut_off_rate and other.delay_ms["p50"] < one.delay_ms["p50"] for other in several
        )
    for one in several:
        assert any(it.cut_off_rate <= one.cut_off_rate and it.delay_ms["p50"] <= one.delay_ms["p50"] for it in best)


@given(points, st.floats(0.0, 1.0))
def test_the_recommendation_keeps_to_the_rate_where_any_setting_does(several, most):
    chosen = recommended(several, most)
    if any(one.cut_off_rate <= most for one in several):
        assert chosen.cut_off_rate <= most
        assert all(chosen.cost() <= one.cost() for one in several if one.cut_off_rate <= most)
    else:
        assert chosen.cut_off_rate == min(one.cut_off_rate for one in several)


def test_every_setting_of_the_sweep_is_a_possible_one():
    every = [*settings(NOW), *silences(NOW)]
    assert len(every) > 300
    assert all(one.pause_ms <= one.end_silence_ms <= one.end_silence_max_ms for one in every)


def test_a_score_tells_those_with_pauses_apart():
    cut, fine = Outcome(early=1, delay_ms=300.0), Outcome(early=0, delay_ms=200.0)
    missed = Outcome(early=0, delay_ms=None)
    found = score(NOW, [(True, cut), (True, fine), (False, fine), (False, missed)])
    assert (found.cut_off_rate, found.cut_off_rate_with_pauses, found.missed) == (0.25, 0.5, 1)
    assert found.delay_ms == {"mean": 200.0, "p50": 200.0, "p90": 200.0, "p95": 200.0}


@pytest.mark.models
def test_the_trade_is_measured_drawn_and_quick_the_second_time(artifact_path, tmp_path, monkeypatch, capsys):
    for artifact in ("moonshine-tiny-en", "silero-vad", "smart-turn-v3.2", "smollm2-135m-instruct-q4_1"):
        artifact_path(artifact)
    monkeypatch.setenv("DEVICE_MODELS", str(artifact_path("silero-vad").parent))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    files = [str(DATA / name) for name in ("capital.flac", "interruption.flac")]
    pace = ["--answer-ms", "60", "--share-ms", "30", "--models", "tiny"]
    arguments = ["bench", "turn", "--json", *pace, "--svg", str(tmp_path / "turn.svg"), *files]
    assert main(arguments) == 0
    first = json.loads(capsys.readouterr().out)
    assert first["n"] == 2
    assert 0 < first["in_force"]["delay_ms"]["p50"] < 1300
    assert first["recommended"]["cut_off_rate"] <= 0.02
    ET.parse(tmp_path / "turn.svg")
    monkeypatch.setattr("device.bench.turn.traces.Asked.signs", None)  # nobody is asked again
    assert main(arguments) == 0
    again = json.loads(capsys.readouterr().out)
    assert again["points"] == first["points"]
    assert picture(again) == (tmp_path / "turn.svg").read_text()
