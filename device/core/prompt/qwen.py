"""The messages in the words that a stock Qwen 2.5 was trained on: ChatML with Hermes-style tools.

Calls stand bare in what the model is shown of itself, since that is how small ones open them: shown tags, they go on
with call after call. Results come as `<tool_response>` in a user's turn, several in one. Qwen knows no notifications,
so what happens by itself comes as a response too: a user's words can never hold that tag, so it cannot be forged.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from device.core.prompt.chatml import assistant_spans, closed, opening, system_spans, user_spans
from device.core.prompt.messages import Assistant, Message, Notice, Results, System, Task, User
from device.core.prompt.spans import Span, data, trusted
from device.core.prompt.untrusted import Guard
from device.core.prompt.words import result_words, task_spans

TELL, TELL_ALL = "\nTell me this in one short sentence.", "\nTell me each of these in a short sentence of its own."
"""Follows what is new, one thing or several. Without it a small Qwen describes the tags, or calls the same tool again,
instead of telling.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Qwen:
    """Renders messages for Qwen 2.5 and its like."""

    guard: Guard
    name: str = "qwen"
    end_of_message: str = "<|im_end|>"
    trained_on_tools: bool = True

    def render(self, messages: Sequence[Message]) -> tuple[Span, ...]:
        """The whole prompt, up to and including the opening of the assistant's message."""
        return (*(span for message in messages for span in self._spans(message)), *opening("assistant"))

    def _spans(self, message: Message) -> list[Span]:
        match message:
            case System():
                return system_spans(message)
            case User():
                return user_spans(message, self.guard)
            case Assistant():
                return assistant_spans(message, self.guard, tagged=False)
            case Results(results=results):
                news = any(result.status != "running" for result in results)
                return self._responses([result_words(result) for result in results], to_tell=news)
            case Notice(text=text):
                return self._responses([text.strip()], to_tell=True)
            case Task():
                return closed("user", task_spans(message, self.guard))

    def _responses(self, texts: Sequence[str], *, to_tell: bool) -> list[Span]:
        spans: list[Span] = []
        for number, text in enumerate(texts):
            spans.append(trusted(("\n" if number else "") + "<tool_response>\n"))
            spans.append(data(self.guard.harmless(text) + "\n"))
            spans.append(trusted("</tool_response>"))
        if to_tell:
            spans.append(trusted(TELL_ALL if len(texts) > 1 else TELL))
        return closed("user", spans)
