"""What the recognizer makes of an interruption by itself: the same voice in the same room, and no reply.

What is misheard there, too, is due to the voice, the room and the recognizer, not to the reply that was talked over.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from device.bench.duplex.acoustics import Microphone
from device.bench.duplex.rooms import Room
from device.bench.duplex.scenes import Kind, Scene
from device.ports import RECOGNITION_HZ, Recognizer, Samples

AROUND_SECONDS = 0.3
"""So much of the room is heard before and after the words."""


def recognized(
    rooms: Sequence[tuple[Room, Sequence[Scene]]],
    voices: Mapping[Scene, Samples],
    others: Sequence[Samples],
    recognizer: Recognizer,
) -> list[str | None]:
    """The words of every scene, one after the other; None where nobody interrupts. `others` as for `Microphone`."""
    found: list[str | None] = []
    for room, scenes in rooms:
        microphone = Microphone(room, loudspeaker_level=1.0, others=others)
        for scene in scenes:
            said = voices[scene] if scene.kind is Kind.BARGE_IN else None
            found.append(None if said is None else _words(microphone, said, recognizer))
    return found


def _words(microphone: Microphone, said: Samples, recognizer: Recognizer) -> str:
    arrives = np.pad(microphone.user(said), round(AROUND_SECONDS * RECOGNITION_HZ))
    recognizer.begin()
    recognizer.feed(microphone.hear(np.zeros_like(arrives), arrives))
    return recognizer.finish()
