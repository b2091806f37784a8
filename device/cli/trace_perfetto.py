"""A turn's timeline in the Trace Event Format, which ui.perfetto.dev and chrome://tracing open.

The format is Google's "Trace Event Format": a complete event ("X") for each span, an instant ("i") for each moment,
times in microseconds. Slices of one thread must nest, so every kind of span is a thread of its own.
"""

from collections.abc import Mapping
from typing import Any

from device.cli.text import clean
from device.cli.trace_window import in_lanes

PROCESS = 1
MOMENTS = 1
"""The thread of the moments; the spans' come after it."""


def chrome_trace(trace: Mapping[str, Any]) -> dict[str, Any]:
    """The whole file, as JSON has it."""
    begins = [span["begin_ms"] for span in trace["spans"]] + [moment["at_ms"] for moment in trace["moments"]]
    first_ms = min(begins, default=0.0)
    last_ms = max([span["end_ms"] or span["begin_ms"] for span in trace["spans"]] + begins, default=0.0)
    threads: dict[str, int] = {}
    events = [_meta("process_name", 0, f"device, turn {trace['turn']}"), _meta("thread_name", MOMENTS, "moments")]
    for span in in_lanes(trace["spans"]):
        name = f"{span['lane']}: {clean(span['name'])}"
        if name not in threads:
            threads[name] = MOMENTS + 1 + len(threads)
            events.append(_meta("thread_name", threads[name], name))
            events.append(_meta("thread_sort_index", threads[name], threads[name]))
        end_ms = last_ms if span["end_ms"] is None else span["end_ms"]
        events.append(
            {
                "ph": "X",
                "pid": PROCESS,
                "tid": threads[name],
                "name": clean(span["name"]),
                "cat": span["lane"],
                "ts": _us(span["begin_ms"] - first_ms),
                "dur": _us(end_ms - span["begin_ms"]),
                "args": {"note": clean(span["note"])},
            }
        )
    events += [
        {
            "ph": "i",
            "s": "t",
            "pid": PROCESS,
            "tid": MOMENTS,
            "name": moment["name"],
            "cat": "moment",
            "ts": _us(moment["at_ms"] - first_ms),
            "args": {"note": clean(moment["note"])},
        }
        for moment in trace["moments"]
    ]
    about = {key: trace[key] for key in ("turn", "said", "answered", "outcome", "voice_to_voice_ms")}
    return {"traceEvents": events, "displayTimeUnit": "ms", "otherData": {k: str(v) for k, v in about.items()}}


def _meta(kind: str, thread: int, value: str | int) -> dict[str, Any]:
    key = "sort_index" if kind == "thread_sort_index" else "name"
    return {"ph": "M", "pid": PROCESS, "tid": thread, "name": kind, "ts": 0, "args": {key: value}}


def _us(ms: float) -> float:
    return round(ms * 1000.0, 1)
