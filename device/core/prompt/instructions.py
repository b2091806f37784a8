"""What the model is told of itself: the fixed part, computed once and cached."""

from collections.abc import Sequence

from device.core.prompt.examples import examples_for
from device.core.prompt.messages import Message, System, ToolSpec

PERSONA = (
    "You are a friendly voice assistant on a small device. Your words are spoken aloud: answer in one or two short, "
    "plain sentences, without lists, markdown or emoji."
)

TOOL_RULES = (
    " You can do things with functions. If one of the functions does what the user asks for, call it; never say that "
    "you did something without calling it. If none does, answer yourself in words. Results may arrive later, as "
    "function responses: tell the user each one in a short sentence."
)


def system_text(*, has_tools: bool, extra: str = "") -> str:
    """The instructions; `extra` is the user's own addition from the configuration."""
    text = PERSONA + (TOOL_RULES if has_tools else "")
    return f"{text} {extra.strip()}" if extra.strip() else text


def fixed_part(tools: Sequence[ToolSpec], *, extra: str = "", examples: bool = True) -> tuple[Message, ...]:
    """The messages that every prompt begins with: the instructions, the tools, the example conversation if wanted."""
    system = System(text=system_text(has_tools=bool(tools), extra=extra), tools=tuple(tools))
    return (system, *examples_for(tools)) if examples else (system,)
