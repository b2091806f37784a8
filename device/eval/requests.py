"""Requests for the agent's own tools, made by rule from a seed, each with the calls that it wants; pure.

Nothing was fitted to them, but for the numbers that they are made of.
"""

import random
from collections.abc import Callable

from device.bench.tool_choice import Calls, Case

_MINUTES = (2, 3, 5, 8, 12, 20, 25, 40)
_ITEMS = ("milk", "rice", "batteries", "apples", "soap", "bread", "coffee", "stamps")
_LISTS = ("shopping", "packing", "garden")
_NOTES = ("the spare key is in the shed", "Anna's train is late", "the boiler was serviced", "the bins go out first")
_TALK = (
    "Tell me a joke.",
    "How are you today?",
    "Why is the sky blue?",
    "Who wrote Faust?",
    "Good night.",
    "What is the capital of Norway?",
    "I had a long day.",
    "Thank you, that is all.",
)

_Maker = Callable[[random.Random], tuple[str, Calls]]


def requests(seed: int, count: int) -> list[Case]:
    """So many requests, kind after kind; the same seed makes the same."""
    chance = random.Random(f"requests {seed}")  # noqa: S311 - requests to be repeated, not secrets
    made = (_KINDS[number % len(_KINDS)](chance) for number in range(count))
    return [Case(utterance=said, wanted=wanted, several=len(wanted) > 1) for said, wanted in made]


def _timer(chance: random.Random) -> tuple[str, Calls]:
    minutes = chance.choice(_MINUTES)
    said = chance.choice(("Set a timer for {} minutes.", "Please time {} minutes for me.", "Start a {} minute timer."))
    return said.format(minutes), (("set_timer", {"duration": f"{minutes} minutes"}),)


def _sum(chance: random.Random) -> tuple[str, Calls]:
    one, other = chance.randrange(12, 99), chance.randrange(12, 99)
    word, sign = chance.choice((("times", "*"), ("plus", "+"), ("minus", "-")))
    return f"How much is {one} {word} {other}?", (("calculate", {"expression": f"{one} {sign} {other}"}),)


def _add(chance: random.Random) -> tuple[str, Calls]:
    item, name = chance.choice(_ITEMS), chance.choice(_LISTS)
    return f"Put {item} on the {name} list.", (("add_to_list", {"list": name, "item": item}),)


def _convert(chance: random.Random) -> tuple[str, Calls]:
    amount = chance.randrange(3, 60)
    one, other = chance.choice((("miles", "kilometers"), ("pounds", "kilograms"), ("gallons", "liters")))
    wanted = {"amount": amount, "from_unit": one, "to_unit": other}
    return f"How many {other} are {amount} {one}?", (("convert", wanted),)


def _note(chance: random.Random) -> tuple[str, Calls]:
    note = chance.choice(_NOTES)
    return f"Make a note that {note}.", (("take_note", {"text": note}),)


def _time(chance: random.Random) -> tuple[str, Calls]:
    return chance.choice(("What time is it?", "Tell me the time, please.")), (("get_time", {}),)


def _two(chance: random.Random) -> tuple[str, Calls]:
    (one, first), (other, second) = _timer(chance), _sum(chance)
    return f"{one.rstrip('.')}, and {other[0].lower()}{other[1:]}", (*first, *second)


def _talk(chance: random.Random) -> tuple[str, Calls]:
    return chance.choice(_TALK), ()


_KINDS: tuple[_Maker, ...] = (_timer, _sum, _talk, _add, _convert, _two, _note, _time, _talk)
