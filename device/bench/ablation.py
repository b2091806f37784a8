"""What each mechanism is worth: the same measurement with one turned off at a time."""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from device.bench import results
from device.bench.comparison import compare
from device.config import Config

WHOLE = "everything"

ABLATIONS: dict[str, tuple[str, ...]] = {
    WHOLE: (),
    "turn model": ("models.turn=silence",),
    "the reply prepared at a pause": ("hearing.speculate=false",),
    "words read ahead": ("hearing.read_ahead=false",),
    "the first piece in parts": ("speaking.in_parts=false",),
    "words at the pause": ("hearing.pause_ms={hearing.end_silence_ms}",),
    "second thread for the voice": ("speaking.threads=1",),
    "second thread for the model": ("thinking.threads=1",),
    "small blocks of sound": ("audio.block_ms=64",),
    "tools in the prompt": ("tools.enabled=[none]",),
}
"""Each mechanism, and the options that turn it off; `{section.key}` stands for what is in force."""

Measure = Callable[[Sequence[str]], dict[str, Any]]
"""Measures with options set, in a process of its own; returns its result."""


def ablate(measure: Measure, values: dict[str, Any], *, rounds: int, tell: Callable[[str], None]) -> dict[str, Any]:
    """Every ablation's result. Rounds go over all of them, so that a machine that grows busier is unfair to none."""
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in ABLATIONS}
    for number in range(rounds):
        for name, options in ABLATIONS.items():
            tell(f"round {number + 1} of {rounds}: {name if name == WHOLE else f'without {name}'}")
            found[name].append(measure(_filled(options, values)))
    merged = {name: results.merged(several) for name, several in found.items()}
    whole = merged[WHOLE]
    return {
        "ablations": {
            name: {"options": list(_filled(ABLATIONS[name], values)), **one, "against": compare(whole, one)}
            for name, one in merged.items()
        }
    }


def as_text(found: dict[str, Any]) -> str:
    """The table that a person reads."""
    lines = [f"{'without':30}{'p50':>7}{'p95':>7}{'p50 −':>8}{'95 % between':>17}{'cut off':>9}{'unanswered':>12}"]
    for name, one in found["ablations"].items():
        total, sure = one["voice_to_voice_ms"], one["against"]["p50_difference_ms"]
        p50, p95 = ("–" if total[p] is None else f"{total[p]:.0f}" for p in ("p50", "p95"))
        change, between = "", ""
        if name != WHOLE and sure is not None:
            change, between = f"{sure['p50']:+.0f}", f"{sure['low']:+.0f} … {sure['high']:+.0f}"
        shown = "(nothing)" if name == WHOLE else name
        rates = f"{100 * one['cut_off_rate']:>7.1f} %{one['unanswered']:>12}"
        lines.append(f"{shown:30}{p50:>7}{p95:>7}{change:>8}{between:>17}{rates}")
    return "\n".join(lines)


def _filled(options: Sequence[str], values: dict[str, Any]) -> list[str]:
    filled = []
    for option in options:
        name, _, value = option.partition("=")
        filled.append(f"{name}={values[value[1:-1]]}" if value.startswith("{") else option)
    return filled


def values(config: Config) -> dict[str, Any]:
    """Every option in force, by its name."""
    tables = msgspec.to_builtins(config)
    return {f"{section}.{name}": value for section, table in tables.items() for name, value in table.items()}
