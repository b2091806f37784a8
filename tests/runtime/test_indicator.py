"""What the light shows and when, on gpiozero's mock pins and in virtual time."""

import asyncio
import os

import pytest
from gpiozero.pins.mock import MockFactory, MockPWMPin

from device.adapters.gpio_apa102 import Apa102Light, encoded
from device.adapters.gpio_lights import PinLight
from device.core.indication import (
    DARK,
    PATTERNS,
    Activity,
    Colour,
    Condition,
    Indication,
    Lamp,
    Motion,
    Pattern,
    Step,
    indication,
)
from device.errors import BoardError
from device.runtime.indicator import Indicator
from tests.virtual_time import in_virtual_time

CONDITIONS = {
    indication(condition): condition
    for condition in (
        *(Condition(activity=activity) for activity in Activity),
        Condition(activity=Activity.IDLE, working=True),
        Condition(activity=Activity.IDLE, muted=True),
        Condition(activity=Activity.IDLE, trouble=True),
    )
}


def timers() -> int:
    """How many timers the loop waits for."""
    return sum(not timer.cancelled() for timer in asyncio.get_running_loop()._scheduled)


class Led:
    """A plain LED on a mock pin."""

    def __init__(self, lamp: Lamp | None = None) -> None:
        self.factory = MockFactory(pin_class=MockPWMPin)
        self.light = PinLight.open([18], self.factory, lamp or Lamp())

    @property
    def on(self) -> bool:
        return bool(self.factory.pin(18).state)

    async def watch(self, seconds: float, *, step: float = 0.01) -> list[bool]:
        """Whether it is on, from now on, every `step` seconds."""
        seen = []
        for _ in range(round(seconds / step)):
            await asyncio.sleep(step / 2)
            seen.append(self.on)
            await asyncio.sleep(step / 2)
        return seen


@pytest.mark.parametrize("shown", Indication)
def test_every_state_is_visible_at_once_and_blinks_as_its_pattern_says(shown):
    async def scenario():
        led = Led()
        indicator = Indicator(led.light)
        indicator.show(Condition(activity=Activity.SPEAKING if shown is Indication.IDLE else Activity.IDLE))
        await asyncio.sleep(0.75)
        assert not led.on
        indicator.show(CONDITIONS[shown])
        assert led.on
        expected = [step.level > 0 for step in PATTERNS[shown].blink * 20 for _ in range((step.ms or 10_000) // 10)]
        seen = await led.watch(2.0)
        assert seen == expected[: len(seen)]
        indicator.close()

    in_virtual_time(scenario)()


def steps_of(steps: tuple[Step, ...], seconds: float) -> list[tuple[int, Step]]:
    """The step, and its number counted on through every round, in each ten milliseconds."""
    found: list[tuple[int, Step]] = []
    number = 0
    while len(found) < seconds * 100:
        step = steps[number % len(steps)]
        found += [(number, step)] * ((step.ms or round(seconds * 1000)) // 10)
        number += 1
    return found[: round(seconds * 100)]


async def begin(indicator: Indicator, shown: Indication) -> None:
    """Show something else first, so that the pattern begins now."""
    indicator.show(Condition(activity=Activity.SPEAKING if shown is Indication.IDLE else Activity.IDLE))
    await asyncio.sleep(0.3)
    indicator.show(CONDITIONS[shown])


@pytest.mark.parametrize("shown", Indication)
def test_every_pattern_runs_on_an_rgb_led_in_its_colour(shown):
    async def scenario():
        factory = MockFactory(pin_class=MockPWMPin)
        indicator = Indicator(PinLight.open([5, 6, 13], factory, Lamp()))
        await begin(indicator, shown)
        colour = Colour.parse(PATTERNS[shown].colour)
        for _, step in steps_of(PATTERNS[shown].blink, 4.0):
            await asyncio.sleep(0.005)
            lit = colour.scaled(step.level)
            assert [factory.pin(pin).state for pin in (5, 6, 13)] == [lit.red, lit.green, lit.blue]
            await asyncio.sleep(0.005)
        indicator.close()

    in_virtual_time(scenario)()


def on_a_strip(pattern: Pattern, number: int, step: Step, leds: int) -> list[Colour]:
    """What a strip shows in a step: all its LEDs alike, or one after the other where the light runs."""
    light = Colour.parse(pattern.colour).scaled(step.level)
    runs = pattern.motion is Motion.ONE_BY_ONE
    return [light if not runs or led == number % leds else DARK for led in range(leds)]


def received(bus: int) -> bytes:
    try:
        return os.read(bus, 1000)
    except BlockingIOError:
        return b""


@pytest.mark.parametrize("shown", Indication)
def test_every_pattern_runs_on_a_strip_and_is_sent_only_when_it_changes(shown):
    async def scenario():
        bus, end = os.pipe()
        os.set_blocking(bus, False)
        light, pattern, before = Apa102Light(end, Lamp(leds=3, dimmed=True)), PATTERNS[shown], b""
        indicator = Indicator(light)
        await begin(indicator, shown)
        for number, step in steps_of(pattern.glow or pattern.blink, 4.0):
            await asyncio.sleep(0.005)
            wanted, came = encoded(on_a_strip(pattern, number, step, 3)), received(bus)
            assert came.endswith(wanted) if wanted != before else not came
            before = wanted
            await asyncio.sleep(0.005)
        indicator.close()
        light.close()
        os.close(bus)

    in_virtual_time(scenario)()


def test_the_same_condition_again_does_not_begin_its_pattern_anew():
    async def scenario():
        led = Led()
        indicator = Indicator(led.light)
        indicator.show(Condition(activity=Activity.IDLE, muted=True))
        await asyncio.sleep(1.5)
        assert not led.on
        indicator.show(Condition(activity=Activity.IDLE, muted=True, working=True))
        assert not led.on
        await asyncio.sleep(1.6)
        assert led.on
        indicator.close()

    in_virtual_time(scenario)()


def test_a_steady_light_wakes_nothing():
    async def scenario():
        led = Led()
        before = timers()
        indicator = Indicator(led.light)
        indicator.show(Condition(activity=Activity.LISTENING))
        assert timers() == before
        indicator.close()

    in_virtual_time(scenario)()


def test_after_the_end_nothing_is_shown():
    async def scenario():
        led = Led()
        indicator = Indicator(led.light)
        indicator.close()
        led.light.close()
        indicator.show(Condition(activity=Activity.LISTENING))
        await asyncio.sleep(10)
        assert not led.on

    in_virtual_time(scenario)()


class _Broken:
    lamp = Lamp()
    tries = 0

    def show(self, lights):
        self.tries += 1
        raise BoardError("The LED no longer answers: it is gone.")

    def close(self):
        pass


def test_a_light_that_breaks_is_told_of_once_and_left_alone(caplog):
    async def scenario():
        light = _Broken()
        indicator = Indicator(light)
        indicator.show(Condition(activity=Activity.THINKING))
        await asyncio.sleep(10)
        assert light.tries == 1
        assert caplog.text.count("The LED no longer answers: it is gone. The voice goes on without it.") == 1

    in_virtual_time(scenario)()


def test_without_a_light_all_goes_its_way():
    async def scenario():
        indicator = Indicator(None)
        indicator.show(Condition(activity=Activity.LISTENING))
        assert indicator.condition.activity is Activity.LISTENING
        indicator.close()

    in_virtual_time(scenario)()
