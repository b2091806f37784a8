"""A voice for the loudspeaker: pieces are synthesized in a worker thread and played as they are made."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import Executor

from device.core.segmenter import Piece, heard_source
from device.ports import Speech, Synthesizer, Urgency
from device.runtime.cores import Cores
from device.runtime.playback import Playback
from device.runtime.voice import Prepared


class SpokenVoice:
    """`Voice` through a synthesizer and the playback.

    What was heard is counted in samples by the playback, which knows the synthesized text; here it is led back to the
    model's own words.
    """

    def __init__(
        self, synthesizer: Synthesizer, playback: Playback, speaking: Executor, cores: Cores, *, in_parts: bool
    ) -> None:
        self._synthesizer = synthesizer
        self._playback = playback
        self._speaking = speaking
        self._cores = cores
        self.in_parts = in_parts
        """Whether a reply's first piece is heard while the rest of it is made."""
        self._pieces: list[Piece] = []
        self._unfinished = False

    def begin(self, turn: int) -> None:
        """A reply starts."""
        self._pieces, self._unfinished = [], False
        self._playback.begin(turn)

    def source(self, number: int) -> str:
        """The model's own words of the reply's piece `number`, counted from 0."""
        return self._pieces[number].source if number < len(self._pieces) else ""

    async def prepare(self, piece: Piece, *, first: bool) -> AsyncIterator[Prepared]:
        """Synthesize the piece, the first one in parts; while its first part is made, the model leaves it the cores."""
        loop = asyncio.get_running_loop()
        holds = Urgency.FOREGROUND if first else None
        parts = self._parts(piece.text, several=first and self.in_parts)
        while True:
            with self._cores.working(), self._cores.holding("first sound", holds):
                speech = await loop.run_in_executor(self._speaking, next, parts)
            yield Prepared(piece, speech)
            if speech.final:
                return
            holds = None

    def _parts(self, text: str, *, several: bool) -> Iterator[Speech]:
        """The sound of a text; each part is made when it is asked for."""
        if several:
            yield from self._synthesizer.stream(text)
        else:
            yield self._synthesizer.synthesize(text)

    def say(self, turn: int, prepared: Prepared) -> bool:
        """Put the piece behind what is playing."""
        assert prepared.speech is not None
        if not self._unfinished:
            self._pieces.append(prepared.piece)
        self._unfinished = not prepared.speech.final
        self._playback.enqueue(turn, prepared.speech)
        self._speaking.submit(_align, prepared.speech)
        return len(prepared.speech.samples) > 0

    def complete(self, turn: int) -> None:
        """The playback reports the end when the last sample is out."""
        self._playback.complete(turn)

    def hold(self) -> None:
        """Pause at the sample."""
        self._playback.hold()

    def resume(self) -> None:
        """Go on at that sample."""
        self._playback.resume()

    def stop(self, turn: int) -> str:
        """Silence at once; what was heard, in the model's words."""
        heard = self._playback.stop(turn)
        text = "".join(piece.source for piece in self._pieces[: heard.pieces])
        if heard.pieces < len(self._pieces):
            text += heard_source(self._pieces[heard.pieces], heard.chars)
        self._pieces = []
        return text


def _align(speech: Speech) -> None:
    """Find the word ends now, so that an interruption need not wait for them."""
    _ = speech.words
