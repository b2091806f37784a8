"""A language model that says what a script tells it to, one byte at a time.

Its tokens are bytes, so every split that a real vocabulary could make happens, characters cut in two included.
Control tokens are tokens only where `special` allows them; user-defined ones always are, as in llama.cpp.
"""

import asyncio
import re
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Sequence
from concurrent.futures import Future
from pathlib import Path

from device.errors import GenerationError
from device.ports import Counters, Likelihood, ModelCard, Sampling, Token, Urgency

CONTROL = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
"""ChatML's; the first and the last end a message."""
USER_DEFINED = ("<tool_call>", "</tool_call>")
"""Qwen's, which have bytes."""
_BYTES = 256

Script = Callable[[str], str] | Sequence[str]
"""The reply to a prompt's text, or the replies in their order; texts of control tokens in it become those tokens."""


class ScriptedModel:
    """`device.ports.LanguageModel` for tests.

    `gate` is awaited before every token, so that a test decides when the model goes on. A script that is a sequence
    raises GenerationError when it is used up. What a grammar demands word for word is said without asking the script.
    """

    def __init__(
        self,
        script: Script,
        *,
        gate: Callable[[], Awaitable[None]] | None = None,
        context_tokens: int = 1 << 16,
        chat_template: str = "<tool_call> <|im_start|>",
        control: Sequence[str] = CONTROL,
        user_defined: Sequence[str] = USER_DEFINED,
        ends: Sequence[str] = (CONTROL[0], CONTROL[-1]),
    ) -> None:
        self._reply = script if callable(script) else _in_order(script)
        self._gate = gate
        self._specials = [*control, *user_defined]
        self._control_ids = frozenset(range(_BYTES, _BYTES + len(control)))
        self._always = re.compile("|".join(map(re.escape, user_defined)) or r"(?!)")
        self._anywhere = re.compile("|".join(map(re.escape, self._specials)) or r"(?!)")
        self.sequences = 10
        self._caches: dict[int, list[int]] = {}
        self._hold_changed = asyncio.Event()
        self.card = ModelCard(
            name="scripted",
            architecture="scripted",
            chat_template=chat_template,
            context_tokens=context_tokens,
            task_tokens=context_tokens,
            end_tokens=frozenset(_BYTES + self._specials.index(end) for end in ends),
            closing_tokens=frozenset(b".?!") | {_BYTES + self._specials.index(end) for end in ends},
            control_texts=frozenset(self._specials),
        )
        self.prompts: list[str] = []
        """The text of every prompt that was to be continued, control tokens written out."""
        self.samplings: list[Sampling] = []
        """How each was to be continued."""
        self.cancelled = 0
        """How many generations ended before their reply did."""
        self.running = 0
        """How many generations are under way."""
        self.likelihoods: Callable[[str], float] = lambda _: 0.0
        """The logarithm of how likely what is asked about follows a text."""
        self.busy = False
        """Whether it was last told to leave a core to others."""
        self.held: Urgency | None = None
        """What it was last told to hold."""
        self.urgencies: dict[int, Urgency] = {}
        self.saved: dict[Path, list[int]] = {}
        """The prefixes that were to be kept, by the paths of their files."""
        self.closed = False
        self._counters = Counters()

    def encode(self, text: str, *, special: bool) -> list[int]:
        """The bytes of `text`, and the special tokens in it."""
        tokens: list[int] = []
        start = 0
        for match in (self._anywhere if special else self._always).finditer(text):
            tokens += text[start : match.start()].encode()
            tokens.append(_BYTES + self._specials.index(match.group()))
            start = match.end()
        return tokens + list(text[start:].encode())

    def decode(self, tokens: Sequence[int]) -> bytes:
        """The bytes of `tokens`, control tokens left out."""
        return b"".join(map(self._piece, tokens))

    async def prefill(self, sequence: int, prompt: Sequence[int]) -> int:
        """Remember the prompt; returns how many of its tokens the cache did not have."""
        self._check(prompt)
        await asyncio.sleep(0)
        return self._remember(sequence, prompt)

    async def generate(
        self, sequence: int, prompt: Sequence[int], sampling: Sampling, likelihood: Likelihood | None = None
    ) -> AsyncGenerator[Token, None]:
        """Say what the script says next."""
        self._check(prompt)
        if likelihood is not None:
            likelihood.tell(self.likelihoods(self.text(prompt[: likelihood.position])))
        self._remember(sequence, prompt)
        self.prompts.append(self.text(prompt))
        self.samplings.append(sampling)
        exact = _exact_words(sampling.grammar)
        reply = self.encode(self._reply(self.prompts[-1]) if exact is None else exact, special=True)
        self.running += 1
        finished = False
        try:
            for token in reply[: sampling.max_tokens]:
                await (self._gate() if self._gate else asyncio.sleep(0))
                while self.held is not None and self.urgencies.get(sequence, Urgency.FOREGROUND) >= self.held:
                    await self._hold_changed.wait()
                if token in self.card.end_tokens:
                    break
                self._caches[sequence].append(token)
                yield Token(id=token, piece=self._piece(token))
            finished = True
        finally:
            self.running -= 1
            self.cancelled += not finished

    def fork(self, parent: int, child: int) -> None:
        """Copy what the parent's cache holds."""
        self._caches[child] = list(self._caches.get(parent, ()))

    def release(self, sequence: int) -> None:
        """Forget what the sequence's cache holds."""
        self._caches.pop(sequence, None)

    def set_urgency(self, sequence: int, urgency: Urgency) -> None:
        """Remember it."""
        self.urgencies[sequence] = urgency

    def hold(self, urgency: Urgency | None) -> None:
        """What is held waits before its next token."""
        self.held = urgency
        self._hold_changed.set()
        self._hold_changed.clear()

    def set_busy(self, busy: bool) -> None:  # noqa: FBT001 - a switch
        """Remember it."""
        self.busy = busy

    def counters(self) -> Counters:
        """Only the prompts' tokens are counted."""
        return self._counters

    def pulse(self) -> "Future[None]":
        """Done: it has no thread."""
        done: Future[None] = Future()
        done.set_result(None)
        return done

    async def save_prefix(self, sequence: int, path: Path) -> None:
        """Keep it in `saved`."""
        self.saved[path] = list(self._caches.get(sequence, ()))

    async def load_prefix(self, sequence: int, path: Path) -> bool:
        """Take it from `saved`."""
        if path not in self.saved:
            return False
        self._caches[sequence] = list(self.saved[path])
        return True

    async def close(self) -> None:
        """Refuse everything from now on."""
        self.closed = True

    def text(self, tokens: Sequence[int]) -> str:
        """The text of `tokens`, control tokens written out."""
        return b"".join(self._written(token) for token in tokens).decode("utf-8", "replace")

    def _piece(self, token: int) -> bytes:
        return b"" if token in self._control_ids else self._written(token)

    def _written(self, token: int) -> bytes:
        return bytes([token]) if token < _BYTES else self._specials[token - _BYTES].encode()

    def _remember(self, sequence: int, prompt: Sequence[int]) -> int:
        held = self._caches.get(sequence, [])
        shorter = min(len(held), len(prompt))
        common = next((i for i in range(shorter) if held[i] != prompt[i]), shorter)
        self._caches[sequence] = list(prompt)
        computed = len(prompt) - common
        self._counters = Counters(
            tokens_reused=self._counters.tokens_reused + common,
            tokens_computed=self._counters.tokens_computed + computed,
        )
        return computed

    def _check(self, prompt: Sequence[int]) -> None:
        if self.closed:
            raise GenerationError("The language model is closed.")
        if len(prompt) >= self.card.context_tokens:
            raise GenerationError(f"The prompt of {len(prompt)} tokens does not fit the language model's context.")


def _exact_words(grammar: str) -> str | None:
    """The only words that the grammar allows, None if it allows others."""
    found = re.fullmatch(r'root ::= "((?:[^"\\]|\\.)*)"\n', grammar)
    if found is None:
        return None
    return re.sub(r'\\(?:x([0-9A-F]{2})|(["\\]))', lambda part: part[2] or chr(int(part[1], 16)), found.group(1))


def _in_order(replies: Sequence[str]) -> Callable[[str], str]:
    remaining: Iterator[str] = iter(tuple(replies))

    def reply(_prompt: str) -> str:
        try:
            return next(remaining)
        except StopIteration:
            raise GenerationError(f"The script ends after {len(replies)} replies.") from None

    return reply
