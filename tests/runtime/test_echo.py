"""The agent's own voice is taken out of what the microphone heard."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.adapters.fakes.echo import Subtraction
from device.runtime.echo import REST_SECONDS, EchoRemover

RATE = 16_000


def cleaned(remover, captured, played, cuts):
    parts, at = [], 0
    for cut in [*sorted(cuts), len(captured)]:
        parts.append(remover.clean(captured[at:cut], played[at:cut]))
        at = cut
    return parts


@given(cuts=st.lists(st.integers(0, 4000), max_size=8))
def test_what_was_played_is_gone_and_what_was_said_stays(cuts):
    noise = np.random.default_rng(0).normal(0.0, 0.1, (2, 4000)).astype(np.float32)
    said, played = noise
    parts = cleaned(EchoRemover(Subtraction()), said + played, played, cuts)
    clean = np.concatenate([part.samples for part in parts])
    assert len(clean) > 4000 - 160
    assert np.allclose(clean, said[: len(clean)], atol=1e-6)


def test_the_canceller_rests_while_nothing_rings_and_no_sample_is_lost():
    canceller = Subtraction()
    remover = EchoRemover(canceller)
    block = np.tile(np.array([0.25, -0.25], np.float32), 50)
    silence = np.zeros(100, np.float32)
    count = len(remover.clean(block, block).samples)
    blocks = int(REST_SECONDS * RATE / 100) + 5
    for _ in range(blocks):
        count += len(remover.clean(block, silence).samples)
    worked = canceller.frames
    assert count == 100 * (blocks + 1)
    part = remover.clean(block, silence)
    assert canceller.frames == worked
    assert not part.own_sound
    assert np.array_equal(part.samples, block)


@pytest.mark.parametrize(("input_hz", "output_hz"), [(48_000, 48_000), (44_100, 44_100), (16_000, 22_050)])
def test_both_streams_stay_in_step_at_any_rate(input_hz, output_hz):
    canceller = Subtraction()
    remover = EchoRemover(canceller)
    remover.use_device(input_hz, output_hz, 0.05)
    seconds = 2.0
    tone = {
        hz: np.sin(2 * np.pi * 440 * np.arange(int(seconds * hz)) / hz).astype(np.float32)
        for hz in (input_hz, output_hz)
    }
    clean = []
    for number in range(int(seconds * 100)):
        near, far = (tone[hz][number * hz // 100 : (number + 1) * hz // 100] for hz in (input_hz, output_hz))
        clean.append(remover.clean(near, far).samples)
    rest = np.concatenate(clean)
    assert len(rest) > (seconds - 0.02) * RATE
    assert np.abs(rest[800:]).max() < 0.1  # the tone's own level is 1


def test_a_reset_or_another_device_forgets_the_room():
    canceller = Subtraction()
    remover = EchoRemover(canceller)
    before = canceller.resets
    remover.reset()
    remover.use_device(48_000, 48_000, 0.04)
    assert canceller.resets == before + 2
    assert canceller.delay_seconds == 0.04


def test_without_a_canceller_the_sound_passes_and_the_agents_own_is_still_known():
    remover = EchoRemover(None)
    block = np.full(160, 0.25, np.float32)
    part = remover.clean(block, block)
    assert part.own_sound
    assert np.array_equal(part.samples, block)
