"""Whether a result was told: judged by the words of it that were heard.

A reply that was cut off, or that answered a question of the user's besides, may have said nothing of a result that it
was to tell. Then the result is told again, so that none is lost; and none is told twice as long as the reply was
written to its end, because what it would ever have said of the result is known. Of one that was cut off while the
model still wrote it, that is not known, so there every word of the result counts.
"""

from device.core.utterances import words

_COMMON = frozenset(
    """a an the this that these those it its it's is are was were be been being am do does did done has have had will
    would can could shall should may might must not no yes so and or but if then than as at by for from in into of off
    on onto out over to up with about after before i you he she we they me your my our their his her us them there here
    what which who when where how just now still very too also only got get gets let lets""".split()
)
"""Words that are in every sentence and tell nothing."""

_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()

_NUMBERS = {
    word: str(number)
    for number, word in enumerate(
        """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
        seventeen eighteen nineteen""".split()
    )
} | {word: str(10 * number) for number, word in enumerate(_TENS, 2)}


def was_told(result: str, generated: str, heard: str, *, alone: bool, finished: bool = True, asked: str = "") -> bool:
    """Whether `heard`, a prefix of the reply `generated`, told `result`.

    It did once every word of the result that the reply mentions at all was heard; those that the user `asked` with are
    no sign of it. A reply that mentions less than half of them speaks of something else ("61 degrees" is no other
    place's 8), unless it was heard to its end and was made to tell results `alone`: then it told it in words of its
    own. One that was not `finished` might have mentioned all.
    """
    if alone and finished and heard == generated:
        return True
    telling = (_content(result) - _content(asked)) or _content(result)
    mentioned = telling & _content(generated) if finished else telling
    return 2 * len(mentioned) >= len(telling) > 0 and mentioned <= _content(heard)


def _content(text: str) -> set[str]:
    return {part for word in words(text) for part in _parts(_NUMBERS.get(word, word))} - _COMMON


def _parts(word: str) -> tuple[str, ...]:
    """A number such as 42 in the parts that are spoken, "forty" and "two"; anything else as it is."""
    if len(word) == 2 and word.isdecimal() and word[0] not in "01" and word[1] != "0":
        return word[0] + "0", word[1]
    return (word,)
