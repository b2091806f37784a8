"""Sound cards, recordings in their place, and voices to measure with."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from device.app.models import model_store
from device.config import Config
from device.ports import RECOGNITION_HZ, Samples, VariedVoices

if TYPE_CHECKING:
    from device.adapters.audio_portaudio import PortAudioDevice
    from device.adapters.audio_wav import WavDevice


def sound_card(config: Config) -> "PortAudioDevice":
    """The microphone and loudspeaker of the configuration, not opened yet."""
    from device.adapters.audio_portaudio import PortAudioDevice

    return PortAudioDevice(config.audio.input, config.audio.output, block_ms=config.audio.block_ms)


def list_sound_devices() -> str:
    """The sound devices that there are, one a line. Raises AudioError."""
    from device.adapters.audio_devices import list_devices

    return list_devices()


def read_recording(path: Path) -> Samples:
    """A whole recording at 16 kHz, mono. Raises AudioError."""
    from device.adapters import recordings

    return recordings.read_recording(path, RECOGNITION_HZ)


def write_recording(path: Path, samples: Samples) -> None:
    """Keep samples at 16 kHz as a WAV, whole or not at all. Raises AudioError."""
    from device.adapters import recordings

    recordings.write_recording(path, samples, RECOGNITION_HZ)


def at_recognition_rate(samples: Samples, from_hz: int) -> Samples:
    """A whole sound at 16 kHz."""
    from device.runtime.resampling import resample

    return resample(samples, from_hz, RECOGNITION_HZ)


def recording(
    source: Path | Samples | Iterator[Samples], out: Path | None, config: Config, *, paced: bool = True
) -> "WavDevice":
    """A recording as a sound device, whose replies go to `out`. Raises AudioError."""
    from device.adapters.audio_wav import WavDevice

    return WavDevice(source, out, paced=paced, block_ms=config.audio.block_ms)


def varied_voices(config: Config) -> VariedVoices:
    """Speakers of many kinds, to measure with. Raises ModelError if the configured voice is not fetched."""
    from device.adapters.varied_voices import VariedVoices

    return VariedVoices(model_store().path(config.models.tts))
