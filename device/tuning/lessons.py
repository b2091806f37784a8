"""Lessons: so many examples with the same tools, so that what they have in common is computed once.

All is drawn from a seed: the same seed, split and number always make the same lesson.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

from device.core.prompt.instructions import fixed_part
from device.core.prompt.messages import ToolSpec
from device.core.prompt.renderers import Renderer
from device.tuning.cast import Cast
from device.tuning.rehearsal import Example, Rehearsal
from device.tuning.scenes import WEIGHTS

FEWEST_WISHES = 3
"""For so many of a lesson's tools there is a wish at least: some scenes need two, and a choice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """The fixed part of the prompts as text, and the examples that go on from there."""

    number: int
    split: str
    tools: tuple[ToolSpec, ...]
    fixed: str
    examples: tuple[Example, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What lessons are made with: so many `examples` each, a share of them behind the example conversation, and a share
    behind the very prompt of an installed agent, with all of its tools and that conversation.

    `refused` says whether an utterance must not be learnt from.
    """

    renderer: Renderer
    own_tools: tuple[ToolSpec, ...] = ()
    seed: int = 0
    examples: int = 40
    most_tools: int = 24
    with_examples_share: float = 0.0
    as_installed_share: float = 0.0
    refused: Callable[[str], bool] = lambda _: False


def lesson(number: int, split: str, options: Options) -> Lesson:
    """The lesson of that number."""
    random = Random(f"{options.seed} {split} {number}")  # noqa: S311 - nothing is to be kept secret
    installed = bool(options.as_installed_share) and random.random() < options.as_installed_share

    def drawn() -> Cast:
        return Cast(random, split, options.own_tools, most_tools=options.most_tools, as_installed=installed)

    cast = drawn()
    while cast.can_wish < FEWEST_WISHES:
        cast = drawn()
    opening = options.renderer.render(())
    messages = fixed_part(cast.specs)
    if not installed and random.random() >= options.with_examples_share:
        messages = messages[:1]
    fixed = "".join(span.text for span in options.renderer.render(messages)[: -len(opening)])
    examples: list[Example] = []
    seen: set[tuple[str, str]] = set()
    while len(examples) < options.examples:
        (scene,) = random.choices(list(WEIGHTS), list(WEIGHTS.values()))
        it = Rehearsal(options.renderer)
        scene(it, cast)
        for one in it.examples:
            if (one.prompt, one.target) not in seen and not options.refused(one.said):
                seen.add((one.prompt, one.target))
                examples.append(one)
    return Lesson(number=number, split=split, tools=cast.specs, fixed=fixed, examples=tuple(examples))


def lessons(count: int, split: str, options: Options) -> Sequence[Lesson]:
    """The first `count` lessons of a split."""
    return [lesson(number, split, options) for number in range(count)]
