"""A voice for the screen: what is printed is read, so it counts as heard at once."""

from collections.abc import AsyncIterator, Callable

from device.core.events import Event, PlaybackFinished, PlaybackStarted
from device.core.segmenter import Piece
from device.runtime.voice import Prepared


class PrintedVoice:
    """`Voice` that shows the model's words as they come."""

    def __init__(self, show: Callable[[str], None], post: Callable[[Event], None]) -> None:
        self._show = show
        self._post = post
        self._begin(-1)

    def _begin(self, turn: int) -> None:
        self._turn, self._heard, self._waiting = turn, "", ""
        self._held = self._complete = False

    def begin(self, turn: int) -> None:
        """A reply starts."""
        self._begin(turn)

    async def prepare(self, piece: Piece, *, first: bool) -> AsyncIterator[Prepared]:
        """Nothing needs to be made."""
        del first
        yield Prepared(piece)

    def say(self, turn: int, prepared: Prepared) -> bool:
        """Show the piece, when nothing holds it back."""
        if not prepared.piece.source.strip():
            return False
        if turn == self._turn:
            self._waiting += prepared.piece.source
            self._go_on()
        return True

    def complete(self, turn: int) -> None:
        """The reply is all shown, once nothing holds it back."""
        if turn == self._turn:
            self._complete = True
            self._go_on()

    def hold(self) -> None:
        """Show nothing more for now."""
        self._held = True

    def resume(self) -> None:
        """Go on."""
        self._held = False
        self._go_on()

    def stop(self, turn: int) -> str:
        """What was shown of the reply."""
        heard = self._heard if turn == self._turn else ""
        self._begin(-1)
        return heard

    def _go_on(self) -> None:
        if self._held:
            return
        if self._waiting:
            if not self._heard:
                self._post(PlaybackStarted(turn=self._turn))
            self._heard += self._waiting
            self._show(self._waiting)
            self._waiting = ""
        if self._complete:
            self._complete = False
            self._show("\n")
            self._post(PlaybackFinished(turn=self._turn))
