"""What is asked about an utterance while it is under way: its words so far, and at a pause whether it has ended.

The recognizer and the turn detector work in threads of their own; an answer counts only if it still belongs to the
utterance, and to the pause, that was asked about.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import numpy as np

from device.core.endpointing import Endpointer
from device.core.events import Event, TurnPaused, WordsHeard
from device.core.turn_end import Signs
from device.core.utterances import may_be_a_turn
from device.core.wake_words import without_wake_words
from device.ports import Samples
from device.runtime.cores import Cores
from device.runtime.ears import PARTIAL_WINDOWS, CaptureOptions, Ears, Utterance
from device.runtime.marks import Marks, Stage

log = logging.getLogger(__name__)

PARTIAL_SHARE = 3
"""No more than one part in so many of the time goes by while the recognizer looks."""

MOST_PARTIAL_WINDOWS = 160
"""An utterance longer than this is not looked at any more while it grows: each look reads all of it."""

MOST_READING_SECONDS = 0.12
"""The turn detector waits no longer than this for the language model to have read the words before a pause."""

T = TypeVar("T")


@dataclass(slots=True)
class UnderWay:
    """What is being heard, and what was heard and is being made words of."""

    utterance: Utterance | None = None
    finishing: "list[asyncio.Task[None]]" = field(default_factory=list)
    """In the order in which it was said."""

    @property
    def nobody(self) -> bool:
        """Whether there is neither."""
        return self.utterance is None and not self.finishing

    def goes_on(self, utterance: Utterance) -> bool:
        """Whether it is the one under way, and wanted."""
        return self.utterance is utterance and not utterance.discarded


class Asking:
    """Asks about the utterance under way, and tells what comes of it; used on the loop's thread only."""

    def __init__(
        self,
        ears: Ears,
        endpointer: Endpointer,
        under_way: UnderWay,
        *,
        options: CaptureOptions,
        post: Callable[[Event], None],
        marks: Marks,
        cores: Cores,
        on_failure: Callable[[], None],
    ) -> None:
        """`on_failure()` is called when something that was asked could not be answered."""
        self._ears = ears
        self._endpointer = endpointer
        self._under_way = under_way
        self.options = options
        self._post = post
        self._marks = marks
        self._cores = cores
        self._on_failure = on_failure
        self._loop = asyncio.get_running_loop()
        self._looking_ahead: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[Any]] = set()

    @property
    def busy(self) -> bool:
        """Whether an answer is awaited."""
        return bool(self._tasks)

    def start(self, work: Coroutine[None, None, T]) -> "asyncio.Task[T]":
        """Let work go on until it ends; its failure is logged and told."""
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def lead(self, utterance: Utterance) -> None:
        """Recognize what was said up to the wake word, in case it is not known by its letters."""
        self.start(self._hear_lead(utterance))

    def ahead(self, utterance: Utterance) -> None:
        """Recognize what was said so far, if that is wanted by now."""
        if not self.options.read_ahead or len(utterance.windows) < utterance.next_look:
            return
        busy = self._looking_ahead is not None and not self._looking_ahead.done()
        if not busy and utterance.words is None and len(utterance.windows) <= MOST_PARTIAL_WINDOWS:
            self._looking_ahead = self.start(self._tell_words_ahead(utterance))

    def pause(self, silence_seconds: float) -> None:
        """The speaker has been silent for so long: ask what was said, and whether that was all."""
        if (utterance := self._under_way.utterance) is None or utterance.discarded:
            return
        self._marks.add(Stage.SILENCE_BEGAN, ago_seconds=silence_seconds)
        self._marks.add(Stage.PAUSED)
        words = utterance.words = self.start(self._recognize(utterance))
        utterance.signs = Signs()
        utterance.weighed.clear()
        if self.options.speculate:
            self.start(self._tell_of_pause(utterance, words))
        self.start(self._heed(utterance, words, np.concatenate(utterance.windows)))

    def resume(self) -> None:
        """The speaker went on: what was asked at the pause is void. Not so the prepared reply, until other words
        are heard: the voice may have sunk within the last one.
        """
        if (utterance := self._under_way.utterance) is not None:
            utterance.words = None
            utterance.told_of_pause = False

    def weigh_end(self, text: str, likelihood: float) -> None:
        """How likely, as a logarithm, the language model finds it that a sentence ends with the last word of `text`."""
        if (utterance := self._under_way.utterance) is not None:
            utterance.likely_ends[text] = likelihood
            utterance.weighed.set()
            self._judge(utterance)

    def words(self, utterance: Utterance) -> "asyncio.Task[str]":
        """What was said in an utterance that is over."""
        return utterance.words or self.start(self._recognize(utterance))

    async def _hear_lead(self, utterance: Utterance) -> None:
        with self._cores.working():
            utterance.lead = await self._loop.run_in_executor(self._ears.hearing, self._ears.recognizer.partial)

    async def _tell_words_ahead(self, utterance: Utterance) -> None:
        """Recognize what was said so far, and tell all words but the last, which may be cut short; with it where it
        could be the last, since it is recognized rightly, more often than not, before it has been spoken to its end.
        """
        looked_at = len(utterance.windows)
        with self._cores.working():
            partial = await self._loop.run_in_executor(self._ears.hearing, self._ears.recognizer.partial)
        # The pause that is waited for may come during a look, so looks that take long are rarer.
        took_windows = len(utterance.windows) - looked_at
        utterance.next_look = looked_at + max(PARTIAL_WINDOWS, PARTIAL_SHARE * took_windows)
        text = self._named(partial, utterance)
        ahead = (text.rpartition(" ")[0], text if self._may_be_all(text) else "")
        if self._under_way.goes_on(utterance) and ahead[0] and ahead != utterance.ahead:
            utterance.ahead = ahead
            self._post(WordsHeard(text=ahead[0], perhaps_all=ahead[1]))

    def _may_be_all(self, text: str) -> bool:
        """Whether the reply to these words is worth preparing before there is any pause: not if a pause after them
        would be waited out to its end.
        """
        if not self.options.speculate or self._under_way.finishing or not may_be_a_turn(text):
            return False
        return self._ears.judge(Signs(text=text)) > self._endpointer.options.unfinished_below

    async def _tell_of_pause(self, utterance: Utterance, words: "asyncio.Task[str]") -> None:
        """Tell what was said so far, if that may be a whole turn."""
        text = await _unless_it_failed(words)
        still = self._under_way.goes_on(utterance) and utterance.words is words
        if still and may_be_a_turn(text) and not self._under_way.finishing:
            utterance.told_of_pause = True
            self._post(TurnPaused(text=text))

    def _named(self, text: str, utterance: Utterance) -> str:
        """What was said without the agent's name."""
        spotter = self._ears.spotter
        if spotter is None:
            return text
        said = without_wake_words(text, spotter.phrase, heard=utterance.called, lead=utterance.lead)
        utterance.named = utterance.named or said != text
        return said

    async def _recognize(self, utterance: Utterance) -> str:
        with self._cores.working():
            text = await self._loop.run_in_executor(self._ears.hearing, self._ears.recognizer.finish)
        self._marks.add(Stage.RECOGNIZED, text)
        return self._named(text, utterance)

    async def _heed(self, utterance: Utterance, words: "asyncio.Task[str]", sound: Samples) -> None:
        """Gather the signs of a pause: the words first, for which the reply waits, then what the model makes of them
        while it reads them for the reply, and at last how they were said, if that may change anything; side by side
        each takes longer.
        """
        text = await _unless_it_failed(words)
        if utterance.words is words:
            utterance.signs = Signs(text=text)
        if utterance.told_of_pause and text not in utterance.likely_ends:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(utterance.weighed.wait(), MOST_READING_SECONDS)
        if utterance.words is not words:
            return
        if not self._sound_matters(utterance):
            self._judge(utterance)
            return
        with self._cores.working():
            listen = self._ears.turn_detector.completeness
            heard = await self._loop.run_in_executor(self._ears.judging, listen, sound)
        if utterance.words is words:
            utterance.signs = Signs(text=text, sound=heard)
            self._judge(utterance)

    def _sound_matters(self, utterance: Utterance) -> bool:
        """Whether what the turn detector hears could change how long the silence must last."""
        signs = self._known(utterance)
        judged = (self._ears.judge(replace(signs, sound=heard)) for heard in (0.0, 1.0))
        return len({self._endpointer.options.wait_ms(it) for it in judged}) > 1

    def _known(self, utterance: Utterance) -> Signs:
        """The signs of the pause so far."""
        return replace(utterance.signs, likely_end=utterance.likely_ends.get(utterance.signs.text or ""))

    def _judge(self, utterance: Utterance) -> None:
        """Advise the endpointing by what is known; what comes later makes it think again."""
        if self._under_way.utterance is not utterance or utterance.signs.text is None:
            return
        judged = self._ears.judge(self._known(utterance))
        self._marks.add(Stage.TURN_JUDGED, f"{judged:.2f}")
        self._endpointer.advise(judged)

    def _ended(self, task: "asyncio.Task[Any]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("Listening failed: %s", error)
            self._on_failure()


async def _unless_it_failed(words: "asyncio.Task[str]") -> str:
    """The words; none if they could not be recognized, which whoever waits for the end of the turn is told."""
    await asyncio.wait({words})
    return "" if words.cancelled() or words.exception() is not None else words.result()
