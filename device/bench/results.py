"""A measurement of latency as it is kept (JSON) and as a person reads it."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from device.bench import machine
from device.bench.figures import PARTS, Utterance
from device.bench.session import Session
from device.bench.statistics import percentiles, rate_interval, typical_split
from device.config import Config

PART_NAMES = {
    "endpoint": "endpoint decided",
    "recognition": "words",
    "first_piece": "first text",
    "first_chunk": "first sound",
}


def result(config: Config, session: Session) -> dict[str, Any]:
    """A session's result, in the form that is kept."""
    models = config.models
    names = {"vad": models.vad, "turn": models.turn, "asr": models.asr, "tts": models.tts, "llm": session.model_name}
    return {
        **summary(session.utterances),
        "late_blocks": session.late_blocks,
        "models": names,
        "machine": machine.description(),
        "utterances": [asdict(one) for one in session.utterances],
    }


def summary(utterances: Sequence[Utterance]) -> dict[str, Any]:
    """The figures of all utterances together.

    Percentiles are of those that were answered and not cut off; `split_ms` is the typical one's and adds up to the
    p50.
    """
    answered = [one for one in utterances if one.voice_to_voice_ms is not None]
    cut_off = sum(one.cut_off for one in utterances)
    return {
        "n": len(utterances),
        "voice_to_voice_ms": percentiles([one.voice_to_voice_ms or 0.0 for one in answered]),
        "split_ms": typical_split([one.split_ms for one in answered]) or dict.fromkeys(PARTS),
        "split_percentiles_ms": {name: percentiles([one.split_ms[name] for one in answered]) for name in PARTS},
        "cut_off_rate": round(cut_off / len(utterances), 4) if utterances else 0.0,
        "cut_off_interval": [round(bound, 4) for bound in rate_interval(cut_off, len(utterances))],
        "early_endpoints": sum(one.early_endpoints > 0 for one in utterances),
        "unanswered": len(utterances) - len(answered) - cut_off,
    }


def merged(results: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Several results of one configuration as one."""
    utterances = [Utterance(**one) for each in results for one in each["utterances"]]
    late_blocks = sum(each["late_blocks"] for each in results)
    return {
        **results[0],
        **summary(utterances),
        "late_blocks": late_blocks,
        "utterances": list(map(asdict, utterances)),
    }


def as_text(found: dict[str, Any]) -> str:
    """The result as a person reads it."""
    at, models = found["machine"], found["models"]
    lines = [
        f"{found['n']} utterances on {at['cores']} cores of {at['processor']} (load {at['load']})",
        ", ".join(models.values()),
        f"{found['unanswered']} unanswered, {_percent(found['cut_off_rate'])} cut off",
        "",
        f"{'milliseconds':24}{'p50':>8}{'p90':>8}{'p95':>8}",
        _row("voice to voice", found["voice_to_voice_ms"]),
        *(_row(f"  {PART_NAMES[name]}", found["split_percentiles_ms"][name]) for name in PARTS),
        "",
        "of the p50: " + " + ".join(f"{PART_NAMES[name]} {_ms(found['split_ms'][name])}" for name in PARTS),
    ]
    if found["late_blocks"]:
        lines.append(f"{found['late_blocks']} blocks of sound were late: the machine was overloaded")
    return "\n".join(lines)


def _row(name: str, figures: dict[str, float | None]) -> str:
    return f"{name:24}" + "".join(f"{_ms(value):>8}" for value in figures.values())


def _ms(value: float | None) -> str:
    return "–" if value is None else f"{value:.0f}"


def _percent(rate: float) -> str:
    return f"{100 * rate:.1f} %"
