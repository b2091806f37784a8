"""Whether a result was told: judged by the words of it that were heard.

A reply that was cut off, that answered a question of the user's besides, or that had several results to tell may have
said nothing of one that it was to tell. Then the result is told again, so that none is lost; and none is told twice as
long as the reply was written to its end, because what it would ever have said of the result is known. Of one that was
cut off while the model still wrote it, that is not known, so there every word of the result counts.
"""

from collections.abc import Sequence

from device.core.utterances import words

_COMMON = frozenset(
    """a an the this that these those it its it's is are was were be been being am do does did done has have had will
    would can could shall should may might must not no yes so and or but if then than as at by for from in into of off
    on onto out over to up with about after before i you he she we they me your my our their his her us them there here
    what which who when where how just now still very too also only got get gets let lets found find finds see sees saw
    seen say says said tell tells told show shows result results""".split()
)
"""Words that are in every sentence, or in every report, and tell nothing."""

_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()

_NUMBERS = {
    word: str(number)
    for number, word in enumerate(
        """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
        seventeen eighteen nineteen""".split()
    )
} | {word: str(10 * number) for number, word in enumerate(_TENS, 2)}


ENOUGH_WORDS = 4
"""A reply that has so many words of a result tells it, however much more there were to say."""


def told_of(
    results: Sequence[str], generated: str, heard: str, *, asked: str | None = None, finished: bool = True
) -> tuple[bool, ...]:
    """Which of `results` were told by `heard`, a prefix of the reply `generated`.

    One was told once every word of it that the reply mentions at all was heard. If the reply had something else to say,
    because the user `asked` or because there were several results, it must mention half of the words or some more, and
    those that the user asked with, or that another of the results has, too, are no sign of it. A reply that had nothing
    else to do (`asked` is None) and was heard to its end has told the results in words of its own, but not those that
    it left out for others. One that was not `finished` might have mentioned all.
    """
    said, known = content_words(generated), content_words(heard)
    contents = [content_words(result) for result in results]
    alone = asked is None and len(results) == 1
    whole = asked is None and finished and heard == generated
    in_other_words = whole and not any(content & said for content in contents)

    def told(content: set[str], others: list[set[str]]) -> bool:
        if whole and (in_other_words or not content):
            return True
        telling = content.difference(content_words(asked or ""), *others) or content
        mentioned = telling & said if finished else telling
        enough = 1 if alone else min(-(-len(telling) // 2), ENOUGH_WORDS)
        return len(mentioned) >= max(enough, 1) and mentioned <= known

    return tuple(told(content, contents[:at] + contents[at + 1 :]) for at, content in enumerate(contents))


def as_sentence(text: str) -> str:
    """`text` with a capital letter and an end, as a reply says it."""
    text = text.strip()
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith(('.', '!', '?')) else '.'}"


def content_words(text: str) -> set[str]:
    """What a text tells: its words but for those that are in every report, numbers in the parts that are spoken."""
    return {part for word in words(text) for part in _parts(_NUMBERS.get(word, word))} - _COMMON


def _parts(word: str) -> tuple[str, ...]:
    """A number such as 42 in the parts that are spoken, "forty" and "two"; anything else as it is."""
    if len(word) == 2 and word.isdecimal() and word[0] not in "01" and word[1] != "0":
        return word[0] + "0", word[1]
    return (word,)
