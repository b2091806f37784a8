"""Parses the model's output while it streams: speech to be spoken at once, tool calls, and what is neither.

    SPEAKING ──tag──▶ EXPECTING ──{──▶ CALLING ──}──▶ BETWEEN ──word──▶ SPEAKING
        └──────────────────{──────────────▲              └──{──▶ CALLING

Rules it owns:
* Nothing malformed is ever spoken. A brace always begins a call, and a forged message (`<tool_response>`, `<|…|>`)
  makes everything after it worthless, since the model goes on from a result that it made up.
* Speech leaves as soon as no continuation could make it the beginning of a call.
* How the bytes were split never matters, and no bytes make it raise or keep more than a few thousand characters.

Calls come tagged, bare, in code fences or lists, one after another; their arguments are called `arguments` (Qwen) or
`parameters` (Llama).
"""

import codecs
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from device.core.prompt.call_text import JsonScan, read_call

MOST_CHARACTERS = 4096
"""A call longer than this is malformed, and what is malformed is kept up to this length."""

_OPENERS = ("<tool_call>", "<|python_tag|>")
_CLOSERS = ("</tool_call>",)
_FORGED = ("<tool_response>", "</tool_response>", "<tools>", "</tools>")
_TAGS = _OPENERS + _CLOSERS + _FORGED
_CONTROL = re.compile(r"<\|[A-Za-z_0-9]{1,40}\|>")
_CONTROL_BEGUN = re.compile(r"<(?:\|(?:[A-Za-z_0-9]{1,40}\|?)?)?\Z")
_MARK = re.compile(r"[{<`\[]")
_FILLING = re.compile(r"[\s;,\]}]+")
_LEAD_IN = r"(?:```[a-z_]{0,12}\s{0,4}|`{1,2}\s{0,4}|\[\s{0,4}){1,4}"
_LEAD_IN_DONE = re.compile(_LEAD_IN + r"(?=\{)")
_LEAD_IN_BEGUN = re.compile(_LEAD_IN + r"\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Speech:
    """The next words of the reply."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A whole call of a known tool; `after_chars` characters of speech came before it."""

    name: str
    arguments: Mapping[str, Any]
    after_chars: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Malformed:
    """Something that is neither speech nor a call, cut to a bounded length."""

    text: str


Output = Speech | Call | Malformed


class OutputParser:
    """Parses one message."""

    def __init__(self, tool_names: Collection[str]) -> None:
        self._tool_names = frozenset(tool_names)
        self._decoder = codecs.getincrementaldecoder("utf-8")("ignore")
        self._held = ""
        self._scan = JsonScan()
        self._outputs: list[Output] = []
        self._step: Callable[[bool], bool] = self._speaking
        self._gap = False
        self._lost = ""
        self.speech_chars = 0
        """How many characters of speech have come out."""

    def feed(self, piece: bytes) -> list[Output]:
        """Take the message's next bytes; returns what they make certain."""
        return self._advance(self._decoder.decode(piece), ended=False)

    def close(self) -> list[Output]:
        """The message is over; returns what was held back."""
        return self._advance(self._decoder.decode(b"", final=True), ended=True)

    def _advance(self, text: str, *, ended: bool) -> list[Output]:
        self._held += text
        while self._held and self._step(ended):
            pass
        if ended and self._lost:
            self._malformed(self._lost)
            self._lost = ""
        outputs, self._outputs = self._outputs, []
        return outputs

    # --- the states: each takes something from what is held, or returns False to wait for more ----------------------

    def _speaking(self, ended: bool) -> bool:  # noqa: FBT001 - all states have one shape
        found = _MARK.search(self._held)
        if found is None:
            self._speak(len(self._held))
            return True
        if found.start():
            self._speak(found.start())
            return True
        return self._marked(ended, otherwise=lambda: self._speak(1))

    def _expecting(self, ended: bool) -> bool:  # noqa: FBT001
        """After a tag that opens a call."""
        stripped = self._held.lstrip()
        if stripped != self._held:
            self._held = stripped
            return True
        return self._marked(ended, otherwise=self._lose_rest)

    def _calling(self, ended: bool) -> bool:  # noqa: FBT001
        end = self._scan.end(self._held, MOST_CHARACTERS)
        if end is None:
            if ended:
                self._malformed(self._held)
                self._held = ""
            return ended
        self._step = self._between
        if end.closed:
            text = self._take(end.length)
            call = read_call(text, self._tool_names)
            if call is None:
                self._malformed(text)
            else:
                self._outputs.append(Call(name=call[0], arguments=call[1], after_chars=self.speech_chars))
        elif end.hopeless:
            self._lose_rest()
        else:
            self._malformed(self._take(end.length))
        return True

    def _between(self, ended: bool) -> bool:  # noqa: FBT001
        """After a call: separators and closing marks are protocol, a word is speech again."""
        if filling := _FILLING.match(self._held):
            self._take(filling.end())
            return True
        if self._held[0] in "{<`[":
            return self._marked(ended, otherwise=self._resume)
        self._resume()
        return True

    def _losing(self, ended: bool) -> bool:  # noqa: FBT001, ARG002
        self._lost = (self._lost + self._held)[:MOST_CHARACTERS]
        self._held = ""
        return True

    # --- their parts ----------------------------------------------------------------------------------------------

    def _marked(self, ended: bool, *, otherwise: Callable[[], None]) -> bool:  # noqa: FBT001
        """What is held may begin a call; if it turns out not to, do `otherwise`."""
        held = self._held
        lead_in = _LEAD_IN_DONE.match(held)
        if held[0] == "{" or lead_in:
            self._take(lead_in.end() if lead_in else 0)
            self._scan = JsonScan()
            self._step = self._calling
        elif tag := next((tag for tag in _TAGS if held.startswith(tag)), None):
            self._tagged(tag)
        elif _CONTROL.match(held):
            self._lose_rest()
        elif not ended and self._undecided(held):
            return False
        elif held[0] == "`" and self._step == self._between:
            self._take(1)
        else:
            otherwise()
        return True

    @staticmethod
    def _undecided(held: str) -> bool:
        if held[0] == "<":
            return any(tag.startswith(held) for tag in _TAGS) or bool(_CONTROL_BEGUN.match(held))
        return bool(_LEAD_IN_BEGUN.match(held))

    def _tagged(self, tag: str) -> None:
        if tag in _OPENERS:
            self._take(len(tag))
            self._step = self._expecting
        elif tag in _CLOSERS:
            self._take(len(tag))
            self._step = self._between
        else:
            self._lose_rest()

    def _speak(self, length: int) -> None:
        text = self._take(length)
        if not self.speech_chars:
            text = text.lstrip()
        if not text:
            return
        if self._gap and not text[0].isspace():
            text = " " + text
        self._gap = False
        self.speech_chars += len(text)
        if self._outputs and isinstance(last := self._outputs[-1], Speech):
            self._outputs[-1] = Speech(text=last.text + text)
        else:
            self._outputs.append(Speech(text=text))

    def _resume(self) -> None:
        """Speech goes on after a call; the blank before it went with the separators."""
        self._gap = self.speech_chars > 0
        self._step = self._speaking
        self._speak(1)

    def _malformed(self, text: str) -> None:
        self._outputs.append(Malformed(text=text[:MOST_CHARACTERS]))

    def _lose_rest(self) -> None:
        self._step = self._losing

    def _take(self, length: int) -> str:
        taken, self._held = self._held[:length], self._held[length:]
        return taken
