"""Just enough of SVG for charts: an element at a time, everything a person wrote escaped."""

import math
from collections.abc import Sequence
from xml.sax.saxutils import escape, quoteattr

INK, FAINT, GRID = "#1f2933", "#7b8794", "#e4e7eb"
FONT = "font-family='system-ui, \"DejaVu Sans\", sans-serif'"


class Drawing:
    """A picture of `width` × `height` pixels; y grows downward."""

    def __init__(self, width: float, height: float) -> None:
        self._size = width, height
        self._elements: list[str] = []

    def rectangle(
        self, x: float, y: float, width: float, height: float, fill: str, *, title: str = "", opacity: float = 1.0
    ) -> None:
        """A filled rectangle; `title` shows under the pointer."""
        inside = f"<title>{escape(title)}</title>" if title else ""
        faded = f" opacity='{opacity:g}'" if opacity < 1.0 else ""
        self._add(f"<rect {_at(x=x, y=y, width=max(width, 0.0), height=height)} fill='{fill}'{faded}>{inside}</rect>")

    def line(
        self, x1: float, y1: float, x2: float, y2: float, colour: str, *, width: float = 1.0, dashed: bool = False
    ) -> None:
        """A straight line."""
        dash = " stroke-dasharray='4 3'" if dashed else ""
        self._add(f"<line {_at(x1=x1, y1=y1, x2=x2, y2=y2)} stroke='{colour}' stroke-width='{width:g}'{dash}/>")

    def path(self, points: Sequence[tuple[float, float]], colour: str, *, width: float = 2.0) -> None:
        """A line through points."""
        through = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        self._add(f"<polyline points='{through}' fill='none' stroke='{colour}' stroke-width='{width:g}'/>")

    def dot(self, x: float, y: float, radius: float, fill: str, *, title: str = "", ring: str = "none") -> None:
        """A filled circle; `title` shows under the pointer."""
        inside = f"<title>{escape(title)}</title>" if title else ""
        self._add(f"<circle {_at(cx=x, cy=y, r=radius)} fill='{fill}' stroke='{ring}'>{inside}</circle>")

    def text(
        self,
        x: float,
        y: float,
        words: str,
        *,
        size: float = 12,
        colour: str = INK,
        anchor: str = "start",
        bold: bool = False,
    ) -> None:
        """Words whose baseline is at `y`; `anchor` is start, middle or end."""
        weight = " font-weight='600'" if bold else ""
        style = f"font-size='{size:g}' fill='{colour}' text-anchor={quoteattr(anchor)}{weight}"
        self._add(f"<text {_at(x=x, y=y)} {style}>{escape(words)}</text>")

    def as_text(self) -> str:
        """The whole file."""
        width, height = self._size
        head = f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {width:g} {height:g}' width='{width:g}' {FONT}>"
        paper = f"<rect width='{width:g}' height='{height:g}' fill='white'/>"
        return "\n".join((head, paper, *self._elements, "</svg>", ""))

    def _add(self, element: str) -> None:
        self._elements.append(element)


def ticks(low: float, high: float, most: int) -> list[float]:
    """Round numbers from `low` to `high`, at most `most` of them."""
    span = max(high - low, 1e-9)
    rough = span / max(most - 1, 1)
    unit = 10.0 ** math.floor(math.log10(rough))
    step = next(unit * factor for factor in (1, 2, 5, 10) if unit * factor >= rough * (1 - 1e-9))
    first = math.ceil(low / step - 1e-9)
    return [round(number * step, 10) for number in range(first, math.floor(high / step + 1e-9) + 1)]


def _at(**numbers: float) -> str:
    return " ".join(f"{name}='{number:.1f}'" for name, number in numbers.items())
