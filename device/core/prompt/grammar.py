r"""The grammar (GBNF) that a reply is held to: speech, or calls that fit their tools' schemas.

    root   ::= (speech ("\n" calls)? | calls)?
    call   ::= {"name": "<a tool>", "arguments": {…by that tool's schema…}}, bare or between tool-call tags

The rules it owns: speech holds no brace, tag or markdown, which nobody could pronounce, so that a brace always means a
call; calls may be bare and parted by commas, because small models write them so and do worse when a tag is demanded;
whatever conforms is never malformed to `device.core.prompt.parser`.
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from device.core.prompt.messages import ToolSpec

MOST_CALLS = 8
"""More calls than this in one message are a model that has lost its way."""
_STRING_CHARACTERS = 160
_INTEGER_DIGITS = 15
_FRACTION_DIGITS = 6
_MOST_ITEMS = 16

_SPEECH = r"""speech ::= [^{}<>`*#|\[\]\x00-\x20] [^{}<>`*#|\[\]\x00-\x09\x0B-\x1F]*"""
_ANY = """any ::= text | "-"? ("0" | [1-9] [0-9]{0,14}) ("." [0-9]{1,6})? | "true" | "false" | "null" | list | map
text ::= "\\"" char{0,160} "\\""
list ::= "[" (any (", " any){0,15})? "]"
map ::= "{" (text ": " any (", " text ": " any){0,15})? "}\""""
_CHARACTER = r"""char ::= [^"\\\x00-\x1F\x7F] | "\\" ["\\/bfnrt]"""


def grammar_for(tools: Sequence[ToolSpec], style: str) -> str:
    """The grammar for `tools` in the style of the renderer of that name; empty (no grammar) without tools.

    What it cannot express of a schema (a pattern, a reference) it leaves to the tool: any JSON value may stand there.
    """
    if not tools:
        return ""
    rules = _Rules()
    alternatives = []
    for number, tool in enumerate(tools):
        arguments = rules.of_object(f"tool{number}", tool.parameters)
        alternatives.append(f'{_literal(call_opening(tool.name, style))} {arguments} "}}"')
    call, tagged = "object", _literal("<tool_call>\n") + " object " + _literal("\n</tool_call>")
    lines = [
        'root ::= (speech ("\\n" calls)? | calls)?',
        f'calls ::= call (("," [ \\n]? | "\\n") call){{0,{MOST_CALLS - 1}}}',
        f"call ::= {call}" + ("" if style == "llama3" else f" | {tagged}"),
        f"object ::= {' | '.join(alternatives)}",
        _SPEECH,
        _CHARACTER,
        *rules.lines,
    ]
    if any(re.search(r"\bany\b", line) for line in rules.lines):
        lines.append(_ANY)
    return "\n".join(lines) + "\n"


def call_opening(name: str, style: str) -> str:
    """How a call of the tool begins, up to its arguments' brace."""
    key = "parameters" if style == "llama3" else "arguments"
    return f'{{"name": {json.dumps(name, ensure_ascii=False)}, "{key}": '


def speech_grammar() -> str:
    """The grammar of a reply that must say something and call nothing."""
    return f"root ::= speech\n{_SPEECH}\n"


def exact_grammar(words: str) -> str:
    """The grammar of a reply in the program's own words: what must be said so, the model cannot say otherwise."""
    return f"root ::= {_literal(words)}\n"


class _Rules:
    """Writes the rules for the schemas of one grammar."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def of_object(self, name: str, schema: Mapping[str, Any]) -> str:
        """An object with its properties in the schema's order; those that are not required may be left out."""
        properties = list(schema.get("properties", {}).items())
        required = set(schema.get("required", ()))
        # Rule i writes the properties from the i-th on; whether one was written before decides about the comma.
        for index, (key, value) in reversed(list(enumerate(properties))):
            pair = f"{name}-{index}"
            self.lines.append(
                f"{pair} ::= {_literal(json.dumps(key, ensure_ascii=False) + ': ')} {self._value(pair, value)}"
            )
            for begun in (False, True):
                written = ('", " ' if begun else "") + pair + self._rest(name, index + 1, len(properties), begun=True)
                if key not in required:
                    left_out = self._rest(name, index + 1, len(properties), begun=begun) or '""'
                    written = f"{written} | {left_out}"
                self.lines.append(f"{name}-{'after' if begun else 'from'}-{index} ::= {written}")
        self.lines.append(f'{name} ::= "{{"{self._rest(name, 0, len(properties), begun=False)} "}}"')
        return name

    @staticmethod
    def _rest(name: str, index: int, count: int, *, begun: bool) -> str:
        return f" {name}-{'after' if begun else 'from'}-{index}" if index < count else ""

    def _value(self, name: str, schema: Mapping[str, Any]) -> str:  # noqa: C901, PLR0911 - one case for each kind
        if (
            isinstance(choices := schema.get("enum", [schema["const"]] if "const" in schema else None), list)
            and choices
        ):
            return self._choices(choices)
        if isinstance(several := schema.get("anyOf") or schema.get("oneOf"), list) and several:
            return self._any_of(name, several)
        match schema.get("type"):
            case "string":
                return _string(schema)
            case "integer":
                return _integer(schema)
            case "number":
                return f'{_integer(schema)} ("." [0-9]{{1,{_FRACTION_DIGITS}}})?'
            case "boolean":
                return '("true" | "false")'
            case "null":
                return '"null"'
            case "array":
                return self._array(name, schema)
            case "object" if schema.get("properties"):
                return self.of_object(f"{name}-object", schema)
            case [*kinds] if kinds:
                return self._any_of(name, [{**schema, "type": kind} for kind in kinds])
        return "any"

    @staticmethod
    def _choices(values: Sequence[Any]) -> str:
        return "(" + " | ".join(_literal(json.dumps(value, ensure_ascii=False)) for value in values) + ")"

    def _any_of(self, name: str, schemas: Sequence[Any]) -> str:
        found = [
            self._value(f"{name}-or-{number}", schema) if isinstance(schema, Mapping) else "any"
            for number, schema in enumerate(schemas)
        ]
        return f"({' | '.join(found)})"

    def _array(self, name: str, schema: Mapping[str, Any]) -> str:
        item = f"{name}-item"
        items = found if isinstance(found := schema.get("items"), Mapping) else {}
        self.lines.append(f"{item} ::= {self._value(item, items)}")
        least, most = int(schema.get("minItems", 0)), min(int(schema.get("maxItems", _MOST_ITEMS)), _MOST_ITEMS)
        some = f'{item} (", " {item}){{{max(least - 1, 0)},{max(most - 1, 0)}}}'
        return f'"[" {some} "]"' if least else f'"[" ({some})? "]"'


def _string(schema: Mapping[str, Any]) -> str:
    most = min(int(schema.get("maxLength", _STRING_CHARACTERS)), _STRING_CHARACTERS)
    least = min(int(schema.get("minLength", 0)), most)
    return f'"\\"" char{{{least},{most}}} "\\""'


def _integer(schema: Mapping[str, Any]) -> str:
    sign = "" if schema.get("minimum", -1) >= 0 else '"-"? '
    return f'{sign}("0" | [1-9] [0-9]{{0,{_INTEGER_DIGITS - 1}}})'


def _literal(text: str) -> str:
    """`text` as a GBNF literal."""
    escaped = re.sub(r'["\\]', lambda found: "\\" + found.group(), text)
    return '"' + re.sub(r"[\x00-\x1f\x7f]", lambda found: f"\\x{ord(found.group()):02X}", escaped) + '"'
