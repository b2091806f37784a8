"""The section [board] of the configuration: buttons, the LED, and pins that are switched."""

import re
from collections.abc import Mapping
from typing import Annotated, Literal

from msgspec import Meta, Struct

from device.core.gestures import GestureTimes
from device.core.indication import Colour, Indication, Lamp

IndicationName = Literal[
    "starting", "asleep", "idle", "listening", "thinking", "speaking", "background", "muted", "error", "updating"
]
Pin = Annotated[int, Meta(ge=0, le=27)]
"""By its BCM number; 0, which the header keeps for itself, is none."""

GestureName = Literal["press", "tap", "double", "hold", "long"]
ActionName = Literal["interrupt", "talk", "push-to-talk", "mute", "shut-down"]


class Board(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The buttons, the LED and the pins that are switched; see `device.core.gestures` and `device.core.indication`."""

    kind: Literal["auto", "raspberry-pi", "jetson", "mock", "none"]
    button: Pin
    button_gestures: dict[GestureName, ActionName]
    second_button: Pin
    second_gestures: dict[GestureName, ActionName]
    buttons_to: Literal["ground", "supply"]
    debounce_ms: Annotated[int, Meta(ge=1, le=500)]
    double_ms: Annotated[int, Meta(ge=100, le=2_000)]
    hold_ms: Annotated[int, Meta(ge=100, le=5_000)]
    long_ms: Annotated[int, Meta(ge=500, le=60_000)]
    led: Literal["none", "plain", "rgb", "strip"]
    led_pins: tuple[Pin, ...]
    led_to: Literal["ground", "supply"]
    led_bus: str
    led_count: Annotated[int, Meta(ge=1, le=256)]
    brightness: Annotated[float, Meta(ge=0.0, le=1.0)]
    colours: dict[IndicationName, str]
    outputs: dict[str, int]

    def gestures(self, button: str) -> Mapping[GestureName, ActionName]:
        """What the gestures of a button do, by name; what is missing does nothing."""
        return self.button_gestures if button == "button" else self.second_gestures

    def gesture_times(self, button: str) -> GestureTimes:
        """When a press of a button is which gesture."""
        return GestureTimes(
            debounce_ms=self.debounce_ms,
            hold_ms=self.hold_ms,
            long_ms=self.long_ms,
            double_ms=self.double_ms if "double" in self.gestures(button) else 0,
        )

    def lamp(self) -> Lamp:
        """The LEDs as they are to be lit."""
        colours = {Indication(name): Colour.parse(text) for name, text in self.colours.items()}
        if self.led == "strip":
            return Lamp(leds=self.led_count, dimmed=True, brightness=self.brightness, colours=colours)
        return Lamp(brightness=self.brightness, colours=colours)

    def check(self) -> None:
        """Raise ValueError with the key and the reason if options do not go together."""
        for key, gestures in (("button_gestures", self.button_gestures), ("second_gestures", self.second_gestures)):
            talks = [gesture for gesture, action in gestures.items() if action == "push-to-talk"]
            if talks not in ([], ["hold"]):
                raise ValueError(f"board.{key}: only a hold can be push-to-talk, not a {talks[0]}")
            if talks and "long" in gestures:
                raise ValueError(f"board.{key}: a button that is held to talk cannot have a long hold, too")
        if self.hold_ms >= self.long_ms:
            raise ValueError(f"board.long_ms: it must be above board.hold_ms, which is {self.hold_ms}")
        wanted = {"plain": 1, "rgb": 3}.get(self.led)
        if wanted is not None and len(self.led_pins) != wanted:
            raise ValueError(f"board.led_pins: a LED of the kind {self.led} has {wanted}, not {len(self.led_pins)}")
        for name, text in self.colours.items():
            if not re.fullmatch("#[0-9a-fA-F]{6}", text):
                raise ValueError(f'board.colours: "{text}" for {name} is no colour such as "#00ff80"')
        self._check_pins()

    def _check_pins(self) -> None:
        leds = self.led_pins if self.led in ("plain", "rgb") else ()
        uses = [("button", self.button), ("second_button", self.second_button), *(("led_pins", pin) for pin in leds)]
        taken: dict[int, str] = {}
        for key, pin in (*uses, *((f"outputs.{name}", pin) for name, pin in self.outputs.items())):
            if pin and pin in taken:
                raise ValueError(f"board.{key}: pin {pin} is board.{taken[pin]} already")
            taken[pin] = key
