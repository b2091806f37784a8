"""A voice whose settings change nothing."""

from dataclasses import dataclass


@dataclass
class PlainVoice:
    """`device.toolkit.VoiceControls`."""

    volume: float = 1.0
    speed: float = 1.0
