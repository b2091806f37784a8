"""Turns effects into work: records, replies, playback, tool calls.

Every method returns at once; what takes time runs as a task of the group, or behind a port, and comes back to the
inbox as an event.
"""

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec

from device.core import effects
from device.core.entries import (
    CallMade,
    EventDropped,
    OutputMalformed,
    PieceHeard,
    ReplyEnded,
    ReplyStarted,
    UserSaid,
)
from device.core.events import (
    AlarmsRang,
    Event,
    Priority,
    ReplyFailed,
    ReplyWasEmpty,
    ResultsArrived,
    SayingAsked,
    TurnEnded,
)
from device.core.inbox import Inbox
from device.core.prompt.grammar import MOST_CALLS
from device.core.prompt.parser import OutputParser
from device.core.segmenter import Segmenter
from device.core.utterances import consent, wants_repetition
from device.errors import GenerationError
from device.ports import LanguageModel, Likelihood
from device.runtime.child import Home
from device.runtime.dialogue import Dialogue, end_of_words, likelihood_of_end
from device.runtime.listening import Listening
from device.runtime.manners import Manners
from device.runtime.marks import Marks, Stage
from device.runtime.reply import Manner, Reply
from device.runtime.speculation import Speculator
from device.runtime.tools import ToolRunner
from device.runtime.voice import Voice

log = logging.getLogger(__name__)

DIALOGUE_SEQUENCE = 0
"""The sequence of the language model's cache that belongs to the dialogue at first; see `Speculator`."""

SORRY = "Sorry, something went wrong with that."
"""What the user hears when a reply to them fails: silence would leave them waiting."""

EARLY_SECONDS = 2.0
"""A yes or no so shortly before the end of a question was the answer to it."""

EARLIER_TURNS = 3
"""What the user said so many turns ago may still be what a call is about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyReport:
    """A reply that is over, for whoever prints or measures."""

    turn: int
    generated: str
    heard: str
    interrupted: bool
    failure: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyText:
    """A reply goes on with this text, which is not yet heard."""

    turn: int
    text: str


Follower = Callable[[ReplyText | ReplyReport], None]


@dataclass(kw_only=True)
class Parts:
    """What the dispatcher works with."""

    home: Home
    model: LanguageModel
    voice: Voice
    manners: Manners
    marks: Marks
    listening: Listening
    synchronous: bool = False
    """Whether a reply ends only when its calls have: strict turns, for comparison."""

    @property
    def dialogue(self) -> Dialogue:
        """The user's context."""
        return self.home.dialogue

    @property
    def runner(self) -> ToolRunner:
        """What runs its calls."""
        return self.home.runner


class Dispatcher:
    """Performs the machine's effects."""

    def __init__(self, parts: Parts, inbox: Inbox, post: Callable[[Event], None], tasks: asyncio.TaskGroup) -> None:
        self._parts = parts
        self._inbox = inbox
        self._post = post
        self._tasks = tasks
        self._reply: Reply | None = None
        self._replying: asyncio.Task[None] | None = None
        self._answers_user = False
        self._early: tuple[str, float] | None = None
        self._said: deque[str] = deque([""], maxlen=EARLIER_TURNS + 1)
        self.speculator = Speculator(parts.model, parts.home, parts.marks)
        self.on_user_turn: Callable[[str], None] = _nobody
        self.on_reply_ended: Callable[[ReplyReport], None] = _nobody
        self.followers: set[Follower] = set()
        """Who is told of every reply as it is made and when it has ended."""
        self._performers: dict[type[effects.Effect], Callable[[Any], None]] = {
            effects.RecordUserTurn: self._record_user_turn,
            effects.ReadAhead: self._read_ahead,
            effects.Speculate: self._speculate,
            effects.DropSpeculation: lambda _: self.speculator.drop(),
            effects.StartReply: self._start_reply,
            effects.SayWords: self._say_words,
            effects.CancelReply: self._cancel_reply,
            effects.FinishReply: self._finish_reply,
            effects.HoldPlayback: lambda _: parts.voice.hold(),
            effects.ResumePlayback: self._resume,
            effects.DiscardUtterance: lambda _: parts.listening.discard(),
            effects.ListenOnce: lambda _: parts.listening.once(),
            effects.ListenOn: lambda _: parts.listening.on(),
            effects.EndUtterance: lambda _: parts.listening.end(),
            effects.CloseMicrophone: lambda _: parts.listening.close(),
            effects.OpenMicrophone: lambda _: parts.listening.open(),
            effects.RecordDropped: self._record_dropped,
            effects.ShutDown: lambda _: None,
        }

    def perform(self, effect: effects.Effect) -> None:
        """Do what `effect` says."""
        self._performers[type(effect)](effect)

    def is_moot(self, event: Event) -> bool:
        """Whether an event asks for the floor for what was told or taken back meanwhile; the model would make
        something up.
        """
        return isinstance(event, ResultsArrived) and not self.manners.is_news()

    @property
    def replying(self) -> bool:
        """Whether a reply is being generated or synthesized."""
        return self._replying is not None and not self._replying.done()

    @property
    def written_tokens(self) -> int:
        """How many tokens of the reply under way there are so far."""
        return 0 if self._reply is None else len(self._reply.tokens)

    def piece_heard(self, turn: int, text: str) -> None:
        """A piece of the reply reached the loudspeaker whole."""
        if self._reply is not None and self._reply.turn == turn:
            self._parts.dialogue.append(PieceHeard(turn=turn, text=text))

    def announce_pending(self) -> None:
        """Ask for the floor for what came and was not told, because a reply was cut off or the last run ended."""
        conversation = self._parts.dialogue.conversation
        if call_ids := conversation.calls.results() + conversation.calls.questions():
            self._post(ResultsArrived(call_ids=call_ids))
        if alarm_ids := conversation.rung_alarms():
            self._post(AlarmsRang(alarm_ids=alarm_ids))

    def news(self, call_ids: tuple[str, ...]) -> None:
        """Calls ended, or ask for consent: ask for the floor for what is worth it."""
        calls = self._parts.dialogue.conversation.calls
        results = tuple(call_id for call_id in calls.results() if call_id in call_ids)
        # The end of a call that asked lets the next one ask.
        if telling := results + calls.questions():
            self._post(ResultsArrived(call_ids=telling))
            self._rehearse_telling()

    @property
    def manners(self) -> Manners:
        """How replies are made."""
        return self._parts.manners

    def forget_words(self) -> None:
        """Remember nothing of what the user said, nor what was made of it."""
        self._said.extend([""] * EARLIER_TURNS)
        self._said.append("")
        self.manners.heard(agreed=None)
        self.speculator.drop()

    def prepare(self) -> None:
        """Let the model read the prompt as it is now, so that the next turn need not wait for that."""
        parts = self._parts

        async def read() -> None:
            with contextlib.suppress(GenerationError):
                await parts.model.prefill(parts.home.sequence, parts.dialogue.prompt())

        self.speculator.drop()
        self._tasks.create_task(read(), name="read the beginning")

    # --- effects -------------------------------------------------------------------------------------------------

    def _record_user_turn(self, effect: effects.RecordUserTurn) -> None:
        asked = self._parts.dialogue.conversation.calls.asked()
        self._parts.dialogue.append(UserSaid(text=effect.text, typed=effect.typed))
        self._said.append(self._parts.dialogue.conversation.last_said)
        self.on_user_turn(effect.text)
        agreed = consent(effect.text) if asked else None
        self.manners.heard(agreed=agreed)
        for call_id in asked if agreed is not None else ():
            self._parts.runner.answer(call_id, agreed=bool(agreed))

    def _record_dropped(self, effect: effects.RecordDropped) -> None:
        self._parts.dialogue.append(EventDropped(event=effect.event, turn=effect.turn))

    def _read_ahead(self, effect: effects.ReadAhead) -> None:
        if effect.perhaps_all:
            self._rehearse_answer(effect.perhaps_all)
        elif (prompt := self._prompt_if_said(effect.text)) is not None:
            self.speculator.read_ahead(prompt[: end_of_words(prompt, self._parts.model)])

    def _speculate(self, effect: effects.Speculate) -> None:
        self._rehearse_answer(effect.text)

    def _rehearse_answer(self, text: str) -> None:
        """Prepare the reply to `text`, unless that needs no model."""
        calls = self._parts.dialogue.conversation.calls
        if calls.asked() and consent(text) is not None:
            return
        if (prompt := self._prompt_if_said(text)) is not None:
            manner = self.manners.answering(self._parts.dialogue.conversation.asked_with(text))
            self._rehearse(prompt, manner, self._end_of_turn(prompt, text))

    def _prompt_if_said(self, text: str) -> list[int] | None:
        """The prompt of the reply if the user's turn were `text`; None if it would not fit."""
        call_ids, alarm_ids = self.manners.news_without(None)
        started = ReplyStarted(turn=0, call_ids=call_ids, alarm_ids=alarm_ids)
        return self._parts.dialogue.prompt_if(UserSaid(text=text), started)

    def _end_of_turn(self, prompt: list[int], text: str) -> Likelihood | None:
        """Asks how likely these words are the end of a sentence; not where news follow them as the last message."""
        if any(self.manners.news_without(None)):
            return None
        return likelihood_of_end(
            prompt, self._parts.model, lambda likelihood: self._parts.listening.weigh_end(text, likelihood)
        )

    def _rehearse_telling(self) -> None:
        """While a reply that is made is still being heard, prepare the one that tells what has arrived meanwhile."""
        reply, calls = self._reply, self._parts.dialogue.conversation.calls
        if reply is None or not reply.spoken or not calls.results() or self._parts.synchronous:
            return
        call_ids, alarm_ids = self.manners.news_without(None)
        started = ReplyStarted(turn=reply.turn + 1, call_ids=call_ids, alarm_ids=alarm_ids)
        prompt = self._parts.dialogue.prompt_if(self._ended(reply, reply.generated, interrupted=False), started)
        if prompt is not None:
            self._rehearse(prompt, self.manners.ahead(call_ids, alarm_ids))

    def _rehearse(self, prompt: list[int], manner: Manner, likelihood: Likelihood | None = None) -> None:
        def begin(sequence: int) -> "tuple[Reply, asyncio.Task[None]]":
            reply = self._make_reply(0, prompt, sequence, manner)
            reply.likelihood = likelihood
            return reply, self._tasks.create_task(self._run(reply), name="rehearsal")

        self.speculator.begin(prompt, manner, begin)

    def _start_reply(self, effect: effects.StartReply) -> None:
        self._answers_user = effect.priority is Priority.USER
        question = self.manners.question() if effect.priority is Priority.RESULT else None
        call_ids, alarm_ids = self.manners.news_without(question)
        self._inbox.settle(call_ids=call_ids, alarm_ids=alarm_ids)
        started = ReplyStarted(turn=effect.turn, call_ids=call_ids, alarm_ids=alarm_ids)
        manner = self.manners.next(effect.priority, question, call_ids, alarm_ids, said=self._said[-1])
        self._begin_reply(started, manner)

    def _resume(self, effect: effects.ResumePlayback) -> None:
        self._parts.voice.resume()
        if consent(effect.said) is not None:
            self._early = effect.said, asyncio.get_running_loop().time()

    def _say_words(self, effect: effects.SayWords) -> None:
        self._answers_user = False
        self._begin_reply(ReplyStarted(turn=effect.turn), self.manners.exactly(effect.text))

    def _begin_reply(self, started: ReplyStarted, manner: Manner) -> None:
        parts, turn = self._parts, started.turn
        parts.dialogue.append(started)
        parts.marks.add(Stage.REPLY_STARTED, str(turn))
        parts.voice.begin(turn)
        prompt = parts.dialogue.prompt()
        rehearsed = self.speculator.claim(prompt, manner)
        if rehearsed is not None:
            self._reply, self._replying = rehearsed
            self._reply.go_live(turn)
            return
        self._reply = self._make_reply(turn, prompt, parts.home.sequence, manner)
        self._reply.live.set()
        self._replying = self._tasks.create_task(self._run(self._reply), name=f"reply {turn}")

    def _make_reply(self, turn: int, prompt: list[int], sequence: int, manner: Manner) -> Reply:
        parts = self._parts
        return Reply(
            turn=turn,
            prompt=prompt,
            sequence=sequence,
            manner=manner,
            model=parts.model,
            voice=parts.voice,
            parser=OutputParser(self.manners.tool_use.names),
            segmenter=Segmenter(),
            marks=parts.marks,
            on_call=self._call,
            on_malformed=lambda turn, text: parts.dialogue.append(OutputMalformed(turn=turn, text=text)),
            live=asyncio.Event(),
            on_text=lambda turn, text: self._tell_followers(ReplyText(turn=turn, text=text)),
        )

    def _tell_followers(self, news: ReplyText | ReplyReport) -> None:
        for follower in tuple(self.followers):
            try:
                follower(news)
            except Exception:
                log.exception("Who follows the replies failed")

    def _cancel_reply(self, effect: effects.CancelReply) -> None:
        self._parts.marks.add(Stage.INTERRUPTED)
        self.speculator.drop()
        heard = self._parts.voice.stop(effect.turn)
        if self._replying is not None:
            self._replying.cancel()
        self._end_reply(effect.turn, heard, interrupted=True, answer_later=effect.answer_later)

    def _finish_reply(self, effect: effects.FinishReply) -> None:
        failed = self._end_reply(effect.turn, self._parts.voice.stop(effect.turn), interrupted=False)
        self._take_early_answer()
        if not failed:  # else a model that always fails would be asked for ever
            self.announce_pending()
        elif self._answers_user:
            self._post(SayingAsked(text=SORRY))
        if not self.manners.is_news():
            self.speculator.drop()  # what was rehearsed to be told next has been told or taken back

    def _take_early_answer(self) -> None:
        """What the user said into the end of the question that has just been asked answers it."""
        early, self._early = self._early, None
        if early is None or not self._parts.dialogue.conversation.calls.asked():
            return
        if asyncio.get_running_loop().time() - early[1] < EARLY_SECONDS:
            self._post(TurnEnded(text=early[0]))

    # --- the reply -----------------------------------------------------------------------------------------------

    async def _run(self, reply: Reply) -> None:
        try:
            await reply.run()
        except Exception as error:
            log.exception("Turn %d broke off", reply.turn)
            reply.failure = reply.failure or f"{type(error).__name__}: {error}"
            await reply.live.wait()
        if self._parts.synchronous:
            await self._parts.runner.idle()
        if reply.spoke:
            self._parts.voice.complete(reply.turn)
            if not reply.manner.more:
                await self._read(reply)
            self._rehearse_telling()
        elif reply.failure:
            self._post(ReplyFailed(turn=reply.turn, reason=reply.failure))
        else:
            self._post(ReplyWasEmpty(turn=reply.turn))

    async def _read(self, reply: Reply) -> None:
        """Let the model read a reply that it did not write, so that the next turn need not wait for that."""
        with contextlib.suppress(GenerationError):  # then it reads it with the next prompt, or says why it cannot
            await self._parts.model.prefill(reply.sequence, reply.written_tokens)

    def _call(self, turn: int, name: str, arguments: dict[str, Any], after_chars: int) -> None:
        parts = self._parts
        conversation = parts.dialogue.conversation
        if conversation.calls_in_turn(turn) >= MOST_CALLS:
            parts.dialogue.append(OutputMalformed(turn=turn, text=f"one call too many: {name}"))
            return
        *earlier, said = self._said
        yielded = conversation.yielded(EARLIER_TURNS)
        arguments = self.manners.tool_use.grounded(
            name,
            arguments,
            said,
            earlier=" ".join((*earlier, yielded)),
            results=yielded if self.manners.chain else "",  # a reply to results follows from them
        )
        if conversation.repeats(turn, name, arguments) and not wants_repetition(said):
            parts.dialogue.append(OutputMalformed(turn=turn, text=f"the same call again: {name}"))
            return
        call_id = conversation.calls.next_id()
        parts.runner.start(
            CallMade(call_id=call_id, turn=turn, name=name, arguments=arguments, after_chars=after_chars)
        )

    def _end_reply(self, turn: int, heard: str, *, interrupted: bool, answer_later: bool = False) -> bool:
        """Remember how the reply ended; returns whether it had failed."""
        reply, self._reply = self._reply, None
        if reply is None:
            log.error("Turn %d ended without having begun", turn)
            return True
        # A reply that was not interrupted was heard to its end, silent tail (an emoji, a dash) included.
        heard = heard if interrupted or reply.failure else reply.generated
        ended = self._ended(reply, heard, interrupted=interrupted)
        self._parts.dialogue.append(msgspec.structs.replace(ended, overtaken=answer_later and not heard.strip()))
        for call_id in self._parts.dialogue.conversation.calls.asked():
            self._parts.runner.asked(call_id)
        report = ReplyReport(
            turn=turn,
            generated=reply.generated,
            heard=heard,
            interrupted=interrupted,
            failure=reply.failure,
        )
        self.on_reply_ended(report)
        self._tell_followers(report)
        return bool(reply.failure)

    def _ended(self, reply: Reply, heard: str, *, interrupted: bool) -> ReplyEnded:
        """What is remembered of a reply's end."""
        whole = heard == reply.generated and not interrupted and not reply.failure
        return ReplyEnded(
            turn=reply.turn,
            generated=reply.generated,
            heard=heard,
            interrupted=interrupted,
            unfinished=not reply.written,
            failure=reply.failure,
            model=self._parts.model.card.name if whole else "",
            tokens=tuple(reply.tokens) if whole else (),
        )


def _nobody(_: object) -> None:
    """Nobody listens."""
