"""What the user said that is not answered yet, because they spoke on before anything of the reply was heard; pure.

Rule: it is answered together with what they said then, as one turn, unless so much time has passed that it is another.
"""

from dataclasses import dataclass
from typing import Self

from device.core.utterances import Kind, classify

SAME_TURN_SECONDS = 20.0
"""What is said within so long after a reply was overtaken belongs to the same turn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Overtaken:
    """What replies were to answer that were overtaken, their turns, and when the last of them was (Unix time)."""

    text: str = ""
    turns: tuple[int, ...] = ()
    wall_seconds: float = 0.0

    def by(self, text: str, turn: int, wall_seconds: float) -> Self:
        """One more reply was overtaken, which was to answer all of `text`."""
        return type(self)(text=text, turns=(*self.turns, turn), wall_seconds=wall_seconds)

    def is_over(self, text: str, wall_seconds: float) -> bool:
        """Whether nobody waits for the answer any longer when the user says `text` at that time."""
        late = wall_seconds - self.wall_seconds > SAME_TURN_SECONDS
        return bool(self.text) and (late or classify(text) is Kind.SILENCE_ASKED)

    def with_words(self, text: str) -> str:
        """All that is to be answered once the user has said `text`, too."""
        return f"{self.text} {text}".strip()
