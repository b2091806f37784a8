"""What the engine was asked for: the requests' queues, from their acceptance to their end.

The rule it owns: those of one sequence are served one after another, and each is told exactly once how it ended,
unless it was cancelled; whatever ends it, its grammar is freed and its sequence is stepped no more.
"""

from collections import deque
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from device.adapters.llm_cache import SequenceCache
from device.adapters.llm_cells import Cells
from device.adapters.llm_forcing import Forcing
from device.adapters.llm_grammar import Grammar, Grammars
from device.adapters.llm_leaning import Lean
from device.adapters.llm_sampling import TokenChooser
from device.adapters.llm_scheduler import Scheduler
from device.adapters.llm_vocabulary import Vocabulary
from device.errors import GenerationError
from device.ports import Likelihood, Sampling, Token


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """A request is done, after so many tokens of its prompt had to be computed."""

    computed: int


@dataclass(frozen=True, slots=True)
class Weighed:
    """The logarithm of a likelihood that was asked for."""

    likelihood: float


Delivery = Token | Finished | Weighed | GenerationError


@dataclass(slots=True, kw_only=True, eq=False)
class Request:
    """Bring a sequence to `prompt` and, with a sampling, continue it. `deliver` is called on the engine's thread.

    A `likelihood` that is asked for is delivered by the way.
    """

    sequence: int
    prompt: Sequence[int]
    sampling: Sampling | None
    deliver: Callable[[Delivery], None]
    likelihood: Likelihood | None = None
    waiting: Sequence[int] = ()
    computed: int = 0
    tokens_left: int = 0
    chooser: TokenChooser | None = None
    grammar: Grammar | None = None

    def left_to_compute(self) -> int:
        """How many of the prompt's last tokens must be computed whatever the cache holds: those whose logits count."""
        if self.likelihood is not None:
            return len(self.prompt) - self.likelihood.position + 1
        return int(self.chooser is not None)

    def growth(self) -> int:
        """How many tokens may still be added to its sequence."""
        return len(self.waiting) + self.tokens_left


class Requests:
    """The requests of every sequence in the order they came; the first of each is under way."""

    def __init__(
        self, *, cache: SequenceCache, scheduler: Scheduler, cells: Cells, grammars: Grammars, vocabulary: Vocabulary
    ) -> None:
        self._cache = cache
        self._scheduler = scheduler
        self._cells = cells
        self._grammars = grammars
        self._vocabulary = vocabulary
        self._queues: dict[int, deque[Request]] = {}
        self.tokens_reused = 0
        """How many tokens of prompts were in the cache."""

    def current(self, sequence: int) -> Request:
        """What is under way in the sequence."""
        return self._queues[sequence][0]

    def working(self) -> Collection[int]:
        """The sequences in which something is under way."""
        return self._queues.keys()

    def accept(self, request: Request) -> None:
        """Take a request, and begin it if it is its sequence's only one."""
        queue = self._queues.setdefault(request.sequence, deque())
        queue.append(request)
        if len(queue) == 1:
            self._begin(request)

    def cancel(self, request: Request) -> None:
        """End a request quietly; the cache keeps what was computed. Harmless if it has ended."""
        queue = self._queues.get(request.sequence)
        if queue is None or request not in queue:
            return
        if queue[0] is request:
            self._end(request)
        else:
            queue.remove(request)

    def finish(self, request: Request) -> None:
        """All that it asked for is done."""
        request.deliver(Finished(computed=request.computed))
        self._end(request)

    def fail(self, sequence: int, sentence: str) -> None:
        """Tell everyone who waits for the sequence that it failed, and empty its cache."""
        self._scheduler.stop(sequence)
        self._cache.clear(sequence)
        for request in self._queues.pop(sequence, ()):
            _free(request)
            request.deliver(GenerationError(sentence))

    def _begin(self, request: Request) -> None:
        try:
            self._prepare(request)
        except GenerationError as error:
            request.deliver(error)
            self._end(request)
            return
        if not request.waiting:
            self.finish(request)
        else:
            self._scheduler.start(request.sequence, len(request.waiting))

    def _prepare(self, request: Request) -> None:
        self._check(request)
        if (sampling := request.sampling) is not None:
            room = self._cells.longest(request.sequence) - len(request.prompt)
            request.tokens_left = min(sampling.max_tokens, room)
            if request.tokens_left > 0:
                request.grammar = self._grammars.open(sampling.grammar) if sampling.grammar else None
                lean, forcing = _lean(sampling, self._vocabulary), _forcing(sampling, self._vocabulary)
                request.chooser = TokenChooser(sampling, request.grammar, lean, forcing)
        kept = self._cache.reuse(request.sequence, request.prompt, leave=request.left_to_compute())
        request.waiting = request.prompt[kept:]
        if self._cells.is_task(request.sequence):
            others = (q[0] for s, q in self._queues.items() if s != request.sequence and self._cells.is_task(s))
            self._cells.admit(growth=request.growth(), promised=sum(other.growth() for other in others))
        self.tokens_reused += kept

    def _check(self, request: Request) -> None:
        prompt, longest = request.prompt, self._cells.longest(request.sequence)
        if len(prompt) + (request.sampling is not None) > longest:
            raise GenerationError(
                f"The prompt of {len(prompt)} tokens does not fit the language model's context of {longest}; "
                "start a new conversation or set a larger context."
            )
        if prompt and not 0 <= min(prompt) <= max(prompt) < self._vocabulary.size:
            raise GenerationError("The prompt holds a token that is not in the language model's vocabulary.")
        if request.likelihood is not None and not 0 < request.likelihood.position <= len(prompt):
            raise GenerationError("The prompt has no such place to weigh what follows.")
        if request.sampling is not None and not prompt:
            raise GenerationError("There is no prompt to continue.")

    def _end(self, request: Request) -> None:
        _free(request)
        self._scheduler.stop(request.sequence)
        queue = self._queues[request.sequence]
        queue.popleft()
        if queue:
            self._begin(queue[0])
        else:
            del self._queues[request.sequence]


def _lean(sampling: Sampling, vocabulary: Vocabulary) -> Lean | None:
    if sampling.leaning is None:
        return None
    return Lean(sampling.leaning, vocabulary, certain=sampling.temperature <= 0)


def _forcing(sampling: Sampling, vocabulary: Vocabulary) -> Forcing | None:
    return None if sampling.forms is None else Forcing(sampling.forms, vocabulary)


def _free(request: Request) -> None:
    if request.grammar is not None:
        request.grammar.close()
        request.grammar = None
