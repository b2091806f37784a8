"""The engine's thread: it owns the llama.cpp context and steps the sequences, one batch after another.

The rules it owns: a wish from outside (a request, a cancellation, a fork) takes effect between two batches; a step
that fails takes only the guilty sequence with it, and a task before the dialogue; with nothing to do the thread
sleeps.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from device.adapters.llm_cache import SequenceCache
from device.adapters.llm_cells import Cells
from device.adapters.llm_context import LlamaContext, Stretch
from device.adapters.llm_crowding import Crowding
from device.adapters.llm_grammar import Grammars
from device.adapters.llm_mailbox import Mailbox
from device.adapters.llm_requests import Request, Requests, Weighed
from device.adapters.llm_sampling import log_likelihood
from device.adapters.llm_scheduler import Scheduler, Share
from device.adapters.llm_vocabulary import Vocabulary
from device.errors import GenerationError
from device.ports import Counters, Token


@dataclass(slots=True, kw_only=True)
class Parts:
    """What the thread owns, freed in this order from the last to the first."""

    free_weights: Callable[[], None]
    context: LlamaContext
    grammars: Grammars


class Worker:
    """The engine's state, used on its thread only, but for `mailbox`, `use_threads` and `counters`."""

    def __init__(
        self,
        *,
        parts: Parts,
        vocabulary: Vocabulary,
        scheduler: Scheduler,
        cache: SequenceCache,
        cells: Cells,
        threads: int,
    ) -> None:
        self.mailbox = Mailbox()
        self._threads = threads
        self._changes = 0
        self.scheduler = scheduler
        self.requests = Requests(
            cache=cache, scheduler=scheduler, cells=cells, grammars=parts.grammars, vocabulary=vocabulary
        )
        self._parts = parts
        self._vocabulary = vocabulary
        self._cache = cache
        self._cells = cells
        self._crowding = Crowding()
        self._counters = Counters()

    def use_threads(self, threads: int) -> None:
        """So many from the next batch on; callable from any thread."""
        self._threads = threads
        self._changes += 1

    def counters(self) -> Counters:
        """What was done so far."""
        return replace(self._counters, tokens_reused=self.requests.tokens_reused, cells_used=self._cache.used_cells())

    def run(self) -> None:
        """Work until the mailbox is closed; whatever happens, nobody is left waiting and everything is freed."""
        try:
            while self.mailbox.read(lambda: bool(self.scheduler.next_batch())):
                self._step()
        finally:
            self.mailbox.close()
            self.mailbox.drain()
            for sequence in list(self.requests.working()):
                self.requests.fail(sequence, "The language model was closed during the reply.")
            self._parts.grammars.close()
            self._parts.context.close()
            self._parts.free_weights()

    # --- a step ---------------------------------------------------------------------------------------------------

    def _step(self) -> None:
        started, busy = time.perf_counter(), time.thread_time()
        changes = self._changes
        threads = self._crowding.threads(self._threads, started)
        self._parts.context.use_threads(threads)
        self._compute(self.scheduler.next_batch())
        ended = time.perf_counter()
        if changes == self._changes:  # else another stage of the agent's began meanwhile: that is no other program
            self._crowding.stepped(
                threads, took_seconds=ended - started, busy_seconds=time.thread_time() - busy, now_seconds=ended
            )
        step_ms = (ended - started) * 1000
        self._counters = replace(self._counters, steps=self._counters.steps + 1, last_step_ms=step_ms)

    def _compute(self, shares: Sequence[Share]) -> None:
        stretches = [self._stretch(share) for share in shares]
        rows = self._parts.context.compute(stretches)
        if rows is None:
            for stretch in stretches:
                self._cache.cut(stretch.sequence, stretch.start)
            self._recover(shares)
            return
        for share, stretch, row in zip(shares, stretches, rows, strict=True):
            self.scheduler.computed(share)
            self._cache.computed(share.sequence, stretch.tokens)
            request = self.requests.current(share.sequence)
            self._weigh(request, stretch, row)
            request.waiting = request.waiting[share.tokens :]
            request.computed += share.tokens
            self._count(tokens_computed=share.tokens)
            if not request.waiting:
                self._continue(request, row)

    def _stretch(self, share: Share) -> Stretch:
        request = self.requests.current(share.sequence)
        start = self._cache.length(share.sequence)
        weighed = -1 if request.likelihood is None else request.likelihood.position - 1 - start
        return Stretch(
            sequence=share.sequence,
            start=start,
            tokens=request.waiting[: share.tokens],
            logits=request.chooser is not None and share.tokens == len(request.waiting),
            weighed=weighed if 0 <= weighed < share.tokens else None,
        )

    def _weigh(self, request: Request, stretch: Stretch, row: int) -> None:
        """Tell the likelihood that the request asks for, if the stretch computed it."""
        if stretch.weighed is not None and request.likelihood is not None:
            logits = self._parts.context.logits(row - len(stretch.tokens) + 1 + stretch.weighed)
            request.deliver(Weighed(log_likelihood(logits, request.likelihood.tokens)))

    def _recover(self, shares: Sequence[Share]) -> None:
        """A batch failed: end a task for the dialogue's sake, or find out which sequence is to blame."""
        victim = None
        if not self._cells.is_task(shares[0].sequence):
            batch_tokens = sum(share.tokens for share in shares)
            victim = self._cells.victim(batch_tokens, working=self.requests.working())
        if victim is not None:
            self.requests.fail(victim, "The task was ended because the conversation needs its memory.")
            self._compute(shares)
        elif len(shares) == 1:
            used, room = self._cache.used_cells(), self._parts.context.cells
            self.requests.fail(
                shares[0].sequence,
                f"The language model could not compute a step; {used} of its {room} tokens of memory are in use.",
            )
        else:
            for share in shares:
                self._compute([share])

    def _continue(self, request: Request, row: int) -> None:
        """All that is known of the sequence is computed: choose its next token, with what must follow, or be done."""
        if request.chooser is None:
            self.requests.finish(request)
            return
        try:
            token = request.chooser.choose(self._parts.context.logits(row))
        except GenerationError as error:
            self.requests.fail(request.sequence, str(error))
            return
        if token in self._vocabulary.end_tokens:
            self.requests.finish(request)
            return
        taken, ended = request.chooser.take(token)
        taken = taken[: request.tokens_left]
        request.tokens_left -= len(taken)
        self._count(tokens_generated=len(taken))
        for one in taken:
            request.deliver(Token(id=one, piece=self._vocabulary.piece(one)))
        if ended or not request.tokens_left:
            self.requests.finish(request)
        else:
            request.waiting = taken
            self.scheduler.generated(request.sequence, len(taken))

    def _count(self, *, tokens_computed: int = 0, tokens_generated: int = 0) -> None:
        self._counters = replace(
            self._counters,
            tokens_computed=self._counters.tokens_computed + tokens_computed,
            tokens_generated=self._counters.tokens_generated + tokens_generated,
        )

    # --- the sequences' caches --------------------------------------------------------------------------------------

    def fork(self, parent: int, child: int) -> None:
        """The child gets the parent's cache as far as it is computed; what the child was doing fails."""
        started = time.perf_counter()
        if parent != child:
            self.requests.fail(child, "The sequence was taken for a fork.")
            self._cache.fork(parent, child)
        self._counters = replace(self._counters, last_fork_us=(time.perf_counter() - started) * 1e6)

    def release(self, sequence: int) -> None:
        """Empty the sequence's cache; what it was doing fails."""
        self.requests.fail(sequence, "The sequence was released.")

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
