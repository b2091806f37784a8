"""Tools from typed functions: what the model is told, and whether what it sends fits.

A tool is an async function whose first parameter is the `ToolContext`; the others are its arguments. The first line
of its docstring is its description, and a line `name: what it is` under `Args:` describes an argument.
"""

import inspect
import re
import types
from collections.abc import Callable, Mapping
from typing import Any, Literal, get_args, get_origin, get_type_hints

from device.core.number_words import parse_number
from device.core.prompt.messages import ToolSpec
from device.errors import ToolError

_TYPES = {str: "string", int: "integer", float: "number", bool: "boolean"}
_ARGUMENT = re.compile(r"^\s+(\w+):\s+(.+)$", re.MULTILINE)


def spec_of(function: Callable[..., Any]) -> ToolSpec:
    """What the model is told of `function`. Raises TypeError for a parameter whose type has no schema."""
    documented = inspect.getdoc(function) or ""
    described = dict(_ARGUMENT.findall(documented.partition("Args:")[2]))
    hints = get_type_hints(function)
    properties: dict[str, Any] = {}
    required = []
    for name, parameter in list(inspect.signature(function).parameters.items())[1:]:
        properties[name] = _schema(hints[name])
        if name in described:
            properties[name]["description"] = described[name].strip()
        if parameter.default is inspect.Parameter.empty:
            required.append(name)
    parameters = {"type": "object", "properties": properties, "required": required}
    return ToolSpec(name=function.__name__, description=documented.split("\n", 1)[0].rstrip("."), parameters=parameters)


def _schema(hint: Any) -> dict[str, Any]:
    if hint in _TYPES:
        return {"type": _TYPES[hint]}
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Literal:
        return {"type": _TYPES[type(arguments[0])], "enum": list(arguments)}
    if origin is list:
        return {"type": "array", "items": _schema(arguments[0])}
    if origin is types.UnionType and type(None) in arguments and len(arguments) == 2:
        return _schema(next(kind for kind in arguments if kind is not type(None)))
    raise TypeError(f"a tool's argument cannot be a {hint}: use str, int, float, bool, Literal or a list of them")


def checked(spec: ToolSpec, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """`arguments` in the types that the tool declares; what is not declared is left out.

    Raises ToolError with a sentence for the model if one is missing or cannot be read as its type.
    """
    properties = spec.parameters.get("properties", {})
    for name in spec.parameters.get("required", ()):
        if arguments.get(name) is None:
            raise ToolError(f"{spec.name} needs the argument {name}.")
    return {
        name: _converted(spec.name, name, properties[name], value)
        for name, value in arguments.items()
        if name in properties and value is not None
    }


def _converted(tool: str, name: str, schema: Mapping[str, Any], value: Any) -> Any:
    try:
        found = _as_type(schema, value)
    except (ValueError, TypeError, OverflowError):
        found = None
    if found is None or ("enum" in schema and found not in schema["enum"]):
        wanted = f"one of {', '.join(map(str, schema['enum']))}" if "enum" in schema else f"of type {schema['type']}"
        raise ToolError(f"The argument {name} of {tool} must be {wanted}.")
    return found


def _number(value: Any) -> float:
    """A number, perhaps in words: small models write "twenty" where 20 belongs. Raises ValueError or TypeError."""
    spelt = parse_number(value) if isinstance(value, str) else None
    return float(value) if spelt is None else spelt


def _as_type(schema: Mapping[str, Any], value: Any) -> Any:  # noqa: PLR0911 - one for each type
    match schema["type"]:
        case "string":
            return str(value) if isinstance(value, (str, int, float)) else None
        case "integer":
            number = _number(value)
            return int(number) if number == int(number) else None
        case "number":
            return _number(value)
        case "boolean":
            return {"true": True, "false": False}.get(str(value).lower())
        case "array":
            return [_as_type(schema["items"], item) for item in value] if isinstance(value, list) else None
        case "object":
            return _as_properties(schema, value) if isinstance(value, Mapping) else None
    return None


def _as_properties(schema: Mapping[str, Any], value: Mapping[str, Any]) -> dict[str, Any] | None:
    properties = schema.get("properties", {})
    if any(value.get(name) is None for name in schema.get("required", ())):
        return None
    found = {name: _as_type(properties[name], inner) for name, inner in value.items() if name in properties}
    return None if None in found.values() else found
