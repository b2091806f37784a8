"""The clauses of an utterance: "lock the door and play some music" has two, "buy milk and eggs" has one.

The rule it owns: a full stop ends a clause; after a comma or an "and" a new one has begun only where it begins like
one: with a verb, a question word or a pronoun. Anything else ("and twenty minutes", "and eggs") goes on with the old,
as one of its conjuncts.
"""

import re
from collections.abc import Sequence
from itertools import pairwise

from device.core.prompt.evidence import GENERIC
from device.core.prompt.messages import ToolSpec
from device.core.prompt.stems import is_empty, words_of
from device.core.units import find_unit

PARTS = re.compile(
    r"(?P<stop>[.?!;,])\s+(?:and\s+|then\s+|also\s+)*|\s+(?:and|then|also)\s+(?:then\s+|also\s+)*", re.IGNORECASE
)
_JOINING = re.compile(r"[a-z]", re.IGNORECASE)
_ENDING = (".", "?", "!", ";")
_AGAIN = re.compile(
    r"\W*(?:(?:how|what) about|(?:(?:can|could|would) you )?(?:please )?(?:do )?(?:the same|repeat))\b", re.IGNORECASE
)
_MONEY, _SMALL_MONEY = (
    frozenset("euro euros dollar dollars pound pounds".split()),
    frozenset("cent cents pence".split()),
)
_UNIT_BEFORE = re.compile(r"([a-z]+)$", re.IGNORECASE)
_UNIT_BEHIND = re.compile(r"(?:an? )?[\d.]+ ([a-z]+)", re.IGNORECASE)
_HOUR = find_unit("hour")
_BARE_BEHIND = re.compile(r"\d+\W*$")
_SHARE_BEHIND = re.compile(r"(?:an? )?(?:half|quarter)\b(?! (?:of )?an?\b)", re.IGNORECASE)
_PAIRED = re.compile(r"\b(?:between|sum of|average of|product of|difference|multiply|divide|compare)\b", re.IGNORECASE)
"""What needs both that an "and" joins."""
_LEADING = frozenset("hey okay ok so and then also now just but".split())
_BEGINNING = frozenset(
    """what which who whose when where how why is are am do does did was were have has had can could would will please
    let don't never i i'm i'd i'll i've we he she they it it's there there's you tell""".split()
)
_VERBS = frozenset(
    """book brew buy calculate call cancel clear close convert count cut decrease delete dim email erase feed flip heat
    increase lock look lower mail message mute note open order pause pick preheat raise remind remove reserve resume
    roll schedule shut skip speak stream switch text translate unlock unmute vacuum wake warm wash water""".split()
)
"""What people wish for in other words than the tools' own."""
_LINKS = frozenset("to from".split())
"""Behind one of `_VERBS` these make it a thing: "add milk and water to the list"; before one they go on with what was
begun: "remind me at noon to eat and at 3 to call Ben".
"""
_BEFORE_VERB = frozenset("in at on after before by if tomorrow tonight today".split())
"""What tells when or where, and may come before the verb."""


def verbs_of(tools: Sequence[ToolSpec]) -> frozenset[str]:
    """The verbs that wishes for `tools` begin with."""
    texts = (text for tool in tools for text in (tool.name, tool.description))
    first = {words[0] for text in texts if (words := words_of(text))}
    return GENERIC | {word for word in first if not is_empty(word)}


def clauses(utterance: str, verbs: frozenset[str]) -> list[str]:
    """The clauses of `utterance` in a row; `verbs` are `verbs_of` the tools."""
    joints = list(PARTS.finditer(utterance))
    starts, joined_by = [0, *(joint.end() for joint in joints)], [".", *(joint["stop"] for joint in joints)]
    ends = [*(joint.start() for joint in joints), len(utterance)]
    found: list[tuple[int, int]] = []
    for start, end, joint in zip(starts, ends, joined_by, strict=True):
        anew = not found or joint in _ENDING or begins(utterance[start:end], verbs)
        found[-1:] = [*found[-1:], (start, end)] if anew else [(found[-1][0], end)]
    return [utterance[start:end] for start, end in found]


def conjuncts(clause: str) -> list[str]:
    """A clause in the parts that its "and"s join: two of "a timer for 10 minutes and one for 20", three of "Rome, Oslo
    and Bonn". A comma parts them only before an "and": elsewhere it may be a mere pause.
    """
    joints = [
        joint
        for joint in PARTS.finditer(clause.rstrip(" .?!;,"))
        if not _is_one(clause[: joint.start()], clause[joint.end() :])
    ]
    last = max((at for at, joint in enumerate(joints) if _JOINING.search(joint.group())), default=-1)
    starts = [0, *(joint.end() for joint in joints[: last + 1])]
    ends = [*(joint.start() for joint in joints[: last + 1]), len(clause)]
    return [clause[start:end] for start, end in zip(starts, ends, strict=True)]


def _is_one(before: str, behind: str) -> bool:
    """Whether what an "and" joins is one: "1 hour and 20 minutes", "an hour and a half", "between 2 and 3"."""
    if (paired := _PAIRED.search(before)) and not PARTS.search(before[paired.end() :]):
        return True
    before_unit, behind_unit = _UNIT_BEFORE.search(before), _UNIT_BEHIND.match(behind)
    first = before_unit[1].lower() if before_unit else ""
    unit = find_unit(first)
    if _SHARE_BEHIND.match(behind):
        return unit is not None or before[-1:].isdecimal()
    if behind_unit is None:
        return unit == _HOUR and _BARE_BEHIND.match(behind) is not None
    second = behind_unit[1].lower()
    smaller = find_unit(second)
    if unit is not None and smaller is not None and unit.kind == smaller.kind and smaller.factor < unit.factor:
        return True
    return first in _MONEY and second in _SMALL_MONEY


def begins(part: str, verbs: frozenset[str]) -> bool:
    """Whether a part of an utterance begins like a clause."""
    match _without_leading(words_of(part)):
        case [word, *_] if word in verbs or word in _BEGINNING:
            return True
        case [word, *rest] if word in _BEFORE_VERB:
            return any(one in verbs or one in _VERBS for before, one in pairwise([word, *rest]) if before not in _LINKS)
        case [word, second, *_]:
            return word in _VERBS and second not in _LINKS
    return False


def goes_on(clause: str) -> bool:
    """Whether a clause wants the same again for something else: "how about Oslo", "do the same for Rome"."""
    return _AGAIN.match(clause) is not None


def verb_of(clause: str) -> str:
    """The word that a clause begins with."""
    return next(iter(_without_leading(words_of(clause))), "")


def _without_leading(words: list[str]) -> list[str]:
    first = next((at for at, word in enumerate(words) if word not in _LEADING), len(words))
    return words[first:]
