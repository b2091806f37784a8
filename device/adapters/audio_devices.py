"""Which sound cards there are, and which microphone, loudspeaker, rate and channels are used together."""

import contextlib
import ctypes
import itertools
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from device.errors import AudioError

RATES_HZ = (48_000, 44_100, 32_000, 16_000, 96_000, 22_050, 24_000, 8_000)
"""Tried in this order, after the devices' own."""

MOST_TRIED = 6
"""So many pairs of devices are tried where none is named."""

CARDS = Path("/proc/asound/cards")
"""Where ALSA lists its cards: number, id, and the name that PortAudio's names begin with."""

Device = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A microphone and a loudspeaker (PortAudio's numbers) and what both can do; or the loudspeaker alone."""

    name: str
    indices: tuple[int | None, int]
    channels: tuple[int, int]
    rate_hz: int


def cards(sounddevice: Any, source: str, sink: str, *, listening: bool = True) -> Iterator[Pair]:
    """The pairs that may be used, best first: the named ones, or the system's own and then the others.

    Unless it is `listening`, no microphone is looked for. Raises AudioError if there is none.
    """
    found = 0
    problem: AudioError | None = None
    for devices in _devices(sounddevice, source, sink, listening=listening):
        try:
            yield _pair(sounddevice, devices)
        except AudioError as error:
            problem = problem or error
        else:
            found += 1
            if found == MOST_TRIED:
                return
    if problem is not None and not found:
        raise problem


def _devices(
    sounddevice: Any, source: str, sink: str, *, listening: bool
) -> Iterator[tuple[Device, Device] | tuple[None, Device]]:
    if not listening:
        yield from ((None, loudspeaker) for loudspeaker in _named(sounddevice, sink, "output"))
        return
    microphones = _named(sounddevice, source, "input")
    loudspeakers = _named(sounddevice, sink, "output")
    yield microphones[0], loudspeakers[0]
    rest = [(one, other) for one in microphones for other in loudspeakers][1:]
    # One card for both has one clock.
    yield from sorted(rest, key=lambda pair: pair[0]["index"] != pair[1]["index"])


def _named(sounddevice: Any, name: str, way: str) -> list[Device]:
    """The devices that are meant by a name; all, the system's own first, if none is given."""
    what = "microphone" if way == "input" else "loudspeaker"
    every = [info for info in _listed(sounddevice) if info[f"max_{way}_channels"] > 0]
    if name:
        if found := _fitting(sounddevice, name, every):
            return found
        raise AudioError(
            f"No {what} called {name!r} was found: plug it in, or choose one of `device run --devices` "
            f"(key audio.{way})."
        )
    with contextlib.suppress(ValueError, sounddevice.PortAudioError):
        own = dict(sounddevice.query_devices(kind=way))
        every = [own, *(info for info in every if info["index"] != own["index"])]
    if not every:
        raise AudioError(f"No {what} was found: plug one in, or choose one of `device run --devices`.")
    return every


def _listed(sounddevice: Any) -> Iterator[Device]:
    """All devices but those whose name is no text; it is asked for one by one, so that such a one hides no other."""
    for number in itertools.count():
        try:
            yield dict(sounddevice.query_devices(number))
        except UnicodeDecodeError:
            continue
        except (ValueError, sounddevice.PortAudioError):  # it was the last one
            return


def _fitting(sounddevice: Any, name: str, every: list[Device]) -> list[Device]:
    """Those of a number, else with exactly that name, else of ALSA's card of that id, else with its words in order.

    One card may have several, such as its analog and its digital way out.
    """
    if name.isdecimal():
        return [info for info in every if info["index"] == int(name)]
    wanted, numbers = name.casefold(), _numbers_of(name)
    full = {info["index"]: _full_name(sounddevice, info).casefold() for info in every}
    words = re.compile(".*?".join(map(re.escape, wanted.split())))
    return (
        [info for info in every if wanted in (info["name"].casefold(), full[info["index"]])]
        or [info for info in every if any(f"(hw:{number}," in info["name"] for number in numbers)]
        or [info for info in every if words.search(full[info["index"]])]
    )


def _full_name(sounddevice: Any, info: Device) -> str:
    """With the sound system's name, as `device run --devices` shows it."""
    with contextlib.suppress(ValueError, sounddevice.PortAudioError):
        return f"{info['name']}, {sounddevice.query_hostapis(info['hostapi'])['name']}"
    return str(info["name"])


def _numbers_of(card: str) -> list[str]:
    """The number of ALSA's card with that id, if there is one."""
    try:
        listed = CARDS.read_text(errors="replace")
    except OSError:  # not Linux, or no card
        return []
    found = re.findall(r"^ *(\d+) \[(\S+) *\]:", listed, re.MULTILINE)
    return [number for number, name in found if name.casefold() == card.casefold()]


def _pair(sounddevice: Any, devices: tuple[Device | None, Device]) -> Pair:
    """What the devices can do together. Raises AudioError if that is nothing."""
    microphone, loudspeaker = devices
    there = [info for info in devices if info is not None]
    own = [int(info["default_samplerate"]) for info in reversed(there)]
    for rate in dict.fromkeys((*own, *RATES_HZ)):
        captured = 0
        if microphone is not None:
            captured = _channels(sounddevice.check_input_settings, sounddevice, microphone, "input", rate)
        played = _channels(sounddevice.check_output_settings, sounddevice, loudspeaker, "output", rate)
        if played and (captured or microphone is None):
            return Pair(
                name=" and ".join(dict.fromkeys(str(info["name"]) for info in there)),
                indices=(None if microphone is None else microphone["index"], loudspeaker["index"]),
                channels=(captured, played),
                rate_hz=rate,
            )
    names = " and ".join(str(info["name"]) for info in there)
    fault = "have no sample rate in common" if microphone else "takes no sample rate that is known"
    raise AudioError(
        f"{names} {fault}: choose the sound server's devices, which convert "
        '(audio.input = audio.output = "pulse", "pipewire" or "default").'
    )


def _channels(check: Any, sounddevice: Any, info: Device, way: str, rate_hz: int) -> int:
    """How many channels the device is opened with at that rate: few where it may be; 0 if it cannot be."""
    most = int(info[f"max_{way}_channels"])
    wanted = (1, 2, most) if way == "input" else (2, 1, most)
    for count in dict.fromkeys(min(number, most) for number in wanted):
        with quiet_stderr(), contextlib.suppress(sounddevice.PortAudioError, ValueError):
            check(device=info["index"], channels=count, dtype="float32", samplerate=rate_hz)
            return count
    return 0


def list_devices() -> str:
    """The sound devices that there are, one a line. Raises AudioError without PortAudio."""
    sounddevice = portaudio()
    renew_list(sounddevice)
    try:
        return str(sounddevice.query_devices()) or "No sound device was found."
    except (sounddevice.PortAudioError, ValueError) as error:
        raise AudioError(
            f"The sound devices cannot be listed ({first_line(error)}): unplug the one that was added last."
        ) from error


def portaudio() -> Any:
    """The library. Raises AudioError if the system has none, or it does not start."""
    try:
        with quiet_stderr():
            import sounddevice
    except OSError as error:
        raise AudioError("PortAudio is not installed: run  sudo apt install libportaudio2") from error
    except Exception as error:  # its PortAudioError, which only has a name once it is there
        raise _does_not_start(error) from error
    _hush_alsa()
    return sounddevice


_ErrorHandler = ctypes.CFUNCTYPE(None, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p)
_say_nothing = _ErrorHandler(lambda *_: None)
"""ALSA's snd_lib_error_handler_t; it lives as long as the library may call it."""


def _hush_alsa() -> None:
    """Keep ALSA from printing a line for every underrun as it plays: they are counted, and a journal is on a card."""
    with contextlib.suppress(OSError, AttributeError):  # a PortAudio without ALSA
        ctypes.CDLL("libasound.so.2").snd_lib_error_set_handler(_say_nothing)


def renew_list(sounddevice: Any) -> None:
    """Make PortAudio look at the devices again: it only does so when it starts. Raises AudioError if it does not."""
    with quiet_stderr():
        with contextlib.suppress(sounddevice.PortAudioError, OSError):  # it has ended already, as it could not start
            sounddevice._terminate()  # noqa: SLF001 - there is no public way
        try:
            sounddevice._initialize()  # noqa: SLF001
        except (sounddevice.PortAudioError, OSError) as error:
            raise _does_not_start(error) from error


def _does_not_start(error: Exception) -> AudioError:
    return AudioError(
        f"The sound system does not start ({first_line(error)}): see that its server runs, or restart it."
    )


@contextlib.contextmanager
def quiet_stderr() -> Iterator[None]:
    """Keep what ALSA and PortAudio print of missing cards from the terminal; errors come as exceptions anyway."""
    kept = os.dup(2)
    silence = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(silence, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(silence)


def first_line(error: Exception) -> str:
    """What PortAudio says went wrong, without its details."""
    return str(error).splitlines()[0] if str(error) else type(error).__name__
