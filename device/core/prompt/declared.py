"""Tools that are declared by schema alone: a name, a description and a JSON schema of the arguments, in a list.

Both common forms are read: {"name", "description", "parameters"}, and OpenAI's {"type": "function", "function": {…}}.
"""

from collections.abc import Mapping
from typing import Any

from device.core.prompt.messages import ToolSpec


def declared_tools(declarations: Any) -> tuple[ToolSpec, ...]:
    """The tools of a list as JSON yields it. Raises ValueError with a sentence that says which is wrong and how."""
    if not isinstance(declarations, list) or not declarations:
        raise ValueError("it must be a list of tools with at least one in it")
    tools = tuple(_tool(number, declared) for number, declared in enumerate(declarations, start=1))
    names = [tool.name for tool in tools]
    if doubled := next((name for name in names if names.count(name) > 1), None):
        raise ValueError(f'two tools are called "{doubled}"')
    return tools


def _tool(number: int, declared: Any) -> ToolSpec:
    if isinstance(declared, Mapping) and isinstance(declared.get("function"), Mapping):
        declared = declared["function"]
    if not isinstance(declared, Mapping) or not isinstance(name := declared.get("name"), str) or not name.strip():
        raise ValueError(f"tool {number} has no name")
    description = declared.get("description") or ""
    parameters = declared.get("parameters") or declared.get("input_schema") or {}
    if not isinstance(description, str) or not isinstance(parameters, Mapping):
        raise ValueError(  # noqa: TRY004 - the file is at fault, not the program
            f'tool "{name}" needs a text as its description and an object as its parameters'
        )
    if not isinstance(properties := parameters.get("properties", {}), Mapping):
        raise ValueError(f'the properties of tool "{name}" are no object')  # noqa: TRY004
    if not all(isinstance(schema, Mapping) for schema in properties.values()):
        raise ValueError(f'a property of tool "{name}" has no schema')
    whole = {"type": "object", **parameters, "properties": dict(properties)}
    return ToolSpec(name=name, description=description.strip().rstrip("."), parameters=whole)
