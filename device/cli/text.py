"""Text in the cells of a terminal: measured, cut to fit, harmless, and coloured where somebody sees it.

What is shown was said, written or sent by anybody, so nothing of it may move the cursor or draw on the terminal.
"""

import re
import shutil
import sys
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from device.logs import printable

STYLES = {
    "bold": "1", "faint": "2", "red": "31", "green": "32", "yellow": "33", "blue": "34", "magenta": "35", "cyan": "36",
}  # fmt: skip
"""The names of styles, and what SGR (ECMA-48) calls them."""


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of one style; "" is plain."""

    text: str
    style: str = ""


Line = tuple[Part, ...]


def line(*parts: str | Part) -> Line:
    """A line of these parts."""
    return tuple(Part(part) if isinstance(part, str) else part for part in parts)


def clean(text: str) -> str:
    """Text of anybody's as one harmless line."""
    return " ".join(printable(text).split())


def cells(text: str) -> int:
    """How many cells of a terminal a text takes."""
    return sum(_width(character) for character in text)


def fit(text: str, width: int) -> str:
    """As much of a text as fits into so many cells, with a sign where it was cut."""
    if text.isascii() and len(text) <= width:
        return text
    if cells(text) <= width:
        return text
    kept, left = "", width - 1
    for character in text:
        left -= _width(character)
        if left < 0:
            break
        kept += character
    return f"{kept}…" if width > 0 else ""


def shown(parts: Line, width: int, *, colour: bool) -> str:
    """A line as it is printed: cut to the width, and coloured."""
    out, left = [], width
    for part in parts:
        text = fit(part.text, left)
        left -= cells(text)
        style = STYLES.get(part.style)
        out.append(f"\x1b[{style}m{text}\x1b[0m" if colour and style and text else text)
        if text != part.text:
            break
    return "".join(out).rstrip() if not colour else "".join(out)


def packed(items: Iterable[str], width: int, separator: str = " · ") -> list[str]:
    """Items side by side in as few lines of so many cells as hold them."""
    lines: list[str] = []
    for item in items:
        joined = f"{lines[-1]}{separator}{item}" if lines else item
        if lines and cells(joined) <= width:
            lines[-1] = joined
        else:
            lines.append(item)
    return lines


def duration(seconds: float) -> str:
    """A time that passed, in two units at most: 42 s, 3 min 5 s, 2 h 10 min, 5 d 3 h."""
    whole = round(seconds)
    for unit, size, smaller, small in (("d", 86400, "h", 3600), ("h", 3600, "min", 60), ("min", 60, "s", 1)):
        if whole >= size:
            rest = whole % size // small
            return f"{whole // size} {unit}" + (f" {rest} {smaller}" if rest else "")
    return f"{whole} s"


def milliseconds(ms: float) -> str:
    """A short time: 412 ms, 1.24 s, 2 min 5 s."""
    if abs(ms) < 1000:
        return f"{ms:.0f} ms"
    return f"{ms / 1000:.2f} s" if abs(ms) < 60_000 else duration(ms / 1000)


def plain(text: str) -> str:
    """A printed text without its colours."""
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


def bar(filled: float, width: int) -> str:
    """A bar of `width` cells, of which the part `filled` (0 to 1) is full."""
    full = round(min(max(filled, 0.0), 1.0) * width)
    return "█" * full + "░" * (width - full)


def _width(character: str) -> int:
    if character.isascii():
        return 1
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1


def rows(lines: Sequence[Line], width: int, *, colour: bool) -> list[str]:
    """Lines as they are printed."""
    return [shown(one, width, colour=colour) for one in lines]


def printed(make: Callable[[int], Sequence[Line]]) -> str:
    """Lines for standard output, made for its width: cut to that on a terminal, whole in a file."""
    from device.cli.output import colourful

    width = shutil.get_terminal_size().columns
    whole = width if sys.stdout.isatty() else sys.maxsize
    return "\n".join(rows(make(width), whole, colour=colourful()))
