"""Where a reply goes: to the loudspeaker, or to the screen when nothing is to be spoken.

Rule: what counts as heard is decided here, and always as an exact prefix of the model's own words.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Protocol

from device.core.segmenter import Piece
from device.ports import Speech


@dataclass(frozen=True, slots=True)
class Prepared:
    """A piece that is ready to be said, or a part of one; `speech` is its sound, if it is to be heard."""

    piece: Piece
    speech: Speech | None = None


class Voice(Protocol):
    """Says a reply piece by piece and knows what was heard of it."""

    def begin(self, turn: int) -> None:
        """A reply starts; what is left of an earlier one is dropped."""
        ...

    def prepare(self, piece: Piece, *, first: bool) -> AsyncIterator[Prepared]:
        """Make a piece ready, which takes its time; the `first` one is waited for, so it may come in parts."""
        ...

    def say(self, turn: int, prepared: Prepared) -> bool:
        """Say the next piece or part; True if there was anything to hear in it."""
        ...

    def complete(self, turn: int) -> None:
        """No more pieces will come: report PlaybackFinished when the last one has been heard."""
        ...

    def hold(self) -> None:
        """Pause at the sample."""
        ...

    def resume(self) -> None:
        """Go on where it was paused."""
        ...

    def stop(self, turn: int) -> str:
        """End the turn at once; returns what was heard of the model's words."""
        ...
