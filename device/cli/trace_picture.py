"""A turn's timeline as a picture: a bar for each span, in the colour of whose work it was."""

from collections.abc import Mapping
from typing import Any

from device.cli.screen import clock
from device.cli.text import clean, fit, milliseconds
from device.cli.trace_window import LANES, Window, in_lanes, window
from device.core.svg import FAINT, GRID, INK, Drawing, ticks

WIDTH, LEFT, RIGHT, TOP, ROW = 960.0, 170.0, 60.0, 118.0, 26.0
COLOURS = {
    "you": "#2cb1bc", "ears": "#4098d7", "model": "#f0b429", "voice": "#3ebd93", "calls": "#a368fc", "inbox": "#ef4e4e",
}  # fmt: skip
OTHER = "#9fb3c8"
MOST_CHARACTERS = 110


def picture(trace: Mapping[str, Any]) -> str:
    """The SVG of a trace."""
    spans, view = in_lanes(trace["spans"]), window(trace)
    bottom = TOP + ROW * max(len(spans), 1)
    drawing = Drawing(WIDTH, bottom + 50)
    _about(drawing, trace)
    _axis(drawing, view, bottom)
    for row, span in enumerate(spans):
        _span(drawing, view, span, TOP + ROW * row)
    begins = {span["name"]: span["begin_ms"] for span in spans}
    _moment(drawing, view, 0.0, "your last sound" if "speech" in begins else "the reply begins", bottom)
    if (heard := begins.get("reply heard")) is not None:
        _moment(drawing, view, heard, milliseconds(heard), bottom)
    return drawing.as_text()


def _about(drawing: Drawing, trace: Mapping[str, Any]) -> None:
    drawing.text(20, 32, f"Turn {trace['turn']}: {fit(clean(trace['said']) or trace['cause'], 80)}", size=18, bold=True)
    answer = clean(trace["answered"] or trace["failure"])
    outcome = "" if trace["outcome"] == "heard" else f" ({trace['outcome']})"
    drawing.text(20, 54, fit(f"{answer}{outcome}", MOST_CHARACTERS), size=13)
    waited = trace["voice_to_voice_ms"]
    after = "" if waited is None else f" · answered after {milliseconds(waited)}"
    drawing.text(20, 74, f"{clock(trace['wall_seconds'])} · {trace['cause']}{after}", size=11, colour=FAINT)
    at = WIDTH - RIGHT
    for lane in reversed(LANES):
        if any(span["lane"] == lane for span in trace["spans"]):
            at -= 6.6 * len(lane)
            drawing.text(at, 74, lane, size=11)
            drawing.rectangle(at - 15, 65, 10, 10, COLOURS[lane])
            at -= 32


def _axis(drawing: Drawing, view: Window, bottom: float) -> None:
    for at_ms in ticks(view.begin_ms, view.end_ms, 9):
        x = _x(view, at_ms)
        drawing.line(x, TOP - 6, x, bottom + 4, GRID)
        drawing.text(x, bottom + 20, f"{at_ms:g}", size=10, colour=FAINT, anchor="middle")
    drawing.text(WIDTH - RIGHT, bottom + 38, "milliseconds", size=10, colour=FAINT, anchor="end")


def _span(drawing: Drawing, view: Window, span: Mapping[str, Any], y: float) -> None:
    begin, end = span["begin_ms"], span["end_ms"]
    until = view.end_ms if end is None else end
    took = "goes on" if end is None else milliseconds(end - begin)
    name, note = clean(span["name"]), clean(span["note"])
    faded = 0.35 if note in ("thrown away", "cut short") else 1.0
    x, x_end = _x(view, begin), _x(view, until)
    drawing.text(LEFT - 12, y + 15, fit(name, 24), size=12, anchor="end")
    title = f"{name}: {took}, from {begin:.0f} ms{f' · {note}' if note else ''}"
    colour = COLOURS.get(span["lane"], OTHER)
    drawing.rectangle(x, y + 3, max(x_end - x, 1.5), ROW - 8, colour, title=title, opacity=faded)
    beside = f"{took}{f' · {fit(note, 40)}' if note else ''}{' …' if until > view.end_ms else ''}"
    length = 5.6 * len(beside) + 10
    if x_end + length < WIDTH:
        drawing.text(x_end + 5, y + 15, beside, size=10, colour=FAINT)
    elif x - length > LEFT:
        drawing.text(x - 5, y + 15, beside, size=10, colour=FAINT, anchor="end")
    else:
        drawing.text(x_end - 6, y + 15, beside, size=10, colour=INK, anchor="end")


def _moment(drawing: Drawing, view: Window, at_ms: float, name: str, bottom: float) -> None:
    x = _x(view, at_ms)
    drawing.line(x, TOP - 8, x, bottom + 4, INK, dashed=True)
    drawing.text(x, TOP - 13, name, size=11, anchor="middle")


def _x(view: Window, at_ms: float) -> float:
    return LEFT + view.share(at_ms) * (WIDTH - LEFT - RIGHT)
