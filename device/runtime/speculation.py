"""Preparing the reply before it is known whether the user has finished.

The reply is rehearsed in a sequence of the language model's cache of its own, forked from the dialogue's. If the turn
ends with the words that it was made for, the sequences change places: the rehearsed one is the dialogue's from then
on. Otherwise it is thrown away, and neither the ledger nor the prompt ever knew of it.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from device.ports import LanguageModel, Urgency
from device.runtime.child import Home
from device.runtime.marks import Marks, Stage
from device.runtime.reply import Manner, Reply

SPECULATION_SEQUENCE = 1


@dataclass(kw_only=True, eq=False)
class _Rehearsal:
    reply: Reply
    task: "asyncio.Task[None]"


class Speculator:
    """At most one rehearsed reply; used on the loop's thread."""

    def __init__(self, model: LanguageModel, home: Home, marks: Marks) -> None:
        self._model = model
        self._marks = marks
        self._home = home
        self._sequence = SPECULATION_SEQUENCE
        self._rehearsal: _Rehearsal | None = None
        self._reading: asyncio.Task[int] | None = None
        self._forked = False
        self.kept = 0
        """How many rehearsed replies were wanted."""
        self.dropped = 0
        """How many were not."""
        model.set_urgency(self._sequence, Urgency.SPECULATIVE)

    @property
    def busy(self) -> bool:
        """Whether a reply is rehearsed that nobody has wanted yet."""
        return self._rehearsal is not None and not self._rehearsal.task.done()

    def read_ahead(self, prompt: list[int]) -> None:
        """Let the model read the beginning of a prompt that is still growing; what was rehearsed was too short."""
        self.drop()
        self._fork()
        self._marks.add(Stage.READ_AHEAD_BEGAN)
        self._reading = asyncio.ensure_future(self._model.prefill(self._sequence, prompt))
        self._reading.add_done_callback(self._has_read)

    def begin(
        self, prompt: list[int], manner: Manner, rehearse: Callable[[int], tuple[Reply, "asyncio.Task[None]"]]
    ) -> None:
        """Rehearse the reply to `prompt`, unless that is being done; `rehearse(sequence)` makes and starts it."""
        if self._fits(prompt, manner):
            return
        self.drop()
        self._fork()
        self._marks.add(Stage.REHEARSED)
        reply, task = rehearse(self._sequence)
        self._rehearsal = _Rehearsal(reply=reply, task=task)

    def claim(self, prompt: list[int], manner: Manner) -> "tuple[Reply, asyncio.Task[None]] | None":
        """The rehearsed reply if it is the one to `prompt`: it is the dialogue's now. Any other is dropped.

        The other sequence lets go of the dialogue's cells, which can move only while nothing shares them.
        """
        self._forked = False
        rehearsal = self._rehearsal
        if rehearsal is None or not self._fits(prompt, manner):
            self.drop()
            self._model.release(self._sequence)
            return None
        self._rehearsal = None
        self.kept += 1
        self._marks.add(Stage.REHEARSAL_KEPT)
        self._home.sequence, self._sequence = self._sequence, self._home.sequence
        self._model.set_urgency(self._home.sequence, Urgency.FOREGROUND)
        self._model.set_urgency(self._sequence, Urgency.SPECULATIVE)
        self._model.release(self._sequence)
        return rehearsal.reply, rehearsal.task

    def drop(self) -> None:
        """Throw the rehearsed reply away, if there is one."""
        self._stop_reading()
        rehearsal, self._rehearsal = self._rehearsal, None
        if rehearsal is not None:
            self.dropped += 1
            self._marks.add(Stage.REHEARSAL_DROPPED)
            rehearsal.task.cancel()

    def _fork(self) -> None:
        """Begin where the dialogue stands. Once is enough: later pauses of an utterance share its first words, too."""
        if not self._forked:
            self._model.fork(self._home.sequence, self._sequence)
            self._forked = True

    def _stop_reading(self) -> None:
        if self._reading is not None:
            self._reading.cancel()
            self._reading = None

    def _fits(self, prompt: list[int], manner: Manner) -> bool:
        """Whether what is rehearsed is the reply to `prompt`, and nothing has gone wrong with it."""
        if self._rehearsal is None:
            return False
        reply, task = self._rehearsal.reply, self._rehearsal.task
        return not task.done() and not reply.failure and reply.prompt == prompt and reply.manner == manner

    def _has_read(self, reading: "asyncio.Task[int]") -> None:
        """A beginning that could not be read ahead is read later, with the rest."""
        if reading.cancelled():
            return
        read = "" if reading.exception() is not None else f"{reading.result()} tokens"
        self._marks.add(Stage.READ_AHEAD, read)
