"""The messages in the words that Llama 3.1 and 3.2 were trained on.

Two lines of Meta's template are left out on purpose: the date of the training data and today's date. The fixed part is
computed once and kept, a date in it would be wrong tomorrow, and the clock is a tool. Calls are JSON and end their
message with `<|eot_id|>` as in the template; `<|eom_id|>` follows only Meta's built-in tools, which are not offered,
and ends a reply all the same. Results are JSON strings under the `ipython` header, and so is what happens by itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from device.core.prompt.messages import Assistant, Message, Notice, Results, Said, System, Task, User
from device.core.prompt.spans import Span, data, ids, trusted
from device.core.prompt.untrusted import Guard
from device.core.prompt.words import as_json, call_json, last_words, result_words, task_spans, tool_json
from device.core.repairs import repaired

_TOOLS = (
    # The missing spaces are Meta's; the model was trained on them.
    "You have access to the following functions. To call a function, please respond with JSON for a function call."
    'Respond in the format {"name": function name, "parameters": dictionary of argument name and its value}.'
    "Do not use variables.\n\n"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Llama3:
    """Renders messages for Llama 3.1, 3.2 and their like."""

    guard: Guard
    name: str = "llama3"
    end_of_message: str = "<|eot_id|>"
    trained_on_tools: bool = True

    def render(self, messages: Sequence[Message]) -> tuple[Span, ...]:
        """The whole prompt, up to and including the opening of the assistant's message."""
        spans = [trusted("<|begin_of_text|>")]
        for message in messages:
            spans += self._spans(message)
        return (*spans, *_opening("assistant"))

    def _spans(self, message: Message) -> list[Span]:  # noqa: PLR0911 - one for each kind
        match message:
            case System():
                return _closed("system", [trusted(_system(message))])
            case User():
                return _closed("user", self._user(message))
            case Assistant(tokens=tokens) if tokens:
                return _closed("assistant", [ids(tokens)])
            case Assistant():
                return _closed("assistant", [data(self._written(message))])
            case Results(results=results):
                return [span for result in results for span in self._told(result_words(result))]
            case Notice(text=text):
                return self._told(text.strip())
            case Task():
                return _closed("user", task_spans(message, self.guard))

    def _user(self, message: User) -> list[Span]:
        words = data(self.guard.harmless(repaired(message.text.strip())))
        if not message.cut_off_after or not message.cut_off_after.strip():
            return [words]
        heard = data(self.guard.harmless(last_words(message.cut_off_after)))
        return [trusted('(cut off after "'), heard, trusted('") '), words]

    def _written(self, message: Assistant) -> str:
        lines = [
            part.text.strip() if isinstance(part, Said) else call_json(part.name, part.arguments, key="parameters")
            for part in message.parts
        ]
        return self.guard.harmless("\n".join(line for line in lines if line))

    def _told(self, text: str) -> list[Span]:
        return _closed("ipython", [data(self.guard.harmless(as_json(text)))])


def _opening(role: str) -> list[Span]:
    return [trusted(f"<|start_header_id|>{role}<|end_header_id|>\n\n")]


def _closed(role: str, inside: Sequence[Span]) -> list[Span]:
    return [*_opening(role), *inside, trusted("<|eot_id|>")]


def _system(message: System) -> str:
    if not message.tools:
        return message.text.strip()
    described = "".join(tool_json(tool, indent=4) + "\n\n" for tool in message.tools)
    return f"Environment: ipython\n{_TOOLS}{described}{message.text.strip()}"
