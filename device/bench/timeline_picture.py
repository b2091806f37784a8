"""A picture of where the time goes: a bar an utterance, fastest first, coloured by what was waited for."""

from collections.abc import Sequence
from typing import Any

from device.bench.figures import PARTS
from device.bench.results import PART_NAMES
from device.core.svg import FAINT, GRID, INK, Drawing, ticks
from device.runtime.marks import Stage

COLOURS = {"endpoint": "#9fb3c8", "recognition": "#f0b429", "first_piece": "#2680c2", "first_chunk": "#3ebd93"}
BAD = "#d64545"
READY = {
    Stage.RECOGNIZED: "recognition",
    Stage.FIRST_PIECE: "first_piece",
    Stage.FIRST_CHUNK: "first_chunk",
}
"""Drawn as dots where they were ready, before or after anyone waited for them."""

WIDTH, LEFT, RIGHT, TOP = 1000.0, 250.0, 60.0, 112.0
MOST_ROWS_HEIGHT = 900.0
AIM_MS = 300.0
LABEL_CHARS = 36


def picture(found: dict[str, Any]) -> str:
    """The SVG of a result of `device bench latency`."""
    rows = _sorted(found["utterances"])
    row_height = max(min(22.0, MOST_ROWS_HEIGHT / max(len(rows), 1)), 5.0)
    bottom = TOP + row_height * len(rows)
    drawing = Drawing(WIDTH, bottom + 46)
    longest = max((one["voice_to_voice_ms"] or 0.0 for one in rows), default=0.0)
    scale = _Scale(max(longest, AIM_MS) * 1.04)
    _headline(drawing, found)
    _grid(drawing, scale, bottom)
    for number, one in enumerate(rows):
        _row(drawing, scale, one, TOP + number * row_height, row_height)
    _percentile_lines(drawing, scale, found["voice_to_voice_ms"], bottom)
    return drawing.as_text()


class _Scale:
    """Milliseconds after the true end, as places on the picture."""

    def __init__(self, longest_ms: float) -> None:
        self.longest_ms = longest_ms

    def x(self, ms: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * min(max(ms / self.longest_ms, -0.02), 1.0)


def _sorted(utterances: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The answered ones by their time, then the unanswered, then those that were cut off."""
    return sorted(utterances, key=lambda one: (one["cut_off"], one["voice_to_voice_ms"] or float("inf"), one["name"]))


def _headline(drawing: Drawing, found: dict[str, Any]) -> None:
    total, at = found["voice_to_voice_ms"], found["machine"]
    shown = ", ".join(f"{name} {value:.0f} ms" for name, value in total.items() if value is not None)
    drawing.text(20, 30, f"Voice to voice: {shown or 'nothing was answered'}", size=20, bold=True)
    rates = f"{found['n']} utterances, {100 * found['cut_off_rate']:.1f} % cut off, {found['unanswered']} unanswered"
    drawing.text(20, 50, f"{rates}  ·  {', '.join(found['models'].values())}", size=11, colour=FAINT)
    quota = at.get("cpu_quota")
    slowed = f", slowed to {quota['percent']} %" if quota else ""
    busy = f", busy processes beside it: {at['busy_processes']}" if at.get("busy_processes") else ""
    drawing.text(
        20, 66, f"{at['cores']} cores of {at['processor']}, load {at['load']}{slowed}{busy}", size=11, colour=FAINT
    )
    x = LEFT
    for name in PARTS:
        drawing.rectangle(x, 80, 12, 12, COLOURS[name])
        drawing.text(x + 17, 90, f"waits for: {PART_NAMES[name]}" if name == PARTS[0] else PART_NAMES[name], size=12)
        x += 190 if name == PARTS[0] else 110
    drawing.dot(x + 6, 86, 3.5, "white", ring=INK)
    drawing.text(x + 17, 90, "ready by itself", size=12)


def _grid(drawing: Drawing, scale: _Scale, bottom: float) -> None:
    for ms in ticks(0.0, scale.longest_ms, 9):
        drawing.line(scale.x(ms), TOP - 4, scale.x(ms), bottom + 4, INK if ms == 0 else GRID)
        drawing.text(scale.x(ms), bottom + 18, f"{ms:.0f}", size=11, colour=FAINT, anchor="middle")
    drawing.text(scale.x(0), bottom + 36, "milliseconds after the true end of the speech", size=11, colour=FAINT)


def _row(drawing: Drawing, scale: _Scale, one: dict[str, Any], y: float, height: float) -> None:
    thickness = height * (0.72 if height > 8 else 0.86)
    label = one["text"] or one["name"]
    label = label if len(label) <= LABEL_CHARS else f"{label[: LABEL_CHARS - 1]}…"
    if height >= 9:
        size = min(11.0, height * 0.7)
        drawing.text(LEFT - 12, y + height * 0.68, label, size=size, colour=INK, anchor="end")
    if one["voice_to_voice_ms"] is None:
        _failed(drawing, scale, one, y, thickness)
        return
    at = 0.0
    for name in PARTS:
        part = one["split_ms"][name]
        title = f"{label}: {PART_NAMES[name]} {part:.0f} ms"
        drawing.rectangle(scale.x(at), y, scale.x(at + part) - scale.x(at), thickness, COLOURS[name], title=title)
        at += part
    for stage, name in READY.items():
        ready = one["stages_ms"].get(stage.value)
        if ready is not None and height > 8 and ready < at:
            drawing.dot(
                scale.x(ready),
                y + thickness / 2,
                min(thickness / 4, 3.5),
                COLOURS[name],
                ring=INK,
                title=f"{stage.value} {ready:.0f} ms",
            )
    if height >= 9:
        drawing.text(scale.x(at) + 5, y + height * 0.68, f"{at:.0f}", size=min(10.0, height * 0.7), colour=FAINT)


def _failed(drawing: Drawing, scale: _Scale, one: dict[str, Any], y: float, thickness: float) -> None:
    why = "cut off" if one["cut_off"] else "not answered"
    drawing.rectangle(scale.x(0), y, 10, thickness, BAD, title=f"{one['text'] or one['name']}: {why}")
    if thickness > 6:
        drawing.text(scale.x(0) + 16, y + thickness * 0.85, why, size=min(10.0, thickness), colour=BAD)


def _percentile_lines(drawing: Drawing, scale: _Scale, total: dict[str, float | None], bottom: float) -> None:
    for name in ("p50", "p95"):
        if (ms := total[name]) is not None:
            drawing.line(scale.x(ms), TOP - 8, scale.x(ms), bottom + 4, INK, dashed=True)
            drawing.text(scale.x(ms) + 3, TOP - 2, name, size=10, colour=INK)
