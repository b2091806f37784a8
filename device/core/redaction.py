"""What may leave the device in a report: no secrets, and no words of the conversation; pure.

Three sieves, the later ones for what gets through the earlier: values by the name of their field (`plain`), secrets by
their look (`Sieve.text`), and whole lines that share words with what was said (`Sieve.text` again).
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

LEFT_OUT = "(left out)"

SHINGLE_WORDS = 4
"""A line that shares so many words in a row with the conversation may quote it."""

SHORTEST_QUOTE = 12
"""Characters: what was said in fewer words is looked for as a whole, if it is this long."""

PLAIN_FIELDS = frozenset(
    "state mode version troubles llm asr tts vad turn wake device throttled id parent of_call tool cause outcome lane "
    "name level kind stage type help unit where status board role".split()
)
"""The names of fields whose texts are the program's own words."""

_SECRETS = (
    re.compile(r"(?i)\b[\w.-]*(?:token|secret|passw(?:or)?d|passphrase|api[_-]?key|credential|authorization)\w*[\"']?"
               r"\s*[:=]\s*(?:bearer\s+|basic\s+)?(?:\"[^\"]*\"|'[^']*'|[^\s,;\"']+)"),
    re.compile(r"(?i)\b(?:bearer|basic)\s+[\w.~+/=-]{8,}"),
    re.compile(r"(?<=://)[^\s/@]+@"),
    re.compile(r"(?<=[?&])[\w.-]*(?:key|token|secret|sig|auth)[\w.-]*=[^&\s]+", re.IGNORECASE),
    re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"),
    re.compile(r"\b(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}\b"),
    re.compile(r"\b(?:ghp|gho|ghs|glpat|sk|pk|xox[abp])[-_][\w-]{10,}"),
    re.compile(r"\beyJ[\w-]{5,}\.[\w-]+\.[\w-]*"),
    re.compile(r"\b(?=[\w+/=-]*\d)(?=[\w+/=-]*[A-Za-z])[\w+/=-]{32,}(?![\w.])"),
)  # fmt: skip
"""What looks like a secret or a name of a person or their machine: assignments, headers, URLs, addresses, keys."""

_SECRET_NAME = re.compile(r"(?i)token|secret|passw|passphrase|api_?key|credential|auth")
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)?")


def plain(value: Any, field: str = "") -> Any:
    """JSON with numbers, and only those texts that are the program's own by the name of their field."""
    if isinstance(value, Mapping):
        return {name: plain(part, str(name)) for name, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(part, field) for part in value]
    if isinstance(value, str):
        return value if field in PLAIN_FIELDS or not value else LEFT_OUT
    return value


def is_secret_name(name: str) -> bool:
    """Whether what is called so is not to be shown."""
    return _SECRET_NAME.search(name) is not None


class Sieve:
    """Takes secrets and what was said out of texts. `said` is all that must not be quoted, `names` are replaced by
    others: the home directory by "~", say.
    """

    def __init__(self, said: Iterable[str] = (), names: Mapping[str, str] | None = None) -> None:
        self._names = {name: other for name, other in (names or {}).items() if len(name) > 2}
        self._shingles: set[tuple[str, ...]] = set()
        self._quotes: set[str] = set()
        for text in said:
            words = _words(text)
            if len(words) < SHINGLE_WORDS and len(joined := " ".join(words)) >= SHORTEST_QUOTE:
                self._quotes.add(joined)
            self._shingles.update(_shingles(words))

    def text(self, text: str) -> str:
        """Every line without its secrets; a line that quotes the conversation is left out."""
        return "\n".join(self.line(line) for line in text.split("\n"))

    def line(self, line: str) -> str:
        """One line."""
        if self._quotes_speech(line):
            return LEFT_OUT
        for name, other in self._names.items():
            line = line.replace(name, other)
        for secret in _SECRETS:
            line = secret.sub(LEFT_OUT, line)
        return line

    def value(self, value: Any) -> Any:
        """JSON with every text sieved, and the values of secret names left out."""
        if isinstance(value, Mapping):
            return {
                str(name): LEFT_OUT if is_secret_name(str(name)) and isinstance(part, str) else self.value(part)
                for name, part in value.items()
            }
        if isinstance(value, (list, tuple)):
            return [self.value(part) for part in value]
        return self.text(value) if isinstance(value, str) else value

    def _quotes_speech(self, line: str) -> bool:
        words = _words(line)
        if not self._shingles.isdisjoint(_shingles(words)):
            return True
        joined = " ".join(words)
        return any(quote in joined for quote in self._quotes)


def _words(text: str) -> list[str]:
    return [word.casefold() for word in _WORD.findall(text)]


def _shingles(words: list[str]) -> Iterator[tuple[str, ...]]:
    return (tuple(words[at : at + SHINGLE_WORDS]) for at in range(len(words) - SHINGLE_WORDS + 1))


def texts(value: Any) -> Iterator[str]:
    """Every text in a JSON value, keys left out."""
    if isinstance(value, Mapping):
        for part in value.values():
            yield from texts(part)
    elif isinstance(value, (list, tuple)):
        for part in value:
            yield from texts(part)
    elif isinstance(value, str):
        yield value
