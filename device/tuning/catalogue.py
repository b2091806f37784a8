"""Reads the catalogue: what tools there might be, and how people ask for what each is for.

    name otherName | description | another description
    parameter! kind … | what the model is told of it
    - how one asks for {parameter} / how else
    = what the tool then returns

A parameter with "!" must be given. A request names only what it says, and a call holds only what was said.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from random import Random
from typing import Any

from device.core.prompt.messages import ToolSpec
from device.tuning import errands, household, pastimes, talk
from device.tuning.values import Kind, Value, draw_all, in_words, kind_of

_SLOT = re.compile(r"\{(\w+)\}")


MENDINGS = ("no wait make that", "sorry I mean", "no make it")
"""What people say between a wrong number and the right one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A request as it is `said`, or said and `corrected`; the `arguments` that it gives; a `result` as the tool returns
    it, and as the user is `told` it.
    """

    said: str
    arguments: dict[str, Any]
    result: str
    told: str
    corrected: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Purpose:
    """What a tool is for: its possible names and descriptions, its parameters, requests and results."""

    names: tuple[str, ...]
    descriptions: tuple[str, ...]
    kinds: Mapping[str, Kind]
    told: Mapping[str, str]
    required: tuple[str, ...]
    requests: tuple[str, ...]
    results: tuple[str, ...]

    @property
    def key(self) -> str:
        """Which one it is."""
        return self.names[0]

    def spec(self, random: Random) -> ToolSpec:
        """The tool as one of its possible authors would have declared it."""
        terse = random.random() < 1 / 4
        properties = {
            name: dict(kind.schema) | ({} if terse or not self.told[name] else {"description": self.told[name]})
            for name, kind in self.kinds.items()
        }
        return ToolSpec(
            name=random.choice(self.names),
            description=random.choice(self.descriptions),
            parameters={"type": "object", "properties": properties, "required": list(self.required)},
        )

    def ask(self, random: Random, request: str) -> Wish:
        """A request with its slots filled, and what belongs to it."""
        names = _SLOT.findall(request)
        given = draw_all(self.kinds, names, random)
        fitting = [one for one in self.results if set(_SLOT.findall(one)) <= set(given)] or ["done > It is done."]
        filled = _SLOT.sub(lambda found: _result_text(given[found.group(1)]), random.choice(fitting))
        result, _, told = filled.partition(" > ")
        return Wish(
            said=_SLOT.sub(lambda found: given[found.group(1)].said, request),
            arguments={name: given[name].written for name in self.kinds if name in given},
            result=result,
            told=told or result,
            corrected=_corrected(request, given, random),
        )


def _corrected(request: str, given: Mapping[str, Value], random: Random) -> str:
    """The request said by somebody who names another number first; empty if it has none."""
    counts = [name for name, value in given.items() if isinstance(value.written, int) and value.said[:1].isalnum()]
    if not counts:
        return ""
    name = random.choice(counts)
    wrong, mending = given[name].written + random.choice((1, 2, 5)), random.choice(MENDINGS)
    mended = f"{in_words(wrong)} {mending} {given[name].said}"
    return _SLOT.sub(lambda found: mended if found.group(1) == name else given[found.group(1)].said, request)


def _result_text(value: Value) -> str:
    written = value.written
    return value.said if isinstance(written, (bool, list)) else str(written).replace("_", " ")


def read(text: str) -> tuple[Purpose, ...]:
    """The purposes in a text of the catalogue. Raises ValueError with the block that is wrong."""
    return tuple(_purpose(block) for block in re.split(r"\n\s*\n", text.strip()))


def _purpose(block: str) -> Purpose:
    head, *lines = [line.strip() for line in block.strip().splitlines()]
    names, *descriptions = (part.strip() for part in head.split("|"))
    if not descriptions:
        raise ValueError(f'"{head}" has no description')
    kinds, told, required = {}, {}, []
    for line in (line for line in lines if line[0] not in "-="):
        declared, _, about = line.partition("|")
        name, _, kind = declared.strip().partition(" ")
        if name.endswith("!"):
            name = name.removesuffix("!")
            required.append(name)
        kinds[name], told[name] = kind_of(kind), about.strip()
    purpose = Purpose(
        names=tuple(names.split()),
        descriptions=tuple(descriptions),
        kinds=kinds,
        told=told,
        required=tuple(required),
        requests=_ways(lines, "-"),
        results=_ways(lines, "="),
    )
    _check(purpose)
    return purpose


def _ways(lines: Sequence[str], mark: str) -> tuple[str, ...]:
    return tuple(way.strip() for line in lines if line[0] == mark for way in line[1:].split(" / "))


def _check(purpose: Purpose) -> None:
    if not purpose.requests:
        raise ValueError(f"nobody asks for {purpose.key}")
    for request in purpose.requests:
        slots = set(_SLOT.findall(request))
        if missing := slots - set(purpose.kinds) or set(purpose.required) - slots:
            raise ValueError(f'"{request}" and the parameters of {purpose.key} differ in {", ".join(sorted(missing))}')


@cache
def purposes() -> tuple[Purpose, ...]:
    """All purposes, those of the agent's own tools among them."""
    return tuple(purpose for module in (household, errands, pastimes) for purpose in read(module.TOOLS))


@cache
def own_purposes() -> tuple[Purpose, ...]:
    """Those of the agent's own tools."""
    from device.tuning import own

    return read(own.TOOLS)


@cache
def small_talk() -> tuple[tuple[str, str], ...]:
    """What is said without any wish for a tool, and what is answered."""
    pairs = []
    for line in talk.TALK.strip().splitlines():
        said, _, answer = line.partition(" > ")
        pairs += [(one.strip(), answer.strip()) for one in said.split(" / ")]
    return tuple(pairs)
