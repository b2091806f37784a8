"""Sound as arrays: pauses put into speech, noise of several colours, mixtures at a given ratio; pure.

Samples are float32 at 16 kHz, mono.
"""

from collections.abc import Sequence

import numpy as np

from device.ports import RECOGNITION_HZ, Samples

FRAME_SAMPLES = RECOGNITION_HZ // 100
QUIET = 10 ** (-35 / 20)
"""A frame whose peak is this far under the clip's is a gap between words."""

SHORTEST_GAP_FRAMES = 4
ROOM = 10 ** (-70 / 20)
"""Root mean square of the noise of a very quiet room."""
BABBLE_VOICES = 5


def trimmed(speech: Samples) -> Samples:
    """Speech without what is under -40 dB of its peak at either end, cut at 10 ms frames."""
    loud = np.flatnonzero(_frame_peaks(speech) >= 10 ** (-40 / 20) * np.abs(speech).max(initial=0.0))
    return speech[loud[0] * FRAME_SAMPLES : (loud[-1] + 1) * FRAME_SAMPLES] if len(loud) else speech


def gaps(speech: Samples) -> list[tuple[int, int]]:
    """The silent stretches inside speech, in samples, first to last."""
    quiet = _frame_peaks(speech) < QUIET * np.abs(speech).max(initial=0.0)
    edges = np.flatnonzero(np.diff(np.concatenate(([0], quiet.astype(np.int8), [0]))))
    runs = zip(edges[::2], edges[1::2], strict=True)
    frames = len(quiet)
    return [
        (int(start) * FRAME_SAMPLES, int(end) * FRAME_SAMPLES)
        for start, end in runs
        if end - start >= SHORTEST_GAP_FRAMES and start > 0 and end < frames
    ]


def with_pauses(speech: Samples, commas: int, pauses_ms: dict[int, int]) -> tuple[Samples, list[tuple[float, float]]]:
    """Lengthen (or shorten) the gap at some of the `commas` of what was said to so many milliseconds.

    `pauses_ms` is by the comma's number, from 0. A voice pauses at commas, so they are its longest gaps; where it made
    fewer gaps than there are commas, the longest ones are taken. Returns the new speech and its pauses: their
    beginning and length in seconds.
    """
    longest = sorted(sorted(gaps(speech), key=lambda gap: gap[0] - gap[1])[:commas])
    if len(longest) == commas:
        chosen = {longest[comma]: ms for comma, ms in pauses_ms.items()}
    else:
        by_length = sorted(longest, key=lambda gap: gap[0] - gap[1])
        chosen = dict(zip(by_length, pauses_ms.values(), strict=False))
    parts: list[Samples] = []
    placed: list[tuple[float, float]] = []
    position = length = 0
    for start, end in sorted(chosen):
        wanted = chosen[start, end] * RECOGNITION_HZ // 1000
        before = speech[position:start]
        parts += [before, _of_length(speech[start:end], wanted)]
        placed.append(((length + len(before)) / RECOGNITION_HZ, wanted / RECOGNITION_HZ))
        length += len(before) + wanted
        position = end
    return np.concatenate([*parts, speech[position:]]), placed


def noise(colour: str, length: int, chance: np.random.Generator, others: Sequence[Samples]) -> Samples:
    """Noise with a power of 1: "white", "pink" (1/f), or "babble" of several `others` speaking at once."""
    if colour == "babble" and others:
        sound = np.sum([_looped(others[int(one)], length, chance) for one in _voices(chance, len(others))], axis=0)
    else:
        sound = chance.normal(0.0, 1.0, length)
    if colour == "pink":
        spectrum = np.fft.rfft(sound)
        spectrum[1:] /= np.sqrt(np.arange(1, len(spectrum)))
        spectrum[0] = 0.0
        sound = np.fft.irfft(spectrum, length)
    power = float(np.sqrt(np.mean(sound**2)))
    unit: Samples = (sound / power if power else sound).astype(np.float32)
    return unit


def mixed(speech: Samples, background: Samples, at_sample: int, *, snr_db: float) -> Samples:
    """`speech` from `at_sample` on over `background` (power 1), which is made `snr_db` weaker than the speech.

    The speech's power is that of its louder frames: pauses in it do not make the noise weaker.
    """
    total = np.zeros(len(background), np.float32)
    total[at_sample : at_sample + len(speech)] = speech
    level = speech_level(speech) * 10 ** (-snr_db / 20)
    mixture: Samples = np.clip(total + background * level, -1.0, 1.0).astype(np.float32)
    return mixture


def speech_level(speech: Samples) -> float:
    """Root mean square of the frames within 30 dB of the loudest one."""
    whole = len(speech) - len(speech) % FRAME_SAMPLES
    powers = np.mean(speech[:whole].reshape(-1, FRAME_SAMPLES) ** 2, axis=1)
    return float(np.sqrt(np.mean(powers[powers >= powers.max() * 1e-3]))) if len(powers) and powers.max() else 0.0


def _frame_peaks(speech: Samples) -> Samples:
    whole = len(speech) - len(speech) % FRAME_SAMPLES
    peaks: Samples = np.abs(speech[:whole]).reshape(-1, FRAME_SAMPLES).max(axis=1, initial=0.0)
    return peaks


def _of_length(gap: Samples, wanted: int) -> Samples:
    """The gap's ends, so that words fade as they did, with silence between them or none."""
    half = min(len(gap), wanted) // 2
    middle = np.zeros(wanted - 2 * half, np.float32)
    return np.concatenate((gap[:half], middle, gap[len(gap) - half :]))


def _voices(chance: np.random.Generator, others: int) -> Sequence[int]:
    return [int(one) for one in chance.integers(0, others, BABBLE_VOICES)]


def _looped(sound: Samples, length: int, chance: np.random.Generator) -> Samples:
    repeated: Samples = np.tile(sound, -(-length // len(sound)) + 1)
    start = int(chance.integers(0, len(sound)))
    level = speech_level(sound)
    return repeated[start : start + length] / level if level else repeated[start : start + length]
