"""A short conversation in front of every other, which shows the model when to call and when to speak.

Small models call a tool for "good night", or speak where they should call, unless they have seen both. The tools of the
examples are never offered (the grammar would not let them be called either): what they show is how a wish and a call
look, whatever the tools are. Examples of the agent's own tools taught the model those and nothing else: offered others,
it answered every request in words.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from device.core.prompt.messages import Assistant, Called, Message, Result, Results, Said, ToolSpec, User

_Calls = tuple[tuple[str, Mapping[str, Any], str], ...]

_CONVERSATION: tuple[tuple[str, str] | tuple[str, _Calls, str], ...] = (
    (
        "Open the blinds in the office.",
        (("open_blinds", {"room": "office"}, "The blinds are open."),),
        "The blinds in the office are open.",
    ),
    ("Hi there.", "Hello! What can I do for you?"),
    ("How many steps did I walk today?", (("count_steps", {}, "8,412 steps"),), "You walked 8,412 steps today."),
    ("Who painted the Mona Lisa?", "Leonardo da Vinci painted it."),
    (
        "i need a taxi to the airport for five people",
        (("book_taxi", {"destination": "airport", "people": 5}, "The taxi is booked."),),
        "Your taxi to the airport is booked.",
    ),
    ("My name is Tim.", "Nice to meet you, Tim."),
    (
        "When does the pharmacy close?",
        (("opening_hours", {"place": "pharmacy"}, "8 AM to 6 PM"),),
        "It closes at six in the evening.",
    ),
    ("Why do cats purr?", "They mostly purr because they feel safe and content."),
    (
        "What's on channel four tonight?",
        (("tv_program", {"channel": 4}, "20:15 The Third Man"),),
        "The Third Man, at a quarter past eight.",
    ),
    ("Tell me a story.", "Once there was a mouse who lived in a clock and rang its bell every hour."),
    (
        "Mow the grass and tell me how full the rain barrel is.",
        (("mow_lawn", {}, "The mower has started."), ("barrel_level", {}, "half full")),
        "The mower has started, and the barrel is half full.",
    ),
    ("thanks", "You're welcome."),
    ("Is my parcel on its way?", (("track_parcel", {}, "It arrives on Tuesday."),), "Yes, it arrives on Tuesday."),
    ("Give me some advice.", "Drink enough water, and go for a walk every day."),
    ("How long is a marathon?", "A marathon is 42.2 kilometers long."),
    ("Are you well?", "Very well, thank you."),
    ("I'm going to bed.", "Sleep well!"),
)
"""What the user says and what is answered; between them, where there are any, the calls and their results."""


def examples_for(tools: Sequence[ToolSpec]) -> tuple[Message, ...]:
    """The example conversation; empty without any tool to call."""
    messages: list[Message] = []
    for number, example in enumerate(_CONVERSATION if tools else ()):
        match example:
            case (asked, str(answered)):
                messages += [User(text=asked), _said(answered)]
            case (asked, calls, told):
                messages += [User(text=asked), *_carried_out(calls, number), _said(told)]
    return tuple(messages)


def _carried_out(calls: _Calls, number: int) -> tuple[Assistant, Results]:
    ids = [f"e{number}-{index}" for index in range(len(calls))]
    called = tuple(Called(call_id=i, name=name, arguments=args) for i, (name, args, _) in zip(ids, calls, strict=True))
    results = tuple(
        Result(call_id=i, name=name, status="done", text=text) for i, (name, _, text) in zip(ids, calls, strict=True)
    )
    return Assistant(parts=called), Results(results=results)


def _said(text: str) -> Assistant:
    return Assistant(parts=(Said(text=text),))
