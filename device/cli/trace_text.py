"""A turn's timeline as text: a line for each span, its bar in the time from the user's speech to the answer's sound."""

from collections.abc import Mapping
from typing import Any

from device.cli.screen import clock
from device.cli.text import Line, Part, clean, fit, line, milliseconds
from device.cli.trace_window import Window, in_lanes, window

NAME, TIME = 21, 9
"""Cells of the columns with the names and the times."""

STYLES = {"you": "cyan", "ears": "blue", "model": "yellow", "voice": "green", "calls": "magenta", "inbox": "red"}
NOTES = frozenset({"kept", "thrown away", "cut short", "interrupted", "done", "failed", "cancelled", "timed_out"})
"""What is said beside a bar."""

IN_VAIN = frozenset({"thrown away", "cut short"})

EIGHTHS = " ▏▎▍▌▋▊▉"


def trace_lines(trace: Mapping[str, Any], width: int) -> list[Line]:
    """The whole timeline; on 80 cells every line fits."""
    bars = max(width - NAME - TIME, 10)
    view = window(trace)
    lines = [*_about(trace), _scale(view, bars)]
    lines += [_span(span, view, bars) for span in in_lanes(trace["spans"])]
    return lines


def _about(trace: Mapping[str, Any]) -> list[Line]:
    waited, cause = trace["voice_to_voice_ms"], trace["cause"]
    parts = [Part(f"turn {trace['turn']}", "bold"), Part(f" · {clock(trace['wall_seconds'])} · {cause}")]
    if waited is not None:
        parts += [Part(" · answered after "), Part(milliseconds(waited), "bold")]
    if trace["outcome"] != "heard":
        parts += [Part(" · "), Part(trace["outcome"], "yellow")]
    lines = [tuple(parts)]
    for name, text, style in (("you", trace["said"], "cyan"), ("it", trace["answered"], "green")):
        if text:
            lines.append(line(f"{name:<5}", Part(clean(text), style)))
    if trace["failure"]:
        lines.append(line(Part(f"     {clean(trace['failure'])}", "red")))
    return [*lines, ()]


def _scale(view: Window, bars: int) -> Line:
    """Where the time is zero, and the window's ends."""
    zero = round(view.share(0.0) * (bars - 1))
    row = [" "] * bars
    for at, text in ((0, f"{view.begin_ms:.0f}"), (bars, f"{view.end_ms:.0f} ms"), (zero, "0")):
        start = max(min(at, bars - len(text)), 0)
        if all(cell == " " for cell in row[max(start - 1, 0) : start + len(text) + 1]):
            row[start : start + len(text)] = text
    return line(Part(f"{'':<{NAME + TIME}}{''.join(row)}", "faint"))


def _span(span: Mapping[str, Any], view: Window, bars: int) -> Line:
    begin, end = span["begin_ms"], span["end_ms"]
    style = "faint" if span["note"] in IN_VAIN else STYLES.get(span["lane"], "")
    took = "goes on" if end is None else milliseconds(end - begin)
    drawn = _bar(view, begin, view.end_ms if end is None else end, bars)
    note = span["note"] if span["note"] in NOTES else ""
    name = fit(clean(span["name"]), NAME - 1)
    room = bars - len(drawn.rstrip()) - 1
    parts = [Part(f"{name:<{NAME}}"), Part(f"{took:>{TIME - 1}} ", "faint"), Part(drawn.rstrip(), style)]
    if note and len(note) <= room:
        parts.append(Part(f" {note}", "faint"))
    elif note and (left := len(drawn) - len(drawn.lstrip())) > len(note):
        parts[2:] = [Part(f"{note:>{left - 1}} ", "faint"), Part(drawn.strip(), style)]
    return tuple(parts)


def _bar(view: Window, begin_ms: float, end_ms: float, cells: int) -> str:
    """A bar, to an eighth of a cell; with an arrow where it goes on outside the window."""
    if end_ms < view.begin_ms or begin_ms > view.end_ms:
        return ("◂" + " " * (cells - 1)) if end_ms < view.begin_ms else (" " * (cells - 1) + "▸")
    first, last = view.share(begin_ms) * cells, view.share(end_ms) * cells
    start = min(int(first), cells - 1)
    whole, eighths = divmod(round((last - start) * 8), 8)
    drawn = "█" * whole + (EIGHTHS[eighths] if eighths else "")
    row = list(f"{' ' * start}{drawn or '▏'}"[:cells].ljust(cells))
    if begin_ms < view.begin_ms:
        row[0] = "◂"
    if end_ms > view.end_ms:
        row[-1] = "▸"
    return "".join(row)
