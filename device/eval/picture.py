"""A table as a picture: a row each, a dot for each drawn column, and a line as long as what is not known for sure."""

from device.core.svg import FAINT, GRID, INK, Drawing, ticks
from device.eval.result import Figure, Row, Table
from device.eval.tables import shown

COLOURS = ("#2680c2", "#f0b429", "#3ebd93", "#d64545", "#8719e0", "#627d98")
WIDTH, RIGHT, TOP = 860.0, 30.0, 64.0
LETTER = 6.2
LANE = 13.0
GAP = 9.0


def picture(table: Table) -> str | None:
    """The SVG of a table's drawn columns; None if there is nothing to draw."""
    places = [table.columns.index(name) for name in table.drawn]
    figures = [cell for row in table.rows for at in places if isinstance(cell := row.cells[at], Figure)]
    known = [figure for figure in figures if figure.value is not None]
    if not known:
        return None
    left = 30 + LETTER * max(len(row.label) for row in table.rows)
    scale = _Scale(known, left)
    height = len(places) * LANE + GAP
    bottom = TOP + height * len(table.rows)
    drawing = Drawing(WIDTH, bottom + 34)
    drawing.text(14, 24, table.title, size=15, bold=True)
    _legend(drawing, table, left)
    _grid(drawing, scale, bottom, known[0].unit)
    for number, row in enumerate(table.rows):
        _row(drawing, scale, table, row, TOP + number * height)
    return drawing.as_text()


class _Scale:
    """Values as places; it begins at nothing unless something is below."""

    def __init__(self, figures: list[Figure], left: float) -> None:
        ends = [bound for one in figures for bound in (one.value, one.low, one.high) if bound is not None]
        self.low, self.high = min(0.0, *ends), max(0.0, *ends) or 1.0
        if figures[0].unit == "%":
            self.low, self.high = 0.0, 1.0
        self.left, self.width = left, WIDTH - left - RIGHT

    def x(self, value: float) -> float:
        """Where a value is."""
        return self.left + self.width * (value - self.low) / (self.high - self.low)


def _legend(drawing: Drawing, table: Table, left: float) -> None:
    x = left
    for name, colour in zip(table.drawn, COLOURS, strict=False):
        drawing.dot(x + 5, 44, 4, colour)
        drawing.text(x + 14, 48, name, size=11)
        x += 26 + LETTER * len(name)


def _grid(drawing: Drawing, scale: _Scale, bottom: float, unit: str) -> None:
    for value in ticks(scale.low, scale.high, 8):
        drawing.line(scale.x(value), TOP - 6, scale.x(value), bottom, INK if value == 0 else GRID)
        label = f"{100 * value:g} %" if unit == "%" else f"{value:g}{'×' if unit == 'x' else ''}"
        drawing.text(scale.x(value), bottom + 14, label, size=10, colour=FAINT, anchor="middle")
    words = {"s": "seconds", "ms": "milliseconds", "/s": "a second", "MB": "megabytes"}.get(unit, "")
    drawing.text(WIDTH - RIGHT, bottom + 28, words, size=10, colour=FAINT, anchor="end")


def _row(drawing: Drawing, scale: _Scale, table: Table, row: Row, top: float) -> None:
    middle = top + len(table.drawn) * LANE / 2
    drawing.text(scale.left - 12, middle + 4, row.label, size=11, anchor="end")
    for lane, (name, colour) in enumerate(zip(table.drawn, COLOURS, strict=False)):
        cell = row.cells[table.columns.index(name)]
        if not isinstance(cell, Figure) or cell.value is None:
            continue
        y = top + lane * LANE + LANE / 2
        if cell.low is not None and cell.high is not None:
            drawing.line(scale.x(cell.low), y, scale.x(cell.high), y, colour, width=2)
        drawing.dot(scale.x(cell.value), y, 4, colour, title=f"{row.label}, {name}: {shown(cell)}")
