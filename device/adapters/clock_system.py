"""The machine's own clocks."""

import time


class SystemClock:
    """`device.ports.Clock` on Linux."""

    def monotonic_seconds(self) -> float:
        """CLOCK_MONOTONIC."""
        return time.monotonic()

    def boot_seconds(self) -> float:
        """CLOCK_BOOTTIME, which counts suspend."""
        return time.clock_gettime(time.CLOCK_BOOTTIME)

    def wall_seconds(self) -> float:
        """CLOCK_REALTIME."""
        return time.time()

    def utc_offset_seconds(self, wall_seconds: float) -> float:
        """That of the system's time zone."""
        return time.localtime(wall_seconds).tm_gmtoff
