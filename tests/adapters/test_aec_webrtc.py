"""WebRTC's echo canceller."""

import numpy as np

from device.adapters.aec_webrtc import WebRtcCanceller

RATE, FRAME = 16_000, 160


def noise(seconds: float, seed: int, level: float = 0.1) -> np.ndarray:
    """Noise that comes in bursts, as speech does."""
    chance = np.random.default_rng(seed)
    bursts = np.repeat(chance.random(int(seconds * 5) + 1) > 0.3, RATE // 5)[: int(seconds * RATE)]
    return (chance.normal(0.0, level, len(bursts)) * bursts).astype(np.float32)


def run(canceller: WebRtcCanceller, captured: np.ndarray, played: np.ndarray) -> np.ndarray:
    frames = range(0, len(captured) - FRAME + 1, FRAME)
    return np.concatenate([canceller.cancel(captured[at : at + FRAME], played[at : at + FRAME]) for at in frames])


def level_db(sound: np.ndarray) -> float:
    return 10 * np.log10(np.mean(sound**2) + 1e-12)


def echo_of(played: np.ndarray, delay: int = 900) -> np.ndarray:
    room = np.zeros(2000, np.float32)
    room[delay], room[delay + 300], room[delay + 801] = 0.7, 0.3, -0.2
    return np.convolve(played, room)[: len(played)].astype(np.float32)


def test_an_echo_is_taken_out_and_a_reset_forgets_the_room():
    canceller, played = WebRtcCanceller(), noise(6.0, 1)
    canceller.set_delay(900 / RATE)
    echo = echo_of(played)
    clean = run(canceller, echo, played)
    assert level_db(clean[4 * RATE :]) < level_db(echo[4 * RATE :]) - 20.0
    canceller.reset()
    again = run(canceller, echo, played)
    assert level_db(again[: RATE // 2]) > level_db(clean[-RATE // 2 :])


def test_what_is_said_while_nothing_plays_stays():
    canceller, said = WebRtcCanceller(), noise(3.0, 2)
    clean = run(canceller, said, np.zeros_like(said))
    assert abs(level_db(clean[RATE:]) - level_db(said[RATE:])) < 1.5


def test_sound_beyond_full_scale_is_clipped_and_not_wrapped_around():
    canceller, loud = WebRtcCanceller(), np.full(10 * FRAME, 3.0, np.float32)
    assert np.abs(run(canceller, loud, np.zeros_like(loud))).max() <= 1.0
