"""A picture of how tuning went: the loss of what is learnt and of what is not, and how often an opening is right."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from device.core.svg import FAINT, GRID, INK, Drawing, ticks
from device.errors import UsageError

WIDTH, HEIGHT = 760.0, 420.0
LEFT, RIGHT, TOP, BOTTOM = 60.0, 60.0, 80.0, 56.0
LEARNT, MEAN, TESTED, OPENINGS = "#cbd8e6", "#2680c2", "#d64545", "#3f9142"
SMOOTHED_STEPS = 8

Points = list[tuple[float, float]]


def read(path: Path) -> list[dict[str, Any]]:
    """What a run of tuning reported, a step a line. Raises UsageError."""
    try:
        steps = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
        assert all({"step", "loss"} <= row.keys() for row in steps)
    except OSError as error:
        raise UsageError(f"The progress in {path} cannot be read: {error.strerror}.") from error
    except (ValueError, AssertionError, AttributeError) as error:
        raise UsageError(f"{path} is no progress of scripts/tuning/train.") from error
    if not steps:
        raise UsageError(f"{path} is empty: no step has been made yet.")
    return steps


def picture(steps: Sequence[dict[str, Any]]) -> str:
    """The SVG of a run's steps."""
    drawing, last = Drawing(WIDTH, HEIGHT), int(steps[-1]["step"])
    tests = [row for row in steps if "test" in row]
    highest: float = max(*(row["loss"] for row in steps), *(row["test"]["loss"] for row in tests), 0.1) * 1.05

    def x(step: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * step / max(last, 1)

    def y(share: float) -> float:
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * share

    drawing.text(20, 30, "Tuning", size=20, bold=True)
    about = f"{last} steps, {sum(row.get('targets', 0) for row in steps):,} tokens learnt"
    drawing.text(20, 50, about, size=11, colour=FAINT)
    _legend(drawing)
    _grid(drawing, x, y, last=last, highest=highest)
    for row in steps:
        drawing.dot(x(row["step"]), y(row["loss"] / highest), 1.8, LEARNT)
    drawing.path([(x(step), y(loss / highest)) for step, loss in _smoothed(steps)], MEAN)
    for key, unit, colour in (("loss", highest, TESTED), ("openings", 1.0, OPENINGS)):
        points: Points = [(x(row["step"]), y(row["test"][key] / unit)) for row in tests]
        drawing.path(points, colour)
        for (left, top), row in zip(points, tests, strict=True):
            drawing.dot(left, top, 3, colour, title=f"step {row['step']}: {row['test'][key]:g}")
    return drawing.as_text()


def _smoothed(steps: Sequence[dict[str, Any]]) -> Points:
    """The mean of the last few losses at each step."""
    found = []
    for at, row in enumerate(steps):
        window = [one["loss"] for one in steps[max(at + 1 - SMOOTHED_STEPS, 0) : at + 1]]
        found.append((float(row["step"]), sum(window) / len(window)))
    return found


def _legend(drawing: Drawing) -> None:
    left = 250.0
    for colour, words in ((MEAN, "loss"), (TESTED, "loss of the unseen"), (OPENINGS, "unseen openings right")):
        drawing.line(left, 26, left + 22, 26, colour, width=2.5)
        drawing.text(left + 28, 30, words)
        left += 60 + 6.6 * len(words)


def _grid(
    drawing: Drawing, x: Callable[[float], float], y: Callable[[float], float], *, last: int, highest: float
) -> None:
    bottom = HEIGHT - BOTTOM
    for step in ticks(0, last, 8):
        drawing.line(x(step), TOP, x(step), bottom, GRID)
        drawing.text(x(step), bottom + 18, f"{step:g}", size=11, colour=FAINT, anchor="middle")
    for loss in ticks(0.0, highest, 6):
        drawing.line(LEFT, y(loss / highest), WIDTH - RIGHT, y(loss / highest), INK if loss == 0 else GRID)
        drawing.text(LEFT - 8, y(loss / highest) + 4, f"{loss:g}", size=11, colour=FAINT, anchor="end")
    for share in ticks(0.0, 1.0, 6):
        drawing.text(WIDTH - RIGHT + 8, y(share) + 4, f"{100 * share:.0f} %", size=11, colour=OPENINGS)
    drawing.text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 16, "step", size=12, colour=FAINT, anchor="middle")
