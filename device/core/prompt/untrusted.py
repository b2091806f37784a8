"""Makes other people's text harmless: what a user, a tool or a file says can never open a message or forge a result.

The rule it owns: no text that it returns holds a control token's text or a renderer's delimiter. Encoding data with
special tokens off is not enough, since user-defined tokens (Qwen's `<tool_call>`) are found regardless and some
delimiters (`</tool_response>`) are plain text in some vocabularies. What would be one is broken up by an invisible
character; all other text stays as it is.
"""

import re
from collections.abc import Iterable

_BREAKS = ("\u2060", "\u200b", "\u200c", "\u200d", "\ufeff")
"""Invisible characters; the first that is part of no control token is used."""

_DELIMITERS = re.compile(
    r"<(?=\s*/?\s*(?:tool_calls?|tool_responses?|tools|function_calls?)\s*/?\s*>|\s*\|[^|<>]{1,64}\|\s*>)"
    r"|\((?=\s*cut\s+off\s+after)",
    re.IGNORECASE,
)
"""The first character of each delimiter of the renderers, however it is spelt."""


class Guard:
    """Makes text harmless for one vocabulary, given the texts of its control and user-defined tokens."""

    def __init__(self, control_texts: Iterable[str] = ()) -> None:
        texts = sorted({text for text in control_texts if text.strip()}, key=lambda text: (-len(text), text))
        self._break = next(mark for mark in _BREAKS if not any(mark in text for text in texts))
        self._single = {ord(text): " " for text in texts if len(text) == 1}
        several = [text for text in texts if len(text) > 1]
        # A lookahead finds overlapping ones too: each is broken after its first character.
        self._control = re.compile("|".join(f"{re.escape(t[0])}(?={re.escape(t[1:])})" for t in several) or r"(?!)")

    def harmless(self, text: str) -> str:
        """`text` with every control token's text and every delimiter broken up; harmless text comes back unchanged."""
        # Lone surrogates become question marks here, since they would when the text is encoded.
        text = text.encode("utf-8", "replace").decode().translate(self._single)
        text = self._control.sub(self._broken, text)
        return _DELIMITERS.sub(self._broken, text)

    def _broken(self, match: re.Match[str]) -> str:
        return match.group() + self._break
