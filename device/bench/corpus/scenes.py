"""How an utterance is said and what else is heard: speaker, pace, pitch, loudness, noise; pure."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

from device.bench.corpus.sentences import USUAL, Sentence, Templates, sentence

SPEAKER_WEIGHTS = {"piper": 50, "espeak": 25, "flite": 25}
"""How often each engine speaks, where it is there: the most natural one most."""

NOISE_WEIGHTS = {"none": 42, "white": 18, "pink": 25, "babble": 15}
SNRS_DB = {"none": (0,), "white": (30, 20, 15, 10), "pink": (30, 20, 15, 10), "babble": (30, 25, 20)}
"""Talkers are never as loud as the speaker: who is meant would be anybody's guess."""

GAINS_DB = (-3, -6, -10, -15, -21)
TEMPOS = (0.85, 1.0, 1.0, 1.15, 1.3)
PITCHES = (0.88, 0.94, 1.0, 1.0, 1.06, 1.13)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """One utterance of the set, ready to be made.

    `tempo` 1 is the voice's own pace; `pitch` 1 its own pitch, a higher one makes it faster, too. `gain_db` is the
    speech's peak against full scale, `snr_db` the speech's power while there is speech against the noise's.
    """

    name: str
    sentence: Sentence
    engine: str
    voice: str
    tempo: float
    pitch: float
    noise: str
    snr_db: int
    gain_db: int


def scene(seed: int, number: int, speakers: Sequence[tuple[str, str]], templates: Templates = USUAL) -> Scene:
    """The set's utterance `number`, said by one of `speakers`: pairs of an engine and a voice of it."""
    chance = random.Random(f"scene {seed} {number}")  # noqa: S311 - a choice of circumstances
    engines = sorted({engine for engine, _ in speakers})
    engine = chance.choices(engines, weights=[SPEAKER_WEIGHTS.get(name, 10) for name in engines])[0]
    noise = chance.choices(list(NOISE_WEIGHTS), weights=list(NOISE_WEIGHTS.values()))[0]
    return Scene(
        name=f"u{number:04d}.wav",
        sentence=sentence(f"sentence {seed} {number}", templates),
        engine=engine,
        voice=chance.choice([voice for name, voice in speakers if name == engine]),
        tempo=chance.choice(TEMPOS),
        pitch=chance.choice(PITCHES),
        noise=noise,
        snr_db=chance.choice(SNRS_DB[noise]),
        gain_db=chance.choice(GAINS_DB),
    )
