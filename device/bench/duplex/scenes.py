"""What happens in a room: a reply that nobody disturbs, some that the user talks into, a noise that means nothing."""

import random
from dataclasses import dataclass
from enum import StrEnum

from device.bench.corpus.scenes import SPEAKER_WEIGHTS

REPLIES = tuple(
    " ".join(reply.split())
    for reply in """
    Once upon a time there was a dragon who lived in the mountains. He was very old and very kind, and every evening
    he flew down to the village to tell stories of the sea.

    The capital of France is Paris. It lies on the river Seine and has more than two million inhabitants, many of whom
    work in its offices, museums and kitchens.

    To make green tea, heat the water until it steams. Pour it over the leaves and wait for two minutes. Then take the
    leaves out, so that the tea does not turn bitter.

    Bees live in large families. Most of them gather nectar and look after the young, and a single queen lays all the
    eggs. In winter they huddle together to keep warm.

    First loosen the bolts a little, then lift the car until the wheel is free. Take the bolts out, change the wheel,
    and tighten them crosswise, never one after the other.
    """.split("\n\n")
)
ENDINGS = tuple(reply.rpartition(",")[2] for reply in REPLIES)
INTERRUPTIONS = (
    "Wait, what about tomorrow?",
    "Never mind that.",
    "Can you tell me something else?",
    "Hold on a second please.",
    "How far is it from here?",
    "I meant the other one.",
    "Set a timer for ten minutes.",
    "That is not what I asked.",
    "Please speak a little louder.",
    "What time is it now?",
    "Stop talking.",
    "No, tell me about the weather.",
)
SIGNS_OF_LISTENING = ("Right.", "Yeah.", "Okay.", "I see.")
"""No "mhm": synthesizers spell it, M, H, M."""

COUGH = ""
"""Instead of words."""

SAY = "Say:"


class Kind(StrEnum):
    """What the user does meanwhile."""

    UNDISTURBED = "undisturbed"
    BARGE_IN = "barge-in"
    NOISE = "a noise"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A reply, and what the user does `share` of it in; `engine` and `voice` say how they sound."""

    kind: Kind
    reply: str
    said: str = ""
    share: float = 0.0
    engine: str = ""
    voice: str = ""
    pitch: float = 1.0


def asked(scene: Scene) -> str:
    """What makes the agent give the scene's reply."""
    return f"{SAY} {scene.reply}"


def scripted(prompt: str) -> str:
    """What the agent's model says: what it is asked for, and nothing to anything else.

    What is said before anything of the reply was heard joins the request, and an agent rightly answers both. Here it
    must not: it would be the next reply that falls silent, many seconds later.
    """
    newest = prompt.rsplit("<|im_start|>", 2)[-2]
    reply = newest.partition(SAY)[2].partition("<|im_end|>")[0].strip()
    # Numbers stand in the prompt in digits, so only the ends are compared.
    return reply if reply.endswith(ENDINGS) else ""


def scenes(seed: int, number: int, speakers: tuple[tuple[str, str], ...], *, barge_ins: int) -> list[Scene]:
    """What happens in room `number`: one reply undisturbed, so many barge-ins, one noise."""
    chance = random.Random(f"duplex {seed} {number}")  # noqa: S311 - a choice of circumstances
    wanted = [(Kind.BARGE_IN, chance.choice(INTERRUPTIONS)) for _ in range(barge_ins)]
    wanted.append((Kind.NOISE, chance.choice((*SIGNS_OF_LISTENING, COUGH, COUGH))))
    undisturbed = Scene(kind=Kind.UNDISTURBED, reply=chance.choice(REPLIES))
    return [undisturbed, *(_with_voice(chance, speakers, kind, said) for kind, said in wanted)]


def _with_voice(chance: random.Random, speakers: tuple[tuple[str, str], ...], kind: Kind, said: str) -> Scene:
    engines = sorted({engine for engine, _ in speakers})
    engine = chance.choices(engines, weights=[SPEAKER_WEIGHTS.get(name, 10) for name in engines])[0]
    return Scene(
        kind=kind,
        reply=chance.choice(REPLIES),
        said=said,
        share=chance.uniform(0.1, 0.75),
        engine=engine,
        voice=chance.choice([voice for name, voice in speakers if name == engine]),
        pitch=chance.choice((0.94, 1.06, 1.12)),
    )
