"""The words and JSON that several renderers share.

The rule it owns: what is added per turn is short, because on a small computer reading the prompt is the cost, and says
only what has happened: a description of a result that is still to come makes a model call the tool again.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from device.core.prompt.messages import Result, Task, ToolSpec
from device.core.prompt.spans import Span, data, trusted
from device.core.prompt.untrusted import Guard

TASK = "Do this by yourself, without asking, and give the result in one or two plain sentences:"
GIVEN = "What you know of it:"
"""What a context that thinks in parallel is told around its task."""

_QUOTED_WORDS = 5


def as_json(value: Any, *, indent: int | None = None) -> str:
    """`value` in the layout that chat templates use: a space after commas and colons, no escapes beyond JSON's own."""
    return json.dumps(value, ensure_ascii=False, indent=indent)


def tool_json(tool: ToolSpec, *, indent: int | None = None) -> str:
    """A tool as the models were shown tools in their training."""
    function = {"name": tool.name, "description": tool.description, "parameters": _plain(tool.parameters)}
    return as_json({"type": "function", "function": function}, indent=indent)


def tools_section(tools: Sequence[ToolSpec]) -> str:
    """The tools in the words of Hermes and Qwen, to follow the instructions; nothing if there are none."""
    if not tools:
        return ""
    signatures = "".join("\n" + tool_json(tool) for tool in tools)
    return (
        "\n\n# Tools\n\nYou may call one or more functions to assist with the user query.\n\n"
        f"You are provided with function signatures within <tools></tools> XML tags:\n<tools>{signatures}\n</tools>\n\n"
        "For each function call, return a json object with function name and arguments within "
        "<tool_call></tool_call> XML tags:\n"
        '<tool_call>\n{"name": <function-name>, "arguments": <args-json-object>}\n</tool_call>'
    )


def call_json(name: str, arguments: Mapping[str, Any], *, key: str = "arguments") -> str:
    """A call as the model would have written it."""
    return f'{{"name": {as_json(name)}, "{key}": {as_json(_plain(arguments))}}}'


def result_words(result: Result) -> str:  # noqa: PLR0911 - one for each status
    """A result in a few words; a late one names its call, since other messages came between."""
    text, name = result.text.strip(), result.name.replace("_", " ")  # a model repeats it aloud
    match result.status:
        case "running":
            return f"{name}: {text or 'running'}"
        case "unconfirmed":
            return f"{name} was not done yet; ask the user: {text}"
        case "done" if not result.late:
            return text or "done"
        case "done":
            return f"{name}: {text or 'done'}"
        case "failed":
            return f"{name} failed: {text}" if text else f"{name} failed"
        case "timed_out":
            return f"{name} timed out"
        case _:
            return f"{name} was {result.status}"


def task_spans(task: Task, guard: Guard) -> list[Span]:
    """A parallel task: the program's words, then what is to be done and what is given, which are data."""
    spans = [trusted(TASK + "\n"), data(guard.harmless(task.text.strip()) + "\n")]
    if task.given.strip():
        spans += [trusted(GIVEN + "\n"), data(guard.harmless(task.given.strip()) + "\n")]
    return spans


def last_words(heard: str) -> str:
    """The end of what was heard of a reply, enough to find the place."""
    words = heard.split()
    return " ".join(words) if len(words) <= _QUOTED_WORDS else "... " + " ".join(words[-_QUOTED_WORDS:])


def _plain(value: Any) -> Any:
    """`value` with any mapping as a dict, which is what JSON can write."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, (list, tuple)) else value
