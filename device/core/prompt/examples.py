"""A short conversation in front of every other, which shows the model when to call and when to speak.

Small models call a tool for "good night", or speak where they should call, unless they have seen both. On 72 requests
that are none of these, the default model opened 68 replies rightly with such a conversation and 57 without. Examples of
tools that are not offered are left out, and all of them if there are no tools.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from device.core.prompt.messages import Assistant, Called, Message, Result, Results, Said, ToolSpec, User

_Exchange = tuple[str, str, Mapping[str, Any], str, str]

_CONVERSATION: tuple[_Exchange | tuple[str, str], ...] = (
    ("Hi there.", "Hello! What can I do for you?"),
    ("How much is 6 plus 9?", "calculate", {"expression": "6 + 9"}, "6 + 9 = 15", "That is 15."),
    ("Who painted the Mona Lisa?", "Leonardo da Vinci painted it."),
    ("Which day is it?", "get_time", {}, "It is 8:04 AM on Monday, May 4, 2026.", "It is Monday."),
    ("What's the time?", "get_time", {}, "It is 8:05 AM on Monday, May 4, 2026.", "It is 8:05 in the morning."),
    ("How do you say thank you in Spanish?", "You say gracias."),
    ("Name two fruits.", "Apples and pears."),
    (
        "Set a timer for three minutes.",
        "set_timer",
        {"duration": "3 minutes"},
        "The timer is set and rings in 3 minutes.",
        "Your timer is set for three minutes.",
    ),
    ("Tell me a story.", "Once there was a mouse who lived in a clock and rang its bell every hour."),
    (
        "How long is left?",
        "list_timers",
        {},
        "a 3 minutes timer has 1 minute and 20 seconds left",
        "There is 1 minute and 20 seconds left.",
    ),
    ("Give me some advice.", "Drink enough water, and go for a walk every day."),
    ("Are you well?", "Very well, thank you."),
    ("Cancel it.", "cancel_timer", {}, "The 3 minutes timer is cancelled.", "The timer is cancelled."),
    ("I'm going to bed.", "Sleep well!"),
)
"""What the user says and what is answered; between them, where there is one, the call and its result."""


def examples_for(tools: Sequence[ToolSpec]) -> tuple[Message, ...]:
    """The example conversation with the tools that there are; empty without any."""
    names = {tool.name for tool in tools}
    messages: list[Message] = []
    for number, example in enumerate(_CONVERSATION if names else ()):
        match example:
            case (asked, answered):
                messages += [User(text=asked), _said(answered)]
            case (asked, name, arguments, result, told) if name in names:
                call_id = f"e{number}"
                messages += [
                    User(text=asked),
                    Assistant(parts=(Called(call_id=call_id, name=name, arguments=arguments),)),
                    Results(results=(Result(call_id=call_id, name=name, status="done", text=result),)),
                    _said(told),
                ]
    return tuple(messages)


def _said(text: str) -> Assistant:
    return Assistant(parts=(Said(text=text),))
