"""What was heard is found in the sound that came out."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from device.bench.duplex import heard
from device.ports import Speech, WordEnd


def piece(text: str, samples: int, seed: int, *, final: bool = True, words=None) -> Speech:
    sound = np.random.default_rng(seed).uniform(-0.5, 0.5, samples).astype(np.float32)
    several = text.split()
    ends = tuple(
        WordEnd(chars=len(" ".join(several[:number])), samples=samples * number // len(several))
        for number in range(1, len(several) + 1)
    )
    return Speech(text=text, samples=sound, sample_rate_hz=16_000, align=lambda: words or ends, final=final)


PIECES = [piece("one two three four", 4000, 1), piece("five six", 3000, 2)]
SOUND = np.concatenate([it.samples for it in PIECES])


@given(end=st.integers(700, 7000), gap=st.integers(0, 6000), hold=st.integers(300, 6000))
def test_the_place_is_found_whatever_was_held_before(end, gap, hold):
    out = SOUND[:end].copy()
    hold = min(hold, end)
    out = np.concatenate((np.zeros(gap, np.float32), out[:hold], np.zeros(gap, np.float32), out[hold:]))
    found = heard.position(PIECES, out)
    assert found is None or found == end
    if end - hold > 700 or not gap:
        assert found == end


def test_a_faded_end_counts_as_handed_out():
    out = SOUND[:3000].copy()
    out[-110:] *= np.linspace(1.0, 0.01, 110, dtype=np.float32)
    assert heard.position(PIECES, out) == 3000


def test_silence_or_foreign_sound_is_found_nowhere():
    assert heard.position(PIECES, np.zeros(5000, np.float32)) is None
    assert heard.position([], SOUND) is None
    assert heard.position(PIECES, np.random.default_rng(9).normal(0.0, 0.1, 5000).astype(np.float32)) is None


def test_a_word_was_heard_when_its_last_sample_was():
    assert heard.words(PIECES, 1999) == "one"
    assert heard.words(PIECES, 2000) == "one two"
    assert heard.words(PIECES, 5499) == "one two three four"
    assert heard.words(PIECES, 7000) == "one two three four five six"


def test_a_piece_in_parts_is_one_text():
    parts = [
        piece("one two three", 100, 1, final=False, words=(WordEnd(chars=3, samples=50), WordEnd(chars=7, samples=90))),
        piece("one two three", 100, 2, words=(WordEnd(chars=13, samples=60),)),
        piece("four", 100, 3),
    ]
    assert heard.words(parts, 95) == "one two"
    assert heard.words(parts, 170) == "one two three"
    assert heard.words(parts, 300) == "one two three four"
