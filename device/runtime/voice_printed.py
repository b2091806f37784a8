"""A voice for the screen: what is printed is read, so it counts as heard at once."""

import asyncio
from collections.abc import Callable

from device.core.events import Event, PlaybackFinished, PlaybackStarted
from device.core.segmenter import Piece


class PrintedVoice:
    """`Voice` that shows the model's words as they come."""

    def __init__(self, show: Callable[[str], None], post: Callable[[Event], None]) -> None:
        self._show = show
        self._post = post
        self._turn = -1
        self._heard = ""
        self._may_go_on = asyncio.Event()
        self._may_go_on.set()

    def begin(self, turn: int) -> None:
        """A reply starts."""
        self._turn, self._heard = turn, ""
        self._may_go_on.set()

    async def say(self, turn: int, piece: Piece) -> bool:
        """Show the piece."""
        await self._may_go_on.wait()
        if not piece.source.strip():
            return False
        if not self._heard:
            self._post(PlaybackStarted(turn=turn))
        self._heard += piece.source
        self._show(piece.source)
        return True

    def complete(self, turn: int) -> None:
        """The reply is all shown."""
        self._show("\n")
        self._post(PlaybackFinished(turn=turn))

    def hold(self) -> None:
        """Show nothing more for now."""
        self._may_go_on.clear()

    def resume(self) -> None:
        """Go on."""
        self._may_go_on.set()

    def stop(self, turn: int) -> str:
        """What was shown of the reply."""
        heard = self._heard if turn == self._turn else ""
        self._turn, self._heard = -1, ""
        self._may_go_on.set()
        return heard
