"""Talking for long on a real sound card, and counting the sound that was lost."""

import asyncio
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from device import app
from device.bench import machine
from device.bench.duplex.scenes import REPLIES
from device.config import Config
from device.core.events import ShutdownRequested, TextTyped
from device.runtime.agent import Surroundings

TELL_SECONDS = 60.0
POLL_SECONDS = 0.25


def _said_as_asked(prompt: str) -> str:
    newest = prompt.rsplit("<|im_start|>", 2)[-2]
    return newest.partition("Say: ")[2].partition("<|im_end|>")[0].strip()


async def measure(config: Config, *, seconds: float, tell: Callable[[str], None]) -> dict[str, Any]:
    """Talk for so long. Raises AudioError, ModelError."""
    card = app.sound_card(config)
    with tempfile.TemporaryDirectory(prefix="device-soak-") as state:
        surroundings = Surroundings(config=config, state_directory=Path(state), sound=card, fresh=True, echoes=True)
        async with app.open_agent(surroundings, script=_said_as_asked) as agent:
            living = asyncio.create_task(agent.run())
            begin, cpu = time.monotonic(), machine.cpu_seconds()
            replies, told = 0, begin
            before = card.underruns, card.overruns
            while (now := time.monotonic()) - begin < seconds:
                if agent.settled:
                    agent.loop.post(TextTyped(text=f"Say: {REPLIES[replies % len(REPLIES)]}"))
                    replies += 1
                if now - told >= TELL_SECONDS:
                    told = now
                    tell(f"{(now - begin) / 60:.0f} min: {card.underruns} underruns, {card.overruns} overruns")
                await asyncio.sleep(POLL_SECONDS)
            result = {
                "seconds": round(time.monotonic() - begin, 1),
                "replies": replies,
                "underruns": card.underruns - before[0],
                "overruns": card.overruns - before[1],
                "lost_by_agent": agent.capture.overruns if agent.capture is not None else 0,
                "gaps_in_speech_ms": _gaps_ms(agent),
                "worst_wait_ms": round(1000 * card.worst_wait_seconds, 2),
                "worst_block_ms": round(1000 * card.worst_block_seconds, 2),
                "block_ms": config.audio.block_ms,
                "cores_used": round((machine.cpu_seconds() - cpu) / (time.monotonic() - begin), 3),
                "card": card.name,
                "machine": machine.description(),
            }
            agent.loop.post(ShutdownRequested())
            await living
    return result


def _gaps_ms(agent: Any) -> float:
    """Silence inside replies because the next piece was not ready."""
    playback = agent.playback
    return round(1000 * playback.underrun_samples / max(playback.output_hz, 1), 1) if playback is not None else 0.0


def as_text(found: dict[str, Any]) -> str:
    """The result as a person reads it."""
    at, minutes = found["machine"], found["seconds"] / 60
    machine_name = f"{at['cores']} cores of {at['processor']} (load {at['load']})"
    waits = f"{found['worst_wait_ms']} ms, longest block {found['worst_block_ms']} ms of {found['block_ms']} ms"
    lines = [
        f"{found['card']}: {minutes:.1f} minutes, {found['replies']} replies, on {machine_name}",
        f"nothing to play in time   {found['underruns']} times",
        f"captured sound lost       {found['overruns']} times by the card, {found['lost_by_agent']} by the agent",
        f"silence inside replies    {found['gaps_in_speech_ms']} ms",
        f"longest wait for the interpreter {waits}",
        f"{found['cores_used']} of a core",
    ]
    return "\n".join(lines)
