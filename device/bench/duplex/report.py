"""The result as a person reads it."""

from typing import Any

COLUMNS = (
    ("room", 6),
    ("ring s", 8),
    ("echo dB", 9),
    ("delay ms", 10),
    ("drift", 7),
    ("ERLE dB", 9),
    ("itself", 8),
    ("holds", 7),
    ("caught", 8),
    ("pause ms", 10),
    ("word errors", 13),
    ("alone", 7),
    ("heard exact", 13),
)


def as_text(found: dict[str, Any]) -> str:
    """The figures, then a row for every room."""
    at, pause, near = found["machine"], found["pause_ms"], found["echo_at_most_as_loud"]["pause_ms"]
    heard = found["pause_from_audible_ms"]
    pace = "" if found["paced"] else ", not paced"
    figures = (
        (
            "interrupted by itself",
            f"{found['self_interruptions']} times; held for nothing {found['false_holds']} times",
        ),
        ("barge-ins caught", f"{_percent(found['barge_in_caught_rate'])} of {found['barge_ins']}"),
        ("speech to pause", f"p50 {_ms(pause['p50'])}, p95 {_ms(pause['p95'])} ms"),
        ("  from where the user is as loud as the noise", f"p50 {_ms(heard['p50'])}, p95 {_ms(heard['p95'])} ms"),
        ("  where the echo is no louder than the user", f"p50 {_ms(near['p50'])}, p95 {_ms(near['p95'])} ms"),
        ("false wakes", _per_hour(found.get("false_wakes_per_hour"))),
        ("heard text exact", f"{_percent(found['heard_text_exact_rate'])} of {found['heard_text_told']}"),
        ("word errors over the reply", _percent(found["word_error_rate"])),
        ("  of the same words without a reply", _percent(found["word_error_rate_alone"])),
        ("resumed after a noise", f"{_percent(found['noises_resumed_rate'])} of {found['noises']}"),
        ("echo taken away (ERLE)", f"{found['erle_db']} dB"),
    )
    machine = f"{at['cores']} cores of {at['processor']}, load {at['load']}{pace}"
    lines = [
        f"{found['rooms']} rooms, {found['replies']} replies on {machine}",
        ", ".join(found["models"].values()),
        "",
    ]
    lines += [f"{name:44}{value}" for name, value in figures]
    lines += ["", "".join(name.rjust(width) for name, width in COLUMNS)]
    lines += [
        "".join(str(value).rjust(width) for value, (_, width) in zip(_row(one), COLUMNS, strict=True))
        for one in found["by_room"]
    ]
    if found["late_blocks"]:
        lines.append(f"{found['late_blocks']} blocks of sound were late: the machine was overloaded")
    return "\n".join(lines)


def _row(one: dict[str, Any]) -> tuple[object, ...]:
    return (
        one["room"],
        one["ring_seconds"],
        one["echo_db"],
        one["delay_ms"],
        one["drift_ppm"],
        "–" if one["erle_db"] is None else one["erle_db"],
        one["self_interruptions"],
        one["false_holds"],
        _percent(one["barge_in_caught_rate"]),
        _ms(one["pause_ms"]["p50"]),
        _percent(one["word_error_rate"]),
        _percent(one["word_error_rate_alone"]),
        _percent(one["heard_text_exact_rate"]),
    )


def _percent(rate: float | None) -> str:
    return "–" if rate is None else f"{100 * rate:.0f} %"


def _ms(value: float | None) -> str:
    return "–" if value is None else f"{value:.0f}"


def _per_hour(wakes: float | None) -> str:
    return "not measured (the wake word's model is not here)" if wakes is None else f"{wakes:.2f} an hour"
