"""What people are asked after each agent: statements to agree with from 1 (not at all) to 7 (fully); pure.

Half of them praise and half of them complain, so that whoever agrees with everything is neither content nor not.
"""

from collections.abc import Mapping

LEAST, MOST = 1, 7

STATEMENTS: dict[str, tuple[str, bool]] = {
    "s1": ("I got done what I wanted.", True),
    "s2": ("I had to wait too long.", False),
    "s3": ("I could speak whenever I wanted to.", True),
    "s4": ("I often had to say something again.", False),
    "s5": ("I always knew what it was working on.", True),
    "s6": ("Talking to it was tiring.", False),
}
"""Each with whether it praises."""


def satisfaction(answers: Mapping[str, int | None]) -> float | None:
    """From 0 to 1 over the statements that were answered; None if fewer than half were."""
    scores = [
        (answer - LEAST if praises else MOST - answer) / (MOST - LEAST)
        for name, (_, praises) in STATEMENTS.items()
        if (answer := answers.get(name)) is not None
    ]
    return sum(scores) / len(scores) if 2 * len(scores) >= len(STATEMENTS) else None
