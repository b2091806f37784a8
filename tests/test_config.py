"""The configuration: checked, one sentence for each mistake, every origin known."""

import dataclasses
import tomllib
import typing
from pathlib import Path

import msgspec
import pytest

from device import config as configuration
from device.config import DEFAULTS, Config, load
from device.errors import ConfigError


@pytest.fixture(autouse=True)
def _nobodys_files(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "xdg"))
    monkeypatch.setattr(configuration, "SYSTEM_FILE", tmp_path / "etc.toml")


def written(tmp_path, text: str, name: str = "config.toml"):
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_the_shipped_defaults_give_every_key_a_value():
    shipped = tomllib.loads(DEFAULTS.read_text())
    sections = typing.get_type_hints(Config)
    assert {name: set(table) for name, table in shipped.items()} == {
        name: set(section.__struct_fields__) for name, section in sections.items()
    }
    loaded = load(environment={})
    assert set(loaded.origins.values()) == {"default"}


def test_every_key_of_the_defaults_is_explained():
    lines = DEFAULTS.read_text().splitlines()
    for section in ("[models]", "[audio]", "[hearing]", "[speaking]", "[thinking]", "[board]"):
        assert lines[lines.index(section) + 1].startswith("#")


def test_later_sources_win_and_are_named(tmp_path):
    written(tmp_path, "[speaking]\nspeed = 1.1\nthreads = 3\n[hearing]\npause_ms = 100", "etc.toml")
    user = written(tmp_path / "xdg" / "device", "[speaking]\nspeed = 1.2\nthreads = 4")
    named = written(tmp_path, "[speaking]\nspeed = 1.3", "named.toml")
    loaded = load(named, overrides=["speaking.speed=1.5"], environment={"DEVICE_SPEAKING_SPEED": "1.4"})
    assert loaded.config.speaking.speed == 1.5
    assert loaded.origins["speaking", "speed"] == "--set"
    assert loaded.origins["speaking", "threads"] == str(user)
    assert loaded.config.hearing.pause_ms == 100
    assert (
        load(named, environment={"DEVICE_SPEAKING_SPEED": "1.4"}).origins["speaking", "speed"]
        == "$DEVICE_SPEAKING_SPEED"
    )
    assert load(named, environment={}).config.speaking.speed == 1.3


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[speaking]\nspeeed = 1", ["speaking.speeed", "config.toml", "speed, threads"]),
        ("[talking]\nspeed = 1", ['"talking"', "config.toml"]),
        ("speed = 1", ['"speed"', "config.toml"]),
        ('[speaking]\nspeed = "fast"', ["speaking.speed", '"fast"', "config.toml"]),
        ("[speaking]\nspeed = 9.5", ["speaking.speed", "9.5", "config.toml", "3.0"]),
        ("[hearing]\npause_ms = -1", ["hearing.pause_ms", "-1", "config.toml"]),
        ("[hearing]\npause_ms = 2000", ["hearing.pause_ms", "2000", "config.toml", "end_silence_ms"]),
        ("[hearing]\npause_ms = true", ["hearing.pause_ms", "True", "config.toml"]),
        ("[logging]\nlevel = 'loud'", ["logging.level", '"loud"', "debug", "config.toml"]),
        ("[tools]\nenabled = 'all'", ["tools.enabled", '"all"', "config.toml"]),
        ("[speaking\nspeed = 1", ["config.toml", "not TOML", "line 1"]),
    ],
)
def test_a_mistake_is_one_sentence_with_the_key_the_value_and_the_file(tmp_path, text, words):
    with pytest.raises(ConfigError) as raised:
        load(written(tmp_path, text), environment={})
    sentence = str(raised.value)
    assert sentence.endswith(".")
    assert "\n" not in sentence
    for word in words:
        assert word in sentence


def test_a_file_that_is_missing_or_no_text_is_a_sentence(tmp_path):
    with pytest.raises(ConfigError, match="cannot be read"):
        load(tmp_path / "none.toml", environment={})
    (tmp_path / "b.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match="not UTF-8"):
        load(tmp_path / "b.toml", environment={})


@pytest.mark.parametrize("override", ["speed=1", "speaking.speed", "", "=", "speaking.=1", "a.b=c"])
def test_an_override_that_makes_no_sense_is_a_sentence(override):
    with pytest.raises(ConfigError):
        load(overrides=[override], environment={})


def test_plain_text_becomes_the_type_that_is_wanted():
    config = load(
        overrides=["tools.enabled=get_time, calculate", "models.llm=x", "thinking.temperature=1"],
        environment={
            "DEVICE_THINKING_MAX_TOKENS": "12",
            "DEVICE_AUDIO_INPUT": "3",
            "DEVICE_OTHER": "x",
            "DEVICE_MODELS": "/m",
        },
    ).config
    assert config.tools.enabled == ("get_time", "calculate")
    assert (config.models.llm, config.thinking.temperature) == ("x", 1.0)
    assert (config.thinking.max_tokens, config.audio.input) == (12, "3")


def test_what_is_written_as_toml_has_it_is_read_as_toml_has_it():
    overrides = ['audio.input="USB"', 'tools.enabled=["get_time", "calculate"]', "tools.also = ['think']"]
    config = load(overrides=overrides, environment={"DEVICE_AUDIO_OUTPUT": "'3'"}).config
    assert (config.audio.input, config.audio.output) == ("USB", "3")
    assert config.tools.enabled == ("get_time", "calculate")
    assert config.tools.also == ("think",)


@pytest.mark.parametrize("value", ["1" + "0" * 400, "1" * 5000, "[" * 5000])
@pytest.mark.parametrize("way", ["file", "override"])
def test_a_value_that_nothing_can_hold_is_a_sentence(tmp_path, value, way):
    file = tmp_path / "config.toml"
    file.write_text(f"[speaking]\nspeed = {value}\n")
    with pytest.raises(ConfigError, match="config.toml|--set"):
        load(*([file] if way == "file" else []), overrides=[f"speaking.speed={value}"], environment={})


def test_a_mark_at_the_beginning_of_a_file_is_none_of_it(tmp_path):
    file = tmp_path / "config.toml"
    file.write_bytes(b"\xef\xbb\xbf[speaking]\nspeed = 2\n")
    assert load(file, environment={}).config.speaking.speed == 2.0


def test_where_nobody_may_look_nothing_is_read(monkeypatch, tmp_path):
    def forbidden(self):
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "is_file", forbidden)
    assert load(environment={}).config.speaking.speed == 1.0


def test_a_mistake_in_the_environment_names_the_variable():
    with pytest.raises(ConfigError, match="DEVICE_HEARING_PAUSE_MS"):
        load(environment={"DEVICE_HEARING_PAUSE_MS": "soon"})


def test_options_cannot_be_changed():
    config = load(environment={}).config
    with pytest.raises((AttributeError, dataclasses.FrozenInstanceError)):
        config.speaking.speed = 2.0
    assert msgspec.to_builtins(config)


def test_the_model_leaves_a_core_to_others(monkeypatch):
    monkeypatch.setattr(configuration.os, "sched_getaffinity", lambda _: set(range(4)))
    assert load(environment={}).config.language_threads() == (4, 3)
    assert load(environment={}, overrides=["thinking.threads=2"]).config.language_threads() == (2, 2)
    monkeypatch.setattr(configuration.os, "sched_getaffinity", lambda _: {0})
    assert load(environment={}).config.language_threads() == (1, 1)


def board_with(tmp_path, text: str):
    return load(written(tmp_path, f"[board]\n{text}"), environment={}).config.board


def test_the_boards_options_are_what_the_parts_want(tmp_path):
    board = board_with(
        tmp_path, 'button = 17\nled = "rgb"\nled_pins = [5, 6, 13]\nsecond_gestures = { double = "mute" }'
    )
    assert board.gestures("button") == {"press": "interrupt", "tap": "talk", "hold": "push-to-talk"}
    assert board.gesture_times("button").double_ms == 0
    assert board.gesture_times("second_button").double_ms == 300
    assert load(overrides=["board.led_pins=[5, 6, 13]", "board.led=rgb"], environment={}).config.board.led_pins == (
        5,
        6,
        13,
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("button = 40", ["board.button", "40", "27"]),
        ("button = 17\nsecond_button = 17", ["board.second_button", "pin 17 is board.button already"]),
        ("button = 17\noutputs = { lamp = 17 }", ["board.outputs.lamp", "pin 17 is board.button already"]),
        ('led = "rgb"\nled_pins = [5, 6]', ["board.led_pins", "rgb has 3, not 2"]),
        ('led = "plain"', ["board.led_pins", "plain has 1, not 0"]),
        ('led = "rgb"\nled_pins = [5, 6, 5]', ["board.led_pins", "pin 5 is board.led_pins already"]),
        ('led = "neon"', ["board.led", "neon"]),
        ('colours = { idle = "green" }', ["board.colours", '"green" for idle']),
        ('colours = { sleepy = "#000000" }', ["board.colours", "sleepy"]),
        ('button_gestures = { tap = "push-to-talk" }', ["board.button_gestures", "only a hold"]),
        ('second_gestures = { hold = "push-to-talk", long = "shut-down" }', ["board.second_gestures", "held to talk"]),
        ('button_gestures = { wink = "talk" }', ["board.button_gestures", "wink"]),
        ("hold_ms = 3000", ["board.long_ms", "above board.hold_ms", "3000"]),
        ("brightness = 2.0", ["board.brightness", "1.0"]),
    ],
)
def test_a_board_that_cannot_be_is_one_sentence(tmp_path, text, words):
    with pytest.raises(ConfigError) as raised:
        board_with(tmp_path, text)
    sentence = str(raised.value)
    assert sentence.endswith(".")
    assert "\n" not in sentence
    for word in words:
        assert word in sentence
