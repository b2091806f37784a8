"""A virtual sound card: a private PulseAudio daemon with a microphone that can be spoken into and a loudspeaker that
can be heard.
"""

import contextlib
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

CONFIGURATION = """
load-module module-native-protocol-unix auth-anonymous=1 socket={socket}
load-module module-null-sink sink_name=micfeed rate=48000 channels=1 norewinds=1
load-module module-remap-source master=micfeed.monitor source_name=mic
load-module module-null-sink sink_name=speaker rate=48000 channels=2 norewinds=1
set-default-sink speaker
set-default-source mic
"""

ALSA = "pcm.!default pulse\nctl.!default pulse\n"


def available() -> bool:
    """Whether the daemon and ALSA's way to it are installed."""
    plugin = list(Path("/usr/lib").glob("*/alsa-lib/libasound_module_pcm_pulse.so"))
    return bool(plugin) and all(map(shutil.which, ("pulseaudio", "parec", "paplay")))


class SoundCard:
    """The running card; `environment` leads a process to it."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._socket = directory / "pulse.socket"
        asound = directory / "asound.conf"
        asound.write_text("</usr/share/alsa/alsa.conf>\n" + ALSA)
        self.environment = os.environ | {
            "PULSE_SERVER": f"unix:{self._socket}",
            "ALSA_CONFIG_PATH": str(asound),
            "XDG_RUNTIME_DIR": str(directory),
            "HOME": str(directory),
        }
        self._daemon: subprocess.Popen[bytes] | None = None

    def plug_in(self) -> None:
        """Start the daemon and wait for it."""
        script = self.directory / "pulse.pa"
        script.write_text(CONFIGURATION.format(socket=self._socket))
        options = ("--daemonize=no", "--use-pid-file=no", "--disable-shm=yes", "--exit-idle-time=-1", "--realtime=no")
        with (self.directory / "pulse.log").open("wb") as log:
            self._daemon = subprocess.Popen(
                ["pulseaudio", "-n", "-F", script, *options], env=self.environment, stderr=log
            )
        deadline = time.monotonic() + 20
        while subprocess.run(["pactl", "info"], env=self.environment, capture_output=True, check=False).returncode:
            assert time.monotonic() < deadline, (self.directory / "pulse.log").read_text()
            time.sleep(0.05)

    def unplug(self) -> None:
        """End the daemon at once."""
        if self._daemon is not None:
            self._daemon.kill()
            self._daemon.wait()
            self._daemon = None

    def speak(self, recording: Path) -> None:
        """Play a recording into the microphone, to its end."""
        subprocess.run(["paplay", "-d", "micfeed", recording], env=self.environment, check=True)

    @contextlib.contextmanager
    def room(self, noise: Path) -> Iterator[None]:
        """While the context is open, the microphone hears the loudspeaker, 12 dB weaker, and `noise` once."""
        module = self._pactl(
            "load-module", "module-loopback", "source=speaker.monitor", "sink=micfeed", "latency_msec=40"
        )
        echo = self._pactl("list", "short", "sink-inputs").splitlines()[-1].split()[0]
        self._pactl("set-sink-input-volume", echo, "-12dB")
        hum = subprocess.Popen(["paplay", "-d", "micfeed", noise], env=self.environment)
        try:
            yield
        finally:
            hum.kill()
            hum.wait()
            self._pactl("unload-module", module)

    def _pactl(self, *words: str) -> str:
        return subprocess.run(
            ["pactl", *words], env=self.environment, check=True, capture_output=True, text=True
        ).stdout.strip()

    @contextlib.contextmanager
    def listening(self, rate_hz: int = 16_000) -> Iterator[Path]:
        """Record the loudspeaker, raw 16 bit mono, while the context is open."""
        path = self.directory / "heard.raw"
        with path.open("wb") as out:
            process = subprocess.Popen(
                ["parec", "-d", "speaker.monitor", "--format=s16le", f"--rate={rate_hz}", "--channels=1"],
                env=self.environment,
                stdout=out,
            )
            try:
                yield path
            finally:
                process.terminate()
                process.wait()
