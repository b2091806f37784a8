"""The agent's metrics; nothing that was said is in them."""

from collections.abc import Iterable, Mapping
from typing import Any

from device.core.exposition import Family, Sample, histogram
from device.core.fsm import State
from device.runtime.agent import Agent
from device.runtime.overview import overview
from device.runtime.turns import BUCKETS_SECONDS

VISIBLE = (State.IDLE, State.LISTENING, State.GENERATING, State.EMITTING)


async def metrics(agent: Agent, *, version: str, began_seconds: float) -> list[Family]:
    """Every metric as it is now."""
    view = await overview(agent, version=version, began_seconds=began_seconds)
    models = [({"role": role, "name": name}, 1) for role, name in view["models"].items()]
    totals = agent.insight.turns.totals
    found = [
        _gauge("device_info", "The agent and its board.", [(_known(version=version, board=view["board"]["name"]), 1)]),
        _gauge("device_model_info", "The models in use.", models),
        _gauge("device_uptime_seconds", "Since the agent was ready.", [({}, view["uptime_seconds"])]),
        _gauge("device_state", "1 for the state it is in.",
               [({"state": one.value}, view["state"] == one.value) for one in VISIBLE]),
        _gauge("device_muted", "Whether the microphone is closed.", [({}, view["muted"])]),
        _gauge("device_troubles", "What keeps it from its work.", [({}, len(view["troubles"]))]),
        _gauge("device_waiting_events", "Events in the inbox.", [({}, view["waiting_events"])]),
        _gauge("device_contexts", "Contexts at work, the dialogue's included.", [({}, len(view["contexts"]))]),
        _gauge("device_open_calls", "Tool calls under way.",
               [({}, sum(len(context["calls"]) for context in view["contexts"]))]),
        _counter("device_turns_total", "Turns by what began them.", _by("cause", totals.turns)),
        _counter("device_replies_total", "Replies by how they ended.", _by("outcome", totals.replies)),
        _counter("device_calls_total", "Tool calls by how they ended.", _by("status", totals.calls)),
        _counter("device_rehearsals_total", "Replies prepared early.", _by("outcome", totals.rehearsals)),
        _counter("device_tokens_total", "Tokens that the model wrote in replies.", [({}, totals.tokens)]),
        _counter("device_writing_seconds_total", "What those took from each reply's first token on.",
                 [({}, totals.writing_seconds)]),
        histogram("device_voice_to_voice_seconds", "From the user's last sound to the reply's first.",
                  BUCKETS_SECONDS, totals.latency_buckets, totals.latency_seconds),
        _counter("device_log_messages_total", "Warnings and errors in the log.",
                 _by("level", agent.insight.mishaps.counts)),
    ]  # fmt: skip
    return [*found, *_of_sound(view["sound"]), *_of_computer(view)]


def _of_sound(sound: Mapping[str, Any] | None) -> list[Family]:
    if sound is None:
        return []
    lost = [({"where": where}, sound[where]) for where in ("xruns", "overruns")]
    found = [
        _counter("device_sound_lost_total", "How often sound was lost: by the card, or since the loop was late.", lost),
        _counter("device_underrun_seconds_total", "Silence in replies that came too late.",
                 [({}, sound["underrun_seconds"])]),
    ]  # fmt: skip
    if sound["microphone_db"] is not None:
        level = float(sound["microphone_db"])
        found.append(_gauge("device_microphone_level_dbfs", "The microphone's level of this moment.", [({}, level)]))
    return found


def _of_computer(view: Mapping[str, Any]) -> list[Family]:
    board, memory = view["board"], view["memory"]
    throttled = board["throttled"]
    now = None if throttled is None else not (throttled == "no" or throttled.endswith("since the start"))
    known = (
        ("device_resident_bytes", "Memory that the agent's process has.", memory["resident_bytes"]),
        ("device_peak_resident_bytes", "The most that it had.", memory["peak_resident_bytes"]),
        ("device_memory_free_bytes", "Memory that programs can still have.", memory["memory_free_bytes"]),
        ("device_disk_free_bytes", "Room on the disk of the conversation.", board["disk_free_bytes"]),
        ("device_temperature_celsius", "The processor's temperature.", board["temperature_celsius"]),
        ("device_throttled", "Whether the board is slowed down or lacks power now.", now),
    )
    return [_gauge(name, explained, [({}, value)]) for name, explained, value in known if value is not None]


def _gauge(name: str, explained: str, samples: Iterable[tuple[dict[str, str], float]]) -> Family:
    return _family(name, "gauge", explained, samples)


def _counter(name: str, explained: str, samples: Iterable[tuple[dict[str, str], float]]) -> Family:
    return _family(name, "counter", explained, samples)


def _family(name: str, kind: str, explained: str, samples: Iterable[tuple[dict[str, str], float]]) -> Family:
    told = tuple(Sample(labels=labels, value=float(value)) for labels, value in samples)
    return Family(name=name, kind=kind, help=explained, samples=told)


def _by(label: str, counts: Mapping[str, int]) -> list[tuple[dict[str, str], float]]:
    return [({label: name}, count) for name, count in sorted(counts.items())]


def _known(**labels: str | None) -> dict[str, str]:
    return {name: value for name, value in labels.items() if value}
