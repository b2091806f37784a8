"""The sound's way from the device's thread to the loop."""

import asyncio
import threading

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from device.runtime.intake import Intake, Ring

WINDOW = 0.032


@given(st.lists(st.integers(0, 200), max_size=60), st.lists(st.booleans(), max_size=60))
def test_what_goes_into_the_ring_comes_out_of_it(sizes, reads):
    ring = Ring(500)  # a thousand samples
    stream = np.arange(sum(sizes), dtype=np.float32)
    taken, at = [], 0
    for number, size in enumerate(sizes):
        ring.write(stream[at : at + size])
        at += size
        if reads[number : number + 1] == [True] or ring.overrun:
            taken.append(ring.take(ring.written))
    taken.append(ring.take(ring.written))
    assert np.array_equal(np.concatenate(taken), stream)


def intake():
    got, lost = [], []
    made = Intake(lambda near, far: got.append((near, far)), lambda: lost.append(1), window_seconds=WINDOW)
    return made, got, lost


async def test_the_loop_is_woken_once_a_window_while_nothing_is_played_and_with_every_block_otherwise():
    made, got, _ = intake()
    block, silence = np.ones(160, np.float32), np.zeros(160, np.float32)
    for _ in range(8):
        made.put(block, silence)
    await asyncio.sleep(0)
    assert [len(near) for near, _ in got] == [640, 640]
    got.clear()
    for _ in range(3):
        made.put(block, block)
    assert made.busy
    await asyncio.sleep(0)
    assert [len(far) for _, far in got] == [160, 160, 160]
    assert not made.busy


async def test_from_another_thread_nothing_is_lost_or_twice():
    made, got, lost = intake()
    count = 300

    def device() -> None:
        for number in range(count):
            made.put(np.full(80, number, np.float32), np.full(80, -number, np.float32))

    thread = threading.Thread(target=device)
    thread.start()
    while thread.is_alive() or made.busy:
        await asyncio.sleep(0.001)
    near = np.concatenate([part for part, _ in got])
    far = np.concatenate([part for _, part in got])
    if not lost:  # a thread that never lets the loop run may overwrite what was not read
        assert np.array_equal(near, np.repeat(np.arange(count, dtype=np.float32), 80)[: len(near)])
        assert len(near) > (count - 7) * 80
    assert len(near) == len(far)


async def test_a_loop_that_was_late_by_too_much_says_so():
    made, got, lost = intake()
    block = np.ones(1600, np.float32)
    for _ in range(30):  # three seconds
        made.put(block, block)
    await asyncio.sleep(0)
    assert made.overruns > 0
    assert lost
    assert len(got) == 30


async def test_a_gap_that_the_device_knows_of_is_told_and_an_earlier_devices_blocks_are_dropped():
    made, got, lost = intake()
    block = np.ones(1600, np.float32)
    made.put(block, block)
    made.use_device(48_000, 48_000)
    made.skip()
    made.put(block, block)
    await asyncio.sleep(0)
    assert len(got) == 1
    assert lost == [1]


async def test_what_is_no_number_is_silence():
    made, got, _ = intake()
    block = np.array([0.5, np.nan, np.inf, -np.inf] * 160, np.float32)
    made.put(block, np.zeros_like(block))
    await asyncio.sleep(0)
    ((near, _),) = got
    assert near.tolist() == [0.5, 0.0, 0.0, 0.0] * 160
