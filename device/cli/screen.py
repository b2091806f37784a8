"""How an agent fares, on one screen of 24 lines of 80 cells or whatever there is; `status` and `watch` show the same.

What an older agent does not tell is left out, or said to be unknown.
"""

import time
from collections.abc import Mapping
from itertools import groupby
from typing import Any

from device.cli.text import Line, Part, bar, cells, clean, duration, line, milliseconds, packed

LABEL = 9
"""Cells of the column with the names."""

ROWS = 23
"""Lines of the status at most, beside the prompt."""

MOST_WORK = 5
UNKNOWN = "not known"
GIGABYTE = 1e9
STATES_SECONDS = 60.0
"""So much time the timeline of the states stands for."""

SILENT_DB = -100.0
QUIETEST_DB = -70.0
"""What an empty bar of the microphone stands for; full is 0 dB."""

STATE_STYLES = {"idle": "faint", "listening": "cyan", "generating": "yellow", "emitting": "green"}
STATE_SIGNS = {"idle": "·", "listening": "L", "generating": "G", "emitting": "E"}

View = Mapping[str, Any]


def status_lines(view: View, width: int) -> list[Line]:
    """The whole status."""
    lines = [head(view), *computer(view, width), *sound(view), latency(view), error(view), *work(view)]
    return [*lines, *turns(view, max((ROWS - len(lines)) // 2, 1))]


def watch_lines(view: View, width: int, *, tokens_per_second: float | None) -> list[Line]:
    """The status with what goes on at this moment, the most important first."""
    now = view.get("live") or {}
    bar_width = max(min(width - LABEL - 8, 60), 10)
    return [
        head(view),
        _named("states", *_timeline(now.get("states") or [], bar_width), Part(" now", "faint")),
        *microphone(view, bar_width),
        _named("you", Part(clean(now.get("words") or ""), "cyan")),
        _named("it", Part(clean(now.get("reply") or ""), "green")),
        _named("model", _model(view, now, tokens_per_second)),
        *work(view),
        *turns(view, 2),
        latency(view),
        *sound(view),
        *computer(view, width),
        error(view),
    ]


def head(view: View) -> Line:
    """Who it is and what it does."""
    state = str(view.get("state", UNKNOWN))
    mode = view.get("mode")
    shown = state if mode in (None, state, "thinking", "speaking", "muted") else f"{state} ({mode})"
    parts: list[str | Part] = [
        f"device {clean(str(view.get('version', '')))} · ",
        Part(clean(shown), STATE_STYLES.get(state, "")),
    ]
    if view.get("muted"):
        parts += [" · ", Part("muted", "yellow")]
    for trouble in view.get("troubles") or ():
        parts += [" · ", Part(clean(str(trouble)), "red")]
    if (uptime := view.get("uptime_seconds")) is not None:
        parts.append(f" · up {duration(uptime)}")
    return line(*parts, Part(f" · pid {view.get('pid', '?')}", "faint"))


def computer(view: View, width: int) -> list[Line]:
    """The board, the memory and the models."""
    board, memory = view.get("board") or {}, view.get("memory") or {}
    degrees, throttled = board.get("temperature_celsius"), board.get("throttled")
    slowed = clean({None: "throttling not known", "no": "not throttled"}.get(throttled, str(throttled)))
    style = {None: "faint", "no": ""}.get(throttled, "yellow" if str(throttled).endswith("start") else "red")
    heat = "temperature not known" if degrees is None else f"{degrees:.1f} °C"
    name = clean(str(board.get("name") or "board not known"))
    room = [f"{_gigabytes(memory.get('resident_bytes'))} resident"]
    if (peak := memory.get("peak_resident_bytes")) is not None:
        room.append(f"at most {_gigabytes(peak)}")
    for what, where, prefix in (("memory", memory, "memory_"), ("disk", board, "disk_")):
        free, total = where.get(f"{prefix}free_bytes"), where.get(f"{prefix}total_bytes")
        if free is not None and total:
            room.append(f"{free / GIGABYTE:.1f} of {total / GIGABYTE:.1f} GB of {what} free")
    models = [f"{role} {clean(str(name))}" for role, name in (view.get("models") or {}).items()]
    return [
        *_ending_with(slowed, style, "board", packed([name, heat, slowed], width - LABEL)),
        *(_named("memory" if not n else "", text) for n, text in enumerate(packed(room, width - LABEL))),
        *(_named("models" if not n else "", text) for n, text in enumerate(packed(models, width - LABEL))),
    ]


def sound(view: View) -> list[Line]:
    """The sound card."""
    card = view.get("sound")
    if not card:
        return [_named("sound", Part("none" if "sound" in view else UNKNOWN, "faint"))]
    rates = f"{card.get('input_hz')} Hz in, {card.get('output_hz')} Hz out"
    volume = card.get("volume")
    loud = "" if volume is None else f" · volume {volume * 100:.0f} %"
    lost = (card.get("xruns") or 0) + (card.get("overruns") or 0)
    late = card.get("underrun_seconds") or 0.0
    losses = Part(f"lost {lost}×, late {late:.1f} s", "yellow" if lost or late >= 0.1 else "")
    level, loudest = card.get("microphone_db"), card.get("loudest_db")
    heard = (
        "microphone not known" if level is None else f"microphone {decibels(level)}, lately at most {decibels(loudest)}"
    )
    return [
        _named("sound", f"{clean(str(card.get('device', '')))} · {rates}{loud}"),
        _named("", f"{heard} · ", losses),
    ]


def microphone(view: View, width: int) -> list[Line]:
    """The microphone's level as a bar."""
    level = (view.get("sound") or {}).get("microphone_db")
    if level is None:
        return []
    if view.get("muted"):
        return [_named("mic", Part("closed", "yellow"))]
    filled = 1.0 - max(level, QUIETEST_DB) / QUIETEST_DB
    style = "red" if level > -3.0 else "green"
    return [_named("mic", Part(bar(filled, width), style), f" {decibels(level)}")]


def decibels(level: float) -> str:
    """A level, of full scale."""
    return "silent" if level <= SILENT_DB else f"{level:.0f} dB"


def latency(view: View) -> Line:
    """How long answers took."""
    found, prepared = view.get("latency") or {}, view.get("rehearsals") or {}
    count = found.get("n") or 0
    rehearsed = f" · rehearsed: {prepared.get('kept', 0)} kept, {prepared.get('dropped', 0)} not"
    if not count:
        return _named("latency", Part("nothing answered aloud in the last hour", "faint"), rehearsed)
    p50, p95 = milliseconds(found["p50_ms"]), milliseconds(found["p95_ms"])
    return _named("latency", Part(p50, "bold"), f" p50, {p95} p95, {count} in the last hour{rehearsed}")


def error(view: View) -> Line:
    """The last error."""
    last = view.get("last_error")
    if not last:
        return _named("error", Part("none", "faint"))
    return _named("error", Part(f"{clock(last['wall_seconds'])} {clean(str(last['text']))}", "red"))


def work(view: View) -> list[Line]:
    """The contexts and calls under way, as a tree."""
    contexts = list(view.get("contexts") or ())
    found: list[tuple[int, str]] = []
    if contexts:
        _grow(contexts, contexts[0], 0, found)
    if not found:
        return [_named("work", Part("nothing under way", "faint"))]
    kept = found if len(found) <= MOST_WORK else found[: MOST_WORK - 1]
    lines = [_named("work" if not n else "", "  " * depth + text) for n, (depth, text) in enumerate(kept)]
    if len(kept) < len(found):
        lines.append(_named("", Part(f"and {len(found) - len(kept)} more", "faint")))
    return lines


def turns(view: View, most: int) -> list[Line]:
    """The last turns, the newest last."""
    lines: list[Line] = []
    for turn in list(view.get("turns") or ())[-most:]:
        waited = turn.get("voice_to_voice_ms")
        about = milliseconds(waited) if waited is not None else str(turn.get("cause") or "")
        name = f"#{turn.get('turn')}"
        begun = f"{clock(turn.get('wall_seconds') or 0.0)} {about:>8}  "
        said = clean(turn.get("said") or f"({turn.get('cause') or 'by itself'})")
        lines.append(_named(name, Part(begun, "faint"), Part(said, "cyan")))
        lines.append(_named("", " " * cells(begun), *_answer(turn)))
    return lines or [_named("turns", Part("none yet", "faint"))]


def clock(wall_seconds: float) -> str:
    """A moment as the wall clock shows it."""
    return time.strftime("%H:%M:%S", time.localtime(wall_seconds))


def _answer(turn: View) -> list[Part]:
    outcome = str(turn.get("outcome") or "")
    parts = [Part(clean(turn.get("answered") or ""))]
    if outcome not in ("heard", ""):
        text = f"({outcome}{': ' + clean(turn['failure']) if turn.get('failure') else ''})"
        parts.append(Part(f" {text}" if parts[0].text else text, "red" if outcome == "failed" else "yellow"))
    return parts


def _grow(contexts: list[View], context: View, depth: int, found: list[tuple[int, str]]) -> None:
    """Add what goes on in a context, and below each call the contexts that it began."""
    for call in context.get("calls") or ():
        given = ", ".join(f"{name}={value}" for name, value in (call.get("arguments") or {}).items())
        progress = f" · {call['progress']}" if call.get("progress") else ""
        about = f"{call['id']} {call['tool']}({given}) {duration(call['seconds'])}{progress}"
        found.append((depth, clean(about)))
        for child in contexts:
            if child.get("parent") == context["id"] and child.get("of_call") == call["id"]:
                found.append((depth + 1, f"{child['id']} thinks"))
                _grow(contexts, child, depth + 2, found)


def _timeline(states: list[tuple[float, str]], width: int) -> list[Part]:
    """The last minute, a cell for each stretch of it, in the state that it ended in."""
    ages = [(width - 1 - cell) * STATES_SECONDS / width for cell in range(width)]
    shown = [next((name for since, name in reversed(states) if since >= age), "") for age in ages]
    runs = [(state, len(list(run))) for state, run in groupby(shown)]
    return [Part(STATE_SIGNS.get(state, " ") * count, STATE_STYLES.get(state, "")) for state, count in runs]


def _model(view: View, now: View, tokens_per_second: float | None) -> str:
    does = "writes" if now.get("generating") else "rehearses" if now.get("rehearsing") else "rests"
    speed = "" if tokens_per_second is None else f" · {tokens_per_second:.0f} tokens/s"
    return f"{does}{speed} · queue {view.get('waiting_events', '?')}"


def _named(name: str, *parts: str | Part) -> Line:
    return line(Part(f"{name:<{LABEL}}", "bold"), *parts)


def _ending_with(text: str, style: str, name: str, lines: list[str]) -> list[Line]:
    """Lines of a name, the last of which ends with a text that has a style of its own."""
    *others, last = lines
    first = [_named(name if not n else "", one) for n, one in enumerate(others)]
    return [*first, _named("" if others else name, last.removesuffix(text), Part(text, style))]


def _gigabytes(value: float | None) -> str:
    return UNKNOWN if value is None else f"{value / GIGABYTE:.2f} GB"
