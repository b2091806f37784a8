"""Where sentences and clauses end in written English: full stops against abbreviations, initials and numbers."""

import re

TITLES = frozenset("dr mr mrs ms prof st rev gen sgt capt vs e.g i.e approx cf ca".split())
"""Abbreviations that never end a sentence."""

ABBREVIATIONS = frozenset(
    """sr jr etc a.m p.m vol fig dept est inc ltd co corp jan feb mar apr jun jul aug sep sept oct nov dec mon tue wed
    thu fri sat sun u.s u.k u.n e.u d.c a.k.a ph.d min max hr hrs sec lb lbs oz ft al ave blvd ext""".split()
)
"""Abbreviations that may end one: they do if the next word begins with a capital letter."""

NUMBERED = frozenset("no nos p pp fig vol ch sec art".split())
"""Words that are abbreviations when a number follows."""

CLINGING = frozenset(
    """a an the my your his her its our their this that these those of to is are was were be will would can could and
    or but not no very about at in on for with from by as than i you he she it we they""".split()
)
"""Words that are not parted from the next one."""

_CLOSERS = "\"'”’)]*_`"
_END = re.compile(r"""[.!?…]["'”’)\]*_`]*$""")
_CLAUSE = re.compile(r"""[,;:]["'”’)\]*_`]*$|(?:[^\W\d_]|[,.;:!?"'”’)*_`])\s+[–—-]+$|[^\W\d_][–—]$""")
_AFTER_LETTERS = re.compile(r"""(?:^|[\s("“'‘*_\[])[^\W\d_]+(?:['’\-][^\W\d_]+)*[,;!?—]$""")
_LIST_NUMBER = re.compile(r"(?:^|\n)\s*\d{1,3}$")


def ends_sentence(before: str, *, follower: str) -> bool:
    """Whether a sentence ends behind `before`, which white space follows.

    `follower` is the first character after that space, empty while it is not known: then only what is certain is
    told, and with it only what was not.
    """
    if not _END.search(before):
        return False
    stem = before.rstrip(_CLOSERS)
    if not stem.endswith(".") or stem.endswith(".."):
        return not follower
    said = stem[:-1]
    word = said.split()[-1] if said and not said[-1].isspace() else ""
    return _word_ends_sentence(word.lstrip("(\"'“‘*_[`"), said, follower)


def _word_ends_sentence(word: str, said: str, follower: str) -> bool:
    lowered = word.lower()
    if not word or lowered in TITLES or _LIST_NUMBER.search(said):
        return False
    if len(word) == 1 and word.isupper() and word != "I":
        return False  # an initial
    if lowered in NUMBERED:
        return bool(follower) and not follower.isdigit()
    if lowered in ABBREVIATIONS:
        return follower.isupper()
    return not follower


def ends_clause(before: str) -> bool:
    """Whether a comma, semicolon, colon or dash that belongs to no number ends `before`, which white space follows."""
    return bool(_CLAUSE.search(before))


def ends_clause_for_certain(text: str) -> bool:
    """Whether `text` ends in a mark directly behind a plain word, where a clause ends whatever follows."""
    return bool(_AFTER_LETTERS.search(text))


def may_part(before: str, following: str) -> bool:
    """Whether a cut between `before` and `following` keeps numbers, names and small words with what they belong to."""
    last = before.rsplit(maxsplit=1)[-1]
    whole = last[-1].isalpha() or last[-1] in ",;:!?)\"'”’%"
    return whole and last.lower() not in CLINGING and following[:1].isalnum()
