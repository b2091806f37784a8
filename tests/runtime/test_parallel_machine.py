"""Whatever users, tools, children and crashes do, in any order: nothing is lost, told twice, left open or stuck.

Hypothesis makes up programs of steps; each is performed by a whole agent of fakes in virtual time, and the ledger that
it leaves is judged by rules that know nothing of how the agent works. Every fact that a tool finds out is a word of its
own, and the scripted model tells all that its newest message says is new; so a result was told when its facts were heard.

DEVICE_MACHINE_EXAMPLES=5000 makes a long run of other programs than the usual ones.
"""

import asyncio
import json
import logging
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from device.core.contexts import ROOT
from device.core.entries import (
    AlarmRang,
    AlarmSet,
    CallConfirmed,
    CallEnded,
    CallMade,
    CallQuestioned,
    CallsJoined,
    ContextClosed,
    ContextOpened,
    Record,
    ReplyEnded,
    ReplyStarted,
    UserSaid,
    ValueWritten,
)
from device.core.events import StopPressed, TextTyped
from device.core.fsm import State
from device.core.utterances import consent, words
from device.errors import Conflict, GenerationError, ToolError
from device.ports import Urgency
from device.runtime import tools as tools_module
from device.toolkit import FunctionTool
from tests.runtime.stage import Stage, newest, stage, tools_of
from tests.virtual_time import run

EXAMPLES = int(os.environ.get("DEVICE_MACHINE_EXAMPLES", "0"))
MOST_AT_ONCE = 2
FACT = re.compile(r"fact\d+")

# --- what is done ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Errand:
    """A call that the model makes: `plans` are what its children are to do."""

    tool: str
    seconds: float = 0.0
    outcome: str = "done"
    plans: tuple["Plan", ...] = ()


@dataclass(frozen=True)
class Plan:
    """What the model does about an order: it says something, calls tools, and may mention the news that it reads."""

    errands: tuple[Errand, ...] = ()
    lead: str = ""
    mentions: bool = False


@dataclass(frozen=True)
class Step:
    """Something that happens to the agent."""

    kind: str
    plan: Plan = Plan()
    seconds: float = 0.5
    text: str = ""


SECONDS = st.sampled_from([0.0, 0.1, 0.3, 1.0, 3.0])
LEADS = st.sampled_from(["", "Yes.", "One moment, I am going to see about that for you now."])
LEAVES = st.builds(
    Errand,
    tool=st.sampled_from(["work", "work", "once", "again", "water", "keep", "timer"]),
    seconds=SECONDS,
    outcome=st.sampled_from(["done", "done", "done", "fail", "raise", "hang", "deaf", "flood", "progress", "untidy"]),
)
OVER_OTHERS = st.builds(Errand, tool=st.sampled_from(["gather", "gather", "cancel"]), seconds=SECONDS)


def plans(errands: st.SearchStrategy[Errand], most: int, leads: Any = LEADS) -> st.SearchStrategy[Plan]:
    return st.builds(Plan, errands=st.lists(errands, max_size=most).map(tuple), lead=leads, mentions=st.booleans())


def parents(plan: st.SearchStrategy[Plan]) -> st.SearchStrategy[Errand]:
    return st.one_of(
        st.builds(
            Errand, tool=st.sampled_from(["think", "research", "careless"]), seconds=SECONDS, plans=st.tuples(plan)
        ),
        st.builds(Errand, tool=st.just("both"), plans=st.tuples(plan, plan)),
    )


THOUGHTS = st.sampled_from(["", "", "So it is."])
GRANDCHILDREN = plans(LEAVES | OVER_OTHERS, 2, THOUGHTS)
CHILDREN = plans(LEAVES | OVER_OTHERS | parents(GRANDCHILDREN), 2, THOUGHTS)
PLANS = plans(LEAVES | LEAVES | OVER_OTHERS | parents(CHILDREN), 4)

ORDERS = st.builds(Step, kind=st.sampled_from(["say", "say", "type", "begin"]), plan=PLANS, seconds=SECONDS)
PAUSES = st.builds(Step, kind=st.just("wait"), seconds=SECONDS)
ANSWERS = st.builds(
    Step,
    kind=st.just("answer"),
    seconds=st.sampled_from([0.0, 5.0]),
    text=st.sampled_from(["Yes.", "Yes.", "No.", "Stop!", "Mhm.", ""]),
)
ACCIDENTS = st.builds(Step, kind=st.sampled_from(["end", "stop", "stop", "unplug", "plug", "break", "mend"]))
CRASHES = st.builds(Step, kind=st.just("crash"), seconds=st.sampled_from([0.0, 1.0, 2.0, 5.0]))
WATERING = plans(st.builds(Errand, tool=st.sampled_from(["water", "water", "work"]), seconds=SECONDS), 3)
ASKING = st.builds(Step, kind=st.just("say"), plan=WATERING)

STEPS = st.lists(
    st.one_of(
        st.tuples(ORDERS),
        st.tuples(ORDERS, PAUSES),
        st.tuples(PAUSES),
        st.tuples(ANSWERS),
        st.tuples(ACCIDENTS),
        st.tuples(CRASHES),
        st.tuples(ASKING, ANSWERS, ANSWERS),
    ),
    min_size=1,
    max_size=12,
).map(lambda parts: [step for part in parts for step in part])


# --- the model and its tools -----------------------------------------------------------------------------------------


@dataclass
class World:
    """What the model and the tools know, through all crashes."""

    orders: list[Plan] = field(default_factory=list)
    facts: int = 0
    broken: bool = False

    def order(self, plan: Plan) -> str:
        """The words that ask for a plan."""
        self.orders.append(plan)
        return f"order {len(self.orders) - 1}"

    def fact(self) -> str:
        """A word that nobody has said before."""
        self.facts += 1
        return f"fact{self.facts}"

    def say(self, prompt: str) -> str:
        """What the model says: all facts of its newest news, or what the newest order demands."""
        if self.broken:
            raise GenerationError("The weights are gone.")
        message = newest(prompt)
        if "<tool_response>" in message:
            return tell(message)
        orders = re.findall(r"order (\d+)", message)
        if not orders:
            return "Well, that is nice to hear."
        plan = self.orders[int(orders[-1])]
        told = tell(prompt.rsplit("<|im_start|>", 3)[-3]) if plan.mentions else ""
        return "\n".join([f"{told} {plan.lead}".strip(), *(self._call(errand) for errand in plan.errands)])

    def _call(self, errand: Errand) -> str:
        if errand.plans:
            tasks = [self.order(plan) for plan in errand.plans]
            arguments: dict[str, Any] = {"tasks": tasks, "seconds": errand.seconds}
        elif errand.tool in ("gather", "cancel") or errand.tool in ("once", "again"):
            arguments = {"seconds": errand.seconds}
        else:
            arguments = {"fact": self.fact(), "seconds": errand.seconds, "outcome": errand.outcome}
        return json.dumps({"name": errand.tool, "arguments": arguments})

    def tools(self) -> dict[str, FunctionTool]:
        """All that the model may call."""
        under_way = 0

        async def work(context, fact: str, seconds: float, outcome: str) -> str:
            """Find out a fact, one way or another."""
            nonlocal under_way
            counts = outcome != "deaf"  # one that does not end is left behind, and another takes its place
            under_way += counts
            assert under_way <= MOST_AT_ONCE
            try:
                return await _work(context, fact, seconds, outcome)
            finally:
                under_way -= counts

        async def again(context, seconds: float) -> str:
            """Begin anew."""
            await asyncio.sleep(seconds)
            return self.fact()

        async def once(context, seconds: float) -> str:
            """Not twice."""
            await asyncio.sleep(seconds)
            return self.fact()

        return (
            tools_of(work, timeout_seconds=5, at_once=MOST_AT_ONCE, most_characters=60)
            | tools_of(again, duplicates="replace", sentence=True)
            | tools_of(once, duplicates="reject")
            | tools_of(water, confirm=True)
            | tools_of(keep, timer, sentence=True)
            | tools_of(cancel)
            | tools_of(think, research, both, careless, timeout_seconds=40, most_characters=400)
            | tools_of(gather, timeout_seconds=40, most_characters=8000)
        )


def tell(message: str) -> str:
    """All that a message says is new, in its own words."""
    found = re.findall(r"<tool_response>\n(.*?)\n</tool_response>", message, re.DOTALL)
    return " ".join(text.rstrip(".") + "." for text in found)


async def _work(context, fact: str, seconds: float, outcome: str) -> str:
    match outcome:
        case "hang":
            await asyncio.sleep(1000)
        case "deaf":
            for _ in range(8):
                try:
                    await asyncio.sleep(1)
                except asyncio.CancelledError:
                    context.report("I do not hear")
        case "flood":
            for _ in range(100):
                context.report("more " * 100)
            return f"{fact} " * 10_000
        case "progress":
            for number in range(3):
                context.report(f"{number} of 3")
                await asyncio.sleep(seconds)
        case "untidy":
            try:
                await asyncio.sleep(seconds)
            finally:
                await asyncio.sleep(0.5)
                context.tasks.fork("too late")
    await asyncio.sleep(seconds)
    if outcome == "raise":
        raise ValueError("broken")
    if outcome == "fail":
        raise ToolError(f"There was only {fact}.")
    return fact


async def water(context, fact: str, seconds: float, outcome: str) -> str:
    """Water a plant."""
    await asyncio.sleep(seconds)
    return fact


async def keep(context, fact: str, seconds: float, outcome: str) -> str:
    """Add a fact to the list."""
    while True:
        stored = context.values.get("facts")
        await asyncio.sleep(seconds)
        try:
            await context.values.put("facts", [*(stored.value or []), fact], version=stored.version)
        except Conflict:
            await asyncio.sleep(0.1)
        else:
            return fact


async def timer(context, fact: str, seconds: float, outcome: str) -> str:
    """Set a timer."""
    await context.alarms.set(1 + seconds, fact)
    return "it rings later"


async def think(context, tasks: list[str], seconds: float) -> str:
    """Think."""
    return await context.tasks.fork(tasks[0]).result()


async def research(context, tasks: list[str], seconds: float) -> str:
    """Find out."""
    return await context.tasks.spawn(tasks[0], "nothing").result()


async def both(context, tasks: list[str], seconds: float) -> str:
    """Think twice."""
    return " ".join(await context.tasks.join(context.tasks.fork(tasks[0]), context.tasks.spawn(tasks[1])))


async def careless(context, tasks: list[str], seconds: float) -> str:
    """Fork and forget."""
    context.tasks.fork(tasks[0])
    await asyncio.sleep(seconds)
    return "I forgot it"


async def gather(context, seconds: float) -> str:
    """Wait for everything."""
    await asyncio.sleep(seconds)
    return await context.work.join(tuple(call.call_id for call in context.work.open_calls()))


async def cancel(context, seconds: float) -> str:
    """Cancel the oldest."""
    await asyncio.sleep(seconds)
    for call in context.work.open_calls():
        await context.work.cancel(call.call_id)
        return "I cancelled it"
    return "there was nothing to cancel"


# --- the agent under test --------------------------------------------------------------------------------------------


OPTIONS = (
    "thinking.max_tokens=3000",
    "tasks.max_tokens=3000",
    "tasks.seconds=25",
    "tasks.children=5",
)


class Play:
    """Performs steps on an agent, which may crash and come back."""

    def __init__(self) -> None:
        self.world = World()
        self.wrong: list[str] = []
        self._stack = AsyncExitStack()
        self.it: Stage

    async def open(self, records: Sequence[Record] = ()) -> None:
        self._stack = AsyncExitStack()
        self.it = await self._stack.enter_async_context(
            stage(self.world.say, tools=self.world.tools(), records=records, options=OPTIONS)
        )
        self.it.agent.loop.observe(self._watch)

    async def close(self) -> None:
        await self._stack.aclose()

    def _watch(self, before: Any, event: Any, after: Any) -> None:
        held = None if after.state.yields_to_tasks else Urgency.BACKGROUND
        # All wait while a first sound is made. An assertion here would end the agent's loop, and be no more than a hang.
        if self.it.model.held not in (held, Urgency.FOREGROUND):
            self.wrong.append(f"{self.it.model.held} after {type(event).__name__}")

    async def perform(self, step: Step) -> None:
        it = self.it
        match step.kind:
            case "say":
                await it.say(self.world.order(step.plan), seconds=step.seconds)
            case "type":
                it.post(TextTyped(text=self.world.order(step.plan)))
            case "begin":
                await it.begin_to_say(self.world.order(step.plan), seconds=step.seconds)
            case "answer":
                await self._question(seconds=step.seconds)
                await it.say(step.text)
            case "end":
                await it.fall_silent()
            case "wait":
                await asyncio.sleep(step.seconds)
            case "stop":
                it.post(StopPressed())
            case "unplug":
                if it.audio.is_open:
                    it.audio.unplug()
            case "plug":
                it.audio.missing = False
            case "break" | "mend":
                self.world.broken = step.kind == "break"
            case "crash":
                await self._crash(lost=int(step.seconds))
        await asyncio.sleep(0.05)
        self.it.check()

    async def _question(self, *, seconds: float) -> None:
        """Wait until the user was asked something and has heard it, but no longer than that."""
        calls = self.it.agent.dialogue.conversation.calls
        while seconds > 0 and not (calls.asked() and self.it.state is State.IDLE):
            await asyncio.sleep(0.1)
            seconds -= 0.1

    async def _crash(self, *, lost: int) -> None:
        """The process is gone, and with it the last records, which had not reached the disk."""
        records = self.it.ledger.records()
        await self.close()
        self.world.broken = False  # one that cannot be warmed up does not start
        await self.open(records[: max(len(records) - lost, 0)])

    async def drain(self) -> None:
        """Let everything come to its end by itself."""
        self.world.broken = False
        self.it.audio.missing = False
        await self.it.fall_silent()
        await self.it.until_quiet(seconds=1000)
        self.it.check()


def play(steps: Sequence[Step]) -> tuple[Record, ...]:
    """Perform the steps, judge what came of them, and return the ledger."""
    return run(_play(steps))


async def _play(steps: Sequence[Step]) -> tuple[Record, ...]:
    complaints: list[str] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(str(context)))
    with pytest.MonkeyPatch.context() as patch, _errors(complaints):
        patch.setattr(tools_module, "CONSENT_SECONDS", 6.0)
        patch.setattr(tools_module, "QUESTION_SECONDS", 60.0)
        it = Play()
        await it.open()
        try:
            for step in steps:
                await it.perform(step)
            await it.drain()
            records = it.it.ledger.records()
            if not ended_unheard(records):
                judge_told(records)
            it.it.post(TextTyped(text="Hello."))
            await asyncio.sleep(0.05)
            await it.drain()
            judge_told(it.it.ledger.records())
            contexts = it.it.agent.contexts
            assert (contexts.open_contexts(), len(contexts._waits), len(contexts._free)) == (0, 0, 5)
            assert set(it.it.model._caches) <= {0, 1}  # the dialogue's and the speculation's
        finally:
            await it.close()
        judge(it.it.ledger.records())
    assert complaints == it.wrong == []
    return it.it.ledger.records()


class _errors(logging.Handler):  # noqa: N801 - used like a function
    """Collects what is logged as an error and is none of the model's or a tool's doing."""

    def __init__(self, complaints: list[str]) -> None:
        super().__init__(logging.ERROR)
        self._complaints = complaints

    def emit(self, record: logging.LogRecord) -> None:
        text = record.getMessage()
        if not re.match(
            r"The tool \w+ broke: ValueError|A tool does not end|Turn \d+ broke off: The w|The sound d", text
        ):
            self._complaints.append(f"{text} {record.exc_info or ''}")

    def __enter__(self) -> None:
        logging.getLogger("device").addHandler(self)

    def __exit__(self, *_: object) -> None:
        logging.getLogger("device").removeHandler(self)


# --- the rules -------------------------------------------------------------------------------------------------------


def entries(records: Sequence[Record], kind: type, context: str = ROOT) -> list[Any]:
    return [record.entry for record in records if record.context == context and isinstance(record.entry, kind)]


def judge(records: Sequence[Record]) -> None:
    """What is true of every ledger whose agent came to its end."""
    judge_calls(records)
    judge_contexts(records)
    judge_replies(records)
    judge_consent(records)
    judge_values(records)


def judge_calls(records: Sequence[Record]) -> None:
    """Every call ends exactly once, after it was made, as one of four."""
    made = [(record.context, record.entry.call_id) for record in records if isinstance(record.entry, CallMade)]
    ended = [(record.context, record.entry.call_id) for record in records if isinstance(record.entry, CallEnded)]
    assert len(set(made)) == len(made)
    assert sorted(made) == sorted(ended)
    for record in records:
        if isinstance(record.entry, CallEnded):
            assert record.entry.status in {"done", "failed", "cancelled", "timed_out"}


def judge_contexts(records: Sequence[Record]) -> None:
    """No context outlives the call that began it, nor a call its context."""
    open_calls: set[tuple[str, str]] = set()
    open_contexts: dict[str, tuple[str, str]] = {}
    for record in records:
        assert record.context == ROOT or record.context in open_contexts or isinstance(record.entry, ContextOpened)
        match record.entry:
            case CallMade(call_id=call_id):
                open_calls.add((record.context, call_id))
            case CallEnded(call_id=call_id):
                assert (record.context, call_id) not in open_contexts.values()
                open_calls.remove((record.context, call_id))
            case ContextOpened(parent=parent, call_id=call_id):
                assert (parent, call_id) in open_calls
                assert record.context not in open_contexts
                open_contexts[record.context] = parent, call_id
            case ContextClosed():
                assert not any(context == record.context for context, _ in open_calls)
                del open_contexts[record.context]
    assert not open_contexts


def judge_replies(records: Sequence[Record]) -> None:
    """The agent speaks by itself only if it has something to tell or to ask; what ended is never asked about."""
    ended: dict[str, str] = {}
    asking: set[str] = set()
    answered = True
    started: ReplyStarted | None = None
    for record in records:
        if record.context != ROOT:
            continue
        match record.entry:
            case UserSaid():
                answered = False
            case CallEnded(call_id=call_id, status=status):
                ended[call_id] = status
                asking.discard(call_id)
            case CallQuestioned(call_id=call_id):
                asking.add(call_id)
            case CallConfirmed(call_id=call_id):
                asking.discard(call_id)
            case ReplyStarted() as started:
                worth = started.alarm_ids or any(
                    key in asking or ended.get(key, "cancelled") != "cancelled" for key in started.call_ids
                )
                by_itself, answered = answered, True
                silent = by_itself and not worth
            case ReplyEnded(generated=generated, heard=heard):
                assert started is not None
                assert generated.startswith(heard)
                assert not (silent and generated)


def judge_consent(records: Sequence[Record]) -> None:
    """Nothing runs without a yes to its own question, which had been heard to its end."""
    questions: dict[str, str] = {}
    heard: list[str] = []
    last_said = ""
    for record in records:
        match record.entry:
            case CallQuestioned(call_id=call_id, question=question):
                assert record.context == ROOT
                questions[call_id] = question
            case ReplyEnded(heard=words_heard) if record.context == ROOT:
                heard.append(words_heard.strip())
            case UserSaid(text=text):
                last_said = text
            case CallConfirmed(call_id=call_id):
                assert consent(last_said)
                assert questions[call_id] in heard
                # The last question that was heard is the one that was answered.
                assert [text for text in heard if text in questions.values()][-1] == questions[call_id]
    confirmed = {entry.call_id for entry in entries(records, CallConfirmed)}
    names = {entry.call_id: entry.name for entry in entries(records, CallMade)}
    for entry in entries(records, CallEnded):
        assert not (names[entry.call_id] == "water" and entry.status == "done") or entry.call_id in confirmed


def judge_values(records: Sequence[Record]) -> None:
    """No write was lost: every fact that was kept is on the list, which only grew."""
    kept: list[Any] = []
    for record in records:
        if isinstance(record.entry, ValueWritten):
            assert record.entry.value[:-1] == kept
            kept = record.entry.value
    names = {(r.context, r.entry.call_id): r.entry.name for r in records if isinstance(r.entry, CallMade)}
    for record in records:
        if isinstance(record.entry, CallEnded) and names[record.context, record.entry.call_id] == "keep":
            assert record.entry.status != "done" or record.entry.text in kept


def judge_told(records: Sequence[Record]) -> None:
    """Every result, and every alarm, was told: its facts were heard together; once it was heard whole, never again."""
    for text, place, joined in worth_telling(records):
        facts = set(FACT.findall(text.lower()))
        if not facts:
            continue
        later = [reply for at, reply in replies(records) if at > place]
        tellings = [reply for reply in later if facts <= set(FACT.findall(reply.heard.lower()))]
        assert tellings, f"{text} was never told"
        whole = [reply.turn for reply in tellings if set(words(text)) <= set(words(reply.heard))]
        # A joined result is part of its join's, which is told again as one if it was not heard to its end.
        assert joined or not whole or tellings[-1].turn == whole[0], f"{text} was told again after turn {whole[0]}"


def replies(records: Sequence[Record]) -> Iterator[tuple[int, ReplyEnded]]:
    for record in records:
        if record.context == ROOT and isinstance(record.entry, ReplyEnded):
            yield record.id, record.entry


def worth_telling(records: Sequence[Record]) -> Iterator[tuple[str, int, bool]]:
    """The texts of results and alarms, where they came, and whether another call joined them."""
    labels: dict[str, str] = {}
    joined = {key for entry in entries(records, CallsJoined) for key in entry.call_ids}
    for record in records:
        if record.context != ROOT:
            continue
        match record.entry:
            case CallEnded(call_id=call_id, status=status, text=text) if status != "cancelled":
                yield text, record.id, call_id in joined
            case AlarmSet(alarm_id=alarm_id, label=label):
                labels[alarm_id] = label
            case AlarmRang(alarm_id=alarm_id):
                yield labels[alarm_id], record.id, False


def ended_unheard(records: Sequence[Record]) -> bool:
    """Whether the last reply was stopped or failed: then what it was to tell waits for the next."""
    last = [reply for _, reply in replies(records)][-1:]
    return bool(last) and (last[0].interrupted or bool(last[0].failure))


# --- the programs ----------------------------------------------------------------------------------------------------


@given(STEPS)
@settings(
    max_examples=EXAMPLES or 40,
    derandomize=not EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    print_blob=True,
)
def test_whatever_happens_everything_ends_once_and_is_told_once(steps):
    play(steps)
