"""The reply on its way to the loudspeaker, known to the sample."""

import threading

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from device.ports import Speech, WordEnd
from device.runtime.playback import Playback
from device.runtime.sounding import Sounding

RATE = 1000


def speech(text: str, samples: int, *, level: float = 0.5) -> Speech:
    """A piece whose words end evenly."""
    words = text.split()
    ends, chars = [], 0
    for number, word in enumerate(words, 1):
        chars = text.index(word, chars) + len(word)
        ends.append(WordEnd(chars=chars, samples=samples * number // len(words)))
    return Speech(
        text=text, samples=np.full(samples, level, np.float32), sample_rate_hz=RATE, align=lambda: tuple(ends)
    )


class Stage:
    """A playback and what it reported."""

    def __init__(self, output_hz: int = RATE) -> None:
        self.reports: list[tuple] = []
        self.playback = Playback(
            on_started=lambda turn: self.reports.append(("started", turn)),
            on_finished=lambda turn: self.reports.append(("finished", turn)),
        )
        self.playback.tell_pieces(lambda turn, number: self.reports.append(("heard", turn, number)))
        self.playback.use_device(output_hz)
        self.out: list[np.ndarray] = []

    def render(self, samples: int = 100) -> np.ndarray:
        out = np.full(samples, 9.0, np.float32)
        self.playback.render(out)
        self.out.append(out)
        return out


def test_pieces_play_one_after_the_other_without_a_gap():
    stage = Stage()
    stage.playback.begin(1)
    stage.playback.enqueue(1, speech("one", 150, level=0.1))
    stage.playback.enqueue(1, speech("two", 150, level=0.2))
    stage.playback.complete(1)
    for _ in range(4):
        stage.render()
    sound = np.concatenate(stage.out)
    assert np.allclose(sound[:150], 0.1)
    assert np.allclose(sound[150:300], 0.2)
    assert not sound[300:].any()
    assert stage.reports == [("started", 1), ("heard", 1, 0), ("heard", 1, 1), ("finished", 1)]


def test_silence_in_front_is_not_the_start():
    stage = Stage()
    stage.playback.begin(1)
    stage.playback.enqueue(1, speech("quiet", 100, level=0.0))
    stage.render()
    assert ("started", 1) not in stage.reports
    stage.playback.enqueue(1, speech("loud", 100))
    stage.render()
    assert ("started", 1) in stage.reports


def test_a_word_counts_as_heard_when_its_last_sample_was_handed_out():
    stage = Stage()
    stage.playback.begin(1)
    stage.playback.enqueue(1, speech("one two three four", 400))
    stage.render(199)
    assert stage.playback.stop(1).chars == len("one")
    stage.playback.begin(2)
    stage.playback.enqueue(2, speech("one two three four", 400))
    stage.render(200)
    assert stage.playback.stop(2).chars == len("one two")


def test_after_a_stop_there_is_silence_from_the_next_sample():
    stage = Stage()
    stage.playback.begin(1)
    stage.playback.enqueue(1, speech("a long piece", 1000))
    stage.render()
    stage.playback.stop(1)
    assert not stage.render().any()
    stage.playback.enqueue(1, speech("late", 100))
    stage.playback.complete(1)
    assert not stage.render().any()
    assert ("finished", 1) not in stage.reports


def test_holding_fades_out_and_resuming_loses_no_sample():
    stage = Stage()
    stage.playback.begin(1)
    ramp = Speech(
        text="x", samples=np.linspace(0.5, 0.9, 400, dtype=np.float32), sample_rate_hz=RATE, align=tuple[WordEnd, ...]
    )
    stage.playback.enqueue(1, ramp)
    stage.render(100)
    stage.playback.hold()
    held = stage.render(100)
    assert not held[10:].any()
    assert not stage.render(50).any()
    stage.playback.resume()
    rest = np.concatenate([stage.render(100) for _ in range(4)])
    used_while_fading = int(np.count_nonzero(held))
    assert np.allclose(rest[10 : 300 - used_while_fading], ramp.samples[100 + used_while_fading + 10 :], atol=1e-6)


def test_an_empty_turn_that_is_complete_finishes():
    stage = Stage()
    stage.playback.begin(1)
    stage.playback.enqueue(1, speech("", 0))
    stage.playback.complete(1)
    stage.render()
    assert stage.reports[-1] == ("finished", 1)


def test_another_device_rate_keeps_the_place():
    stage = Stage(output_hz=RATE)
    stage.playback.begin(1)
    stage.playback.enqueue(1, speech("one two three four", 400))
    stage.render(200)
    stage.playback.use_device(2 * RATE)
    stage.render(200)
    assert stage.playback.stop(1).chars == len("one two three")


@given(
    st.lists(st.integers(0, 300), max_size=6),
    st.lists(st.one_of(st.integers(1, 150), st.sampled_from(["hold", "resume"])), max_size=30),
)
def test_what_was_heard_is_what_was_handed_out(lengths, steps):
    stage = Stage()
    stage.playback.begin(1)
    for length in lengths:
        stage.playback.enqueue(1, speech("a b c d", length))
    for step in steps:
        if step == "hold":
            stage.playback.hold()
        elif step == "resume":
            stage.playback.resume()
        else:
            stage.render(step)
    handed_out = int(np.count_nonzero(np.concatenate([*stage.out, np.zeros(1)])))
    heard = stage.playback.stop(1)
    assert heard.pieces == len([report for report in stage.reports if report[0] == "heard"])
    assert sum(lengths[: heard.pieces]) <= handed_out + len(steps) * 6  # a fade's last sample may be silent
    if heard.pieces < len(lengths):
        words = heard.chars // 2 + 1 if heard.chars else 0
        assert sum(lengths[: heard.pieces]) + lengths[heard.pieces] * words // 4 <= handed_out + len(steps) * 6


def test_the_volume_moves_to_a_new_one_sample_by_sample():
    stage = Stage()
    stage.playback.begin(1)
    stage.playback.enqueue(1, speech("a long piece", 1000))
    stage.render(100)
    stage.playback.set_gain(0.2)
    for _ in range(3):
        stage.render(30)
    stage.playback.set_gain(1.0)
    stage.render(200)
    sound = np.concatenate(stage.out)
    assert np.abs(np.diff(sound)).max() <= 0.5 / (0.05 * RATE) + 1e-6
    assert np.allclose(sound[:100], 0.5)
    assert np.allclose(sound[145:190], 0.1)
    assert np.allclose(sound[240:], 0.5)


def test_a_silent_volume_changes_nothing_but_the_sound():
    stage = Stage()
    stage.playback.set_gain(0.0)
    stage.render(100)
    stage.playback.begin(1)
    stage.playback.enqueue(1, speech("one two", 100))
    stage.playback.complete(1)
    assert not stage.render(101).any()
    assert stage.reports == [("started", 1), ("heard", 1, 0), ("finished", 1)]


def test_the_volume_stays_from_turn_to_turn_and_on_another_device():
    stage = Stage()
    stage.playback.set_gain(0.5)
    stage.render(100)
    stage.playback.begin(2)
    stage.playback.use_device(2 * RATE)
    stage.playback.enqueue(2, speech("one", 100))
    assert np.allclose(stage.render(100)[50:], 0.25, atol=0.01)  # resampling rings at the piece's beginning


@given(st.lists(st.one_of(st.floats(-1, 2), st.integers(0, 120)), max_size=20))
@example([0.359375, 32, 0.0])
def test_no_change_of_volume_ever_clicks(steps):
    stage = Stage()
    stage.playback.begin(1)
    stage.playback.enqueue(1, speech("a", 4000))
    for step in steps:
        if isinstance(step, float):
            stage.playback.set_gain(step)
        else:
            stage.render(step)
    stage.render(1)
    sound = np.concatenate(stage.out)
    assert np.abs(np.diff(sound)).max(initial=0.0) <= 0.5 / (0.05 * RATE) + 1e-5
    assert sound.max(initial=0.0) <= 0.5 + 1e-6
    assert sound.min(initial=0.0) >= 0.0


def parts(text: str, sizes: list[int]) -> list[Speech]:
    """A piece with even words, in parts of these sizes."""
    whole, found, start = speech(text, sum(sizes)), [], 0
    for number, size in enumerate(sizes, 1):
        ends = tuple(
            WordEnd(chars=word.chars, samples=word.samples - start)
            for word in whole.words
            if start < word.samples <= start + size
        )
        found.append(
            Speech(
                text=text,
                samples=np.full(size, 0.5, np.float32),
                sample_rate_hz=RATE,
                align=lambda ends=ends: ends,
                final=number == len(sizes),
            )
        )
        start += size
    return found


@given(sizes=st.lists(st.integers(1, 300), min_size=1, max_size=5), stop=st.integers(1, 1500), late=st.booleans())
def test_what_was_heard_of_a_piece_does_not_depend_on_its_parts(sizes, stop, late):
    text = "one two three four five"
    whole, streamed = Stage(), Stage()
    whole.playback.begin(1)
    streamed.playback.begin(1)
    whole.playback.enqueue(1, speech(text, sum(sizes)))
    for part in parts(text, sizes):
        streamed.playback.enqueue(1, part)
        if late and part.final:
            streamed.render(sum(sizes[:-1]) or 1)  # the last part comes when the others are over
            stop = max(stop - (sum(sizes[:-1]) or 1), 0)
            whole.render(sum(sizes[:-1]) or 1)
    heard = []
    for stage in (whole, streamed):
        stage.render(stop)
        heard.append(stage.playback.stop(1))
    assert heard[0] == heard[1]
    assert [report for report in streamed.reports if report[0] == "heard"] == [
        report for report in whole.reports if report[0] == "heard"
    ]


def test_nothing_is_heard_of_the_border_between_two_parts_at_another_rate():
    hz, device_hz = 22_050, 48_000
    tone = np.sin(2 * np.pi * 440 * np.arange(hz) / hz).astype(np.float32)
    stage = Stage(output_hz=device_hz)
    stage.playback.begin(1)
    for start in range(0, hz, 5000):
        stage.playback.enqueue(
            1,
            Speech(
                text="tone",
                samples=tone[start : start + 5000],
                sample_rate_hz=hz,
                align=tuple[WordEnd, ...],
                final=start + 5000 >= hz,
            ),
        )
    stage.playback.complete(1)
    sound = stage.render(device_hz + 500)
    # A steady tone: every period is like the one before it.
    inside = sound[2000 : device_hz - 2000]
    lag = 1200  # eleven periods
    assert np.abs(inside[lag:] - inside[:-lag]).max() < 0.01
    assert abs(np.flatnonzero(np.abs(sound) > 0.02)[-1] - device_hz) < 100


def test_a_reply_is_dropped_though_the_sound_thread_was_ended_while_it_filled_a_block(monkeypatch):
    filling, over = threading.Event(), threading.Event()

    def fill(self, out, fade_step):
        filling.set()
        over.wait()
        return ()

    monkeypatch.setattr(Sounding, "fill", fill)
    stage = Stage()
    stage.playback.begin(1)
    thread = threading.Thread(target=stage.render)
    thread.start()
    filling.wait()
    stage.playback.begin(2)
    over.set()
    thread.join()
