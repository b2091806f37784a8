"""What a renderer is, and which one a model wants.

The rule it owns: a renderer is append-only. What it makes of the first n messages, without the opening at the end, is
a prefix of what it makes of more, token for token, so that a prompt that grows costs only its growth.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from device.core.prompt.chatml import ChatMl
from device.core.prompt.llama3 import Llama3
from device.core.prompt.messages import Message
from device.core.prompt.qwen import Qwen
from device.core.prompt.spans import Span
from device.core.prompt.untrusted import Guard
from device.errors import ConfigError, ModelError

NAMES = ("chatml", "qwen", "llama3")
"""The names of all renderers."""


class Renderer(Protocol):
    """Puts messages into the words of one kind of model."""

    @property
    def name(self) -> str:
        """One of NAMES; also the style of its calls for `device.core.prompt.grammar`."""
        ...

    @property
    def end_of_message(self) -> str:
        """The text of the control token that ends a message."""
        ...

    @property
    def trained_on_tools(self) -> bool:
        """Whether models of this kind know tools; give one that does not none unless its owner asks for it."""
        ...

    def render(self, messages: Sequence[Message]) -> tuple[Span, ...]:
        """The whole prompt, up to and including the opening of the assistant's message."""
        ...


def choose(
    chat_template: str,
    architecture: str,
    forced: str = "",
    *,
    control_texts: Iterable[str] = (),
    time_of: Callable[[float], str],
) -> Renderer:
    """The renderer for a model by its metadata, or the one called `forced`.

    `control_texts` are the texts of its control and user-defined tokens; `time_of` says a Unix time as the local time
    of day. Raises ConfigError for a name that is none, ModelError for a model whose format is not known.
    """
    if forced and forced not in NAMES:
        raise ConfigError(f'There is no prompt format "{forced}": choose one of {", ".join(NAMES)}, or none.')
    guard = Guard(control_texts)
    match forced or _kind_of(chat_template, architecture):
        case "qwen":
            return Qwen(guard=guard)
        case "llama3":
            return Llama3(guard=guard)
        case _:
            return ChatMl(guard=guard, time_of=time_of, trained_on_tools="tool_call" in chat_template)


def _kind_of(chat_template: str, architecture: str) -> str:
    if "<|start_header_id|>" in chat_template:
        return "llama3"
    if "<|im_start|>" in chat_template:
        # A model tuned on the asynchronous ChatML says so by a template that knows notifications.
        return "qwen" if "<tool_call>" in chat_template and "notification" not in chat_template else "chatml"
    if chat_template.strip():
        raise ModelError(
            f'The chat template of this model (architecture "{architecture}") is of no known kind: '
            f"choose another model, or force a prompt format ({', '.join(NAMES)})."
        )
    return "qwen" if architecture.startswith("qwen") else "llama3" if architecture == "llama" else "chatml"
