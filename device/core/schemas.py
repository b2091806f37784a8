"""JSON schemas from outside, put into what a grammar can express and `device.core.toolspec` can check.

The rules it owns: whatever fits the simplified schema fits the given one, as far as types go (of alternatives the first
that can be expressed is kept; formats and patterns are left to the tool); and no text that comes with a schema can
open a message or break out of the prompt that it becomes a part of.
"""

import math
import re
from collections.abc import Mapping
from typing import Any

MOST_PROPERTIES = 16
MOST_CHOICES = 32
MOST_DEPTH = 4
MOST_LENGTH = 160
"""Of what a string may be asked to be at least: no more than the grammar allows it."""
MOST_ITEMS = 16
DESCRIPTION_CHARACTERS = 160

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,63}")
_MARKS = re.compile(r"[<>|{}\[\]`\\]|[^ -~\u00a1-\u1fff\u2010-\u2027\u2030-\u205e\u20a0-\uffdc]")
"""What messages and markup are opened with, and what cannot be seen."""
_KINDS = ("string", "integer", "number", "boolean", "array", "object")


class SchemaError(ValueError):
    """A schema cannot be expressed; a phrase that says what of it."""


def plain(text: object, most_characters: int = DESCRIPTION_CHARACTERS) -> str:
    """The first paragraph of a description, as one line of ordinary characters; "" for what is no text."""
    if not isinstance(text, str):
        return ""
    paragraph = text.strip().split("\n\n", 1)[0][: 8 * most_characters]
    line = " ".join(_MARKS.sub(" ", paragraph).split())
    return line if len(line) <= most_characters else line[:most_characters].rsplit(" ", 1)[0] + " …"


def is_name(text: object) -> bool:
    """Whether a tool may be called so: a letter, then letters, digits and underscores, 64 at most."""
    return isinstance(text, str) and re.fullmatch(r"[A-Za-z][A-Za-z0-9_]{0,63}", text) is not None


def simplified(schema: object) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The schema of a tool's arguments, simplified, and the optional arguments that had to be left out.

    Raises SchemaError with a phrase ("the argument when takes any object") if a required one cannot be expressed.
    """
    if not isinstance(schema, Mapping) or any(key in schema for key in ("$ref", "anyOf", "oneOf", "allOf")):
        raise SchemaError("its arguments are not described by an object")
    simplifier = _Simplifier(schema)
    return simplifier.of_object(schema, "", 0), tuple(simplifier.left_out)


class _Simplifier:
    """Simplifies one schema, whose `$ref`s point into it."""

    def __init__(self, root: Mapping[str, Any]) -> None:
        self._root = root
        self.left_out: list[str] = []

    def of_object(self, schema: Mapping[str, Any], path: str, depth: int) -> dict[str, Any]:
        properties, required = schema.get("properties") or {}, schema.get("required") or []
        if not isinstance(properties, Mapping) or not isinstance(required, list | tuple):
            raise SchemaError("its arguments are not described by a schema")
        kept: dict[str, Any] = {}
        for name, value in properties.items():
            inner = f"{path}.{name}" if path else str(name)
            try:
                if len(kept) == MOST_PROPERTIES:
                    raise SchemaError(f"there is no room for the argument {inner[:64]}")
                if not _NAME.fullmatch(str(name)):
                    raise SchemaError("an argument has an unusual name")
                kept[name] = self._value(value, inner, depth + 1)
            except SchemaError:
                if name in required:
                    raise
                self.left_out.append(inner[:64])
        if missing := [str(name) for name in required if not isinstance(name, str) or name not in kept]:
            raise SchemaError(f"the argument {missing[0][:64]} is required, but not described")
        return {"type": "object", "properties": kept, "required": list(required)}

    def _value(self, schema: object, path: str, depth: int) -> dict[str, Any]:
        if depth > MOST_DEPTH:
            raise SchemaError(f"the argument {path} is nested too deeply")
        if not isinstance(schema, Mapping):
            raise SchemaError(f"the argument {path} is not described by a schema")
        for key in ("anyOf", "oneOf", "allOf"):
            if schema.get(key):
                return self._described(schema, self._first(schema[key], path, depth, whole=key == "allOf"))
        if "$ref" in schema:
            return self._described(schema, self._value(self._target(schema["$ref"], path), path, depth + 1))
        if "enum" in schema or "const" in schema:
            return self._described(schema, _choice(schema.get("enum", [schema.get("const")]), path))
        return self._described(schema, self._of_kind(_kind(schema, path), schema, path, depth))

    def _first(self, alternatives: object, path: str, depth: int, *, whole: bool) -> dict[str, Any]:
        """The first alternative that can be expressed; of `allOf` the only one."""
        if not isinstance(alternatives, list) or (whole and len(alternatives) != 1):
            raise SchemaError(f"the argument {path} has no plain type")
        problem = f"the argument {path} can only be nothing"
        for alternative in alternatives:
            if isinstance(alternative, Mapping) and alternative.get("type") == "null":
                continue
            try:
                return self._value(alternative, path, depth + 1)
            except SchemaError as error:
                problem = str(error)
        raise SchemaError(problem)

    def _target(self, reference: object, path: str) -> object:
        target: Any = self._root
        for step in str(reference).removeprefix("#/").split("/"):
            target = target.get(step) if isinstance(target, Mapping) else None
        if not str(reference).startswith("#/") or target is None:
            raise SchemaError(f"the argument {path} is described elsewhere")
        return target

    def _of_kind(self, kind: str, schema: Mapping[str, Any], path: str, depth: int) -> dict[str, Any]:
        match kind:
            case "string":
                return {"type": kind, **_whole_numbers(schema, "minLength", "maxLength", MOST_LENGTH, path)}
            case "integer" | "number":
                least = schema.get("minimum", schema.get("exclusiveMinimum"))
                positive = isinstance(least, (int, float)) and not isinstance(least, bool) and least >= 0
                return {"type": kind, **({"minimum": 0} if positive else {})}
            case "array":
                items = self._value(schema.get("items", {}), path, depth + 1)
                return {
                    "type": kind,
                    "items": items,
                    **_whole_numbers(schema, "minItems", "maxItems", MOST_ITEMS, path),
                }
            case "object":
                if not schema.get("properties"):
                    raise SchemaError(f"the argument {path} takes any object")
                return self.of_object(schema, path, depth)
        return {"type": kind}

    @staticmethod
    def _described(schema: Mapping[str, Any], found: dict[str, Any]) -> dict[str, Any]:
        description = plain(schema.get("description"))
        return {**found, "description": description} if description else found


def _kind(schema: Mapping[str, Any], path: str) -> str:
    """A schema's one type; of several the first, nothing aside. What may be anything may be a string."""
    given = schema.get("type", "object" if "properties" in schema else "array" if "items" in schema else "string")
    kinds = given if isinstance(given, list) else [given]
    found = next((kind for kind in kinds if kind in _KINDS), None)
    if found is None:
        raise SchemaError(f"the argument {path} is of the type {str(given)[:40]}")
    return str(found)


def _choice(values: object, path: str) -> dict[str, Any]:
    choices = [value for value in values if value is not None] if isinstance(values, list) else []
    kinds = {type(value) for value in choices}
    for allowed, kind in (({bool}, "boolean"), ({int}, "integer"), ({int, float}, "number"), ({str}, "string")):
        if choices and kinds <= allowed and len(choices) <= MOST_CHOICES and all(map(_speakable, choices)):
            return {"type": kind, "enum": choices}
    raise SchemaError(f"the argument {path} has choices that are too many or of several kinds")


def _speakable(value: str | float) -> bool:
    return plain(value, 64) == value if isinstance(value, str) else math.isfinite(value)


def _whole_numbers(schema: Mapping[str, Any], least: str, most: str, bound: int, path: str) -> dict[str, int]:
    found = {
        key: schema[key] for key in (least, most) if type(schema.get(key)) is int and (key == least or schema[key] > 0)
    }
    if found.get(least, 0) > bound:
        raise SchemaError(f"the argument {path} is longer than can be said")
    return found
