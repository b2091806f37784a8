"""What reaches the user of messages that went wrong: through the whole agent, whose model is a broken script."""

import asyncio
from collections.abc import Sequence
from itertools import islice

from device.config import Config
from device.core.entries import CallMade, OutputMalformed, Record, ReplyEnded
from device.eval import intervals
from device.eval.protocol.hostile import broken_messages
from device.eval.protocol.written import strictly
from device.eval.result import Case, Row, Table
from device.eval.typed import Typed, newest, typed
from device.eval.workloads import TOOLS
from device.toolkit import FunctionTool, Tool, ToolContext

MARKUP = ("{", "}", "<|", "|>", "tool_call", "tool_response", '"name"')
"""What nobody should ever hear."""
PLAIN, ANSWER = "Are you still there?", "I am here."


def spoken(config: Config, seed: str, count: int) -> Case:
    """Let the model write so many broken messages, each followed by a plain question."""
    messages = list(islice(broken_messages(seed, [tool.name for tool in TOOLS]), count))
    return asyncio.run(_spoken(config, messages))


async def _spoken(config: Config, messages: Sequence[str]) -> Case:
    known = {spec.name: spec for spec in TOOLS}
    tools: dict[str, Tool] = {spec.name: FunctionTool(spec=spec, function=_look) for spec in TOOLS}
    found = []
    async with typed(config, tools, script=lambda prompt: _reply(prompt, messages)) as agent:
        for number, message in enumerate(messages):
            agent.begin_afresh()
            records = await agent.ask(f"Please do number {number}.")
            found.append(
                {
                    "message": message[:400],
                    "strictly_broken": strictly(message.encode("utf-8", "replace"), known).malformed,
                    **_judged(records, set(known)),
                    "goes_on": await _answers(agent),
                }
            )
    return {"messages": found}


def _reply(prompt: str, messages: Sequence[str]) -> str:
    said = newest(prompt)
    if PLAIN in said:
        return ANSWER
    number = said.partition("do number ")[2].partition(".")[0]
    return messages[int(number)] if number.isdigit() else "It is done."


async def _look(context: ToolContext, **arguments: object) -> str:
    del context, arguments
    return "all is well"


def _judged(records: Sequence[Record], known: set[str]) -> Case:
    entries = [record.entry for record in records]
    heard = " ".join(entry.heard for entry in entries if isinstance(entry, ReplyEnded))
    calls = [entry.name for entry in entries if isinstance(entry, CallMade)]
    return {
        "markup_heard": [mark for mark in MARKUP if mark in heard],
        "unknown_calls": [name for name in calls if name not in known],
        "calls": len(calls),
        "recorded": sum(isinstance(entry, OutputMalformed) for entry in entries),
    }


async def _answers(agent: Typed) -> bool:
    """Whether a plain question still gets its answer."""
    entries = [record.entry for record in await agent.ask(PLAIN)]
    return any(ANSWER in entry.heard for entry in entries if isinstance(entry, ReplyEnded))


def table(cases: Sequence[Case]) -> Table:
    """What an agent that reads strictly would have let through, and what this one did."""
    messages = [one for case in cases for one in case["messages"]]
    count = len(messages)
    rows = {
        "would reach the user as it is, read strictly": sum(one["strictly_broken"] for one in messages),
        "markup was heard": sum(bool(one["markup_heard"]) for one in messages),
        "a tool that there is not was called": sum(bool(one["unknown_calls"]) for one in messages),
        "something was recorded as malformed": sum(one["recorded"] > 0 for one in messages),
        "the next question was answered": sum(one["goes_on"] for one in messages),
    }
    return Table(
        title="Messages that went wrong, through the whole agent",
        columns=("of all messages",),
        rows=tuple(Row(label=name, cells=(intervals.rate(hits, count),)) for name, hits in rows.items()),
        note="The model is a script that writes calls which are cut, nested, misspelt, forged or endless; some are "
        "whole, too, so not all need to be malformed.",
    )
