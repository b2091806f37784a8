"""What simulated users want, in two settings: of a personal assistant, and of a shop's customer service; pure.

A wish is made by rule from a seed: how it is said plainly, which calls must have been made in the end, and which words
a sentence must hold to say the same, whoever words it.
"""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from device.bench.tool_choice import Calls, Case
from device.eval.requests import requests

ASSISTANT, SERVICE = "personal assistant", "customer service"
SETTINGS = (ASSISTANT, SERVICE)

Needs = tuple[tuple[str, ...], ...]

CORRECTED = 4
"""How much more the number is of somebody who changes their mind."""
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """Something that is to be done.

    `said` says it plainly, numbers in digits. Of each of `needs` one word must stand in whatever says the same.
    `corrected` is the wish of who first says this and then changes their mind, None where nobody would.
    """

    said: str
    wanted: Calls
    needs: Needs
    corrected: "Wish | None" = None


def wishes(setting: str, seed: int, number: int, count: int) -> tuple[Wish, ...]:
    """So many wishes of a setting, at least one of which can be corrected; the same numbers give the same wishes."""
    chance = random.Random(f"{setting} {seed} {number}")  # noqa: S311 - to be repeated
    return _of_assistant(chance, count) if setting == ASSISTANT else _of_service(chance, count)


# --- the personal assistant --------------------------------------------------------------------------------------

_SIGNS = {
    "*": ("times", "multiplied", "multiply", "product"),
    "+": ("plus", "add", "sum", "added"),
    "-": ("minus", "subtract", "less", "difference", "subtracted"),
}
_TIMING = ("timer", "time", "countdown", "alarm", "remind", "count")


def _of_assistant(chance: random.Random, count: int) -> tuple[Wish, ...]:
    """A timer, and others of the agent's own tools that want one call each, in any order."""
    timer, *others = [one for one in requests(chance.randrange(1 << 30), 27) if len(one.wanted) == 1]
    chosen = [timer, *chance.sample(others, count - 1)]
    chance.shuffle(chosen)
    return tuple(map(_wish_of, chosen))


def _wish_of(request: Case) -> Wish:
    ((name, arguments),) = request.wanted
    wish = Wish(said=request.utterance, wanted=request.wanted, needs=_needs(name, arguments))
    if name != "set_timer":
        return wish
    minutes = int(str(arguments["duration"]).split()[0]) + CORRECTED
    said = f"{request.utterance.rstrip('.')}, no wait, make that {minutes} minutes."
    wanted = (("set_timer", {"duration": f"{minutes} minutes"}),)
    return _correctable(wish, said, wanted)


def _needs(name: str, arguments: Mapping[str, Any]) -> Needs:
    match name:
        case "set_timer":
            return (_TIMING, ("minutes", "minute"))
        case "calculate":
            return (_SIGNS[str(arguments["expression"]).split()[1]],)
        case "get_time":
            return (("time", "clock", "hour"),)
        case _:
            texts = [value for value in arguments.values() if isinstance(value, str)]
            return tuple((word,) for text in texts for word in text.split() if len(word) > 2)


# --- the customer service ----------------------------------------------------------------------------------------

_ServiceMaker = Callable[[random.Random, int, str], tuple[str, str, dict[str, Any], Needs]]

_ORDER = ("order",)


def _status(chance: random.Random, order: int, day: str) -> tuple[str, str, dict[str, Any], Needs]:
    del day
    said = chance.choice(("Where is order {}?", "What is the status of order {}?"))
    return said.format(order), "order_status", {"order": order}, (_ORDER, ("where", "status", "arrive", "track"))


def _cancel(chance: random.Random, order: int, day: str) -> tuple[str, str, dict[str, Any], Needs]:
    del chance, day
    return f"Cancel order {order}, please.", "cancel_order", {"order": order}, (_ORDER, ("cancel",))


def _deliver(chance: random.Random, order: int, day: str) -> tuple[str, str, dict[str, Any], Needs]:
    said = chance.choice(("Deliver order {} on {} instead.", "Please bring order {} on {}."))
    wanted = {"order": order, "day": day}
    return said.format(order, day), "deliver_on", wanted, (_ORDER, (day,), ("deliver", "delivery", "bring"))


def _invoice(chance: random.Random, order: int, day: str) -> tuple[str, str, dict[str, Any], Needs]:
    del chance, day
    return f"Send me the invoice for order {order}.", "send_invoice", {"order": order}, (_ORDER, ("invoice", "bill"))


def _hours(chance: random.Random, order: int, day: str) -> tuple[str, str, dict[str, Any], Needs]:
    del order
    said = chance.choice(("When are you open on {}?", "What are your opening hours on {}?"))
    return said.format(day), "opening_hours", {"day": day}, ((day,), ("open", "opening", "hours", "close"))


_OF_SERVICE: tuple[_ServiceMaker, ...] = (_status, _cancel, _deliver, _invoice, _hours)


def _of_service(chance: random.Random, count: int) -> tuple[Wish, ...]:
    """What is wanted of a shop, one about an order among them."""
    makers: Sequence[_ServiceMaker] = [chance.choice(_OF_SERVICE[:4]), *chance.choices(_OF_SERVICE, k=count - 1)]
    orders = chance.sample(range(20, 90), count)
    made = [_service(make, chance, order) for make, order in zip(makers, orders, strict=True)]
    chance.shuffle(made)
    return tuple(made)


def _service(make: _ServiceMaker, chance: random.Random, order: int) -> Wish:
    said, tool, arguments, needs = make(chance, order, chance.choice(DAYS))
    wish = Wish(said=said, wanted=((tool, arguments),), needs=needs)
    if "order" not in arguments:
        return wish
    other = order + CORRECTED
    return _correctable(
        wish, f"{said.rstrip('.?')}, no wait, I mean order {other}.", ((tool, {**arguments, "order": other}),)
    )


def _correctable(wish: Wish, said: str, wanted: Calls) -> Wish:
    corrected = Wish(said=said, wanted=wanted, needs=wish.needs)
    return Wish(said=wish.said, wanted=wish.wanted, needs=wish.needs, corrected=corrected)
