"""The asynchronous ChatML: plain ChatML with identities, times and messages that come whenever they come.

It is for models tuned on it. For the plain subset (system, user, assistant) it is ChatML, so models that know nothing
else (SmolLM2) are served by it too; those have never seen a tool.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from device.core.prompt.messages import Assistant, Called, Message, Notice, Result, Results, Said, System, Task, User
from device.core.prompt.spans import Span, data, ids, trusted
from device.core.prompt.untrusted import Guard
from device.core.prompt.words import call_json, last_words, result_words, task_spans, tools_section
from device.core.repairs import repaired


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatMl:
    """Renders messages as asynchronous ChatML. `time_of` says a Unix time as the local one, such as 12:04:31."""

    guard: Guard
    time_of: Callable[[float], str]
    name: str = "chatml"
    end_of_message: str = "<|im_end|>"
    trained_on_tools: bool = False

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
                return assistant_spans(message, self.guard, tagged=True)
            case Results(results=results):
                return [span for result in results for span in self._result(result)]
            case Notice(text=text, wall_seconds=wall_seconds):
                return self._notification("", text, wall_seconds)
            case Task():
                return closed("task", task_spans(message, self.guard))

    def _result(self, result: Result) -> list[Span]:
        if result.late:
            return self._notification(f" id={result.call_id}", result_words(result), result.wall_seconds)
        words = "running" if result.status == "running" else result_words(result)
        return closed(f"tool id={result.call_id}", [data(self.guard.harmless(words))])

    def _notification(self, identity: str, text: str, wall_seconds: float | None) -> list[Span]:
        stamp = "" if wall_seconds is None else f"[{self.time_of(wall_seconds)}] "
        return closed(f"notification{identity}", [data(self.guard.harmless(stamp + text.strip()))])


# --- what Qwen's renderer shares ---------------------------------------------------------------------------------


def opening(role: str) -> list[Span]:
    """A message's opening."""
    return [trusted(f"<|im_start|>{role}\n")]


def closed(role: str, inside: Sequence[Span]) -> list[Span]:
    """A whole message."""
    return [*opening(role), *inside, trusted("<|im_end|>\n")]


def system_spans(message: System) -> list[Span]:
    """The instructions and the tools."""
    return closed("system", [trusted(message.text + tools_section(message.tools))])


def user_spans(message: User, guard: Guard) -> list[Span]:
    """The user's words, numbers in digits; if they cut a reply off, where."""
    words = data(guard.harmless(repaired(message.text.strip())))
    if not message.cut_off_after or not message.cut_off_after.strip():
        return closed("user", [words])
    heard = data(guard.harmless(last_words(message.cut_off_after)))
    return closed("user", [trusted('(cut off after "'), heard, trusted('") '), words])


def assistant_spans(message: Assistant, guard: Guard, *, tagged: bool) -> list[Span]:
    """The agent's message: the tokens as generated, or its parts on lines of their own, calls `tagged` or bare."""
    if message.tokens:
        return closed("assistant", [ids(message.tokens)])
    spans: list[Span] = []
    for part in message.parts:
        # The line break belongs to the data: a full stop and a line break are one token to some vocabularies.
        if isinstance(part, Said):
            if text := part.text.strip():
                spans.append(data(guard.harmless(text) + "\n"))
        else:
            spans += _call_spans(part, guard, tagged=tagged)
    return closed("assistant", _without_last_break(spans))


def _call_spans(call: Called, guard: Guard, *, tagged: bool) -> list[Span]:
    written = guard.harmless(call_json(call.name, call.arguments))
    if not tagged:
        return [data(f"{written}\n")]
    return [trusted("<tool_call>"), data(f"\n{written}\n"), trusted("</tool_call>\n")]


def _without_last_break(spans: list[Span]) -> list[Span]:
    if not spans:
        return spans
    last = spans[-1]
    return [*spans[:-1], Span(text=last.text.removesuffix("\n"), trusted=last.trusted)]
