"""Words for comparing what a user says with what a schema says: folded, without endings, without empty words.

The rule it owns: two forms of one word (light, lights, lighting) have one stem. It is coarser than a dictionary and
never wrong in a way that matters: a stem only ever adds to what the model finds by itself.
"""

import re

_SIGNS = (
    ("%", " percent "), ("+", " plus "), ("*", " times "), ("×", " times "), ("÷", " divided "), ("/", " divided "),
    ("$", " dollar "), ("€", " euro "), ("£", " pound "), ("°", " degrees "), ("’", "'"), ("_", " "),
)  # fmt: skip
_SHORT = (("what's", "what is"), ("who's", "who is"), ("how's", "how is"), ("where's", "where is"), ("let's", "let us"))
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_ENDINGS = ("ings", "ing", "edly", "ed", "es", "s", "ly", "e")
_SHORTEST = 3
_WHOLE = frozenset({"times"})
"""Words that their stem would confuse with another: times are no time."""

_EMPTY = frozenset(
    """a an the my your our his her their its this that these those i you he she it we they me him us them is am are was
    were be been being do does did done have has had can could will would shall should may might must to of in on at for
    from with into onto by about as and or but if so than then too very not no yes please just now what which who whom
    whose when where why how there here up down off out over get got let want wants wanted need needs like one some any
    all much many more most other another user said such current currently something tell give say ask
    i'm i'd i'll don't still each also such whether per optional default name kind way thing eg yet""".split()
)


def words_of(text: str) -> list[str]:
    """The words of `text` in lower case; signs are read out, names in camel or snake case taken apart."""
    text = _CAMEL.sub(" ", text)
    for sign, said in _SIGNS:
        text = text.replace(sign, said)
    text = text.lower()
    for short, long in _SHORT:
        text = text.replace(short, long)
    return _WORD.findall(text)


def is_empty(word: str) -> bool:
    """Whether a word means nothing by itself."""
    return word in _EMPTY


def stem(word: str) -> str:
    """`word` without its ending."""
    if word in _WHOLE:
        return word
    word = word.removesuffix("'s")
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST:
            word = word.removesuffix(ending)
            break
    if len(word) > _SHORTEST and word[-1] == word[-2]:
        word = word[:-1]
    return word[:-1] + "i" if word.endswith("y") else word


def stems_of(text: str) -> set[str]:
    """The stems of the words in `text` that mean something by themselves."""
    return {stem(word) for word in words_of(text) if word not in _EMPTY and len(word) > 1}
