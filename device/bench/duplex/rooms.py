"""Rooms to talk in: their size, how long they ring, who stands where, how loud the loudspeaker is; pure."""

import random
from dataclasses import dataclass, replace

Place = tuple[float, float, float]
"""Metres from a corner of the floor."""

SIZES = ((2.4, 2.0, 2.3), (3.2, 2.7, 2.4), (4.5, 3.6, 2.5), (6.0, 4.4, 2.7), (8.5, 6.0, 3.2))
RINGS_SECONDS = (0.15, 0.25, 0.35, 0.5, 0.8)
ECHOES_DB = (-6, 0, 3, 6, 10)
DELAYS_MS = (5, 20, 40, 80, 150, 250)
DRIFTS_PPM = (0, 0, 0, 20, -60, 100)
NOISES = ("white", "pink", "babble")
NOISES_DBFS = (-75, -65, -58, -52)
BABBLE_SOFTER_DB = 12
"""Other people's voices are in the background; nearer ones the agent may rightly take for somebody who talks to it."""

WALL_METRES = 0.3
"""Nobody stands nearer to a wall than this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """A room with a device and a user in it.

    `ring_seconds` is its reverberation time (-60 dB). At the microphone the user's speech has `speech_dbfs`, the
    device's own is `echo_db` louder, the background has `noise_dbfs`. What is handed to the loudspeaker is heard
    `delay_ms` later; its clock is `drift_ppm` faster than the microphone's. `overdrive` bends the loudspeaker's
    peaks: 0 is a perfect one.
    """

    name: str
    size: Place
    ring_seconds: float
    loudspeaker: Place
    microphone: Place
    user: Place
    speech_dbfs: float = -30.0
    echo_db: float = 6.0
    noise: str = "pink"
    noise_dbfs: float = -65.0
    delay_ms: float = 20.0
    drift_ppm: float = 0.0
    overdrive: float = 0.0
    seed: int = 0


def room(seed: int, number: int) -> Room:
    """Room `number` of the set of `seed`."""
    chance = random.Random(f"room {seed} {number}")  # noqa: S311 - a choice of circumstances
    size = chance.choice(SIZES)
    microphone = _inside(chance, size, height=chance.uniform(0.7, 1.2))
    loudspeaker = _near(chance, microphone, size, metres=chance.choice((0.06, 0.12, 0.3, 0.6)))
    user = _near(chance, microphone, size, metres=chance.choice((0.4, 0.7, 1.0, 1.5)), height=1.3)
    made = Room(
        name=f"r{number:03d}",
        size=size,
        ring_seconds=chance.choice(RINGS_SECONDS),
        loudspeaker=loudspeaker,
        microphone=microphone,
        user=user,
        echo_db=chance.choice(ECHOES_DB),
        noise=chance.choice(NOISES),
        noise_dbfs=chance.choice(NOISES_DBFS),
        delay_ms=chance.choice(DELAYS_MS),
        drift_ppm=chance.choice(DRIFTS_PPM),
        overdrive=chance.choice((0.0, 0.0, 0.3)),
        seed=chance.randrange(1 << 30),
    )
    return replace(made, noise_dbfs=made.noise_dbfs - BABBLE_SOFTER_DB) if made.noise == "babble" else made


def _inside(chance: random.Random, size: Place, *, height: float) -> Place:
    x, y = (chance.uniform(WALL_METRES, length - WALL_METRES) for length in size[:2])
    return x, y, height


def _near(chance: random.Random, place: Place, size: Place, *, metres: float, height: float | None = None) -> Place:
    """A place `metres` away on the floor's plane, or as far as the walls let it."""
    candidates = []
    for _ in range(24):
        dx, dy = chance.uniform(-1.0, 1.0), chance.uniform(-1.0, 1.0)
        length = max((dx * dx + dy * dy) ** 0.5, 1e-3)
        x, y = (
            min(max(at + metres * step / length, WALL_METRES / 2), wall - WALL_METRES / 2)
            for at, step, wall in ((place[0], dx, size[0]), (place[1], dy, size[1]))
        )
        off = abs(((x - place[0]) ** 2 + (y - place[1]) ** 2) ** 0.5 - metres)
        candidates.append((off, x, y))
    _, x, y = min(candidates)
    return x, y, place[2] + 0.03 if height is None else height
