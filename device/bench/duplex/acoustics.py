"""What the microphone hears in a room: the loudspeaker's echo, the user, the background; sample by sample, pure.

Impulse responses are those of a shoebox by its mirror images (Allen and Berkley, 1979) for the first 60 ms, and noise
that decays as the room does after that. Samples are float32 at 16 kHz, mono.
"""

import math
from collections.abc import Sequence

import numpy as np

from device.bench.corpus.sound import noise, speech_level
from device.bench.duplex.rooms import Place, Room
from device.ports import RECOGNITION_HZ, Samples

SOUND_METRES_PER_SECOND = 343.0
EARLY_SECONDS = 0.06
DIRECT_SAMPLES = 8
"""Half of the band-limited impulse with which each image arrives."""


def impulse_response(room: Room, source: Place, receiver: Place) -> Samples:
    """From `source` to `receiver`, the direct sound at full scale, without the way's own delay."""
    length = math.ceil((room.ring_seconds + 0.02) * RECOGNITION_HZ)
    response = np.zeros(length + 2 * DIRECT_SAMPLES)
    distances, strengths = _images(room, source, receiver)
    direct = distances.min()
    places = (distances - direct) / SOUND_METRES_PER_SECOND * RECOGNITION_HZ + DIRECT_SAMPLES
    around = np.arange(-DIRECT_SAMPLES, DIRECT_SAMPLES)
    for place, strength in zip(places, strengths * direct, strict=True):
        if place < min(EARLY_SECONDS * RECOGNITION_HZ, length):
            first = int(place)
            taps = np.sinc(around - (place - first)) * np.hanning(2 * DIRECT_SAMPLES)
            response[first - DIRECT_SAMPLES : first + DIRECT_SAMPLES] += strength * taps
    return _with_tail(response, room).astype(np.float32)


def _images(room: Room, source: Place, receiver: Place) -> tuple[np.ndarray, np.ndarray]:
    """The distance of every mirror image that arrives early, and how strong it is at a metre's distance from it."""
    x, y, z = room.size
    volume, surface = x * y * z, 2 * (x * y + x * z + y * z)
    # Eyring: the absorption with which the room rings for so long.
    absorption = 1.0 - math.exp(-0.161 * volume / (surface * room.ring_seconds))
    reflection = math.sqrt(1.0 - absorption)
    reach = EARLY_SECONDS * SOUND_METRES_PER_SECOND
    along = []
    for length, at, ear in zip(room.size, source, receiver, strict=True):
        most = math.ceil(reach / (2 * length)) + 1
        periods = np.arange(-most, most + 1)
        offsets = np.concatenate((2 * periods * length + at - ear, 2 * periods * length - at - ear))
        bounces = np.concatenate((np.abs(2 * periods), np.abs(2 * periods - 1)))
        along.append((offsets, bounces))
    offsets = np.stack(np.meshgrid(*(offset for offset, _ in along), indexing="ij"))
    bounces = np.sum(np.meshgrid(*(bounce for _, bounce in along), indexing="ij"), axis=0)
    distances = np.sqrt(np.sum(np.square(offsets), axis=0))
    near = distances < reach
    distances = np.maximum(distances[near], 0.02)
    return distances, reflection ** bounces[near] / distances


def _with_tail(response: np.ndarray, room: Room) -> np.ndarray:
    """The late part: noise under the same decay, as strong where it begins as the early part is there."""
    begin = int(EARLY_SECONDS * RECOGNITION_HZ)
    if len(response) <= begin:
        return response
    seconds = np.arange(len(response)) / RECOGNITION_HZ
    decay = 10.0 ** (-3.0 * seconds / room.ring_seconds)
    chance = np.random.default_rng([room.seed, 1])
    window = response[begin // 2 : begin]
    level = math.sqrt(float(np.mean(window**2))) / max(float(np.sqrt(np.mean(decay[begin // 2 : begin] ** 2))), 1e-9)
    response[begin:] = (chance.normal(0.0, level, len(response)) * decay)[begin:]
    return response


class Convolver:
    """A stream through an impulse response, block by block."""

    def __init__(self, response: Samples) -> None:
        self._response = response
        self._spectra: dict[int, np.ndarray] = {}
        self._tail = np.zeros(len(response) - 1)

    def process(self, samples: Samples) -> Samples:
        """As many samples as came in."""
        if not len(samples):
            return samples
        size = 1 << (len(samples) + len(self._response) - 2).bit_length()
        if size not in self._spectra:
            self._spectra[size] = np.fft.rfft(self._response, size)
        whole = np.fft.irfft(np.fft.rfft(samples, size) * self._spectra[size], size)
        whole = whole[: len(samples) + len(self._tail)]
        whole[: len(self._tail)] += self._tail
        self._tail = whole[len(samples) :].copy()
        return whole[: len(samples)].astype(np.float32)


class Delay:
    """A stream some milliseconds later, on a clock that is `drift_ppm` faster."""

    def __init__(self, delay_ms: float, drift_ppm: float) -> None:
        self._samples = np.zeros(1, np.float32)
        self._first = -1
        """Which sample of the stream is the first that is kept; there is silence before the stream."""
        self._pace = 1.0 + drift_ppm * 1e-6
        self._place = -delay_ms * RECOGNITION_HZ / 1000

    def process(self, samples: Samples) -> Samples:
        """As many samples as came in."""
        self._samples = np.concatenate((self._samples, samples))
        places = self._place + self._pace * np.arange(len(samples))
        self._place += self._pace * len(samples)
        at = np.arange(self._first, self._first + len(self._samples))
        late: Samples = np.interp(places, at, self._samples, left=0.0).astype(np.float32)
        used = min(max(int(self._place) - 1 - self._first, 0), len(self._samples) - 1)
        self._samples, self._first = self._samples[used:], self._first + used
        return late


class Microphone:
    """Hears the loudspeaker, the user and the background of a room, block by block."""

    def __init__(self, room: Room, *, loudspeaker_level: float, others: Sequence[Samples] = ()) -> None:
        """`loudspeaker_level` is the root mean square of what will be played; `others` babble in the background."""
        self._room = room
        self._delay = Delay(room.delay_ms, room.drift_ppm)
        response = impulse_response(room, room.loudspeaker, room.microphone)
        strength = float(np.sqrt(np.sum(response**2)))
        wanted = 10 ** ((room.speech_dbfs + room.echo_db) / 20)
        self._echo = Convolver((response * (wanted / max(loudspeaker_level * strength, 1e-9))).astype(np.float32))
        self._user = impulse_response(room, room.user, room.microphone)
        self._chance = np.random.default_rng([room.seed, 2])
        self._background = noise(room.noise, 10 * RECOGNITION_HZ, self._chance, others)
        self._position = 0

    def user(self, spoken: Samples) -> Samples:
        """A user's whole utterance as it arrives at the microphone, its end ringing on."""
        arrived = np.convolve(spoken, self._user).astype(np.float32)
        level = speech_level(arrived)
        return (arrived * (10 ** (self._room.speech_dbfs / 20) / level if level else 1.0)).astype(np.float32)

    def hear(self, played: Samples, said: Samples) -> Samples:
        """The next block, as loud as it is in the room: what is played now, and what of `user` arrives now."""
        heard: Samples = np.clip(self.echo(played) + said + self._noise(len(played)), -1.0, 1.0).astype(np.float32)
        return heard

    def echo(self, played: Samples) -> Samples:
        """The loudspeaker's part of it alone."""
        bend = self._room.overdrive
        bent = np.tanh(played * (1.0 + 4.0 * bend)) / (1.0 + 4.0 * bend) if bend else played
        return self._echo.process(self._delay.process(bent.astype(np.float32)))

    def _noise(self, length: int) -> Samples:
        places = np.arange(self._position, self._position + length) % len(self._background)
        self._position += length
        background: Samples = self._background[places] * np.float32(10 ** (self._room.noise_dbfs / 20))
        return background
