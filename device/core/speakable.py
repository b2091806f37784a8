"""Text as it is to be spoken: marks of writing removed, symbols in words.

espeak-ng reads digits, decimals, times and per cent by itself; what is rewritten here it would spell out or leave out.
"""

import re

_REWRITES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, flags), replacement)
    for pattern, replacement, flags in (
        (r"```.*?(?:```|$)", " ", re.DOTALL),  # code is not for the ear
        (r"!?\[([^\]]*)\]\([^)]*\)", r"\1", 0),  # a link is its text
        (r"<[^<>\n]{1,60}>", " ", 0),
        (r"^\s*#{1,6}\s+", "", re.MULTILINE),
        (r"^\s*[-*•+]\s+", "", re.MULTILINE),
        (r"\*{1,3}|_{2,3}|`+|~~", "", 0),
        (r"(?<!\w)_|_(?!\w)", "", 0),
        (r"\|", ", ", 0),
        (r"(\d)\s*°\s*C\b", r"\1 degrees Celsius", 0),
        (r"(\d)\s*°\s*F\b", r"\1 degrees Fahrenheit", 0),
        (r"(\d)\s*°", r"\1 degrees", 0),
        (r"\bkm/h\b", "kilometres per hour", 0),
        (r"\bm/s\b", "metres per second", 0),
        (r"\$\s?(\d[\d,]*(?:\.\d+)?)", r"\1 dollars", 0),
        (r"€\s?(\d[\d,]*(?:\.\d+)?)", r"\1 euros", 0),
        (r"£\s?(\d[\d,]*(?:\.\d+)?)", r"\1 pounds", 0),
        (r"(\d)\s*[x×*]\s*(?=\d)", r"\1 times ", 0),
        (r"(\d)\s*÷\s*(?=\d)", r"\1 divided by ", 0),
        (r"\s=\s", " equals ", 0),
        (r"(\d)\s+\+\s+(?=\d)", r"\1 plus ", 0),
        (r"(\d)\s+[-−]\s+(?=\d)", r"\1 minus ", 0),
        (r"(\d)\s*–\s*(?=\d)", r"\1 to ", 0),
        (r"\s*(?:→|->|⇒)\s*", " to ", 0),
        (r"\be\.g\.", "for example", re.IGNORECASE),
        (r"\bi\.e\.", "that is", re.IGNORECASE),
        (r"([A-Za-z])/(?=[A-Za-z])", r"\1 or ", 0),
        (r"&", " and ", 0),
    )
)


def speakable(text: str) -> str:
    """`text` for the synthesizer; empty if nothing in it can be spoken."""
    for pattern, replacement in _REWRITES:
        text = pattern.sub(replacement, text)
    text = "".join(character for character in text if _pronounceable(character))
    text = " ".join(text.split())
    return text if any(map(str.isalnum, text)) else ""


def _pronounceable(character: str) -> bool:
    """Letters, digits, spaces and the marks that shape a sentence; neither emoji nor control characters."""
    return character.isalnum() or character.isspace() or character in ".,;:!?…'’\"“”()-–—%+=/@&°$€£"
