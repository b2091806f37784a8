"""A whole agent with buttons and a LED on gpiozero's mock pins, in virtual time."""

import asyncio
from contextlib import asynccontextmanager

import pytest
from gpiozero.pins.mock import MockFactory, MockPWMPin

from device.adapters.gpio_board import GpioBoard
from device.adapters.gpio_factory import Found
from device.core.events import AudioLost
from device.core.fsm import State
from device.core.indication import PATTERNS, Colour, Indication
from device.errors import BoardError, LedgerError
from device.runtime.assembly import NO_ROOM
from device.runtime.board import BoardLife
from device.runtime.control import COMMANDS
from device.runtime.control.live import Live
from tests.runtime.stage import answers, stage
from tests.virtual_time import in_virtual_time

BUTTON, SECOND, LED = 17, 27, (5, 6, 13)
OPTIONS = ("board.kind=mock", f"board.button={BUTTON}", f"board.second_button={SECOND}", "board.led=rgb",
           f"board.led_pins={list(LED)}")  # fmt: skip
STORY = "Once upon a time there was a very long story that went on and on and on."
SCRIPT = answers(("story", STORY), ("sea", "Salty."))


class OnBoard:
    """An agent on a board, fingers for its buttons, eyes for its LED."""

    def __init__(self, it, factory: MockFactory, life: BoardLife) -> None:
        self.it, self.factory, self.life = it, factory, life
        self.powered_off = 0

    async def press(self, pin: int, seconds: float = 0.1) -> None:
        self.factory.pin(pin).drive_low()
        await asyncio.sleep(seconds)
        self.factory.pin(pin).drive_high()
        await asyncio.sleep(0.01)

    def shows(self, shown: Indication) -> bool:
        """Whether the LED has the colour of this indication now."""
        colour = Colour.parse(PATTERNS[shown].colour)
        return [self.factory.pin(pin).state for pin in LED] == [colour.red, colour.green, colour.blue]

    def power_off(self) -> None:
        self.powered_off += 1


@asynccontextmanager
async def on_board(*options: str):
    async with stage(SCRIPT, tools={}, options=(*OPTIONS, *options)) as it:
        factory = MockFactory(pin_class=MockPWMPin)
        config = it.agent.surroundings.config.board
        board = GpioBoard.open(config, factory=factory, found=Found(kind="none"))
        life = BoardLife(board, config)
        here = OnBoard(it, factory, life)
        assert here.shows(Indication.STARTING)
        life.attach(it.agent, power_off=here.power_off)
        yield here
        life.close()
        board.close()


@in_virtual_time
async def test_the_led_shows_what_the_agent_is_about_within_50_ms_of_its_beginning():
    """Nothing runs between a step and its light: it is looked at from the observer after the board's own."""
    async with on_board() as here:
        seen = []
        it = here.it

        def look(before, event, after):
            if after.state is not before.state:
                seen.append((after.state, [shown for shown in Indication if here.shows(shown)]))

        it.agent.loop.observe(look)
        await it.say("Tell me of the sea.")
        await it.until_quiet()
        assert seen == [
            (State.LISTENING, [Indication.LISTENING]),
            (State.GENERATING, [Indication.THINKING, Indication.BACKGROUND]),  # of one colour
            (State.EMITTING, [Indication.SPEAKING]),
            (State.IDLE, [Indication.ASLEEP, Indication.IDLE]),
        ]


@in_virtual_time
async def test_the_press_edge_silences_a_reply_at_once():
    async with on_board() as here:
        it = here.it
        await it.say("Tell me a story.")
        await it.until(lambda: it.state is State.EMITTING)
        await asyncio.sleep(0.5)
        here.factory.pin(BUTTON).drive_low()
        await asyncio.sleep(0.001)
        assert it.state is State.IDLE, "long before it is known whether this becomes a tap or a hold"
        here.factory.pin(BUTTON).drive_high()
        assert [0 < len(heard) < len(STORY) for heard in it.heard()] == [True]


@in_virtual_time
async def test_the_second_buttons_tap_mutes_and_unmutes_and_the_led_says_so():
    async with on_board() as here:
        await here.press(SECOND)
        assert here.it.agent.muted
        assert here.shows(Indication.MUTED)
        await here.press(SECOND)
        assert not here.it.agent.muted
        assert here.shows(Indication.IDLE)


@in_virtual_time
async def test_its_long_hold_shuts_down_and_powers_off():
    async with on_board() as here:
        await here.press(SECOND, 2.9)
        assert here.powered_off == 0
        here.factory.pin(SECOND).drive_low()
        await asyncio.sleep(3.1)
        assert here.powered_off == 1
        await asyncio.sleep(0.1)
        assert here.it.agent.loop._ended


@pytest.mark.parametrize(("hold", "method"), [(0.1, "talk_tapped"), (1.0, "talk_begins")])
def test_the_first_button_talks_by_tap_and_by_hold(hold, method, monkeypatch):
    async def scenario():
        async with on_board() as here:
            done: list[str] = []
            for name in ("talk_tapped", "talk_begins", "talk_ends"):
                monkeypatch.setattr(here.it.agent, name, lambda name=name: done.append(name), raising=False)
            here.life.attach(here.it.agent)
            await here.press(BUTTON, hold)
            assert done == [method] + ["talk_ends"] * (method == "talk_begins")

    in_virtual_time(scenario)()


ONE_BUTTON = 'board.button_gestures={ press = "interrupt", tap = "talk", double = "mute", long = "shut-down" }'


@in_virtual_time
async def test_a_board_with_one_button_has_both_buttons_gestures_on_it_if_so_configured():
    async with on_board("board.second_button=0", ONE_BUTTON) as here:
        for muted in (True, False):
            await here.press(BUTTON)
            await here.press(BUTTON)
            assert here.it.agent.muted is muted
            assert here.shows(Indication.MUTED) is muted
        await asyncio.sleep(1)
        await here.press(BUTTON)
        await asyncio.sleep(0.5)
        assert here.shows(Indication.LISTENING), "a tap, once no second one has come"
        await here.press(BUTTON, 3.5)
        assert here.powered_off == 1
        assert not here.it.agent.muted


@in_virtual_time
async def test_a_first_button_does_not_mute_or_shut_down_unless_configured_to():
    async with on_board() as here:
        for seconds in (0.1, 0.1, 5.0):
            await here.press(BUTTON, seconds)
        assert (here.it.agent.muted, here.powered_off) == (False, 0)


GESTURES = {"press": [0.05], "tap": [0.1], "double": [0.1, 0.1], "hold": [1.0], "long": [3.5]}
ACTIONS = {"interrupt": "interrupt", "talk": "talk_tapped", "mute": "mute"}


@pytest.mark.parametrize("gesture", GESTURES)
@pytest.mark.parametrize("action", [*ACTIONS, "shut-down"])
def test_every_gesture_can_be_configured_to_do_anything(gesture, action, monkeypatch):
    async def scenario():
        async with on_board(f'board.button_gestures={{ {gesture} = "{action}" }}') as here:
            done: list[str] = []
            for name in ACTIONS.values():
                monkeypatch.setattr(here.it.agent, name, lambda name=name: done.append(name), raising=False)
            here.life.attach(here.it.agent, power_off=lambda: done.append("shut-down"))
            for seconds in GESTURES[gesture]:
                await here.press(BUTTON, seconds)
            await asyncio.sleep(0.5)
            assert done == [ACTIONS.get(action, action)]

    in_virtual_time(scenario)()


@in_virtual_time
async def test_what_is_said_while_the_button_is_held_is_one_turn():
    async with on_board() as here:
        it = here.it
        here.factory.pin(BUTTON).drive_low()
        await asyncio.sleep(0.5)
        assert here.shows(Indication.LISTENING)
        await it.begin_to_say("Tell me of the sea.", seconds=0.8)
        it.level = 0.0
        here.factory.pin(BUTTON).drive_high()
        await it.until_quiet()
        assert it.heard() == ["Salty."]


@in_virtual_time
async def test_a_lost_sound_card_is_shown_as_trouble_until_it_is_back():
    async with on_board() as here:
        here.it.post(AudioLost(reason="unplugged"))
        await asyncio.sleep(0.01)
        assert here.shows(Indication.ERROR)
        here.it.agent.troubles.end("no sound card")
        assert here.shows(Indication.IDLE)


@in_virtual_time
async def test_a_disk_that_refuses_is_shown_as_trouble_until_it_takes_entries_again():
    async with on_board() as here:
        here.it.ledger.refuse(LedgerError("The conversation cannot be kept now (disk is full)."))
        await asyncio.sleep(0.01)
        assert here.shows(Indication.ERROR)
        assert here.it.agent.troubles.names == {NO_ROOM}
        here.it.ledger.refuse(None)
        await asyncio.sleep(0.01)
        assert here.shows(Indication.IDLE)


@in_virtual_time
async def test_an_update_is_shown_while_its_client_stays_but_not_over_a_conversation():
    async with on_board() as here:
        live, updating = Live(agent=here.it.agent, version="0", began_seconds=0.0), COMMANDS["updating"]
        client = asyncio.create_task(updating.run(live, updating.arguments()))
        await asyncio.sleep(0.01)
        assert here.shows(Indication.UPDATING)
        here.it.ledger.refuse(LedgerError("The disk is full."))
        await asyncio.sleep(0.01)
        assert here.shows(Indication.UPDATING), "that it is under way goes before what lasts"
        here.it.ledger.refuse(None)
        await here.it.begin_to_say("Tell me of the sea.")
        assert here.shows(Indication.LISTENING)
        await here.it.fall_silent()
        await here.it.until_quiet()
        assert here.it.heard() == ["Salty."]
        assert here.shows(Indication.UPDATING)
        client.cancel()
        await asyncio.sleep(0.01)
        assert here.shows(Indication.IDLE)


@in_virtual_time
async def test_a_button_is_pressed_from_outside():
    async with on_board() as here:
        live, press = Live(agent=here.it.agent, version="0", began_seconds=0.0), COMMANDS["press"]
        with pytest.raises(BoardError, match="This agent has no board"):
            await press.run(live, press.arguments(button="button"))
        here.it.agent.board = here.life.board
        await press.run(live, press.arguments(button="second_button"))
        await asyncio.sleep(0.01)
        assert here.it.agent.muted
        with pytest.raises(BoardError, match='no button called "third"'):
            await press.run(live, press.arguments(button="third"))
