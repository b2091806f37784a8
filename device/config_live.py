"""Which options a running agent takes on when it is told to reload, and which it reads only when it starts.

Every option of the configuration stands here once: below whoever owns it in the running agent, or among those that need
a restart. `device.runtime.reloading` has what each owner is told.
"""

from collections.abc import Iterator, Mapping
from enum import Enum
from types import MappingProxyType
from typing import Any

import msgspec

from device.config import Config

Key = tuple[str, str]
"""Section and name."""


class Owner(Enum):
    """Who in the running agent takes on new values of which options."""

    ENDPOINTING = (
        "hearing.threshold hearing.min_speech_ms hearing.min_speech_over_reply_ms hearing.pause_ms "
        "hearing.end_silence_ms hearing.end_silence_max_ms hearing.finished_above hearing.unfinished_below "
        "hearing.max_utterance_seconds"
    )
    CAPTURE = "hearing.preroll_ms hearing.hold_early hearing.speculate hearing.read_ahead hearing.auto_gain"
    ATTENTION = "start.way start.patience_seconds start.follow_up_seconds"
    SPOTTER = "start.wake_sensitivity"
    EARCONS = "sounds.earcons sounds.volume"
    RINGING = "sounds.alarm_volume sounds.alarm_repeats sounds.alarm_every_seconds"
    VOICE = "speaking.speed speaking.in_parts"
    REPLIES = "thinking.temperature thinking.seed thinking.chained_calls"
    TASKS = "tasks.depth tasks.max_tokens tasks.seconds"
    LIGHT = "board.brightness board.colours"
    BUTTONS = (
        "board.button_gestures board.second_gestures board.debounce_ms board.double_ms board.hold_ms board.long_ms"
    )
    RETENTION = "conversation.keep_days"
    LOG = "logging.level"

    @property
    def keys(self) -> tuple[Key, ...]:
        """The options that it owns."""
        return _keys(self.value)


def _keys(text: str) -> tuple[Key, ...]:
    return tuple((section, name) for section, _, name in (option.partition(".") for option in text.split()))


NEEDS_RESTART: frozenset[Key] = frozenset(
    _keys(
        # Models are loaded once, and what they hold (threads, the prompt's beginning, the cache's cells) is made then.
        "models.vad models.turn models.asr models.tts models.llm models.wake models.noise hearing.threads "
        "speaking.threads thinking.context_tokens thinking.max_tokens thinking.threads thinking.instructions "
        "thinking.prompt_format thinking.examples thinking.adapter "
        "tasks.children tasks.context_tokens "
        "tools.enabled tools.also tools.network tools.plugins tools.commands tools.mcp "
        # The sound card and the pins are opened once.
        "audio.input audio.output audio.block_ms audio.echo_cancellation board.kind board.button board.second_button "
        "board.buttons_to board.led board.led_pins board.led_to board.led_bus board.led_count board.outputs "
        # So are the ledger and the socket.
        "conversation.state conversation.synchronous control.socket control.group"
    )
)

LIVE: Mapping[Key, Owner] = MappingProxyType({key: owner for owner in Owner for key in owner.keys})
"""The options that are taken on live, each with its owner."""


def values(config: Config) -> Iterator[tuple[Key, Any]]:
    """Every option and its value."""
    for section in Config.__struct_fields__:
        table: msgspec.Struct = getattr(config, section)
        for name in table.__struct_fields__:
            yield (section, name), getattr(table, name)


def changes(before: Config, after: Config) -> tuple[Key, ...]:
    """The options that differ."""
    old = dict(values(before))
    return tuple(key for key, value in values(after) if value != old[key])


def with_values_of(config: Config, other: Config, keys: tuple[Key, ...]) -> Config:
    """`config`, but for some options, which have the values of `other`."""
    for section, name in keys:
        table = msgspec.structs.replace(getattr(config, section), **{name: getattr(getattr(other, section), name)})
        config = msgspec.structs.replace(config, **{section: table})
    return config
