"""The several things that one wish may be for: "the weather in Rome and Oslo" is for two, "buy milk and eggs" for one.

The rule it owns: a thing is told from the others by a number, a name or another word that is none of the tool's own; a
call that has it is for this thing. Parts that are alike (each has a number, a name, one of a few values, the same link,
the same of the tool's own words) are certainly two things; of others the model may make one text.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from device.core.numbers import in_digits
from device.core.prompt.clauses import begins, conjuncts, goes_on
from device.core.prompt.evidence import GENERIC, UNIT_STEMS
from device.core.prompt.messages import ToolSpec
from device.core.prompt.stems import is_empty, stem, stems_of, words_of
from device.core.said import reported_in

_WORD_OR_NUMBER = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?|(?<!['’])[^\W\d_]{2,}")
_ANOTHER = re.compile(r"\W*(?:one|another)\b", re.IGNORECASE)
_LED_NAME = re.compile(r"\b(?:in|for|at|from|on) (?:the )?[A-Z]")
_TAIL = re.compile(r" (?:to|on|off|from|in|for) (?:the|my|our) .*$", re.IGNORECASE)
"""What is said once for all things: "add 2 apples and 3 pears to the shopping list"."""
_LINKS = frozenset("at for from in on to with".split())


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """What is said of a thing, and the word or the number that is said of no thing before it, if there is any.

    It is `certain` that this is a thing, or it is for the model to say.
    """

    said: str
    value: str
    certain: bool = True

    def is_left_by(self, values: AbstractSet[str]) -> bool:
        """Whether calls with these values have not seen to it."""
        return bool(self.value) and self.value not in values


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A stretch of a clause that is certainly for one thing, or is one text, and the parts that it is joined of."""

    said: str
    parts: tuple[str, ...]


class Things:
    """Tells the things apart that are wished for of some tools."""

    def __init__(self, tools: Sequence[ToolSpec], verbs: frozenset[str]) -> None:
        """`verbs` are those that clauses begin with, as of `device.core.prompt.clauses.verbs_of`."""
        self._verbs = verbs
        self._verb_stems = set(map(stem, verbs))
        self._few = {tool.name: _few(tool) for tool in tools}
        self._takes_arguments = {tool.name: bool(tool.parameters.get("properties")) for tool in tools}
        self._takes_several = {tool.name: _takes_several(tool) for tool in tools}
        self._own = {tool.name: _own_stems(tool) for tool in tools}

    def wished_for(self, clause: str, tool: str, before: tuple[Thing, ...]) -> tuple[Thing, ...]:
        """The things that a tool is wanted for, those of one clause more than `before`."""
        stretches = self.stretches(clause, tool)
        if not self._takes_arguments[tool]:  # it can only be called the same again
            stretches = [] if before else stretches[:1]
        things = list(before)
        # What goes on with a wish names another thing outright, or is a remark about the last.
        outright = bool(before) and not (begins(clause, self._verbs) or goes_on(clause))
        for at, said in enumerate(_with_tail(stretches)):
            for number, part in enumerate(stretches[at].parts):
                known = {value for thing in things if thing.said != said for value in values_in(thing.said)}
                known |= {thing.value for thing in things}
                value = self._told_by(part, tool, known, outright=outright and not at)
                if value or not things:
                    certain = not number and bool(things or _is_number(value) or _is_name(value))
                    things.append(Thing(said=said, value=value.casefold(), certain=certain))
                if not value:
                    break  # what is joined to nothing of its own is no other thing: "make it louder and clearer"
        return tuple(things)

    def stretches(self, clause: str, tool: str) -> list[Stretch]:
        """A clause in stretches that are for one thing each."""
        first, *others = conjuncts(clause)
        found, start, end = [Stretch(said=first, parts=(first,))], 0, len(first)
        for part in others:
            *done, latest = found
            begun = clause.index(part, end)
            end = begun + len(part)
            if self._are_alike(latest, part, tool):
                found.append(Stretch(said=part, parts=(part,)))
                start = begun
            else:
                found = [*done, Stretch(said=clause[start:end], parts=(*latest.parts, part))]
        return found

    def _told_by(self, part: str, tool: str, known: AbstractSet[str], *, outright: bool) -> str:
        """What tells a part from those whose values are `known`: a number, a name or another word; no mere word if it
        must be `outright`, or if it has numbers, whose unit that may be.
        """
        own = self._values(part, tool)
        outright = outright or (any(map(_is_number, own)) and not begins(part, self._verbs))
        values = [value for value in own if value.casefold() not in known]
        numbers, names = ([value for value in values if test(value)] for test in (_is_number, _is_name))
        return next(iter([*numbers, *names, *([] if outright else values)]), "")

    def _values(self, part: str, tool: str) -> list[str]:
        """The words and numbers of a part that are not the tool's own, nor how many of its own: "2 timers"."""
        own, values = self._own[tool] | self._verb_stems, list(_in_order(part))
        stems = [value.casefold() for value in values]
        counting = {at for at, one in enumerate(stems[1:]) if one in own - UNIT_STEMS and _is_number(stems[at])}
        return [value for at, value in enumerate(values) if stems[at] not in own and at not in counting]

    def _are_alike(self, stretch: Stretch, another: str, tool: str) -> bool:
        """Whether a stretch of a clause and the next part of it tell of two things. What somebody is to be told stays
        whole, and names that nothing leads to may be one: "play Simon and Garfunkel".
        """
        part, words = stretch.parts[-1], words_of(another)
        if _ANOTHER.match(another):
            return True
        if reported_in(stretch.said) or ": " in stretch.said:
            return False
        values, others = self._values(part, tool), self._values(another, tool)
        stems, other_stems = stems_of(part), stems_of(another)
        are_names = bool(others) and all(map(_is_name, others)) and not (part.isupper() or self._takes_several[tool])
        goes_on_listing = part[:1].isupper() and all(map(_is_name, values))
        return (
            (any(map(_is_number, values)) and any(map(_is_number, others)))
            or (are_names and (_LED_NAME.search(part) is not None or goes_on_listing))
            or any(stems & few and other_stems & few - stems for few in self._few[tool])
            or (bool(words) and words[0] in _LINKS and words[0] in words_of(part))
            or bool(stems & other_stems & self._own[tool] - set(map(stem, GENERIC)))
        )


def _with_tail(stretches: Sequence[Stretch]) -> list[str]:
    """What is said of each, with what is said only once, at the end, for all."""
    tail = _TAIL.search(stretches[-1].said) if stretches else None
    shared = tail.group() if tail else ""
    return [folded(one.said if _TAIL.search(one.said) else one.said + shared) for one in stretches]


def values_in(text: str) -> set[str]:
    """The numbers, and the stems of the words that mean something, in what was said or in written calls."""
    return {value.casefold() for value in _in_order(text)}


def without_another(part: str) -> str:
    """A part without the "one" or "another" that it begins with, which is no number."""
    return _ANOTHER.sub("", part, count=1) if _ANOTHER.match(part) else part


def folded(text: str) -> str:
    """`text` in small letters, with single blanks."""
    return " ".join(text.casefold().split())


def _in_order(text: str) -> Iterator[str]:
    for word in _WORD_OR_NUMBER.findall(in_digits(text).replace("_", " ")):
        if _is_number(word):
            yield f"{float(word.replace(',', '')):g}"
        elif not is_empty(word.casefold()):
            yield stem(word)


def _is_number(value: str) -> bool:
    return value[:1].isdecimal()


def _is_name(value: str) -> bool:
    return value[:1].isupper()


def _takes_several(tool: ToolSpec) -> bool:
    """Whether one call may be for several."""
    return any(
        isinstance(schema, Mapping) and schema.get("type") == "array"
        for schema in tool.parameters.get("properties", {}).values()
    )


def _own_stems(tool: ToolSpec) -> set[str]:
    """The stems of what the tool and its arguments are called."""
    return stems_of(f"{tool.name} {tool.description} {' '.join(tool.parameters.get('properties', {}))}")


def _few(tool: ToolSpec) -> list[set[str]]:
    """For each argument that is one of a few values, their stems."""
    schemas = tool.parameters.get("properties", {}).values()
    return [stems_of(" ".join(map(str, one["enum"]))) for one in schemas if isinstance(one, Mapping) and "enum" in one]
