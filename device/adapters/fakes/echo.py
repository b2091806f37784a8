"""An echo canceller for a room without walls: what was played is heard at once, as loud as it was."""

from device.ports import RECOGNITION_HZ, Samples


class Subtraction:
    """`device.ports.EchoCanceller` that subtracts."""

    frame_samples = RECOGNITION_HZ // 100

    def __init__(self) -> None:
        self.frames = self.resets = 0
        self.delay_seconds = 0.0

    def cancel(self, captured: Samples, played: Samples) -> Samples:
        """The difference."""
        self.frames += 1
        difference: Samples = captured - played
        return difference

    def set_delay(self, seconds: float) -> None:
        """Remember it."""
        self.delay_seconds = seconds

    def reset(self) -> None:
        """Count it."""
        self.resets += 1
