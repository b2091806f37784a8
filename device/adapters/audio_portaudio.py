"""The microphone and the loudspeaker, full-duplex on one clock, through PortAudio."""

import contextlib
import logging
import os
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from device.errors import AudioError
from device.ports import Exchange

log = logging.getLogger(__name__)

RATES_HZ = (48_000, 44_100, 16_000)
"""Tried in this order, after the device's own."""

STALLED_SECONDS = 3.0
"""A card that asks for no block for so long is gone, whatever PortAudio says."""


class PortAudioDevice:
    """`device.ports.AudioDevice` on a sound card."""

    def __init__(self, source: str = "", sink: str = "", *, block_ms: int = 16) -> None:
        """`source` and `sink` are names, parts of names or numbers of devices; "" for the system's own."""
        self.name = "the sound card"
        self.input_hz = self.output_hz = RATES_HZ[0]
        self._wanted = (_selector(source), _selector(sink))
        self._block_ms = block_ms
        self._stream: Any = None
        self._closing = threading.Event()
        self._last_block_seconds = 0.0

    def open(self, exchange: Exchange, lost: Callable[[str], None]) -> None:
        """Start the card. Raises AudioError in a sentence."""
        sounddevice = _portaudio()
        _renew_list(sounddevice)
        try:
            devices = self._find(sounddevice)
            channels = tuple(min(int(info[f"max_{way}_channels"]), most) for info, way, most in
                             ((devices[0], "input", 1), (devices[1], "output", 2)))  # fmt: skip
            self.input_hz = self.output_hz = self._rate(sounddevice, devices, channels)
            self.name = (
                devices[0]["name"]
                if devices[0]["name"] == devices[1]["name"]
                else " and ".join(d["name"] for d in devices)
            )
            closing = self._closing = threading.Event()
            told = threading.Event()

            def lose(reason: str) -> None:
                if not closing.is_set() and not told.is_set():
                    told.set()
                    lost(reason)

            with _quiet_stderr():
                self._stream = sounddevice.Stream(
                    samplerate=self.output_hz,
                    blocksize=self.output_hz * self._block_ms // 1000,
                    device=(devices[0]["index"], devices[1]["index"]),
                    channels=channels,
                    dtype="float32",
                    latency="low",
                    callback=self._callback(exchange),
                    finished_callback=lambda: lose("it was unplugged or its sound server ended"),
                )
                self._last_block_seconds = time.monotonic()
                self._stream.start()
        except (sounddevice.PortAudioError, ValueError) as error:
            self._drop_stream()
            raise AudioError(
                f"The sound card cannot be used ({_first_line(error)}): plug it in, or end what has it."
            ) from error
        threading.Thread(target=self._watch, args=(closing, lose), name="sound-watch", daemon=True).start()

    def close(self) -> None:
        """Stop the card."""
        self._closing.set()
        self._drop_stream()

    def _drop_stream(self) -> None:
        stream, self._stream = self._stream, None
        if stream is not None:
            # A card that has gone makes PortAudio complain; there is nothing left to close then.
            with _quiet_stderr(), contextlib.suppress(Exception):
                stream.abort(ignore_errors=True)
                stream.close(ignore_errors=True)

    def _callback(self, exchange: Exchange) -> Callable[..., None]:
        failed = False

        def callback(captured: Any, out: Any, frames: int, times: Any, status: Any) -> None:
            nonlocal failed
            del times
            self._last_block_seconds = time.monotonic()
            if status:
                log.debug("sound: %s", status)
            mono = np.zeros(frames, np.float32)
            try:
                exchange(captured[:, 0], mono)
            except Exception:  # an exception here would stop the card
                if not failed:
                    log.exception("The sound's exchange failed")
                failed = True
            out[:] = mono[:, None]

        return callback

    def _watch(self, closing: threading.Event, lose: Callable[[str], None]) -> None:
        while not closing.wait(STALLED_SECONDS / 2):
            if time.monotonic() - self._last_block_seconds > STALLED_SECONDS:
                lose("it stopped asking for sound")
                return

    def _find(self, sounddevice: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        found = []
        for wanted, way, name in ((self._wanted[0], "input", "microphone"), (self._wanted[1], "output", "loudspeaker")):
            try:
                found.append(dict(sounddevice.query_devices(wanted, way)))
            except (ValueError, sounddevice.PortAudioError) as error:
                which = f"No {name} called {wanted!r}" if wanted is not None else f"No {name}"
                raise AudioError(
                    f"{which} was found: plug one in, or choose one of `device run --devices` (key audio.{way})."
                ) from error
        return found[0], found[1]

    @staticmethod
    def _rate(sounddevice: Any, devices: tuple[dict[str, Any], dict[str, Any]], channels: tuple[int, ...]) -> int:
        own = [int(info["default_samplerate"]) for info in (devices[1], devices[0])]
        for rate in dict.fromkeys((*own, *RATES_HZ)):
            with _quiet_stderr(), contextlib.suppress(sounddevice.PortAudioError, ValueError):
                for check, info, count in (
                    (sounddevice.check_input_settings, devices[0], channels[0]),
                    (sounddevice.check_output_settings, devices[1], channels[1]),
                ):
                    check(device=info["index"], channels=count, dtype="float32", samplerate=rate)
                return rate
        raise AudioError("The microphone and the loudspeaker have no sample rate in common: choose others.")


def list_devices() -> str:
    """The sound devices that there are, one a line. Raises AudioError without PortAudio."""
    sounddevice = _portaudio()
    _renew_list(sounddevice)
    return str(sounddevice.query_devices()) or "No sound device was found."


def _portaudio() -> Any:
    try:
        with _quiet_stderr():
            import sounddevice
    except OSError as error:
        raise AudioError("PortAudio is not installed: run  sudo apt install libportaudio2") from error
    return sounddevice


def _renew_list(sounddevice: Any) -> None:
    """Make PortAudio look at the devices again: it only does so when it starts."""
    with _quiet_stderr():
        sounddevice._terminate()  # noqa: SLF001 - there is no public way
        sounddevice._initialize()  # noqa: SLF001


@contextlib.contextmanager
def _quiet_stderr() -> Iterator[None]:
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


def _selector(name: str) -> str | int | None:
    return int(name) if name.isdecimal() else name or None


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__
