"""The director answers, tells and calls as a model without fault would, from what the prompt says."""

import pytest

from device.adapters.fakes.llm import ScriptedModel
from device.bench.overlap.director import Director, as_recognized, directed, next_reply
from device.bench.overlap.workloads import Call, Fact, Sentence, Workload
from device.core.prompt.grammar import exact_grammar, speech_grammar
from device.ports import Sampling

SAFE = Call(
    tool="safe", argument=57, parameter="code", seconds=1.0,
    fact=Fact(text="the safe holds 90 coins", keys=("safe", "90")),
)  # fmt: skip
DRAWER = Call(
    tool="drawer", argument=34, parameter="number", seconds=1.0, then=SAFE,
    fact=Fact(text="the drawer holds the code 57", keys=("drawer", "57")),
)  # fmt: skip
BOILER = Call(tool="boiler", seconds=1.0, fact=Fact(text="the boiler is at 61 degrees", keys=("boiler", "61")))
ASK = Sentence(text="Find out both.", at_seconds=0.0, calls=(BOILER, DRAWER))
QUESTION = Sentence(text="What is 6 times 7?", at_seconds=2.0, answer=Fact(text="6 times 7 is 42", keys=("42",)))
WORKLOAD = Workload(name="both", sentences=(ASK, QUESTION))

CALL_BOILER = '{"name": "boiler", "arguments": {}}'
CALL_DRAWER = '{"name": "drawer", "arguments": {"number": 34}}'
CALL_SAFE = '{"name": "safe", "arguments": {"code": 57}}'

SYSTEM = 'system\nYou help. {"type": "function", "function": {"name": "boiler", "description": "…"}}'
ASKED = f"{SYSTEM}\nuser\n{ASK.text}\n"
CALLED = f"{ASKED}assistant\n{CALL_BOILER}\n{CALL_DRAWER}\n"


def given(*texts: str) -> str:
    return "user\n" + "".join(f"<tool_response>\n{text}\n</tool_response>\n" for text in texts)


def reply(prompt: str, *, may_call=True) -> str:
    return next_reply(WORKLOAD, prompt + "assistant\n", may_call=may_call)


def test_a_request_is_answered_with_its_calls():
    assert reply(ASKED) == f"{CALL_BOILER}\n{CALL_DRAWER}"


def test_a_call_that_was_made_before_an_interruption_is_not_made_again():
    assert reply(f"{ASKED}assistant\n{CALL_BOILER}\nuser\n{QUESTION.text}\n") == f"6 times 7 is 42.\n{CALL_DRAWER}"


def test_only_the_results_that_it_was_given_are_told_in_their_order():
    assert reply(CALLED + given(BOILER.fact.text)) == "The boiler is at 61 degrees."
    told = reply(CALLED + given(f"drawer: {DRAWER.fact.text}", BOILER.fact.text), may_call=False)
    assert told == "The drawer holds the code 57. The boiler is at 61 degrees."


def test_a_result_is_told_once_and_what_needs_it_is_called():
    both = CALLED + given(BOILER.fact.text, DRAWER.fact.text)
    told = reply(both)
    assert told == f"The boiler is at 61 degrees. The drawer holds the code 57.\n{CALL_SAFE}"
    assert reply(f"{both}assistant\n{told}\nuser\nSo?\n") == ""


def test_what_was_cut_off_is_told_again():
    cut = f"{CALLED}{given(BOILER.fact.text)}assistant\nThe boiler is at\nuser\n(cut off) {QUESTION.text}\n"
    assert reply(cut) == "6 times 7 is 42. The boiler is at 61 degrees."


def test_a_reply_that_may_call_nothing_calls_nothing_and_the_next_one_does():
    named = CALLED + given(DRAWER.fact.text)
    assert "safe" not in reply(named, may_call=False)
    assert reply(f"{named}assistant\n{DRAWER.fact.sentence}\nuser\nSo?\n") == CALL_SAFE


def test_a_failure_is_told_and_nothing_is_called_for_it():
    assert reply(CALLED + given("drawer failed: it broke")) == "Drawer failed."


async def test_what_is_decided_is_said_and_the_rest_is_the_models_own():
    inner, director = ScriptedModel(lambda prompt: "Whatever."), Director()
    model = directed(inner, director)
    prompt = inner.encode(ASKED, special=True)

    async def ask(grammar: str) -> str:
        async for _ in model.generate(0, prompt, Sampling(grammar=grammar)):
            pass
        return inner.samplings[-1].grammar

    assert await ask("g") == "g"  # nothing is directed yet
    director.begin(WORKLOAD)
    assert await ask("g") == exact_grammar(f"{CALL_BOILER}\n{CALL_DRAWER}")
    assert await ask(speech_grammar()) == exact_grammar("")
    assert model.card is inner.card


@pytest.mark.parametrize(
    ("recognized", "known"),
    [
        ("What is six times seven?", True),
        ("what is 6 times 7", True),
        ("What was six times seven?", True),
        ("What is six times eleven?", False),
        ("Seven.", False),
        ("What is it?\nSix times seven.", False),
    ],
)
def test_who_speaks_is_understood_as_they_were_recognized(recognized, known):
    prompt = f"{SYSTEM}\nuser\n{recognized}\nassistant\n"
    assert next_reply(WORKLOAD, prompt, may_call=True, asked=as_recognized) == ("6 times 7 is 42." if known else "")
    assert next_reply(WORKLOAD, prompt, may_call=True) == ""
