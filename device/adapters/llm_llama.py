"""The language model on llama.cpp: one set of weights, one KV cache, several sequences, one thread.

    event loop ──post──▶ Mailbox ──▶ Worker (the engine's thread) ──▶ Scheduler, SequenceCache, LlamaContext
        ▲                                │
        └────── call_soon_threadsafe ────┘  tokens

The rule it owns: the loop never waits for llama.cpp, and nothing that a caller does or forgets (cancelling, closing
late, dropping the engine) leaves the thread working for nobody or the process unable to end.
"""

import asyncio
import threading
import weakref
from collections.abc import AsyncGenerator, Sequence
from concurrent.futures import Future
from pathlib import Path

import llama_cpp.llama_cpp as llama

from device.adapters import llm_weights
from device.adapters.llm_cache import SequenceCache
from device.adapters.llm_cells import Cells
from device.adapters.llm_context import LlamaContext, Stretch
from device.adapters.llm_grammar import Grammars
from device.adapters.llm_requests import Delivery, Finished, Request, Weighed
from device.adapters.llm_scheduler import Scheduler
from device.adapters.llm_vocabulary import Vocabulary
from device.adapters.llm_worker import Parts, Worker
from device.errors import GenerationError
from device.ports import Counters, Likelihood, ModelCard, Sampling, Token, Urgency


class LlamaEngine:
    """`device.ports.LanguageModel` on llama-cpp-python's low-level API; make it with `load`."""

    def __init__(
        self, worker: Worker, vocabulary: Vocabulary, card: ModelCard, *, sequences: int, threads: tuple[int, int]
    ) -> None:
        self.card = card
        self.sequences = sequences
        self._worker = worker
        self._vocabulary = vocabulary
        self._threads, self._threads_busy = threads
        self._closed = False
        self._thread = threading.Thread(target=worker.run, name="language-model", daemon=True)
        self._thread.start()
        # Also runs when the engine is dropped or the interpreter ends: the thread must be out of llama.cpp by then.
        self._finalizer = weakref.finalize(self, _end, worker, self._thread)

    @classmethod
    def load(
        cls,
        path: Path,
        *,
        context_tokens: int,
        task_tokens: int,
        threads: int,
        threads_busy: int,
        sequences: int = 10,
        batch_tokens: int = 32,
        adapter: Path | None = None,
    ) -> "LlamaEngine":
        """Blocking. Load and warm the model at `path`; raises ModelError.

        `context_tokens` and `task_tokens` become `ModelCard`'s, less where the memory or the model does not allow them.
        `threads` is used while nothing else computes, `threads_busy` otherwise (`set_busy`). `batch_tokens` bounds
        a step: smaller is prompter, larger computes prompts a little faster. `adapter` is a LoRA that goes with it.
        """
        free_bytes = llm_weights.free_memory_bytes()
        batch_tokens = max(batch_tokens, sequences)
        model = llm_weights.open_weights(path)
        try:
            lora = llm_weights.open_adapter(model, adapter) if adapter is not None else None
            context_tokens, task_tokens = llm_weights.context_that_fits(
                path, model, context_tokens=context_tokens, task_tokens=task_tokens, free_bytes=free_bytes
            )
            context = LlamaContext(
                model,
                cells=context_tokens + task_tokens,
                sequences=sequences,
                batch_tokens=batch_tokens,
                key_type=llm_weights.key_type(model),
                mark=b"".join(map(llm_weights.fingerprint, filter(None, (path, adapter)))),
                adapter=lora,
            )
        except BaseException:
            llama.llama_model_free(model)
            raise
        vocabulary = Vocabulary(model)
        scheduler = Scheduler(batch_tokens=batch_tokens)
        cache = SequenceCache(context, sequences=sequences)
        worker = Worker(
            parts=Parts(
                free_weights=lambda: llama.llama_model_free(model), context=context, grammars=Grammars(vocabulary)
            ),
            vocabulary=vocabulary,
            scheduler=scheduler,
            cache=cache,
            cells=Cells(cache, scheduler, context_tokens=context_tokens, task_tokens=task_tokens),
            threads=threads,
        )
        card = llm_weights.card(model, vocabulary, context_tokens=context_tokens, task_tokens=task_tokens)
        engine = cls(worker, vocabulary, card, sequences=sequences, threads=(threads, threads_busy))
        worker.mailbox.call(lambda: _warm(context)).result()
        return engine

    def encode(self, text: str, *, special: bool) -> list[int]:
        """Token ids of `text`; `special` lets the texts of control tokens become those tokens. No BOS is added."""
        self._check_open()
        return self._vocabulary.encode(text, special=special)

    def decode(self, tokens: Sequence[int]) -> bytes:
        """The bytes of `tokens`, control tokens left out. Raises ValueError for an id outside the vocabulary."""
        self._check_open()
        return self._vocabulary.decode(tokens)

    async def prefill(self, sequence: int, prompt: Sequence[int]) -> int:
        """Bring the sequence's cache to exactly `prompt`; returns how many tokens had to be computed."""
        stream = _Stream(self._worker, sequence, prompt, None)
        try:
            item = await stream.next()
        finally:
            stream.cancel()
        assert isinstance(item, Finished)
        return item.computed

    async def generate(
        self, sequence: int, prompt: Sequence[int], sampling: Sampling, likelihood: Likelihood | None = None
    ) -> AsyncGenerator[Token, None]:
        """Continue `prompt` until an end token (not yielded), `max_tokens` or the grammar's end.

        The work begins with the first iteration; closing the iterator, or cancelling the task that reads it, ends it
        within one step. Requests of one sequence are served one after another.
        """
        stream = _Stream(self._worker, sequence, prompt, sampling, likelihood)
        try:
            while isinstance(item := await stream.next(), Token):
                yield item
        finally:
            stream.cancel()

    def fork(self, parent: int, child: int) -> None:
        """Make `child`'s cache that of `parent` as far as it is computed, sharing its cells.

        Takes effect before any later call; what the child was doing fails.
        """
        self._worker.mailbox.post(lambda: self._worker.fork(parent, child))

    def release(self, sequence: int) -> None:
        """Empty the sequence's cache; what it was doing fails."""
        self._worker.mailbox.post(lambda: self._worker.release(sequence))

    def set_urgency(self, sequence: int, urgency: Urgency) -> None:
        """Whose tokens come first, from the next step on."""
        self._worker.mailbox.post(lambda: self._worker.scheduler.set_urgency(sequence, urgency))

    def hold(self, urgency: Urgency | None) -> None:
        """Step nothing of this urgency or below it from the next step on; None lets everything run again."""
        self._worker.mailbox.post(lambda: self._worker.scheduler.hold(urgency))

    def set_busy(self, busy: bool) -> None:  # noqa: FBT001 - a switch
        """Whether other stages compute, so that from the next step on the model leaves them a core."""
        self._worker.use_threads(self._threads_busy if busy else self._threads)

    def counters(self) -> Counters:
        """What the engine did so far; cheap."""
        return self._worker.counters()

    def pulse(self) -> "Future[None]":
        """Done as soon as the engine's thread has come round to it."""
        return self._worker.mailbox.call(_nothing)

    async def save_prefix(self, sequence: int, path: Path) -> None:
        """Keep the sequence's cache on disk, atomically. Raises OSError."""
        await asyncio.wrap_future(self._worker.mailbox.call(lambda: self._worker.save(sequence, path)))

    async def load_prefix(self, sequence: int, path: Path) -> bool:
        """Replace the sequence's cache by a saved one; False if it is missing, torn or another model's."""
        return await asyncio.wrap_future(self._worker.mailbox.call(lambda: self._worker.load(sequence, path)))

    async def close(self) -> None:
        """End the engine's thread and free the weights; closing twice is harmless."""
        self._closed = True
        self._worker.mailbox.close()
        await asyncio.to_thread(self._thread.join)
        self._finalizer.detach()

    def _check_open(self) -> None:
        if self._closed or not self._thread.is_alive():  # the vocabulary's memory is gone
            raise GenerationError("The language model is closed.")


class _Stream:
    """A request and the way back of what it yields, from the engine's thread into an event loop."""

    def __init__(
        self,
        worker: Worker,
        sequence: int,
        prompt: Sequence[int],
        sampling: Sampling | None,
        likelihood: Likelihood | None = None,
    ) -> None:
        self._worker = worker
        self._likelihood = likelihood
        self._loop = asyncio.get_running_loop()
        self._items: asyncio.Queue[Delivery] = asyncio.Queue()
        self._ended = False
        self._request = Request(
            sequence=sequence,
            prompt=tuple(prompt),
            sampling=sampling,
            deliver=self._deliver,
            likelihood=likelihood,
        )
        worker.mailbox.post(lambda: worker.requests.accept(self._request))

    async def next(self) -> Token | Finished:
        """The next item, Finished at last. Raises GenerationError."""
        item = await self._items.get()
        while isinstance(item, Weighed):
            if self._likelihood is not None:
                self._likelihood.tell(item.likelihood)
            item = await self._items.get()
        self._ended = not isinstance(item, Token)
        if isinstance(item, GenerationError):
            raise item
        return item

    def cancel(self) -> None:
        """End the work if it has not ended."""
        if not self._ended:
            self._ended = True
            worker, request = self._worker, self._request
            try:
                worker.mailbox.post(lambda: worker.requests.cancel(request))
            except GenerationError:  # closed: there is nothing left to end
                return

    def _deliver(self, item: Delivery) -> None:
        try:
            self._loop.call_soon_threadsafe(self._items.put_nowait, item)
        except RuntimeError:  # the loop is closed: nobody reads any more
            return


def _nothing() -> None:
    """Only come round."""


def _warm(context: LlamaContext) -> None:
    """Touch all the weights once, and let the threads come up."""
    context.compute([Stretch(sequence=0, start=0, tokens=(0,), logits=True)])
    context.remove(0, 0)


def _end(worker: Worker, thread: threading.Thread) -> None:
    worker.mailbox.close()
    if thread is not threading.current_thread():
        thread.join()
