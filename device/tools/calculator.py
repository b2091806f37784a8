"""Arithmetic, without ever evaluating anything but numbers and a few functions."""

import ast
import math
import operator
import re
from collections.abc import Callable
from typing import Any

from device.core.number_words import with_digits
from device.toolkit import ToolContext, ToolError, tool

MOST_CHARACTERS = 200
LARGEST = 1e100
MOST_DIGITS = 15
"""A number is rounded to so many digits before or behind the point at most; Python would compute any power of ten."""


def _rounded(value: float, digits: int = 0) -> float:
    if abs(digits) > MOST_DIGITS:
        raise ValueError("too many digits")
    return round(value, digits) if digits else round(value)


_OPERATORS: dict[type[ast.AST], Callable[..., Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
}
_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "sqrt": math.sqrt,
    "abs": abs,
    "round": _rounded,
    "min": min,
    "max": max,
    "sin": math.sin,
    "cos": math.cos,
    "tan": math.tan,
    "log": math.log10,
    "ln": math.log,
    "exp": math.exp,
}
_CONSTANTS = {"pi": math.pi, "e": math.e}
_NUMBER = r"(-?\d+(?:\.\d+)?)"
_VERBS = (
    (r"[$€£]\s*(?=\d)", ""),
    (rf"\bdivide {_NUMBER} by {_NUMBER}", r"\1 / \2"),
    (rf"\bmultiply {_NUMBER} (?:by|and|with|times) {_NUMBER}", r"\1 * \2"),
    (rf"\bproduct of {_NUMBER} and {_NUMBER}", r"\1 * \2"),
    (rf"\b(?:subtract|take) {_NUMBER} from {_NUMBER}", r"\2 - \1"),
    (rf"\bdifference (?:between|of) {_NUMBER} (?:and|to) {_NUMBER}", r"\1 - \2"),
    (rf"\badd {_NUMBER} (?:and|to) {_NUMBER}", r"\1 + \2"),
    (rf"\bsum of {_NUMBER} and {_NUMBER}", r"\1 + \2"),
    (rf"\bdouble {_NUMBER}", r"2 * \1"),
)
"""What is to be done with two numbers, said as a verb or a noun, in signs."""
_ASKED = re.compile(r"^\s*(?:the|what(?:'s| is)(?: the)?|how much is)\b|\?\s*$", re.IGNORECASE)
_WORDS = (
    (r"(\d),(?=\d{3}\b)", r"\1"),
    (r"(?:the )?square root of\s+([\d.]+)", r"sqrt(\1)"),
    (r"\bplus\b", "+"),
    (r"\bminus\b|[–−]", "-"),
    (r"([\d.]+)\s*(?:%|percent)\s*of\s+", r"\1/100*"),
    (r"([\d.]+)\s*(?:%|percent)\s*off\s+", r"(1-\1/100)*"),
    # "45 + 20 %" adds a fifth of what is before it, as on any pocket calculator.
    (r"^([^%]*[\d)])\s*([+-])\s*([\d.]+)\s*(?:%|percent)\s*$", r"(\1)*(1\2\3/100)"),
    (r"([\d.]+)\s*(?:%|percent)(?!\s*[\d(])", r"(\1/100)"),
    (r"(?<=[\d)])\s+of\s+(?=[\d(])", "*"),
    (r"(?<=[\d)])\s+and\s+(?=[\d(])", "+"),
    (r"\bto the power of\b|\^", "**"),
    (r"\bto the (\d+)(?:st|nd|rd|th)(?: power)?\b", r"**\1"),
    (r"\bsquared\b", "**2"),
    (r"\bcubed\b", "**3"),
    (r"\b(?:times|multiplied by)\b|[×·]", "*"),
    (r"(?<=[\d)])\s*x\s*(?=[\d(])", "*"),
    (r"\b(?:divided by|over)\b|÷", "/"),
    (r"^\s*(?:what(?:'s| is)|how much is)\b|\?\s*$", ""),
    (r"\s*[=}\]].*$", ""),  # models like to write down what they think comes out
)


_SAID = (
    (r"\s*[=?].*$", ""),
    (r"sqrt\s*\(([^()]*)\)", r"the square root of \1"),
    (r"\*\*\s*2\b|\^\s*2\b", " squared "),
    (r"\*\*\s*3\b|\^\s*3\b", " cubed "),
    (r"\*\*|\^", " to the power of "),
    (r"[*×·]", " times "),
    (r"[/÷]", " divided by "),
    (r"\+", " plus "),
    (r"(?<=[\d)])\s*[-−–]|(?<=\w)\s+[-−–]", " minus "),  # "sixty-three" is a number
)
_DECIMALS = re.compile(r"\b\d{1,15}\.\d+")


@tool(sentence=True)
async def calculate(context: ToolContext, expression: str) -> str:
    """Calculate the value of an arithmetic expression.

    Args:
        expression: the arithmetic in digits and signs; a root is sqrt(x)

    """
    del context
    value = value_of(expression)
    said = in_words(expression)
    return f"That is {value}" if said == value else f"{said} is {value}"


def in_words(expression: str) -> str:
    """The arithmetic as one says it: "6 times 7"."""
    text = _DECIMALS.sub(_shortest, _in_signs(expression))
    for pattern, said in _SAID:
        text = re.sub(pattern, said, text)
    return " ".join(text.split())


def value_of(expression: str) -> str:
    """The value in at most ten significant digits. Raises ToolError with a sentence for the model."""
    if len(expression) > MOST_CHARACTERS:
        raise ToolError("The expression is too long.")
    text = with_digits(_in_signs(expression))
    for pattern, replacement in _WORDS:
        text = re.sub(pattern, replacement, text)
    try:
        value = _evaluate(ast.parse(text.strip(), mode="eval").body)
    except ZeroDivisionError as error:
        raise ToolError("A division by zero has no result.") from error
    except (SyntaxError, TypeError, ValueError, OverflowError, MemoryError, RecursionError) as error:
        raise ToolError(f'"{expression[:60]}" cannot be calculated.') from error
    return _short(value)


def _in_signs(expression: str) -> str:
    """The same with its verbs as signs; as it is if it has none."""
    written = text = with_digits(expression)
    for pattern, replacement in _VERBS:
        text = re.sub(pattern, replacement, text, flags=re.IGNORECASE)
    return expression if text == written else _ASKED.sub("", text).strip()


def _shortest(found: "re.Match[str]") -> str:
    """A decimal number without the noughts at its end, which models like to write without end."""
    return _short(float(found.group()))


def _evaluate(node: ast.AST) -> Any:
    match node:
        case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
            return _bounded(value)
        case ast.Name(id=name) if name in _CONSTANTS:
            return _CONSTANTS[name]
        case ast.UnaryOp(op=op, operand=operand) if type(op) in _OPERATORS:
            return _OPERATORS[type(op)](_evaluate(operand))
        case ast.BinOp(op=op, left=left, right=right) if type(op) in _OPERATORS:
            return _combined(op, _evaluate(left), _evaluate(right))
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]) if name in _FUNCTIONS:
            return _bounded(_FUNCTIONS[name](*map(_evaluate, arguments)))
    raise ValueError("not arithmetic")


def _combined(op: ast.operator, left: Any, right: Any) -> Any:
    if isinstance(op, ast.Pow) and left and abs(right) * math.log10(abs(left) + 1) > math.log10(LARGEST):
        raise OverflowError("the power is too large")
    return _bounded(_OPERATORS[type(op)](left, right))


def _bounded(value: Any) -> Any:
    if isinstance(value, complex) or abs(value) > LARGEST:
        raise OverflowError("the number is too large")
    return value


def _short(value: Any) -> str:
    if isinstance(value, int) or (math.isfinite(value) and value == int(value) and abs(value) < 1e15):
        return str(int(value))
    return f"{value:.10g}"
