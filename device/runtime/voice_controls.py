"""How loud and how fast the agent speaks: set by a tool, heard at once, and the same after a restart."""

from typing import Any

from device.ports import Synthesizer
from device.runtime.kept import Kept
from device.runtime.playback import Playback
from device.toolkit import Values

LOUDNESS_EXPONENT = 5 / 3
"""Half the volume is to sound half as loud: loudness grows with the amplitude to the 0.6 (Stevens's power law)."""

SLOWEST, FASTEST = 0.5, 2.0

_KEY = "voice"


class VoiceSettings:
    """`device.toolkit.VoiceControls`; `run` keeps what was set in the shared value "voice"."""

    def __init__(self, values: Values, playback: Playback, synthesizer: Synthesizer) -> None:
        """Speak as the last run did."""
        self._kept = Kept(values, _KEY)
        self._playback = playback
        self._synthesizer = synthesizer
        self._set_volume(_kept(self._kept.before, "volume"))
        self._set_speed(_kept(self._kept.before, "speed"))

    @property
    def volume(self) -> float:
        """0 to 1, as it is perceived."""
        return self._volume

    @volume.setter
    def volume(self, volume: float) -> None:
        self._set_volume(volume)
        self._keep()

    @property
    def speed(self) -> float:
        """1 is the configured pace; 0.5 to 2. It holds from the next piece on."""
        return self._speed

    @speed.setter
    def speed(self, speed: float) -> None:
        self._set_speed(speed)
        self._keep()

    async def run(self) -> None:
        """Keep what is set, until cancelled."""
        await self._kept.run()

    def _keep(self) -> None:
        self._kept.keep({"volume": self._volume, "speed": self._speed})

    def _set_volume(self, volume: float) -> None:
        self._volume = min(max(volume, 0.0), 1.0)
        self._playback.set_gain(self._volume**LOUDNESS_EXPONENT)

    def _set_speed(self, speed: float) -> None:
        self._speed = min(max(speed, SLOWEST), FASTEST)
        self._synthesizer.speed = self._speed


def _kept(stored: Any, name: str) -> float:
    """A setting of the last run; 1 if it is none."""
    value = stored.get(name) if isinstance(stored, dict) else None
    return float(value) if isinstance(value, (int, float)) else 1.0
