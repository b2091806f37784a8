"""What is tested was never learnt from."""

from random import Random

from device.tools import builtin_tools
from device.tuning.cast import Cast, requests_of, split_of
from device.tuning.catalogue import own_purposes, purposes, small_talk

OWN = tuple(tool.spec for tool in builtin_tools().values())


def test_a_way_of_asking_is_for_one_split_alone():
    for purpose in purposes():
        assert not set(requests_of(purpose, "train")) & set(requests_of(purpose, "test"))
    for purpose in own_purposes():
        assert not set(requests_of(purpose, "train", own=True)) & set(requests_of(purpose, "test", own=True))


def test_some_tools_are_never_learnt_and_most_are():
    never = [purpose for purpose in purposes() if not requests_of(purpose, "train")]
    assert 4 <= len(never) <= len(purposes()) / 4


def test_talk_is_for_one_split_alone():
    said = {split: set() for split in ("train", "test")}
    for utterance, _ in small_talk():
        said[split_of(utterance)].add(utterance)
    assert said["train"]
    assert said["test"]
    assert not said["train"] & said["test"]


def test_no_more_tools_are_offered_than_wanted():
    for seed in range(50):
        cast = Cast(Random(seed), "train", OWN, most_tools=5)
        assert 0 < len(cast.specs) <= 5
        assert len(cast.names) == len(cast.specs)


def test_the_agents_own_tools_are_offered_as_it_declares_them():
    specs = {spec.name: spec for spec in OWN}
    offered = [spec for seed in range(30) for spec in Cast(Random(seed), "train", OWN).specs if spec.name in specs]
    assert offered
    assert all(spec == specs[spec.name] for spec in offered)


def test_an_unknown_wish_is_for_no_tool_that_is_offered():
    for seed in range(30):
        cast = Cast(Random(seed), "train", ())
        offered = {one.purpose.key for one in cast.offered}
        assert not offered & {purpose.key for purpose in cast._absent}
        assert cast.unknown_wish() is not None
