"""The dialogue's context: ledger, replay and prompt, kept in step.

Rule: what is appended to the ledger is applied to the conversation at once and in the same order, so the prompt is
always the one that a replay of the ledger would yield.
"""

import logging
from collections.abc import Callable, Sequence
from typing import Self

from device.core.context import Conversation
from device.core.entries import AnyEntry, Record, TurnsDropped
from device.core.prompt.messages import Message
from device.core.prompt.renderers import Renderer
from device.core.prompt.spans import Remembered, encode
from device.ports import LanguageModel, Ledger, Likelihood

log = logging.getLogger(__name__)

KEPT_SHARE = 0.7
"""A conversation that has outgrown its room is cut to this share of it."""


def likelihood_of_end(prompt: Sequence[int], model: LanguageModel, tell: Callable[[float], None]) -> Likelihood:
    """Asks how likely it is that a sentence ends with the last word of a prompt's last message.

    The punctuation after it is the recognizer's, who nearly always sees an end: the model has to do without.
    """
    return Likelihood(position=end_of_words(prompt, model), tokens=model.card.closing_tokens, tell=tell)


def end_of_words(prompt: Sequence[int], model: LanguageModel) -> int:
    """How many tokens there are up to and with the last word of a prompt's last message."""
    end = max(number for number, token in enumerate(prompt) if token in model.card.end_tokens)
    while end > 1 and not any(map(str.isalnum, model.decode(prompt[end - 1 : end]).decode("utf-8", "ignore"))):
        end -= 1
    return end


class Dialogue:
    """One context: what was said in it, and how the model is told."""

    def __init__(
        self,
        ledger: Ledger,
        model: LanguageModel,
        renderer: Renderer,
        fixed: Sequence[Message],
        *,
        reserve_tokens: int,
        conversation: Conversation | None = None,
    ) -> None:
        """`fixed` are the messages that every prompt begins with: the instructions, the tools, examples.

        `reserve_tokens` of the model's context are left for the reply. Without a `conversation` it is what the ledger
        knows of the user's.
        """
        self.ledger = ledger
        self._model = model
        self._encoder = Remembered(model)
        self._renderer = renderer
        self._fixed = tuple(fixed)
        self._reserve_tokens = reserve_tokens
        self.room_tokens = model.card.context_tokens - reserve_tokens
        """What a prompt may take."""
        self.conversation = conversation or Conversation.replay(ledger.records(), model=model.card.name)

    def child(self, context_id: str, *, inherits: bool) -> Self:
        """The dialogue of a new context, which begins with all of this one's, or with the fixed part alone."""
        conversation = self.conversation.forked(context_id) if inherits else Conversation(self.model_name, context_id)
        return type(self)(
            self.ledger,
            self._model,
            self._renderer,
            self._fixed,
            reserve_tokens=self._reserve_tokens,
            conversation=conversation,
        )

    @property
    def model_name(self) -> str:
        """What the language model calls itself."""
        return self._model.card.name

    def append(self, *entries: AnyEntry, context: str = "") -> None:
        """Remember `entries`, in order; of this context unless another one is named."""
        for record in self.ledger.append(*entries, context=context or self.conversation.context):
            self.conversation.apply(record)

    def next_alarm_id(self) -> str:
        """An id that no alarm has had."""
        return self.conversation.next_alarm_id()

    def fixed_prompt(self) -> list[int]:
        """The part of every prompt that never changes: the instructions, the tools and the examples."""
        return encode(self._renderer.render(self._fixed), self._encoder)

    def prompt(self) -> list[int]:
        """The whole prompt for the next reply; the oldest turns leave it, for good, when there is no room.

        Then as many leave as make room for many more: a prompt that only just fits can be prepared for nothing that
        the user is about to say (`prompt_if`), and must be read anew from where the turns left it.
        """
        most_tokens = self.room_tokens
        while True:
            tokens = encode(self._renderer.render((*self._fixed, *self.conversation.messages())), self._encoder)
            if len(tokens) <= most_tokens or not self._drop_oldest_turn():
                return tokens
            fixed_tokens = len(self.fixed_prompt())
            most_tokens = fixed_tokens + round(KEPT_SHARE * max(self.room_tokens - fixed_tokens, 0))

    def prompt_if(self, *entries: AnyEntry) -> list[int] | None:
        """The prompt that there would be if `entries` were appended now; None if it would not fit."""
        imagined = self.conversation.copy()
        last_id = max((record.id for record in self.ledger.records()[-1:]), default=0)
        for number, entry in enumerate(entries, 1):
            imagined.apply(
                Record(
                    id=last_id + number, wall_seconds=0.0, boot_seconds=0.0, boot_id="", context=imagined.context,
                    entry=entry,
                )
            )  # fmt: skip
        tokens = encode(self._renderer.render((*self._fixed, *imagined.messages())), self._encoder)
        return tokens if len(tokens) <= self.room_tokens else None

    def _drop_oldest_turn(self) -> bool:
        before_id = self.conversation.second_turn_id()
        if before_id is None:
            return False
        log.info("The conversation outgrew the model's context; everything before record %d left it", before_id)
        self.append(TurnsDropped(before_id=before_id))
        return True
