"""A scene is decided by the real machine, inbox and conversation."""

import pytest

from device.core.context import Conversation
from device.core.prompt.parser import Call as Parsed
from device.core.prompt.parser import OutputParser
from device.tuning import files
from device.tuning.rehearsal import Call, Rehearsal, SceneError

OVEN = Call(name="heat", arguments={"degrees": 180})


def rehearsal(name: str = "qwen") -> Rehearsal:
    return Rehearsal(files.renderer(name))


def test_a_call_is_an_example_that_reads_as_that_call():
    it = rehearsal()
    it.hears("Heat it to one hundred eighty.")
    it.writes("", OVEN, kind="call")
    (example,) = it.examples
    assert example.prompt == "<|im_start|>user\nHeat it to 180.<|im_end|>\n<|im_start|>assistant\n"
    assert example.target == '{"name": "heat", "arguments": {"degrees": 180}}<|im_end|>'
    assert example.said == "Heat it to one hundred eighty."


def test_a_late_result_waits_until_the_answer_was_heard_and_is_told_once():
    it = rehearsal()
    it.hears("Heat it.")
    (call_id,) = it.writes("", OVEN, kind="call")
    it.hears("Hello!")
    it.writes("Hi.", kind="talk", whole=False)
    it.ends(call_id, "It is hot.")
    with pytest.raises(SceneError, match="nobody asked"):
        it.writes("It is hot.", kind="telling")
    it.post_end()
    it.writes("It is hot.", kind="telling")
    assert it.conversation.calls.news() == ()
    assert "heat: running" in it.examples[1].prompt
    assert "heat: It is hot." in it.examples[2].prompt
    with pytest.raises(SceneError):
        it.writes("It is hot.", kind="telling")


def test_results_that_end_while_the_floor_is_taken_make_one_reply():
    it = rehearsal()
    it.hears("Heat it.")
    first, second = it.writes("", OVEN, Call(name="light", arguments={}), kind="calls")
    it.hears("Hello!")
    it.writes("Hi.", kind="talk", whole=False)
    it.ends(second, "The light is on.")
    it.ends(first, "It is hot.")
    it.post_end()
    it.writes("The light is on. It is hot.", kind="telling several")
    assert it.examples[-1].prompt.count("<tool_response>") == 4  # both running, and both done
    assert it.conversation.calls.news() == ()


def test_an_interruption_leaves_what_was_heard():
    it = rehearsal()
    it.hears("Tell me a story.")
    it.writes("Once there was a king.", kind="", learnt=False, whole=False)
    it.hears("Heat it.", heard="Once there")
    it.writes("", OVEN, kind="call")
    (example,) = it.examples
    assert "Once there<|im_end|>" in example.prompt
    assert '(cut off after "Once there") Heat it.' in example.prompt
    assert "king" not in example.prompt


def test_nobody_hears_what_was_not_said():
    it = rehearsal()
    it.hears("Tell me a story.")
    it.writes("Once there was a king.", kind="", learnt=False, whole=False)
    with pytest.raises(SceneError, match="not the beginning"):
        it.hears("Stop that.", heard="Once upon")


@pytest.mark.parametrize("name", ["qwen", "chatml", "llama3"])
def test_every_renderer_writes_targets_that_its_parser_reads(name):
    it = rehearsal(name)
    it.hears("Heat it and say hi.")
    it.writes("Hi.", OVEN, kind="both")
    parser = OutputParser({"heat"})
    text = it.examples[0].target.removesuffix(it.renderer.end_of_message)
    outputs = [*parser.feed(text.encode()), *parser.close()]
    assert [(one.name, dict(one.arguments)) for one in outputs if isinstance(one, Parsed)] == [
        ("heat", {"degrees": 180})
    ]


def test_the_conversation_is_what_a_replay_of_its_records_yields():
    it = rehearsal()
    it.hears("Heat it.")
    (call_id,) = it.writes("", OVEN, kind="call")
    it.progresses(call_id, "half done")
    it.rings("tea")
    it.writes("Your tea is ready.", kind="", learnt=False)
    it.ends(call_id, "no power", status="failed")
    it.writes("That did not work.", kind="telling a failure")
    assert Conversation.replay(it.records) == it.conversation
