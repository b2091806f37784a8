"""A clock that stands still until it is told to move."""


class FakeClock:
    """`device.ports.Clock` for tests: only `advance` moves it, and `set_wall` sets its wall clock."""

    def __init__(self, *, wall_seconds: float = 1_800_000_000.0, utc_offset_seconds: float = 0.0) -> None:
        self._monotonic_seconds = 0.0
        self._wall_seconds = wall_seconds
        self._utc_offset_seconds = utc_offset_seconds

    def advance(self, seconds: float) -> None:
        """Let `seconds` pass on every clock."""
        self._monotonic_seconds += seconds
        self._wall_seconds += seconds

    def set_wall(self, seconds: float) -> None:
        """Set the wall clock, as a time server does."""
        self._wall_seconds = seconds

    def monotonic_seconds(self) -> float:
        """Seconds advanced since the clock was made."""
        return self._monotonic_seconds

    def boot_seconds(self) -> float:
        """The same as monotonic_seconds: the fake machine never sleeps."""
        return self._monotonic_seconds

    def wall_seconds(self) -> float:
        """Unix time of the fake machine."""
        return self._wall_seconds

    def utc_offset_seconds(self, wall_seconds: float) -> float:
        """The same at all times: the fake machine knows no daylight saving."""
        del wall_seconds
        return self._utc_offset_seconds
