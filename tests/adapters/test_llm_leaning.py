"""The leaning on logits made by hand, with a vocabulary of a few tokens."""

from types import SimpleNamespace

import numpy as np
import pytest

from device.adapters.llm_leaning import Lean
from device.adapters.llm_sampling import TokenChooser
from device.core.prompt.choice import Leaning, Wish
from device.core.prompt.things import Thing
from device.ports import Sampling

PIECES = [
    b"Hello",
    b"Hi",
    b"{",
    b'{"',
    b'name": "',
    b"set_",
    b"play",
    b'timer"',
    b"}}",
    b"}}\n",
    b"}},",
    b" Os",
    b"lo",
    b"x",
    b'"',
]
TOKEN = {piece: token for token, piece in enumerate(PIECES)}


def encode(text: str, *, special: bool) -> list[int]:
    """The longest token that `text` begins with is enough here."""
    assert not special
    return [max((t for t, p in enumerate(PIECES) if text.encode().startswith(p)), key=lambda t: len(PIECES[t]))]


VOCABULARY = SimpleNamespace(piece=PIECES.__getitem__, encode=encode, call_openers=(2, 3))


def lean(leaning: Leaning, *written: bytes, certain: bool = True) -> Lean:
    bias = Lean(leaning, VOCABULARY, certain=certain)
    for piece in written:
        bias.accept(PIECES.index(piece) if piece in PIECES else _new(piece))
    return bias


def _new(piece: bytes) -> int:
    PIECES.append(piece)
    return len(PIECES) - 1


def logits(**best: float) -> np.ndarray:
    values = np.full(len(PIECES), -10.0, dtype=np.float32)
    for name, value in best.items():
        values[int(name[1:])] = value
    return values


def winner(bias: Lean, values: np.ndarray) -> bytes:
    return PIECES[TokenChooser(Sampling(), None, bias).choose(values)]


def test_the_mass_of_both_sides_is_weighed_at_the_opening():
    values = logits(t0=1.0, t1=1.0, t3=1.2)  # one token opens a call, two say hello
    assert winner(lean(Leaning()), values) == b"Hello"
    assert winner(lean(Leaning(opening=1.0)), values) == b'{"'
    assert winner(lean(Leaning(opening=-5.0)), logits(t0=0.0, t3=4.0)) == b"Hello"


def test_with_a_temperature_the_opening_is_shifted_as_it_is():
    values = logits(t0=1.0, t3=1.0)
    shifted = lean(Leaning(opening=2.0), certain=False).applied(values)
    assert (shifted[0], shifted[3]) == (1.0, 3.0)
    assert values[3] == 1.0


def test_a_name_leans_towards_the_tools_that_the_words_speak_for():
    bias = lean(Leaning(names=(("set_timer", 3.0), ("play", 0.0))), b'{"', b'name": "')
    assert winner(bias, logits(t5=0.0, t6=2.0)) == b"set_"
    assert winner(bias, logits(t5=0.0, t6=4.0)) == b"play"


def test_a_name_is_written_with_its_own_tokens_however_unlikely_they_were():
    bias = lean(Leaning(names=(("set_timer", 0.0), ("play", 0.0))), b'{"', b'name": "')
    assert winner(bias, logits(t5=0.0, t6=-1.0, t13=9.0)) == b"set_"


def test_one_of_a_few_values_is_written_with_its_own_tokens():
    call = b'{"name": "weather", "arguments": {"city": "'
    bias = lean(Leaning(choices={("weather", "city"): ("play", "Hello")}), call)
    assert winner(bias, logits(t6=0.0, t0=-1.0, t13=9.0)) == b"play"
    assert winner(lean(Leaning(choices={("other", "city"): ("play",)}), call), logits(t6=0.0, t13=9.0)) == b"x"


def test_speech_is_left_alone_after_its_beginning():
    values = logits(t1=1.0)
    assert lean(Leaning(opening=9.0, names=(("set_timer", 9.0),)), b"Hello").applied(values) is values


@pytest.mark.parametrize(("written", "said"), [((), b" Os"), ((b" Os",), b"lo")])
def test_an_argument_leans_towards_the_users_words(written, said):
    call = b'{"name": "weather", "arguments": {"city": "'
    bias = lean(Leaning(said="in oslo", for_said=2.0), call, *written)
    assert winner(bias, logits(**{f"t{TOKEN[said]}": 0.0, f"t{TOKEN[b'x']}": 1.0})) == said
    assert winner(bias, logits(**{f"t{TOKEN[said]}": 0.0, f"t{TOKEN[b'x']}": 5.0})) == b"x"


def test_more_calls_follow_while_a_wish_is_not_met():
    wishes = tuple(
        Wish(stems=frozenset({word}), names=((word, 4.0),), things=(Thing(said=word, value=word),))
        for word in ("play", "lock")
    )
    call = b'{"name": "%s", "arguments": {"x": 1'
    values = logits(**{f"t{TOKEN[b'}}']}": 2.0, f"t{TOKEN[b'}},']}": 0.0})
    assert winner(lean(Leaning(), call % b"play"), values) == b"}}"
    assert winner(lean(Leaning(wishes=wishes), call % b"play"), values) == b"}},"
    both = call % b"play" + b"}}\n" + call % b"lock"
    assert winner(lean(Leaning(wishes=wishes), both), values) == b"}}"
