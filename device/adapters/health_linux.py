"""How a computer with Linux fares, read from its files; what a board does not have is left out.

- temperature: /sys/class/thermal, the processor's zone if one is named so, else the hottest
- trouble: the Raspberry Pi's firmware (the bits of `vcgencmd get_throttled`), else its voltage monitor, else the
  Jetson's counts of over-current events, both in /sys/class/hwmon
"""

import shutil
import socket
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path

_THROTTLED = "sys/devices/platform/soc/soc:firmware/get_throttled"
_NOW = ((0, "under-voltage"), (1, "a limited clock"), (2, "throttling"), (3, "a temperature near its limit"))
_SINCE_BIT = 16
"""The same conditions at any time since the start stand this many bits higher."""

_ELSEWHERE = ("192.0.2.1", 9)
"""An address of the documentation's network; nothing is ever sent there."""


def network_address() -> str:
    """The address of this computer on its network, "" if it is on none. Sends nothing: it asks for the route only."""
    try:
        with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as probe:
            probe.connect(_ELSEWHERE)
            return str(probe.getsockname()[0])
    except OSError:  # also where the service may not have such a socket at all
        return ""


class LinuxHealth:
    """`device.toolkit.Health`."""

    def __init__(
        self,
        state_directory: Path,
        *,
        root: Path = Path("/"),
        address: Callable[[], str] = network_address,
    ) -> None:
        """`state_directory` is on the disk that matters; `root` is where sys and proc are."""
        self._disk = state_directory
        self._root = root
        self._address = address

    def read(self) -> Mapping[str, float | str]:
        """temperature_celsius, throttled ("no" or what is wrong), memory_ and disk_ free_ and total_bytes, address
        ("" on no network), uptime_seconds, and what this process has in memory, resident_bytes now and
        peak_resident_bytes at most; as far as they can be read, well under a millisecond.
        """
        found: dict[str, float | str | None] = {
            "temperature_celsius": self._temperature(),
            "throttled": self._throttled(),
            "uptime_seconds": _number(_text(self._root / "proc/uptime").partition(" ")[0]),
            "address": self._address(),
            "resident_bytes": self._own_memory("VmRSS"),
            "peak_resident_bytes": self._own_memory("VmHWM"),
            **self._memory(),
            **self._disk_space(),
        }
        return {name: value for name, value in found.items() if value is not None}

    def _temperature(self) -> float | None:
        zones = sorted((self._root / "sys/class/thermal").glob("thermal_zone*"))
        by_zone = [(_text(zone / "type").lower(), _number(_text(zone / "temp"))) for zone in zones]
        known = [(kind, millis / 1000) for kind, millis in by_zone if millis is not None]
        of_processor = [degrees for kind, degrees in known if "cpu" in kind or "pkg" in kind]
        return max(of_processor or [degrees for _, degrees in known], default=None)

    def firmware_bits(self) -> int | None:
        """The Raspberry Pi's firmware's word, as `vcgencmd get_throttled` gives it; None on any other board."""
        try:
            return int(_text(self._root / _THROTTLED), 16)
        except ValueError:
            return None

    def voltage_alarm(self) -> bool | None:
        """Whether a Raspberry Pi's voltage monitor finds too little; None without one."""
        alarm = _number(self._monitor("rpi_volt", "in0_lcrit_alarm"))
        return None if alarm is None else alarm != 0.0

    def over_current_events(self) -> float | None:
        """How often a Jetson's supply was asked for too much since the start; None on any other board."""
        counts = [_number(self._monitor("soctherm_oc", f"oc{number}_event_cnt")) for number in (1, 2, 3)]
        known = [count for count in counts if count is not None]
        return sum(known) if known else None

    def _throttled(self) -> str | None:
        if (bits := self.firmware_bits()) is not None:
            return _trouble(bits)
        if (alarm := self.voltage_alarm()) is not None:
            return "under-voltage" if alarm else "no"
        if (events := self.over_current_events()) is not None:
            return f"over-current {events:.0f} times since the start" if events else "no"
        return None

    def _monitor(self, name: str, file: str) -> str:
        """The file of the hardware monitor called `name`, "" if there is none."""
        for monitor in sorted((self._root / "sys/class/hwmon").glob("hwmon*")):
            if _text(monitor / "name") == name:
                return _text(monitor / file)
        return ""

    def _own_memory(self, name: str) -> float | None:
        value = self._kibibytes("proc/self/status").get(name)
        return None if value is None else value * 1024

    def _kibibytes(self, file: str) -> dict[str, float | None]:
        lines = (line.partition(":") for line in _text(self._root / file).splitlines())
        return {name: _number(rest.removesuffix("kB")) for name, _, rest in lines}

    def _memory(self) -> dict[str, float | None]:
        kibibytes = self._kibibytes("proc/meminfo")
        free, total = kibibytes.get("MemAvailable"), kibibytes.get("MemTotal")
        return {
            "memory_free_bytes": None if free is None else free * 1024,
            "memory_total_bytes": None if total is None else total * 1024,
        }

    def _disk_space(self) -> dict[str, float | None]:
        try:
            usage = shutil.disk_usage(self._disk)
        except OSError:
            return {}
        return {"disk_free_bytes": float(usage.free), "disk_total_bytes": float(usage.total)}


def _trouble(bits: int) -> str:
    """What the firmware's bits say: what is wrong now, else what was since the start."""
    now = [name for bit, name in _NOW if bits >> bit & 1]
    since = [name for bit, name in _NOW if bits >> (bit + _SINCE_BIT) & 1]
    if now:
        return ", ".join(now)
    return f"{', '.join(since)} since the start" if since else "no"


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii", errors="replace").strip()
    except OSError:
        return ""


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
