"""Measuring a sound card as it stands in its room: levels, the way from the loudspeaker to the microphone and back."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from device.ports import AudioDevice, EchoCanceller, Samples
from device.runtime.echo import EchoRemover

STARTING_SECONDS = 0.3
"""What a card loses while it starts does not count."""

QUIET_SECONDS = 1.0
TONE_SECONDS = 1.5
AFTER_SECONDS = 0.8
SPEECH_SECONDS = 3.0
TONE_PEAK = 0.25
LOWEST_HZ, HIGHEST_HZ = 200.0, 6000.0
LONGEST_DELAY_SECONDS = 0.7
CLEARLY = 8.0
"""A peak of the correlation so many times above its usual size is the loudspeaker, heard by the microphone."""

PATIENCE_SECONDS = 5.0
FRAME_SECONDS = 0.05


@dataclass(frozen=True, kw_only=True)
class Found:
    """What was measured; levels in dB of full scale (root mean square)."""

    name: str
    rate_hz: int
    quiet_db: float
    echo_db: float | None
    """The loudspeaker's sound at the microphone; None if it is not heard there."""
    echo_return_loss_db: float | None
    """By how much that is weaker than what was played."""
    delay_ms: float | None
    device_delay_ms: float
    """The delay that the device itself states."""
    cancelled_db: float | None
    """By how much the echo canceller weakened it, where that was tried."""
    speech_db: float | None
    loudest: float
    """The largest sample that was captured, of 1."""
    xruns: int
    worst_wait_ms: float
    worst_block_ms: float
    block_ms: float
    played_levels_db: list[float] = field(default_factory=list)
    captured_levels_db: list[float] = field(default_factory=list)


class Tape:
    """Plays sounds on an open device, one after the other, and records beside them."""

    def __init__(self) -> None:
        self._playing: Samples = np.zeros(0, np.float32)
        self._recorded: Samples = np.zeros(0, np.float32)
        self._at = 0
        self._done = threading.Event()
        self._done.set()

    def exchange(self, captured: Samples, out: Samples) -> None:
        """The device's thread asks for the next block."""
        left = len(self._playing) - self._at
        count = min(left, len(out))
        out[:] = 0.0
        if count > 0:
            out[:count] = self._playing[self._at : self._at + count]
            self._recorded[self._at : self._at + count] = captured[:count]
            self._at += count
        if left <= count:
            self._done.set()

    def play(self, sound: Samples, rate_hz: int) -> Samples:
        """What was captured meanwhile, from the same moment on. Raises TimeoutError if the device stops asking."""
        self._recorded = np.zeros_like(sound)
        self._done.clear()
        self._at = 0
        self._playing = sound
        if not self._done.wait(len(sound) / rate_hz + PATIENCE_SECONDS):
            raise TimeoutError
        return self._recorded


def sweep(rate_hz: int) -> Samples:
    """A tone that rises evenly by octaves, faded in and out."""
    seconds = np.arange(round(TONE_SECONDS * rate_hz)) / rate_hz
    octaves = np.log(HIGHEST_HZ / LOWEST_HZ)
    phase = 2 * np.pi * LOWEST_HZ * TONE_SECONDS / octaves * (np.exp(seconds / TONE_SECONDS * octaves) - 1.0)
    fade = np.minimum(1.0, np.minimum(seconds, TONE_SECONDS - seconds) / 0.02)
    tone: Samples = (TONE_PEAK * np.sin(phase) * fade).astype(np.float32)
    return tone


def check(
    device: Any,
    canceller: EchoCanceller | None,
    *,
    block_ms: float,
    speech: Callable[[], bool],
    tape: Tape | None = None,
) -> tuple[Found, Samples]:
    """Measure an open device with `tape` as its exchange; `speech()` asks somebody to speak, False for nobody.

    Returns what was found and what was said. Raises TimeoutError.
    """
    tape = tape or Tape()
    rate = device.output_hz
    tape.play(np.zeros(round(STARTING_SECONDS * rate), np.float32), rate)
    lost_at_start = device.xruns
    quiet = tape.play(np.zeros(round(QUIET_SECONDS * rate), np.float32), rate)
    tone = sweep(rate)
    played = np.concatenate((tone, np.zeros(round(AFTER_SECONDS * rate), np.float32)))
    echo = tape.play(played, rate)
    babble = syllables(rate) if canceller is not None else np.zeros(0, np.float32)
    echoed_babble = tape.play(np.concatenate((babble, np.zeros(rate // 2, np.float32))), rate)
    spoken = np.zeros(0, np.float32)
    if speech():
        spoken = tape.play(np.zeros(round(SPEECH_SECONDS * rate), np.float32), rate)
        tape.play(spoken, rate)
    # What follows has the interpreter for long at a time, so no sound that is lost from here on is the card's fault.
    xruns = device.xruns - lost_at_start
    worst_wait_ms, worst_block_ms = 1000 * device.worst_wait_seconds, 1000 * device.worst_block_seconds
    lag = delay_samples(played, echo, rate)
    quiet_db = level_db(quiet[len(quiet) // 4 :])
    echo_db = None if lag is None else level_db(echo[lag : lag + len(tone)])
    cancelled = None
    if canceller is not None and lag is not None:
        cancelled = cancelled_db(canceller, device, babble, echoed_babble)
    captured = np.concatenate((quiet, echo, spoken))
    return Found(
        name=device.name,
        rate_hz=rate,
        quiet_db=quiet_db,
        echo_db=echo_db,
        echo_return_loss_db=None if echo_db is None else level_db(tone) - echo_db,
        delay_ms=None if lag is None else 1000 * lag / rate,
        device_delay_ms=1000 * device.delay_seconds,
        cancelled_db=cancelled,
        speech_db=level_db(_loud(spoken, rate)) if len(spoken) else None,
        loudest=float(np.abs(captured).max(initial=0.0)),
        xruns=xruns,
        worst_wait_ms=worst_wait_ms,
        worst_block_ms=worst_block_ms,
        block_ms=block_ms,
        played_levels_db=levels_db(np.concatenate((np.zeros_like(quiet), played, np.zeros_like(spoken))), rate),
        captured_levels_db=levels_db(captured, rate),
    ), spoken


def delay_samples(played: Samples, captured: Samples, rate_hz: int) -> int | None:
    """How much later what was played is captured; None if it is not."""
    size = 1 << (len(played) + len(captured) - 1).bit_length()
    spectrum = np.fft.rfft(captured, size) * np.conj(np.fft.rfft(played, size))
    likeness = np.abs(np.fft.irfft(spectrum, size)[: round(LONGEST_DELAY_SECONDS * rate_hz)])
    peak = int(np.argmax(likeness))
    return peak if likeness[peak] > CLEARLY * float(np.median(likeness)) and likeness[peak] > 0.0 else None


def syllables(rate_hz: int) -> Samples:
    """Something like speech: noise in syllables of an eighth of a second, five seconds."""
    chance = np.random.default_rng(0)
    loudness = np.repeat(chance.uniform(0.0, 1.0, 40), rate_hz // 8)
    babble: Samples = (chance.normal(0.0, 0.06, len(loudness)) * loudness).astype(np.float32)
    return babble


def cancelled_db(canceller: EchoCanceller, device: AudioDevice, played: Samples, captured: Samples) -> float:
    """By how much the canceller weakens what is captured of something like speech, once it has heard half of it."""
    remover = EchoRemover(canceller)
    remover.use_device(device.input_hz, device.output_hz, device.delay_seconds)
    left = remover.clean(captured[: len(played)], played).samples
    half = len(played) // 2
    return level_db(captured[half : len(played)]) - level_db(left[len(left) // 2 :])


def level_db(sound: Samples) -> float:
    """Root mean square in dB of full scale; -120 for silence."""
    return (
        round(10.0 * float(np.log10(np.mean(np.square(sound, dtype=np.float64)) + 1e-12)), 1) if len(sound) else -120.0
    )


def levels_db(sound: Samples, rate_hz: int) -> list[float]:
    """The level of every 50 ms."""
    size = round(FRAME_SECONDS * rate_hz)
    return [level_db(sound[at : at + size]) for at in range(0, len(sound), size)]


def _loud(sound: Samples, rate_hz: int) -> Samples:
    """Those 50 ms that are within 20 dB of the loudest."""
    size = round(FRAME_SECONDS * rate_hz)
    whole = sound[: len(sound) // size * size].reshape(-1, size)
    powers = np.mean(whole**2, axis=1)
    loud: Samples = whole[powers >= powers.max(initial=0.0) / 100].reshape(-1)
    return loud
