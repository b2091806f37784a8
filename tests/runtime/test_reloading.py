"""A changed configuration in a living agent: every option that is declared live reaches its owner, and the rest is named.

Virtual time; each option is changed alone, and what its owner goes by is looked at before and after.
"""

import logging
from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace

from device.config import Config, load
from device.config_live import LIVE, NEEDS_RESTART, Owner, values
from device.core.events import TurnEnded
from device.core.indication import Indication
from device.errors import ConfigError, ControlError
from device.runtime.reloading import AT_START, Reloading
from tests.runtime.agent import scene
from tests.runtime.control.asking import Client
from tests.runtime.stage import Stage, answers, stage
from tests.runtime.test_board import BUTTON, on_board
from tests.runtime.test_wake_word import named_scene
from tests.virtual_time import in_virtual_time

SCRIPT = answers(
    ("sea", "Salty and wide it is."),
)
BUTTONS = ("board.kind=mock", "board.button=17", "board.second_button=27", "board.led=rgb", "board.led_pins=[5, 6, 13]")
EVERY = {".".join(key): value for key, value in values(load(environment={}).config)}


def configured(*options: str) -> Config:
    return load(overrides=options, environment={}).config


def endpointing(name: str) -> Callable[[Stage], Any]:
    return lambda it: getattr(it.agent.capture._endpointer.options, name)


def capture(name: str) -> Callable[[Stage], Any]:
    return lambda it: getattr(it.agent.capture._options, name)


def attention(name: str) -> Callable[[Stage], Any]:
    return lambda it: getattr(it.agent.capture._attention.options, name)


def sampling(name: str) -> Callable[[Stage], Any]:
    def look(it: Stage) -> Any:
        manners, children = it.agent.dispatcher.manners, it.agent.contexts.options
        found = {getattr(one, name) for one in (manners.sampling, manners.telling, children.first, children.telling)}
        (value,) = found
        return value

    return look


def observer(name: str) -> Callable[[Stage], Any]:
    def look(it: Stage) -> Any:
        chimes = next(one.__self__ for one in it.agent.loop._observers if getattr(one, "__name__", "") == "heed")
        return getattr(chimes, name)

    return look


def ringing(name: str) -> Callable[[Stage], Any]:
    def look(it: Stage) -> Any:
        found = next(one.__self__ for one in it.agent.loop._observers if getattr(one, "__name__", "") == "follow")
        return getattr(found.options, name)

    return look


LOOKS: dict[str, tuple[str, Callable[[Stage], Any], Any]] = {
    "hearing.threshold": ("0.6", endpointing("threshold"), 0.6),
    "hearing.min_speech_ms": ("120", endpointing("min_speech_ms"), 120),
    "hearing.min_speech_over_reply_ms": ("300", endpointing("min_speech_over_reply_ms"), 300),
    "hearing.pause_ms": ("96", endpointing("pause_ms"), 96),
    "hearing.end_silence_ms": ("320", endpointing("end_silence_ms"), 320),
    "hearing.end_silence_max_ms": ("900", endpointing("end_silence_max_ms"), 900),
    "hearing.finished_above": ("0.8", endpointing("finished_above"), 0.8),
    "hearing.unfinished_below": ("0.4", endpointing("unfinished_below"), 0.4),
    "hearing.max_utterance_seconds": ("60", endpointing("max_utterance_ms"), 60_000),
    "hearing.preroll_ms": ("640", lambda it: it.agent.capture._preroll_windows, 21),
    "hearing.hold_early": ("false", capture("hold_early"), False),
    "hearing.speculate": ("false", capture("speculate"), False),
    "hearing.read_ahead": ("false", capture("read_ahead"), False),
    "hearing.auto_gain": ("false", lambda it: it.agent.capture._gain is not None, False),
    "start.way": ("button", lambda it: it.agent.capture.attends, False),
    "start.patience_seconds": ("20", attention("patience_seconds"), 20.0),
    "start.follow_up_seconds": ("0", attention("follow_up_seconds"), 0.0),
    "sounds.earcons": ("true", observer("on"), True),
    "sounds.volume": ("0.7", observer("volume"), 0.7),
    "sounds.alarm_volume": ("0.7", ringing("volume"), 0.7),
    "sounds.alarm_repeats": ("3", ringing("repeats"), 3),
    "sounds.alarm_every_seconds": ("60", ringing("every_seconds"), 60.0),
    "speaking.speed": ("1.5", lambda it: it.agent.faculties.synthesizer.pace, 1.5),
    "speaking.in_parts": ("false", lambda it: it.agent.dispatcher._parts.voice.in_parts, False),
    "thinking.temperature": ("0.8", sampling("temperature"), 0.8),
    "thinking.seed": ("7", sampling("seed"), 7),
    "thinking.chained_calls": (
        "3",
        lambda it: (it.agent.dispatcher.manners.chained_calls, it.agent.contexts.options.budget.steps_with_calls),
        (3, 4),
    ),
    "tasks.depth": ("5", lambda it: it.agent.contexts._tree.limits.depth, 5),
    "tasks.max_tokens": ("99", lambda it: it.agent.contexts.options.budget.max_tokens, 99),
    "tasks.seconds": ("9", lambda it: it.agent.contexts.options.budget.seconds, 9.0),
    "conversation.keep_days": ("3", lambda it: it.agent.reloading.config.conversation.keep_days, 3),
    "logging.level": ("debug", lambda it: logging.getLogger().level, logging.DEBUG),
}
"""Of every live option that needs no more than a stage: another value, where its owner has it, and what it is then."""

ELSEWHERE = {"start.wake_sensitivity", *(".".join(key) for owner in (Owner.LIGHT, Owner.BUTTONS) for key in owner.keys)}
"""Tested below, with what they need: a wake word, a board."""


@pytest.fixture(autouse=True)
def _log_level():
    level = logging.getLogger().level
    yield
    logging.getLogger().setLevel(level)


def test_every_option_is_declared_live_or_not_and_none_twice():
    declared = [".".join(key) for key in LIVE] + [".".join(key) for key in NEEDS_RESTART]
    assert sorted(declared) == sorted(EVERY)
    assert sum(len(owner.keys) for owner in Owner) == len(LIVE)


def test_every_live_option_is_looked_at():
    assert {".".join(key) for key in LIVE} == set(LOOKS) | ELSEWHERE


@pytest.mark.parametrize("option", LOOKS)
@in_virtual_time
async def test_a_live_option_reaches_its_owner(option):
    text, look, wanted = LOOKS[option]
    async with stage(SCRIPT, tools={}) as it:
        assert look(it) != wanted
        told = it.agent.reloading.take_on(configured(f"{option}={text}"))
        assert [".".join(key) for key in told.applied] == [option]
        assert told.waiting == {}
        assert look(it) == wanted
        await it.say("Tell me of the sea.")
        if option != "start.way":
            await it.until_quiet()
            assert it.heard() == ["Salty and wide it is."]
        back = it.agent.reloading.take_on(configured())
        assert [".".join(key) for key in back.applied] == [option]


@pytest.mark.parametrize("option", sorted(".".join(key) for key in NEEDS_RESTART))
@in_virtual_time
async def test_an_option_that_needs_a_restart_is_named_each_time_and_changes_nothing(option):
    section, _, name = option.partition(".")
    now = EVERY[option]
    others = {bool: not now, int: 1 if now != 1 else 2, str: "other", tuple: (7,), dict: {"other": 7}}
    usual = configured()
    table = replace(getattr(usual, section), **{name: others[type(now)]})
    wanted = replace(usual, **{section: table})
    async with stage(SCRIPT, tools={}) as it:
        for _ in range(2):
            told = it.agent.reloading.take_on(wanted)
            assert told.applied == ()
            assert told.told() == {"applied": [], "restart": {option: AT_START}}
        assert it.agent.reloading.config == usual


@in_virtual_time
async def test_what_can_be_is_taken_on_and_the_rest_waits():
    async with stage(SCRIPT, tools={}) as it:
        told = it.agent.reloading.take_on(configured("speaking.speed=2", "thinking.threads=2", "hearing.pause_ms=96"))
        assert told.told() == {
            "applied": ["hearing.pause_ms", "speaking.speed"],
            "restart": {"thinking.threads": AT_START},
        }
        assert it.agent.reloading.take_on(configured("speaking.speed=2", "hearing.pause_ms=96")).told() == {
            "applied": [],
            "restart": {},
        }


@in_virtual_time
async def test_a_longer_silence_ends_the_turn_later():
    async with stage(SCRIPT, tools={}) as it:
        clock, ends = it.agent.faculties.clock, []
        it.agent.loop.observe(
            lambda _, event, __: ends.append(clock.monotonic_seconds()) if isinstance(event, TurnEnded) else None
        )
        waits = []
        for options in ((), ("hearing.end_silence_ms=600", "hearing.end_silence_max_ms=900")):
            it.agent.reloading.take_on(configured(*options))
            await it.begin_to_say("Tell me of the sea.")
            silent_from = clock.monotonic_seconds()
            await it.fall_silent()
            await it.until(lambda: ends)
            waits.append(ends.pop() - silent_from)
            await it.until_quiet()
        assert waits[1] > waits[0] + 0.2


@in_virtual_time
async def test_a_voice_that_is_set_faster_needs_less_time_for_the_same_words():
    async with stage(SCRIPT, tools={}) as it:
        whole = [len(it.agent.faculties.synthesizer.synthesize("one two three").samples)]
        it.agent.reloading.take_on(configured("speaking.speed=2"))
        whole.append(len(it.agent.faculties.synthesizer.synthesize("one two three").samples))
        assert whole[0] == 2 * whole[1]


async def test_the_wake_words_threshold_is_taken_on_and_the_way_itself_is_not():
    async with named_scene(options=("start.way=wake-word",)) as it:
        way = "start.way=wake-word"
        it.agent.reloading.take_on(configured(way, "start.wake_sensitivity=0.8"))
        assert it.agent.capture.spotter.threshold == pytest.approx(0.2)
        told = it.agent.reloading.take_on(configured("start.way=always", "start.wake_sensitivity=0.8")).told()
        assert list(told["restart"]) == ["start.way"]
        assert "wake word" in told["restart"]["start.way"]


@in_virtual_time
async def test_the_wake_word_is_not_begun_with_live():
    async with stage(SCRIPT, tools={}) as it:
        told = it.agent.reloading.take_on(configured("start.way=wake-word", "start.patience_seconds=20"))
        assert {".".join(key) for key in told.waiting} == {"start.way", "start.patience_seconds"}


@in_virtual_time
async def test_the_led_takes_on_other_colours_and_brightness():
    async with on_board('board.colours={ muted = "#800000" }') as here:
        agent = here.it.agent
        await here.press(27)
        assert agent.muted
        assert [here.factory.pin(pin).state for pin in (5, 6, 13)] == [128 / 255, 0.0, 0.0]
        told = agent.reloading.take_on(
            configured(*BUTTONS, "board.brightness=0.25", 'board.colours={ muted = "#0000ff" }')
        )
        assert {".".join(key) for key in told.applied} == {"board.brightness", "board.colours"}
        assert [here.factory.pin(pin).state for pin in (5, 6, 13)] == [0.0, 0.0, 0.25], "at once"


@in_virtual_time
async def test_a_led_that_is_only_switched_is_not_dimmed_without_a_restart():
    async with on_board() as here:
        told = here.it.agent.reloading.take_on(configured(*BUTTONS, "board.brightness=0.5"))
        assert "dimmed" in told.told()["restart"]["board.brightness"]
        assert here.shows(Indication.IDLE)
        told = here.it.agent.reloading.take_on(configured(*BUTTONS, 'board.colours={ idle = "#ff0000" }'))
        assert told.waiting == {}


@pytest.mark.parametrize("option", sorted(".".join(key) for key in Owner.BUTTONS.keys))
@in_virtual_time
async def test_gestures_and_their_times_are_taken_on(option):
    changed = {
        "board.button_gestures": '{ tap = "mute", double = "interrupt" }',
        "board.second_gestures": '{ tap = "interrupt", double = "mute" }',
        "board.debounce_ms": "50",
        "board.double_ms": "500",
        "board.hold_ms": "700",
        "board.long_ms": "5000",
    }
    async with on_board() as here:
        buttons = here.life._buttons
        before = (dict(buttons._uses), {name: button._times for name, button in buttons._buttons.items()})
        double = 'board.button_gestures={ tap = "talk", double = "mute" }' if option == "board.double_ms" else ""
        wanted = [*BUTTONS, *filter(None, [double]), f"{option}={changed[option]}"]
        told = here.it.agent.reloading.take_on(configured(*wanted))
        assert option in {".".join(key) for key in told.applied}
        assert (dict(buttons._uses), {name: button._times for name, button in buttons._buttons.items()}) != before


@in_virtual_time
async def test_a_tap_that_is_configured_to_mute_mutes():
    async with on_board() as here:
        here.it.agent.reloading.take_on(configured(*BUTTONS, 'board.button_gestures={ tap = "mute" }'))
        await here.press(BUTTON)
        assert here.it.agent.muted


# --- reading the files anew --------------------------------------------------------------------------------------


async def test_the_files_are_read_anew_and_a_mistake_changes_nothing():
    files = [configured("speaking.speed=2")]

    def reread() -> Config:
        if not files:
            raise ConfigError("speaking.speed = 99 is impossible.")
        return files.pop()

    taken = []
    reloading = Reloading(configured(), reread)
    reloading.own(Owner.VOICE, taken.append)
    assert (await reloading.reload()).told() == {"applied": ["speaking.speed"], "restart": {}}
    assert [config.speaking.speed for config in taken] == [2.0]
    with pytest.raises(ConfigError):
        await reloading.reload()
    assert reloading.config.speaking.speed == 2.0


async def test_an_agent_without_files_says_so():
    with pytest.raises(ControlError, match="no configuration"):
        await Reloading(configured()).reload()


async def test_the_socket_reloads():
    async with scene(lambda _: "", reread=lambda: configured("speaking.speed=2", "audio.block_ms=20")) as it:
        client = Client(it)
        assert await client.ask("reload") == {"applied": ["speaking.speed"], "restart": {"audio.block_ms": AT_START}}
