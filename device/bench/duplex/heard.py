"""What was truly heard of a reply, found in the sound that came out, and not by asking the agent.

The pieces that the voice made say where each of their words ends. The sound that came out is searched for in them; the
words whose last sample is in it were heard.
"""

from collections.abc import Sequence

import numpy as np

from device.core.utterances import normalized
from device.ports import Samples, Speech

PATTERN_SAMPLES = 400
FADE_SAMPLES = 160
"""More than a fade takes: what is faded is found nowhere."""
STEP_SAMPLES = 200
TRIES = 40
SAME = 1e-6


def position(pieces: Sequence[Speech], out: Samples) -> int | None:
    """How many samples of the pieces came out, by the last stretch of `out` that is found in them; None if none is."""
    made = np.concatenate([piece.samples for piece in pieces]) if pieces else np.zeros(0, np.float32)
    loud = np.flatnonzero(out)
    if not len(loud) or len(made) < PATTERN_SAMPLES:
        return None
    end = int(loud[-1]) + 1
    for number in range(TRIES):
        last = end - FADE_SAMPLES - number * STEP_SAMPLES
        if last < PATTERN_SAMPLES:
            return None
        pattern = out[last - PATTERN_SAMPLES : last]
        if np.count_nonzero(pattern) > PATTERN_SAMPLES // 2 and (at := _find(made, pattern)) is not None:
            return min(at + PATTERN_SAMPLES + int(np.count_nonzero(out[last:end])), len(made))
    return None


def _find(made: Samples, pattern: Samples) -> int | None:
    """Where the pattern begins, if it is there once."""
    anchor = int(np.argmax(np.abs(pattern)))
    places = np.flatnonzero(np.abs(made - pattern[anchor]) < SAME) - anchor
    found = [
        int(place)
        for place in places
        if 0 <= place <= len(made) - len(pattern) and np.abs(made[place : place + len(pattern)] - pattern).max() < SAME
    ]
    return found[0] if len(found) == 1 else None


def words(pieces: Sequence[Speech], samples: int) -> str:
    """The words of which the last sample is among the first `samples` of the pieces."""
    text, begun, chars, at = "", "", 0, 0
    for piece in pieces:
        for word in piece.words:
            if at + word.samples <= samples:
                begun, chars = piece.text, max(chars, word.chars)
        at += len(piece.samples)
        if piece.final:
            text, begun, chars = f"{text} {begun[:chars]}", "", 0
    return normalized(f"{text} {begun[:chars]}")
