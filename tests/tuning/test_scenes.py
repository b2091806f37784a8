"""Every scene can be played, and shows the model nothing that could not be."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.core.context import Conversation
from device.core.grounding import grounded
from device.core.prompt.parser import Call as Parsed
from device.core.prompt.parser import Malformed, OutputParser
from device.core.repairs import repaired
from device.tools import builtin_tools
from device.tuning import files
from device.tuning.cast import SPLITS, Cast
from device.tuning.rehearsal import Rehearsal
from device.tuning.scenes import WEIGHTS

OWN = tuple(tool.spec for tool in builtin_tools().values())


def cast(seed: int, split: str = "train") -> Cast:
    for more in range(100):
        made = Cast(Random(f"{seed} {more}"), split, OWN)
        if made.can_wish >= 3:
            return made
    raise AssertionError("there are no tools to wish for")


@pytest.mark.parametrize("scene", WEIGHTS, ids=lambda scene: scene.__name__)
@given(seed=st.integers(0, 10_000), split=st.sampled_from(SPLITS))
def test_a_scene_can_be_played_and_replayed(scene, seed, split):
    made, it = cast(seed, split), Rehearsal(files.renderer("qwen"))
    scene(it, made)
    assert Conversation.replay(it.records) == it.conversation
    for example in it.examples:
        assert example.kind
        parser = OutputParser(made.names)
        text = example.target.removesuffix("<|im_end|>")
        outputs = [*parser.feed(text.encode()), *parser.close()]
        assert not [one for one in outputs if isinstance(one, Malformed)]
        calls = [(one.name, dict(one.arguments)) for one in outputs if isinstance(one, Parsed)]
        assert calls == [(call.name, dict(call.arguments)) for call in example.called]


def test_the_scenes_show_every_kind_of_news_and_of_silence():
    kinds = set()
    for seed in range(3):
        for scene in WEIGHTS:
            it = Rehearsal(files.renderer("qwen"))
            scene(it, cast(seed))
            kinds |= {example.kind for example in it.examples}
    assert kinds >= {
        "call", "several calls", "talk", "refusal", "unknown wish", "telling", "telling several", "late result",
        "telling a failure", "call after an interruption", "talk beside a call", "nothing to say of a cancelled call",
        "call after an alarm", "task",
    }  # fmt: skip


def test_nearly_all_arguments_are_what_the_agent_would_make_of_them():
    differing, count = [], 0
    for seed in range(40):
        made = cast(seed)
        specs = {spec.name: spec for spec in made.specs}
        for _ in range(10):
            asked = made.wish()
            call, count = asked.call, count + 1
            after = grounded(specs[call.name], call.arguments, repaired(asked.said))
            if str(after).casefold() != str(dict(call.arguments)).casefold():
                differing.append((asked.said, dict(call.arguments), after))
    assert len(differing) <= count / 50, differing
