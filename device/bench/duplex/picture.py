"""A picture of the measurement: how soon the reply falls silent, and which rooms are hard."""

from collections.abc import Sequence
from typing import Any

from device.core.svg import FAINT, GRID, INK, Drawing, ticks

WIDTH, HEIGHT = 960.0, 460.0
TOP, BOTTOM = 96.0, 60.0
LEFT, MIDDLE, RIGHT = 60.0, 500.0, 30.0
ALL, NEAR, AIM = "#2680c2", "#57ae5b", "#d64545"
LONGEST_MS = 400.0
AIM_MS = 100.0


def picture(found: dict[str, Any]) -> str:
    """The SVG of a result of `device bench duplex`."""
    drawing = Drawing(WIDTH, HEIGHT)
    drawing.text(20, 30, "Talking over the agent", size=20, bold=True)
    caught, exact = found["barge_in_caught_rate"] or 0.0, found["heard_text_exact_rate"] or 0.0
    about = (
        f"{found['rooms']} simulated rooms, {found['replies']} replies: interrupted by itself "
        f"{found['self_interruptions']} times, {100 * caught:.0f} % of {found['barge_ins']} barge-ins caught, "
        f"heard text exact in {100 * exact:.0f} %"
    )
    drawing.text(20, 50, about, size=11, colour=FAINT)
    _pauses(drawing, found)
    _rooms(drawing, found["by_room"])
    return drawing.as_text()


def _pauses(drawing: Drawing, found: dict[str, Any]) -> None:
    """The share of barge-ins after which the reply was silent within so many milliseconds."""
    right, bottom = MIDDLE - 50, HEIGHT - BOTTOM

    def at(ms: float, share: float) -> tuple[float, float]:
        return LEFT + (right - LEFT) * min(ms, LONGEST_MS) / LONGEST_MS, bottom - (bottom - TOP) * share

    for ms in ticks(0.0, LONGEST_MS, 9):
        drawing.line(at(ms, 0)[0], TOP, at(ms, 0)[0], bottom, GRID)
        drawing.text(at(ms, 0)[0], bottom + 16, f"{ms:.0f}", size=11, colour=FAINT, anchor="middle")
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        drawing.line(LEFT, at(0, share)[1], right, at(0, share)[1], INK if share == 0 else GRID)
        drawing.text(LEFT - 8, at(0, share)[1] + 4, f"{100 * share:.0f} %", size=11, colour=FAINT, anchor="end")
    drawing.line(*at(AIM_MS, 0), *at(AIM_MS, 1), AIM, dashed=True)
    quiet = {room["room"] for room in found["by_room"] if room["echo_db"] <= 0}
    barge_ins = [one for one in found["scenes"] if one["kind"] == "barge-in"]
    near = [one for one in barge_ins if one["room"] in quiet]
    curves = ((barge_ins, ALL, "every room"), (near, NEAR, "echo no louder than the user"))
    for row, (those, colour, words) in enumerate(curves):
        drawing.path([at(*point) for point in _curve(those)], colour)
        drawing.line(LEFT + 190 * row, 72, LEFT + 190 * row + 22, 72, colour, width=2.5)
        drawing.text(LEFT + 190 * row + 28, 76, words)
    words = "milliseconds from your first sample to the reply's last"
    drawing.text((LEFT + right) / 2, HEIGHT - 22, words, size=12, colour=FAINT, anchor="middle")


def _curve(barge_ins: Sequence[dict[str, Any]]) -> list[tuple[float, float]]:
    pauses = sorted(one["pause_ms"] for one in barge_ins if one["interrupted"] and one["pause_ms"] is not None)
    points, total = [(0.0, 0.0)], max(len(barge_ins), 1)
    for number, pause in enumerate(pauses):
        points += [(pause, number / total), (pause, (number + 1) / total)]
    return [*points, (LONGEST_MS, len(pauses) / total)]


def _rooms(drawing: Drawing, rooms: Sequence[dict[str, Any]]) -> None:
    """Each room by its echo's loudness and its reverberation; how red it is says what went wrong there."""
    right, bottom = WIDTH - RIGHT, HEIGHT - BOTTOM
    loudest = max((room["echo_db"] for room in rooms), default=10) + 2
    softest = min((room["echo_db"] for room in rooms), default=-6) - 2
    longest = max((room["ring_seconds"] for room in rooms), default=1.0) + 0.1

    def at(echo_db: float, ring_seconds: float) -> tuple[float, float]:
        x = MIDDLE + (right - MIDDLE) * (echo_db - softest) / (loudest - softest)
        return x, bottom - (bottom - TOP) * ring_seconds / longest

    for echo_db in ticks(softest, loudest, 8):
        drawing.line(at(echo_db, 0)[0], TOP, at(echo_db, 0)[0], bottom, GRID)
        drawing.text(at(echo_db, 0)[0], bottom + 16, f"{echo_db:+.0f} dB", size=11, colour=FAINT, anchor="middle")
    for ring in ticks(0.0, longest, 6):
        drawing.line(MIDDLE, at(softest, ring)[1], right, at(softest, ring)[1], INK if ring == 0 else GRID)
        drawing.text(MIDDLE - 6, at(softest, ring)[1] + 4, f"{ring:g} s", size=11, colour=FAINT, anchor="end")
    seen: dict[tuple[float, float], int] = {}
    for room in rooms:
        place = room["echo_db"], room["ring_seconds"]
        seen[place] = seen.get(place, 0) + 1
        x, y = at(*place)
        pause = room["pause_ms"]["p50"]
        title = f"{room['room']}: pause {pause} ms, caught {room['barge_in_caught_rate']}, ERLE {room['erle_db']} dB"
        drawing.dot(x + 13 * (seen[place] - 1), y, 6, _colour(room), title=title, ring="white")
    drawing.text(MIDDLE, 76, "rooms: the echo against the user's voice, and how long they ring")
    for row, (colour, words) in enumerate(
        ((NEAR, "silent in 100 ms"), ("#f0b429", "later"), (AIM, "missed, or itself"))
    ):
        drawing.dot(MIDDLE + 10 + 140 * row, HEIGHT - 26, 6, colour)
        drawing.text(MIDDLE + 22 + 140 * row, HEIGHT - 22, words, size=11, colour=FAINT)


def _colour(room: dict[str, Any]) -> str:
    if room["self_interruptions"] or (room["barge_in_caught_rate"] or 0.0) < 1.0:
        return AIM
    return NEAR if (room["pause_ms"]["p50"] or 0.0) <= AIM_MS else "#f0b429"
