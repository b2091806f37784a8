"""The choice of a token, on logits made by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.adapters.llm_sampling import TokenChooser
from device.errors import GenerationError
from device.ports import Sampling

SIZE = 300


class OnlyThese:
    """A constraint that allows a fixed set, and counts how often it is asked about how many."""

    def __init__(self, *allowed: int) -> None:
        self._allowed = np.array(allowed, dtype=np.intp)
        self.asked: list[int] = []

    def allowed(self, ids):
        self.asked.append(len(ids))
        return np.isin(ids, self._allowed)

    def accept(self, token: int) -> bool:
        return token == self._allowed[0]


def logits(**best: float) -> np.ndarray:
    values = np.full(SIZE, -10.0, dtype=np.float32)
    for name, value in best.items():
        values[int(name[1:])] = value
    return values


def test_without_temperature_the_best_token_is_chosen():
    assert TokenChooser(Sampling()).choose(logits(t7=1.0, t9=2.0)) == 9


def test_a_token_that_the_grammar_allows_is_the_only_one_checked():
    constraint = OnlyThese(9)
    assert TokenChooser(Sampling(), constraint).choose(logits(t7=1.0, t9=2.0)) == 9
    assert constraint.asked == [1]


def test_a_rejected_token_is_replaced_by_the_best_allowed_one():
    constraint = OnlyThese(7, 8)
    assert TokenChooser(Sampling(), constraint).choose(logits(t7=1.0, t8=0.5, t9=2.0)) == 7
    assert constraint.asked == [1, 64]


def test_the_whole_vocabulary_is_masked_only_when_none_of_the_best_is_allowed():
    values = np.arange(SIZE, dtype=np.float32)
    constraint = OnlyThese(3)
    assert TokenChooser(Sampling(), constraint).choose(values) == 3
    assert constraint.asked == [1, 64, SIZE]


def test_a_grammar_that_allows_nothing_is_an_error():
    with pytest.raises(GenerationError, match="allows no token"):
        TokenChooser(Sampling(), OnlyThese()).choose(logits(t7=1.0))


@pytest.mark.parametrize("value", [np.nan, -np.inf])
def test_logits_that_are_no_numbers_are_an_error(value):
    with pytest.raises(GenerationError, match="no usable numbers"):
        TokenChooser(Sampling()).choose(np.full(SIZE, value, dtype=np.float32))


def test_the_constraint_says_when_the_reply_must_end():
    chooser = TokenChooser(Sampling(), OnlyThese(9, 7))
    assert not chooser.take(7)[1]
    assert chooser.take(9)[1]
    assert not TokenChooser(Sampling()).take(9)[1]


class Always:
    """A course that asks for the same tokens after 7, and keeps what was taken."""

    def __init__(self, *then: int) -> None:
        self._then = then
        self.taken: list[int] = []

    def accept(self, token: int) -> None:
        self.taken.append(token)

    def tokens(self):
        return self._then if self.taken[-1] == 7 else ()


def test_what_must_follow_is_taken_with_the_chosen_token():
    course = Always(1, 2)
    chooser = TokenChooser(Sampling(), course=course)
    assert chooser.take(7) == ([7, 1, 2], False)
    assert chooser.take(3) == ([3], False)
    assert course.taken == [7, 1, 2, 3]


def test_nothing_follows_that_the_grammar_does_not_allow_or_after_its_end():
    assert TokenChooser(Sampling(), OnlyThese(5, 7, 1), course=Always(1, 2, 1)).take(7) == ([7, 1], False)
    assert TokenChooser(Sampling(), OnlyThese(1, 7, 2), course=Always(2, 1, 2)).take(7) == ([7, 2, 1], True)


@given(seed=st.integers(0, 2**32))
def test_the_same_seed_draws_the_same_tokens(seed):
    values = np.random.default_rng(1).standard_normal(SIZE).astype(np.float32)
    first, second = (TokenChooser(Sampling(temperature=1.0, seed=seed)) for _ in range(2))
    assert [first.choose(values) for _ in range(8)] == [second.choose(values) for _ in range(8)]


@given(seed=st.integers(0, 2**32), temperature=st.floats(0.05, 3.0), top_p=st.floats(0.0, 1.0))
def test_only_the_most_probable_tokens_that_reach_top_p_are_drawn(seed, temperature, top_p):
    values = np.random.default_rng(seed).standard_normal(SIZE).astype(np.float32) * 4
    drawn = TokenChooser(Sampling(temperature=temperature, top_p=top_p, seed=seed)).choose(values)
    probabilities = np.exp(values.astype(np.float64) / temperature)
    probabilities /= probabilities.sum()
    more_probable = probabilities[values > values[drawn]].sum()
    assert more_probable <= top_p + 1e-3


def frequencies(chooser: TokenChooser, values: np.ndarray, draws: int = 4000) -> np.ndarray:
    return np.bincount([chooser.choose(values) for _ in range(draws)], minlength=SIZE) / draws


def test_draws_follow_the_probabilities():
    values = logits(t1=np.log(0.5), t2=np.log(0.3), t3=np.log(0.2))
    values[values < -5] = -40
    seen = frequencies(TokenChooser(Sampling(temperature=1.0, top_p=1.0, seed=3)), values)
    assert seen[1:4] == pytest.approx([0.5, 0.3, 0.2], abs=0.03)


def test_draws_under_a_grammar_follow_the_probabilities_of_what_is_allowed():
    values = logits(t1=np.log(0.5), t2=np.log(0.3), t3=np.log(0.2))
    values[values < -5] = -40
    chooser = TokenChooser(Sampling(temperature=1.0, top_p=1.0, seed=3), OnlyThese(2, 3))
    assert frequencies(chooser, values)[1:4] == pytest.approx([0.0, 0.6, 0.4], abs=0.03)
