"""Whether a result was told: judged by the words of it that were heard.

A reply that was cut off, or that answered a question of the user's besides, may have said nothing of a result that it
was to tell. Then the result is told again, so that none is lost; and none is told twice, because what the reply would
ever have said of it is known.
"""

from device.core.utterances import words

_COMMON = frozenset(
    """a an the this that these those it its it's is are was were be been being am do does did done has have had will
    would can could shall should may might must not no yes so and or but if then than as at by for from in into of off
    on onto out over to up with about after before i you he she we they me your my our their his her us them there here
    what which who when where how just now still very too also only got get gets let lets""".split()
)
"""Words that are in every sentence and tell nothing."""

_NUMBERS = {
    word: str(number)
    for number, word in enumerate(
        """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
        seventeen eighteen nineteen twenty""".split()
    )
}


def was_told(result: str, generated: str, heard: str, *, alone: bool) -> bool:
    """Whether `heard`, a prefix of the reply `generated`, told `result`.

    It did once every word of the result that the reply mentions at all was heard. A reply that mentions none has told
    it in words of its own if it was heard to its end and was made to tell results `alone`.
    """
    mentioned = _content(result) & _content(generated)
    if alone and heard == generated:
        return True
    return bool(mentioned) and mentioned <= _content(heard)


def _content(text: str) -> set[str]:
    return {_NUMBERS.get(word, word) for word in words(text)} - _COMMON
