"""The comparison as a person reads it."""

from collections.abc import Sequence
from typing import Any

_FIGURES = (
    ("first answer begins", "time_to_first_word_s", "{:.2f} s"),
    ("  p95", "time_to_first_word_s_p95", "{:.2f} s"),
    ("all answers heard", "time_to_all_answers_s", "{:.2f} s"),
    ("  p95", "time_to_all_answers_s_p95", "{:.2f} s"),
    ("answers heard", "completion_rate", "{:.1%}"),
    ("words lost", "words_lost", "{}"),
    ("processor time", "cpu_s", "{:.1f} s"),
    ("peak memory", "peak_rss_bytes", "{:.0f} MB"),
)


def as_text(result: dict[str, Any]) -> str:
    """A table of both modes, the rows of the workloads, and what overlap allows."""
    modes = [mode for mode in ("async", "sync") if mode in result]
    machine = result["machine"]
    lines = [
        f"{len(result['workloads'])} workloads on {machine['cores']} cores of {machine['processor']}",
        _decided(result),
        "",
        _line("", modes),
        *(_line(name, [_figure(result[mode][key], form) for mode in modes]) for name, key, form in _FIGURES),
        "",
        *_workloads(result["workloads"], modes),
        "",
        f"Overlap allows {result['overlap_bound']:.2f} times the pace of strict turns"
        + (
            f"; reached were {result['speedup']:.2f} times, {result['share_of_bound']:.0%} of that "
            f"(the median workload {result['share_of_bound_p50']:.0%})."
            if "speedup" in result
            else "."
        ),
    ]
    return "\n".join(lines)


def _decided(result: dict[str, Any]) -> str:
    who = "A script decides" if result["decisions"] == "script" else "The model decides"
    return f"{who} what is said; {result['models']['llm']} computes it."


def _workloads(rows: Sequence[dict[str, Any]], modes: Sequence[str]) -> list[str]:
    width = max(len(row["name"]) for row in rows)
    head = f"{'all answers heard after':{width}}" + "".join(f"{mode:>9}" for mode in (*modes, "at best", "serial"))
    return [
        head,
        *(
            f"{row['name']:{width}}"
            + "".join(f"{row[mode]['time_to_all_answers_s']:7.1f} s" for mode in modes)
            + f"{row['overlapped_s']:7.1f} s{row['serial_s']:7.1f} s"
            for row in rows
        ),
    ]


def _line(name: str, values: Sequence[str]) -> str:
    return f"{name:22}" + "".join(f"{value:>12}" for value in values)


def _figure(value: float | None, form: str) -> str:
    if value is None:
        return "never"
    return form.format(value / 1e6 if form.endswith("MB") else value)
