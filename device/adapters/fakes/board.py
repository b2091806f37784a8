"""A computer that fares as it is told to, and outputs without pins."""

from collections.abc import Mapping, Sequence

from device.errors import ToolError


class FixedHealth:
    """`device.toolkit.Health` that always reads the same."""

    def __init__(self, readings: Mapping[str, float | str]) -> None:
        self.readings = dict(readings)

    def read(self) -> Mapping[str, float | str]:
        """What it was told."""
        return dict(self.readings)


class FakeOutputs:
    """`device.toolkit.Outputs` that remembers what is on."""

    def __init__(self, names: Sequence[str]) -> None:
        self.on = dict.fromkeys(names, False)

    def names(self) -> tuple[str, ...]:
        """What there is to switch."""
        return tuple(self.on)

    def switch(self, name: str, *, on: bool) -> None:
        """Remember it. Raises ToolError for a name that there is not."""
        if name not in self.on:
            raise ToolError(f"There is no {name}.")
        self.on[name] = on
