"""The director answers, tells and calls as a model without fault would, from what the ledger says."""

from device.adapters.fakes.clock import FakeClock
from device.adapters.fakes.ledger import MemoryLedger
from device.adapters.fakes.llm import ScriptedModel
from device.cli.overlap.director import Director, directed, next_reply
from device.cli.overlap.workloads import Call, Fact, Sentence, Workload
from device.core.entries import CallEnded, CallMade, ReplyEnded, ReplyStarted, UserSaid
from device.core.prompt.grammar import exact_grammar, speech_grammar
from device.ports import Sampling

SAFE = Call(tool="safe", argument=57, seconds=1.0, fact=Fact(text="the safe holds 90 coins", keys=("safe", "90")))
DRAWER = Call(
    tool="drawer", argument=34, seconds=1.0, then=SAFE,
    fact=Fact(text="the drawer holds the code 57", keys=("drawer", "57")),
)  # fmt: skip
BOILER = Call(tool="boiler", seconds=1.0, fact=Fact(text="the boiler is at 61 degrees", keys=("boiler", "61")))
ASK = Sentence(text="Find out both.", at_seconds=0.0, calls=(BOILER, DRAWER))
QUESTION = Sentence(
    text="What is 6 times 7?", at_seconds=2.0, answer=Fact(text="6 times 7 is 42", keys=("42",))
)  # fmt: skip
WORKLOAD = Workload(name="both", sentences=(ASK, QUESTION))

ASKED = (UserSaid(text=ASK.text), ReplyStarted(turn=1))
CALLED = (
    *ASKED,
    CallMade(call_id="c1", turn=1, name="boiler", arguments={}),
    CallMade(call_id="c2", turn=1, name="drawer", arguments={"number": 34}),
)
BOTH_DONE = (
    *CALLED,
    ReplyEnded(turn=1, generated="", heard=""),
    CallEnded(call_id="c1", status="done", text=BOILER.fact.text),
    CallEnded(call_id="c2", status="done", text=DRAWER.fact.text),
)
CALL_BOILER = '{"name": "boiler", "arguments": {}}'
CALL_DRAWER = '{"name": "drawer", "arguments": {"number": 34}}'
CALL_SAFE = '{"name": "safe", "arguments": {"code": 57}}'


def reply(*entries, may_call=True) -> str:
    return next_reply(WORKLOAD, entries, may_call=may_call)


def test_a_request_is_answered_with_its_calls():
    assert reply(*ASKED) == f"{CALL_BOILER}\n{CALL_DRAWER}"


def test_a_call_that_was_made_before_an_interruption_is_not_made_again():
    cut = (*ASKED, CALLED[2], ReplyEnded(turn=1, generated="", heard="", interrupted=True))
    assert reply(*cut, UserSaid(text=QUESTION.text), ReplyStarted(turn=2)) == f"6 times 7 is 42.\n{CALL_DRAWER}"


def test_only_the_results_that_the_reply_names_are_told():
    told = reply(*BOTH_DONE, ReplyStarted(turn=2, call_ids=("c1",)))
    assert told == "The boiler is at 61 degrees."


def test_a_result_is_told_and_what_needs_it_is_called():
    told = reply(*BOTH_DONE, ReplyStarted(turn=2, call_ids=("c1", "c2")))
    assert told == f"The boiler is at 61 degrees. The drawer holds the code 57.\n{CALL_SAFE}"


def test_a_reply_that_may_call_nothing_calls_nothing_and_the_next_one_does():
    named = (*BOTH_DONE, ReplyStarted(turn=2, call_ids=("c1", "c2")))
    assert "safe" not in reply(*named, may_call=False)
    after = (*named, ReplyEnded(turn=2, generated="x", heard="x"), UserSaid(text="So?"), ReplyStarted(turn=3))
    assert reply(*after) == CALL_SAFE


def test_a_question_whose_answer_was_cut_off_is_answered_again():
    asked = (UserSaid(text=QUESTION.text), ReplyStarted(turn=1))
    cut = ReplyEnded(turn=1, generated="6 times 7 is 42.", heard="6 times", interrupted=True)
    whole = ReplyEnded(turn=1, generated="6 times 7 is 42.", heard="6 times 7 is 42.")
    assert reply(*asked, cut, UserSaid(text="Sorry?"), ReplyStarted(turn=2)) == "6 times 7 is 42."
    assert reply(*asked, whole, UserSaid(text="Sorry?"), ReplyStarted(turn=2)) == ""


def test_a_failure_is_told_and_nothing_is_called_for_it():
    failed = (*CALLED, CallEnded(call_id="c2", status="failed", text="it broke"))
    assert reply(*failed, ReplyStarted(turn=2, call_ids=("c2",))) == "Drawer failed."


async def test_the_dialogue_says_what_is_decided_and_the_rest_is_the_models_own():
    ledger, inner = MemoryLedger(FakeClock()), ScriptedModel(lambda prompt: "Whatever.")
    director = Director(ledger)
    model = directed(inner, director)

    async def ask(sequence: int, grammar: str = "") -> str:
        async for _ in model.generate(sequence, [1, 2, 3], Sampling(grammar=grammar)):
            pass
        return inner.samplings[-1].grammar

    assert await ask(0, "g") == "g"  # nothing is directed yet
    ledger.append(UserSaid(text="before"))
    director.begin(WORKLOAD)
    ledger.append(*ASKED)
    assert await ask(0, "g") == exact_grammar(f"{CALL_BOILER}\n{CALL_DRAWER}")
    assert await ask(0, speech_grammar()) == exact_grammar("")
    assert await ask(5, "g") == "g"
    assert model.card is inner.card
