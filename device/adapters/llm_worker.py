"""The engine's thread: it owns the llama.cpp context and steps the sequences, one batch after another.

The rules it owns: a wish from outside (a request, a cancellation, a fork) takes effect between two batches; a request
that fails takes only its own sequence with it; with nothing to do the thread sleeps.
"""

import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from device.adapters.llm_cache import SequenceCache
from device.adapters.llm_context import LlamaContext, Stretch
from device.adapters.llm_grammar import Grammar, Grammars
from device.adapters.llm_mailbox import Mailbox
from device.adapters.llm_sampling import TokenChooser
from device.adapters.llm_scheduler import Scheduler, Share
from device.adapters.llm_vocabulary import Vocabulary
from device.errors import GenerationError
from device.ports import Sampling, Token


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """A request is done, after so many tokens of its prompt had to be computed."""

    computed: int


Delivery = Token | Finished | GenerationError


@dataclass(slots=True, kw_only=True, eq=False)
class Request:
    """Bring a sequence to `prompt` and, with a sampling, continue it. `deliver` is called on the engine's thread."""

    sequence: int
    prompt: Sequence[int]
    sampling: Sampling | None
    deliver: Callable[[Delivery], None]
    waiting: Sequence[int] = ()
    computed: int = 0
    tokens_left: int = 0
    chooser: TokenChooser | None = None
    grammar: Grammar | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Counters:
    """What the engine did since it was loaded. `tokens_reused` were in the cache when a prompt needed them."""

    tokens_reused: int = 0
    tokens_computed: int = 0
    tokens_generated: int = 0
    steps: int = 0
    last_step_ms: float = 0.0
    cells_used: int = 0


@dataclass(slots=True, kw_only=True)
class Parts:
    """What the thread owns, freed in this order from the last to the first."""

    free_weights: Callable[[], None]
    context: LlamaContext
    grammars: Grammars


class Worker:
    """The engine's state, used on its thread only, but for `mailbox`, `threads` and `counters`."""

    def __init__(
        self,
        *,
        parts: Parts,
        vocabulary: Vocabulary,
        scheduler: Scheduler,
        cache: SequenceCache,
        threads: int,
    ) -> None:
        self.mailbox = Mailbox()
        self.threads = threads
        """How many threads the next batch uses."""
        self.scheduler = scheduler
        self._parts = parts
        self._vocabulary = vocabulary
        self._cache = cache
        self._counters = Counters()
        self._requests: dict[int, deque[Request]] = {}

    def counters(self) -> Counters:
        """What was done so far."""
        return replace(self._counters, cells_used=self._cache.used_cells())

    def run(self) -> None:
        """Work until the mailbox is closed; whatever happens, nobody is left waiting and everything is freed."""
        try:
            while self.mailbox.read(lambda: bool(self.scheduler.next_batch())):
                self._step()
        finally:
            self.mailbox.close()
            self.mailbox.drain()
            for sequence in list(self._requests):
                self._fail(sequence, "The language model was closed during the reply.")
            self._parts.grammars.close()
            self._parts.context.close()
            self._parts.free_weights()

    def _step(self) -> None:
        started = time.perf_counter()
        self._parts.context.use_threads(self.threads)
        self._compute(self.scheduler.next_batch())
        step_ms = (time.perf_counter() - started) * 1000
        self._counters = replace(self._counters, steps=self._counters.steps + 1, last_step_ms=step_ms)

    def _compute(self, shares: Sequence[Share]) -> None:
        stretches = [self._stretch(share) for share in shares]
        rows = self._parts.context.compute(stretches)
        if rows is None:
            for stretch in stretches:
                self._cache.cut(stretch.sequence, stretch.start)
            if len(shares) == 1:
                self._fail(shares[0].sequence, self._why_full())
            else:  # one of them may be to blame: let the others go on
                for share in shares:
                    self._compute([share])
            return
        for share, stretch, row in zip(shares, stretches, rows, strict=True):
            self.scheduler.computed(share)
            self._cache.computed(share.sequence, stretch.tokens)
            request = self._requests[share.sequence][0]
            request.waiting = request.waiting[share.tokens :]
            request.computed += share.tokens
            self._count(tokens_computed=share.tokens)
            if not request.waiting:
                self._continue(request, row)

    def _stretch(self, share: Share) -> Stretch:
        request = self._requests[share.sequence][0]
        return Stretch(
            sequence=share.sequence,
            start=self._cache.length(share.sequence),
            tokens=request.waiting[: share.tokens],
            logits=request.chooser is not None and share.tokens == len(request.waiting),
        )

    def _why_full(self) -> str:
        used, room = self._cache.used_cells(), self._parts.context.context_tokens
        return f"The language model could not compute a step; {used} of its {room} tokens of memory are in use."

    def _continue(self, request: Request, row: int) -> None:
        """All that is known of the sequence is computed: choose its next token, or be done."""
        if request.chooser is None:
            self._finish(request)
            return
        try:
            token = request.chooser.choose(self._parts.context.logits(row))
        except GenerationError as error:
            self._fail(request.sequence, str(error))
            return
        if token in self._vocabulary.end_tokens:
            self._finish(request)
            return
        ended = request.chooser.accept(token)
        request.tokens_left -= 1
        self._count(tokens_generated=1)
        request.deliver(Token(id=token, piece=self._vocabulary.piece(token)))
        if ended or not request.tokens_left:
            self._finish(request)
        else:
            request.waiting = (token,)
            self.scheduler.generated(request.sequence)

    # --- requests, on the thread ----------------------------------------------------------------------------

    def accept(self, request: Request) -> None:
        """Take a request; those of one sequence are served one after another."""
        queue = self._requests.setdefault(request.sequence, deque())
        queue.append(request)
        if len(queue) == 1:
            self._begin(request)

    def cancel(self, request: Request) -> None:
        """End a request quietly; the cache keeps what was computed. Harmless if it has ended."""
        queue = self._requests.get(request.sequence)
        if queue is None or request not in queue:
            return
        if queue[0] is request:
            self._end(request)
        else:
            queue.remove(request)

    def fork(self, parent: int, child: int) -> None:
        """The child gets the parent's cache as far as it is computed; what the child was doing fails."""
        if parent != child:
            self._fail(child, "The sequence was taken for a fork.")
            self._cache.fork(parent, child)

    def release(self, sequence: int) -> None:
        """Empty the sequence's cache; what it was doing fails."""
        self._fail(sequence, "The sequence was released.")
        self._cache.clear(sequence)

    def _fail(self, sequence: int, sentence: str) -> None:
        """Tell everyone who waits for the sequence that it failed, and empty its cache."""
        queue = self._requests.pop(sequence, None)
        if queue is None:
            return
        self.scheduler.stop(sequence)
        self._cache.clear(sequence)
        for request in queue:
            self._free(request)
            request.deliver(GenerationError(sentence))

    def _begin(self, request: Request) -> None:
        try:
            self._prepare(request)
        except GenerationError as error:
            request.deliver(error)
            self._end(request)
            return
        if not request.waiting:
            self._finish(request)
        else:
            self.scheduler.start(request.sequence, len(request.waiting))

    def _prepare(self, request: Request) -> None:
        room = self._parts.context.context_tokens - len(request.prompt)
        if room < (request.sampling is not None):
            raise GenerationError(
                f"The prompt of {len(request.prompt)} tokens does not fit the language model's context of "
                f"{self._parts.context.context_tokens}; start a new conversation or set a larger context."
            )
        if request.prompt and not 0 <= min(request.prompt) <= max(request.prompt) < self._vocabulary.size:
            raise GenerationError("The prompt holds a token that is not in the language model's vocabulary.")
        if request.sampling is not None:
            if not request.prompt:
                raise GenerationError("There is no prompt to continue.")
            request.tokens_left = min(request.sampling.max_tokens, room)
            if request.tokens_left > 0:
                request.grammar = (
                    self._parts.grammars.open(request.sampling.grammar) if request.sampling.grammar else None
                )
                request.chooser = TokenChooser(request.sampling, request.grammar)
        kept = self._cache.reuse(request.sequence, request.prompt, leave=int(request.chooser is not None))
        self._count(tokens_reused=kept)
        request.waiting = request.prompt[kept:]

    def _finish(self, request: Request) -> None:
        request.deliver(Finished(computed=request.computed))
        self._end(request)

    def _end(self, request: Request) -> None:
        self._free(request)
        self.scheduler.stop(request.sequence)
        queue = self._requests[request.sequence]
        queue.popleft()
        if queue:
            self._begin(queue[0])
        else:
            del self._requests[request.sequence]

    def _free(self, request: Request) -> None:
        if request.grammar is not None:
            request.grammar.close()
            request.grammar = None

    # --- saved state, on the thread -------------------------------------------------------------------------

    def save(self, sequence: int, path: Path) -> None:
        """Write what the sequence's cache holds. Raises OSError."""
        self._parts.context.save(sequence, self._cache.tokens(sequence), path)

    def load(self, sequence: int, path: Path) -> bool:
        """Replace what the sequence's cache holds by what was saved; False if the file cannot be used."""
        self.release(sequence)
        tokens = self._parts.context.load(sequence, path)
        if tokens is None:
            self._cache.clear(sequence)  # llama.cpp may have read a part
            return False
        self._cache.computed(sequence, tokens)
        return True

    def _count(self, *, tokens_reused: int = 0, tokens_computed: int = 0, tokens_generated: int = 0) -> None:
        self._counters = replace(
            self._counters,
            tokens_reused=self._counters.tokens_reused + tokens_reused,
            tokens_computed=self._counters.tokens_computed + tokens_computed,
            tokens_generated=self._counters.tokens_generated + tokens_generated,
        )
