"""What the next reply tells, and how it is made: in the program's own words, by a model that may call tools, or not.

The rule it owns: results are told before anything is asked, a question for consent stands alone, and the model may call
tools in answer to the user, but in answer to results only as often in a row as it is allowed, and not once it repeats
itself.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from device.core.calls import Call
from device.core.context import Conversation
from device.core.events import Priority
from device.core.prompt.tool_use import ToolUse
from device.core.utterances import wants_to_hear_on
from device.ports import Sampling
from device.runtime.child import Home
from device.runtime.reply import Manner

AGREED, DECLINED = "All right.", "All right, I won't."
"""What the user hears after agreeing or not to what the agent asked consent for; a model might call it anew."""


@dataclass(kw_only=True)
class Manners:
    """How the replies of a context are made.

    `telling` is how a reply is sampled that tells results and may call nothing more; `chained_calls` is how many
    replies in a row may answer results with more calls, for small models repeat themselves.
    """

    home: Home
    tool_use: ToolUse
    sampling: Sampling
    telling: Sampling
    chained_calls: int = 0
    chain: int = 0
    """How many replies in a row have told news since the user's last turn."""
    _after_consent: str = ""

    def use(self, sampled: Callable[[Sampling], Sampling], *, chained_calls: int) -> None:
        """Sample replies that begin from now on otherwise, and chain so many calls."""
        self.sampling, self.telling = sampled(self.sampling), sampled(self.telling)
        self.chained_calls = chained_calls

    def heard(self, *, agreed: bool | None) -> None:
        """The user's turn agreed to what was asked, or declined it; None if it did neither."""
        self._after_consent = "" if agreed is None else AGREED if agreed else DECLINED

    def is_news(self) -> bool:
        """Whether there is anything to speak up about."""
        conversation = self._conversation
        return bool(conversation.calls.results() or conversation.calls.questions() or conversation.rung_alarms())

    def question(self) -> Call | None:
        """The call that asks for the user's consent next; results come first, so that the answer follows at once."""
        calls = self._conversation.calls
        return None if calls.results() else next((calls.get(call_id) for call_id in calls.questions()), None)

    def news_without(self, question: Call | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The calls and alarms that the next reply tells: a question stands alone, so that the answer is to it."""
        if question is not None:
            return (question.made.call_id,), ()
        return self._conversation.calls.news(), self._conversation.rung_alarms()

    def next(
        self,
        priority: Priority,
        question: Call | None,
        call_ids: Sequence[str],
        alarm_ids: Sequence[str],
        *,
        said: str,
    ) -> Manner:
        """The manner of the reply that begins now: to what the user `said`, with a `question`, or with news."""
        exact = question.question if question is not None else self._after_consent if priority is Priority.USER else ""
        if exact:
            return self.exactly(exact)
        if priority is Priority.USER:
            self.chain = 0
            return self.answering(said)
        manner = self.ahead(call_ids, alarm_ids)
        self.chain += 1
        return manner

    def exactly(self, words: str) -> Manner:
        """A reply in the program's own words."""
        return Manner(sampling=self.telling, words=words, more=False)

    def answering(self, text: str) -> Manner:
        """How these words of the user's are answered: with tools, if the model calls any; "go on" by what is known."""
        unheard = self._conversation.unheard
        if unheard is not None and wants_to_hear_on(text) and not any(self.news_without(None)):
            return Manner(sampling=self.telling, words=unheard.words, more=unheard.more)
        return Manner(sampling=replace(self.sampling, leaning=self.tool_use.leaning(text)))

    def ahead(self, call_ids: Sequence[str], alarm_ids: Sequence[str]) -> Manner:
        """How news will be told by the next reply in a row."""
        conversation = self._conversation
        words, more = conversation.told_as_is(call_ids, alarm_ids)
        may_call = self.chain < self.chained_calls and not conversation.goes_round()
        sampling = self.sampling if may_call else self.telling
        return Manner(sampling=sampling, words=words, more=more or not words)

    @property
    def _conversation(self) -> Conversation:
        return self.home.dialogue.conversation
