"""A picture of the trade: cut-offs against the usual wait, with all signs and by silence alone."""

from typing import Any

from device.core.svg import FAINT, GRID, INK, Drawing, ticks

WIDTH, HEIGHT = 860.0, 560.0
LEFT, RIGHT, TOP, BOTTOM = 70.0, 30.0, 96.0, 60.0
MODEL, ALONE, NOW, BEST = "#2680c2", "#9fb3c8", "#f0b429", "#d64545"
HIGHEST_RATE = 0.4
"""Settings that cut off more people than this are of no interest."""


def picture(found: dict[str, Any]) -> str:
    """The SVG of a result of `device bench turn`."""
    drawing = Drawing(WIDTH, HEIGHT)
    scale = _Scale(found)
    best, now = found["recommended"], found["in_force"]
    drawing.text(20, 30, "Cut-offs against the wait for the endpoint", size=20, bold=True)
    about = f"{found['n']} utterances, {found['with_pauses']} with pauses inside; {', '.join(found['models'].values())}"
    drawing.text(20, 50, about, size=11, colour=FAINT)
    _legend(drawing)
    _grid(drawing, scale, found["most_cut_off"])
    for point in found["points"]:
        if point["cut_off_rate"] <= scale.highest:
            drawing.dot(*scale.at(point), 1.5, "#cbd8e6", title=_named(point))
    for curve, colour in ((found["silence_alone"], ALONE), (found["frontier"], MODEL)):
        shown = [point for point in curve if point["cut_off_rate"] <= scale.highest]
        drawing.path([scale.at(point) for point in shown], colour)
        for point in shown:
            drawing.dot(*scale.at(point), 3.5, colour, title=_named(point))
    _marked(drawing, scale, now, NOW, "in force", row=0)
    _marked(drawing, scale, best, BEST, "recommended", row=1)
    return drawing.as_text()


class _Scale:
    """The wait from left to right, the rate upward."""

    def __init__(self, found: dict[str, Any]) -> None:
        curves = [*found["frontier"], *found["silence_alone"], found["in_force"], found["recommended"]]
        worst = max(point["cut_off_rate"] for point in curves)
        self.highest = max(min(worst, HIGHEST_RATE), 0.05) * 1.05
        waits = [point["delay_ms"]["p50"] for point in curves if point["cut_off_rate"] <= self.highest]
        self.shortest = max(min(waits) - 40.0, 0.0)
        self.longest = max(waits) + 40.0

    def x(self, ms: float) -> float:
        share = (ms - self.shortest) / (self.longest - self.shortest)
        return LEFT + (WIDTH - LEFT - RIGHT) * min(float(share), 1.0)

    def y(self, rate: float) -> float:
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * float(rate / self.highest)

    def at(self, point: dict[str, Any]) -> tuple[float, float]:
        return self.x(point["delay_ms"]["p50"]), self.y(point["cut_off_rate"])


def _legend(drawing: Drawing) -> None:
    x = LEFT
    for colour, words in ((MODEL, "with all signs, best settings"), (ALONE, "silence alone")):
        drawing.line(x, 72, x + 22, 72, colour, width=2.5)
        drawing.text(x + 28, 76, words)
        x += 255
    drawing.dot(x, 72, 2, "#9fb3c8")
    drawing.text(x + 10, 76, "every setting")


def _grid(drawing: Drawing, scale: _Scale, most_cut_off: float) -> None:
    for ms in ticks(scale.shortest, scale.longest, 9):
        drawing.line(scale.x(ms), TOP, scale.x(ms), HEIGHT - BOTTOM, GRID)
        drawing.text(scale.x(ms), HEIGHT - BOTTOM + 18, f"{ms:.0f}", size=11, colour=FAINT, anchor="middle")
    for rate in ticks(0.0, scale.highest, 8):
        drawing.line(LEFT, scale.y(rate), WIDTH - RIGHT, scale.y(rate), INK if rate == 0 else GRID)
        drawing.text(LEFT - 8, scale.y(rate) + 4, f"{100 * rate:.0f} %", size=11, colour=FAINT, anchor="end")
    drawing.line(LEFT, scale.y(most_cut_off), WIDTH - RIGHT, scale.y(most_cut_off), BEST, dashed=True)
    words = f"aim: at most {100 * most_cut_off:g} %"
    drawing.text(WIDTH - RIGHT, scale.y(most_cut_off) - 5, words, size=11, colour=BEST, anchor="end")
    words = "usual wait (p50): milliseconds from the true end of the speech to the endpoint"
    drawing.text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 18, words, size=12, colour=FAINT, anchor="middle")
    drawing.text(20, TOP - 6, "cut off", size=11, colour=FAINT)


def _marked(drawing: Drawing, scale: _Scale, point: dict[str, Any], colour: str, words: str, *, row: int) -> None:
    """A mark at the point, and what it is at the upper right, where no curve comes."""
    if point["cut_off_rate"] <= scale.highest:
        drawing.dot(*scale.at(point), 7, colour, ring=INK, title=_named(point))
    x, y = WIDTH - RIGHT - 365, TOP + 24 + 40 * row
    drawing.dot(x, y - 4, 7, colour, ring=INK)
    wait = point["delay_ms"]
    label = f"{words}: p50 {wait['p50']:.0f}, p90 {wait['p90']:.0f} ms, {100 * point['cut_off_rate']:.1f} % cut off"
    drawing.text(x + 14, y, label, bold=True)
    drawing.text(x + 14, y + 14, _named(point), size=10, colour=FAINT)


def _named(point: dict[str, Any]) -> str:
    return (
        f"pause {point['pause_ms']}, silence {point['end_silence_ms']} to {point['end_silence_max_ms']} ms, "
        f"unsure from {point['unfinished_below']:g} to {point['finished_above']:g}"
    )
