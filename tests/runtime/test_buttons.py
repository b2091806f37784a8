"""Buttons on gpiozero's mock pins: what each gesture does, in virtual time."""

import asyncio

from gpiozero.pins.mock import MockFactory, MockPWMPin

from device.adapters.gpio_board import GpioBoard
from device.adapters.gpio_factory import Found
from device.config import load
from device.core.gestures import Gesture, GestureTimes
from device.runtime.buttons import Action, Buttons, ButtonUse
from tests.virtual_time import in_virtual_time


class Hand:
    """A board with a button on a mock pin, a finger for it, and what was done."""

    def __init__(self, *gestures: Gesture, lasting: bool = False, double_ms: int = 0) -> None:
        self.done: list[tuple[float, str]] = []
        factory = MockFactory(pin_class=MockPWMPin)
        options = load(overrides=["board.kind=mock", "board.button=17"], environment={}).config.board
        self.board = GpioBoard.open(options, factory=factory, found=Found(kind="none"))
        self.pin = factory.pin(17)
        actions = {
            gesture: Action(begin=self._note(gesture.value), end=self._note("let go") if lasting else None)
            for gesture in gestures
        }
        self.buttons = Buttons({"button": ButtonUse(times=GestureTimes(double_ms=double_ms), actions=actions)})
        self.board.watch(self.buttons.edge)

    def _note(self, what: str):
        return lambda: self.done.append((round(asyncio.get_running_loop().time(), 3), what))

    async def press(self, seconds: float) -> None:
        self.pin.drive_low()
        await asyncio.sleep(seconds)
        self.pin.drive_high()
        await asyncio.sleep(0)


@in_virtual_time
async def test_a_press_acts_at_its_edge_and_a_tap_as_it_ends():
    hand = Hand(Gesture.PRESS, Gesture.TAP)
    await hand.press(0.1)
    await asyncio.sleep(1)
    assert hand.done == [(0.0, "press"), (0.1, "tap")]


@in_virtual_time
async def test_a_hold_lasts_as_long_as_the_finger_stays():
    hand = Hand(Gesture.HOLD, lasting=True)
    await hand.press(2.0)
    await asyncio.sleep(1)
    assert hand.done == [(0.35, "hold"), (2.0, "let go")]


@in_virtual_time
async def test_a_hold_ends_once_when_other_uses_come_meanwhile():
    hand = Hand(Gesture.HOLD, lasting=True)
    uses = {"button": ButtonUse(times=GestureTimes(), actions={})}
    press = asyncio.create_task(hand.press(2.0))
    await asyncio.sleep(1)
    hand.buttons.use(uses)
    await press
    assert hand.done == [(0.35, "hold"), (1.0, "let go")]


@in_virtual_time
async def test_a_press_that_is_no_hold_yet_is_forgotten_when_other_uses_come():
    hand = Hand(Gesture.HOLD, lasting=True)
    press = asyncio.create_task(hand.press(2.0))
    await asyncio.sleep(0.1)
    hand.buttons.use({})
    await press
    assert hand.done == []


@in_virtual_time
async def test_a_long_hold_acts_while_the_finger_is_still_there():
    hand = Hand(Gesture.LONG)
    await hand.press(5.0)
    assert hand.done == [(3.0, "long")]


@in_virtual_time
async def test_a_double_tap_acts_and_is_no_tap():
    hand = Hand(Gesture.TAP, Gesture.DOUBLE, double_ms=300)
    await hand.press(0.1)
    await asyncio.sleep(0.1)
    await hand.press(0.1)
    await asyncio.sleep(1)
    assert hand.done == [(0.2, "double")]


@in_virtual_time
async def test_a_gesture_without_an_action_does_nothing():
    hand = Hand(Gesture.LONG)
    await hand.press(0.1)
    await hand.press(1.0)
    await asyncio.sleep(5)
    assert hand.done == []


@in_virtual_time
async def test_a_contact_that_bounces_acts_once():
    hand = Hand(Gesture.PRESS, Gesture.TAP)
    for _ in range(5):
        await hand.press(0.001)
        await asyncio.sleep(0.001)
    await hand.press(0.2)
    await asyncio.sleep(1)
    assert [what for _, what in hand.done] == ["press", "tap"]


@in_virtual_time
async def test_at_rest_no_timer_runs():
    hand = Hand(Gesture.TAP)
    scheduled = asyncio.get_running_loop()._scheduled
    before = sum(not timer.cancelled() for timer in scheduled)
    await hand.press(0.1)
    await asyncio.sleep(1)
    assert sum(not timer.cancelled() for timer in scheduled) == before


@in_virtual_time
async def test_after_the_end_nothing_acts():
    hand = Hand(Gesture.PRESS, Gesture.HOLD)
    hand.pin.drive_low()
    await asyncio.sleep(0.1)
    hand.buttons.close()
    await asyncio.sleep(1)
    hand.pin.drive_high()
    hand.pin.drive_low()
    await asyncio.sleep(1)
    assert [what for _, what in hand.done] == ["press"]
    hand.board.close()


def test_an_edge_after_the_loops_end_is_dropped():
    hands = []

    async def live():
        hands.append(Hand(Gesture.PRESS))

    in_virtual_time(live)()
    hands[0].pin.drive_low()
    assert hands[0].done == []
