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
    """As HTML has it: what two agents have in common stands above both, and an interval below its figure."""
    rows = [
        f"<tr><th>{escape(row.label)}</th>" + "".join(f"<td>{_html_cell(cell)}</td>" for cell in row.cells) + "</tr>"
        for row in table.rows
    ]
    note = f"<p class='note'>{escape(table.note)}</p>" if table.note else ""
    return f"<div class='wide'><table>{_html_head(table.columns)}\n" + "\n".join(rows) + f"</table></div>{note}"


def _html_head(columns: Sequence[str]) -> str:
    """One line of names, or two where neighbours differ in the agent alone."""
    groups: list[tuple[str, list[str]]] = []
    for column in columns:
        name, comma, agent = column.rpartition(", ")
        if comma and groups and groups[-1][0] == name and len(groups[-1][1]) == 1 and groups[-1][1] != [""]:
            groups[-1][1].append(agent)
        else:
            groups.append((name, [agent]) if comma else (column, [""]))
    if not any(len(agents) > 1 for _, agents in groups):
        return "<tr><th></th>" + "".join(f"<th>{escape(column)}</th>" for column in columns) + "</tr>"
    above, below = "<tr><th rowspan='2'></th>", "<tr class='agents'>"
    for name, agents in groups:
        if len(agents) > 1:
            above += f"<th colspan='2' class='pair'>{escape(name)}</th>"
            below += "".join(f"<th>{escape(agent)}</th>" for agent in agents)
        else:
            above += f"<th rowspan='2'>{escape(', '.join(filter(None, (name, *agents))))}</th>"
    return f"{above}</tr>{below}</tr>"


def _html_cell(cell: Figure | str) -> str:
    value, bracket, interval = shown(cell).partition(" (")
    return escape(value) + (f"<small>{escape(interval.rstrip(')'))}</small>" if bracket else "")


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


def _digits(cell: Figure) -> int:
    if cell.unit == "%":
        return 1
    size = abs(cell.value or 0.0)
    if cell.unit in ("x", "s") or (cell.unit == "" and size < 1 and cell.low is not None):
        return 2 if size < 100 else 1
    if size == round(size) and cell.low is None:
        return 0
    return 0 if size >= 100 else 1 if size >= 1 else 3


def _number(value: float, unit: str, digits: int) -> str:
    return f"{100 * value if unit == '%' else value:.{digits}f}"


def _with_unit(number: str, unit: str) -> str:
    return f"{number}×" if unit == "x" else f"{number}{unit}" if unit == "/s" else f"{number} {unit}".strip()
