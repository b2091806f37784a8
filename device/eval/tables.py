"""Tables as a terminal, Markdown and HTML show them."""

from collections.abc import Sequence
from html import escape

from device.eval.result import Figure, Table

NOTHING = "–"


def shown(cell: Figure | str) -> str:
    """A figure with its interval: 12.3 ms (11.9–12.8)."""
    if isinstance(cell, str):
        return cell
    if cell.value is None:
        return NOTHING
    digits = _digits(cell)
    value = _with_unit(_number(cell.value, cell.unit, digits), cell.unit)
    if cell.low is None or cell.high is None:
        return value
    low, high = (_number(bound, cell.unit, digits) for bound in (cell.low, cell.high))
    return f"{value} ({low}–{high})" if not low.startswith("-") else f"{value} ({low} to {high})"


def as_text(table: Table) -> str:
    """For a terminal: a block for each row where the columns are too many for its width."""
    cells = [[shown(cell) for cell in row.cells] for row in table.rows]
    widths = [max(len(column), *(len(row[at]) for row in cells)) for at, column in enumerate(table.columns)]
    label = max((len(row.label) for row in table.rows), default=0)
    lines = [table.title]
    if label + sum(widths) + 2 * len(widths) <= 100:
        lines.append(
            " " * label + "".join(f"  {name:>{width}}" for name, width in zip(table.columns, widths, strict=True))
        )
        for row, own in zip(table.rows, cells, strict=True):
            lines.append(
                f"{row.label:{label}}" + "".join(f"  {cell:>{w}}" for cell, w in zip(own, widths, strict=True))
            )
    else:
        name_width = max(map(len, table.columns))
        for row, own in zip(table.rows, cells, strict=True):
            lines.append(f"  {row.label}")
            lines += [f"    {name:{name_width}}  {cell}" for name, cell in zip(table.columns, own, strict=True)]
    return "\n".join([*lines, *([table.note] if table.note else [])])


def as_markdown(table: Table) -> str:
    """As Markdown has it."""
    head = _line(["", *table.columns])
    rows = [_line([row.label, *map(shown, row.cells)]) for row in table.rows]
    rule = "|" + "---|" * (len(table.columns) + 1)
    return "\n".join([head, rule, *rows, *(["", table.note] if table.note else [])])


def as_html(table: Table) -> str:
    """As HTML has it."""
    head = "".join(f"<th>{escape(name)}</th>" for name in ("", *table.columns))
    rows = [
        f"<tr><th>{escape(row.label)}</th>" + "".join(f"<td>{escape(shown(c))}</td>" for c in row.cells) + "</tr>"
        for row in table.rows
    ]
    note = f"<p class='note'>{escape(table.note)}</p>" if table.note else ""
    return f"<div class='wide'><table><tr>{head}</tr>\n" + "\n".join(rows) + f"</table></div>{note}"


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


def _digits(cell: Figure) -> int:
    if cell.unit == "%":
        return 1
    size = abs(cell.value or 0.0)
    if cell.unit in ("x", "s"):
        return 2 if size < 100 else 1
    if size == round(size) and cell.low is None:
        return 0
    return 0 if size >= 100 else 1 if size >= 1 else 3


def _number(value: float, unit: str, digits: int) -> str:
    return f"{100 * value if unit == '%' else value:.{digits}f}"


def _with_unit(number: str, unit: str) -> str:
    return f"{number}×" if unit == "x" else f"{number}{unit}" if unit == "/s" else f"{number} {unit}".strip()
