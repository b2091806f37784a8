"""The plain rule for a turn's end: every pause that lasts long enough ends it."""

from device.ports import Samples


class SilenceRule:
    """`device.ports.TurnDetector` that leaves the decision to the silence's length."""

    def completeness(self, utterance: Samples) -> float:
        """Always complete."""
        del utterance
        return 1.0
