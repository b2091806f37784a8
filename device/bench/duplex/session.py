"""The measurement: one whole agent, in one simulated room after the other."""

import asyncio
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from device import app
from device.bench import machine, wake
from device.bench.corpus.sound import speech_level, trimmed
from device.bench.duplex import alone, heard
from device.bench.duplex.figures import Outcome, summary
from device.bench.duplex.listening import NotedCanceller, NotedVoice
from device.bench.duplex.rooms import Room, room
from device.bench.duplex.scenes import COUGH, REPLIES, Kind, Scene, scenes, scripted
from device.bench.duplex.stage import Played, Stage
from device.config import Config
from device.core.entries import ReplyEnded, UserSaid
from device.core.events import Event, ShutdownRequested
from device.core.fsm import HELD, Machine
from device.core.utterances import normalized
from device.ports import RECOGNITION_HZ, Samples
from device.runtime.agent import Agent, Surroundings
from device.runtime.faculties import Faculties
from device.runtime.sounding import AUDIBLE

COUGH_SECONDS = 0.25


def measure(
    config: Config,
    *,
    rooms: int,
    barge_ins: int,
    seed: int,
    paced: bool,
    wake_minutes: float,
    on_scene: Callable[[Outcome], None],
) -> dict[str, Any]:
    """Play `rooms` rooms, and `wake_minutes` of talk without the wake word. Raises ModelError, AudioError."""
    import uvloop

    with app.varied_voices(config) as voices:
        speakers = voices.speakers()
        plan = [(room(seed, number), scenes(seed, number, speakers, barge_ins=barge_ins)) for number in range(rooms)]
        own = voices.say(REPLIES[0], engine=speakers[0][0], voice=speakers[0][1], tempo=1.0, pitch=1.0)
        said = {
            scene: _voice(voices, scene) for _, them in plan for scene in them if scene.kind is not Kind.UNDISTURBED
        }
    others = [voice for scene, voice in said.items() if scene.said != COUGH][:8]
    outcomes = uvloop.run(_play(config, plan, said, others, speech_level(own), paced=paced, on_scene=on_scene))
    _, _, recognizer = app.load_hearing(config)
    by_themselves = alone.recognized(plan, said, others, recognizer)
    outcomes = [replace(one, alone=words) for one, words in zip(outcomes, by_themselves, strict=True)]
    return {
        **summary([one for one, _ in plan], outcomes),
        "false_wakes_per_hour": _false_wakes(config, wake_minutes, seed),
        "paced": paced,
        "models": {"vad": config.models.vad, "asr": config.models.asr, "tts": config.models.tts},
        "machine": machine.description(),
    }


def _false_wakes(config: Config, minutes: float, seed: int) -> float | None:
    """None if it is not wanted, or the wake word is not here."""
    if not minutes or not app.model_store().is_installed(config.models.wake):
        return None
    return wake.false_wakes(config, wake.WakeOptions(minutes=minutes, seed=seed), lambda _: None)


def _voice(voices: Any, scene: Scene) -> Samples:
    if scene.said == COUGH:
        chance = np.random.default_rng(len(scene.reply))
        length = round(COUGH_SECONDS * RECOGNITION_HZ)
        envelope = np.exp(-np.arange(length) / (0.06 * RECOGNITION_HZ))
        return (chance.normal(0.0, 0.3, length) * envelope).astype(np.float32)
    spoken: Samples = voices.say(scene.said, engine=scene.engine, voice=scene.voice, tempo=1.0, pitch=scene.pitch)
    return trimmed(spoken)


async def _play(
    config: Config,
    plan: Sequence[tuple[Room, Sequence[Scene]]],
    said: dict[Scene, Samples],
    others: Sequence[Samples],
    loudspeaker_level: float,
    *,
    paced: bool,
    on_scene: Callable[[Outcome], None],
) -> list[Outcome]:
    notes = _Notes(on_scene)
    stage = Stage(
        plan,
        said,
        block_samples=RECOGNITION_HZ * config.audio.block_ms // 1000,
        on_scene=notes.note,
        loudspeaker_level=loudspeaker_level,
        others=others,
    )
    sound = stage.sound = app.recording(stage.sounds(), None, config, paced=paced)
    with tempfile.TemporaryDirectory(prefix="device-bench-") as state:
        surroundings = Surroundings(
            config=config,
            state_directory=Path(state),
            sound=sound,
            fresh=True,
            unpaced=not paced,
            echoes=True,
        )
        async with app.open_agent(surroundings, notes.listen_to, script=scripted) as agent:
            agent.loop.observe(notes.observe)
            stage.agent = agent
            ending = asyncio.create_task(_end_after(stage, agent))
            await agent.run()
            await ending
    return notes.outcomes


async def _end_after(stage: Stage, agent: Agent) -> None:
    while not stage.ended:
        await asyncio.sleep(0.05)
    await asyncio.sleep(0.1)
    agent.loop.post(ShutdownRequested())


class _Notes:
    """Makes an outcome of each scene, of what the agent remembers and what came out of it."""

    def __init__(self, on_scene: Callable[[Outcome], None]) -> None:
        self._on_scene = on_scene
        self._voice: NotedVoice | None = None
        self._canceller: NotedCanceller | None = None
        self._holds = 0
        self._after_id = 0
        self.outcomes: list[Outcome] = []

    def listen_to(self, faculties: Faculties) -> None:
        """Note what the voice makes and what the canceller leaves."""
        assert faculties.synthesizer is not None
        faculties.synthesizer = self._voice = NotedVoice(faculties.synthesizer)
        if faculties.canceller is not None:
            faculties.canceller = self._canceller = NotedCanceller(faculties.canceller)

    def observe(self, before: Machine, event: Event, after: Machine) -> None:
        """Count the holds."""
        del event
        self._holds += before.state not in HELD and after.state in HELD

    def note(self, agent: Agent, played: Played) -> None:
        """A scene is over."""
        assert self._voice is not None
        records = agent.dialogue.ledger.records(self._after_id)
        self._after_id = records[-1].id if records else self._after_id
        replies = [record.entry for record in records if isinstance(record.entry, ReplyEnded)]
        spoken = [
            record.entry.text for record in records if isinstance(record.entry, UserSaid) and not record.entry.typed
        ]
        first = replies[0] if replies else None
        out = np.concatenate([block for _, block in played.out]) if played.out else np.zeros(0, np.float32)
        made = [speech for speech in self._voice.made if first is not None]
        at = heard.position(made, out)
        room_power = 10 ** (played.room.noise_dbfs / 10)
        outcome = Outcome(
            room=played.room.name,
            kind=played.scene.kind,
            said=played.scene.said,
            recognized=" ".join(spoken),
            interrupted=first is not None and first.interrupted,
            holds=self._holds,
            pause_ms=_pause_ms(played, played.onset_sample),
            pause_from_audible_ms=_pause_ms(played, played.audible_sample),
            heard=normalized(first.heard) if first is not None else "",
            truly_heard=None if at is None else heard.words(made, at),
            erle_db=self._canceller.erle_db(room_power) if self._canceller is not None else None,
            late_blocks=played.late_blocks,
        )
        self._holds = 0
        self._voice.made.clear()
        self.outcomes.append(outcome)
        self._on_scene(outcome)


def _pause_ms(played: Played, onset_sample: int | None) -> float | None:
    """From this sample of the user's speech to the reply's last audible one; 0 where it was silent by then."""
    if onset_sample is None:
        return None
    for at, block in reversed(played.out):
        loud = np.flatnonzero(np.abs(block) > AUDIBLE)
        if len(loud):
            last = at + (int(loud[-1]) + 1) * RECOGNITION_HZ / played.hz
            return max(last - onset_sample, 0.0) / RECOGNITION_HZ * 1000
    return None
