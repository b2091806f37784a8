"""Everything that one screen can tell of an agent, as plain values; what is not known is None."""

import os
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from device.runtime.agent import Agent
from device.runtime.child import Home
from device.runtime.turns import Turn

LAST_TURNS = 4
STATES_SECONDS = 60.0
"""So far back the states are told."""


async def overview(agent: Agent, *, version: str, began_seconds: float) -> dict[str, Any]:
    """How the agent fares. `began_seconds` is when it was ready, by its monotonic clock."""
    machine, insight = agent.loop.machine, agent.insight
    vitals = await insight.vitals.read()
    mishap = insight.mishaps.last()
    return {
        "state": machine.state.visible.value,
        "mode": agent.presence.mode.value,
        "muted": agent.muted,
        "turn": machine.turn,
        "version": version,
        "pid": os.getpid(),
        "uptime_seconds": round(agent.faculties.clock.monotonic_seconds() - began_seconds, 1),
        "waiting_events": len(agent.loop.inbox),
        "troubles": sorted(agent.troubles.names),
        "models": models(agent),
        "board": {"name": agent.board.name if agent.board is not None else None, **_board(vitals)},
        "memory": _picked(vitals, "resident_bytes", "peak_resident_bytes", "memory_free_bytes", "memory_total_bytes"),
        "sound": sound(agent),
        "contexts": contexts(agent),
        "turns": [summary(turn) for turn in insight.turns.last(LAST_TURNS)],
        "latency": insight.turns.latency(),
        "rehearsals": {"kept": agent.dispatcher.speculator.kept, "dropped": agent.dispatcher.speculator.dropped},
        "last_error": None if mishap is None else asdict(mishap),
    }


def live(agent: Agent) -> dict[str, Any]:
    """What changes from one moment to the next."""
    turns = agent.insight.turns.last(1)
    under_way = agent.dispatcher.replying or agent.loop.machine.state.replying
    return {
        "seconds": agent.faculties.clock.monotonic_seconds(),
        "states": agent.insight.glance.states(STATES_SECONDS),
        "words": agent.insight.glance.words,
        "reply": turns[0].answered if turns and under_way else "",
        "tokens": agent.dispatcher.written_tokens,
        "generating": agent.dispatcher.replying,
        "rehearsing": agent.dispatcher.speculator.busy,
    }


def models(agent: Agent) -> dict[str, str]:
    """The models that are in use, by their role."""
    names, faculties = agent.surroundings.config.models, agent.faculties
    there = {
        "llm": faculties.model,
        "asr": faculties.recognizer,
        "tts": faculties.synthesizer,
        "vad": faculties.detector,
        "turn": faculties.turn_detector,
        "wake": faculties.wake,
    }
    return {role: getattr(names, role) for role, model in there.items() if model is not None}


def sound(agent: Agent) -> dict[str, Any] | None:
    """The sound card, how loud it is at the microphone, and what was lost; None for an agent without."""
    device, capture, playback = agent.surroundings.sound, agent.capture, agent.playback
    if device is None:
        return None
    underrun = 0.0
    if playback is not None and playback.output_hz:
        underrun = playback.underrun_samples / playback.output_hz
    return {
        "device": device.name,
        "input_hz": device.input_hz,
        "output_hz": device.output_hz,
        "microphone_db": None if capture is None else round(capture.meter.level_db, 1),
        "loudest_db": None if capture is None else round(capture.meter.loudest_db, 1),
        "volume": None if agent.voice_controls is None else round(agent.voice_controls.volume, 2),
        "xruns": device.xruns,
        "overruns": 0 if capture is None else capture.overruns,
        "underrun_seconds": round(underrun, 3),
    }


def homes(agent: Agent) -> list[tuple[Home, Home | None, str]]:
    """The contexts at work, the dialogue's first, each with its parent and the call of it that began it."""
    found: list[tuple[Home, Home | None, str]] = [(agent.home, None, "")]
    for home, _, _ in found:
        for call_id, children in home.children.items():
            found += [(child.home, home, call_id) for child in children]
    return found


def contexts(agent: Agent) -> list[dict[str, Any]]:
    """The contexts at work with their calls under way, parents before their children."""
    return [
        {
            "id": home.context_id,
            "parent": None if parent is None else parent.context_id,
            "of_call": of_call,
            "calls": [
                {
                    "id": call.call_id,
                    "tool": call.name,
                    "arguments": dict(call.arguments),
                    "seconds": round(call.seconds, 1),
                    "progress": call.progress,
                }
                for call in home.runner.open_calls()
            ],
        }
        for home, parent, of_call in homes(agent)
    ]


def summary(turn: Turn) -> dict[str, Any]:
    """A turn in a few words."""
    return {
        "turn": turn.number,
        "wall_seconds": round(turn.wall_seconds, 3),
        "cause": turn.cause,
        "said": turn.said,
        "answered": turn.answered,
        "outcome": turn.outcome,
        "failure": turn.failure,
        "voice_to_voice_ms": turn.voice_to_voice_ms,
    }


def _board(vitals: Mapping[str, float | str]) -> dict[str, float | str | None]:
    return _picked(vitals, "temperature_celsius", "throttled", "disk_free_bytes", "disk_total_bytes", "address")


def _picked(vitals: Mapping[str, float | str], *names: str) -> dict[str, float | str | None]:
    return {name: vitals.get(name) for name in names}
