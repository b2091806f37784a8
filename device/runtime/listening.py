"""What the machine and the user do to the microphone: open and close it, listen for one utterance, or as long as a
button is held.

A mute is real: nothing that was heard is worked on from that moment, and the device's input is closed. It is kept, so
that a device which was muted does not listen after a power cut.
"""

from collections.abc import Callable
from typing import Protocol

from device.runtime.capture import Capture
from device.runtime.kept import Kept
from device.toolkit import Values

_KEY = "microphone"


class Input(Protocol):
    """The sound device's input."""

    def listen(self, listening: bool) -> None:  # noqa: FBT001 - the one thing it says
        """Open it or close it; returns at once."""
        ...


class Listening:
    """Performs the machine's wishes about what is heard; nothing without ears."""

    def __init__(self, capture: Capture | None, values: Values) -> None:
        """Muted if the last run was."""
        self.capture = capture
        self._kept = Kept(values, _KEY)
        self.muted = isinstance(self._kept.before, dict) and self._kept.before.get("muted") is True
        """Whether the microphone is closed, or about to be."""
        self.on_muted: Callable[[], None] = _nobody
        self._input: Input | None = None
        if capture is not None and self.muted:
            capture.deafen()

    def use_input(self, device: Input) -> None:
        """The device whose input is opened and closed."""
        self._input = device
        device.listen(not self.muted)

    def close(self) -> None:
        """Hear nothing from now on."""
        self.muted = True
        if self.capture is not None:
            self.capture.deafen()
        self._switch()

    def open(self) -> None:
        """Hear again."""
        self.muted = False
        if self.capture is not None:
            self.capture.undeafen()
        self._switch()

    def discard(self) -> None:
        """Forget what the user is saying."""
        if self.capture is not None:
            self.capture.discard()

    def once(self) -> None:
        """Listen for the utterance that the user is about to begin."""
        if self.capture is not None:
            self.capture.call()

    def on(self) -> None:
        """Listen until `end`."""
        if self.capture is not None:
            self.capture.hold()

    def end(self) -> None:
        """The utterance ends here."""
        if self.capture is not None:
            self.capture.release()

    def weigh_end(self, text: str, likelihood: float) -> None:
        """How likely, as a logarithm, the language model finds it that a sentence ends with the last word of `text`."""
        if self.capture is not None:
            self.capture.weigh_end(text, likelihood)

    async def run(self) -> None:
        """Keep whether it is muted, until cancelled."""
        await self._kept.run()

    def _switch(self) -> None:
        if self._input is not None:
            self._input.listen(not self.muted)
        self._kept.keep({"muted": self.muted})
        self.on_muted()


def _nobody() -> None:
    """Nobody is told."""
