"""What the agent is working on: told, cancelled, waited for."""

from collections.abc import Sequence

from device.core.durations import say_duration
from device.core.likeness import content_words, each_named, likest, means_all, say_list, split_exception
from device.toolkit import OpenCall, ToolContext, ToolError, tool

LONGEST_SECONDS = 600.0
ARGUMENT_CHARACTERS = 60
MOST_TOLD = 8

_NOTHING = "Nothing is being worked on."


@tool(sentence=True)
async def list_tasks(context: ToolContext) -> str:
    """Tell what you are still working on and how far each task has come."""
    calls = context.work.open_calls()
    if not calls:
        return _NOTHING
    more = f"; and {len(calls) - MOST_TOLD} more" if len(calls) > MOST_TOLD else ""
    return "; ".join(map(_told, calls[:MOST_TOLD])) + more


@tool(sentence=True)
async def cancel_task(context: ToolContext, which: str) -> str:
    """Stop working on a task that the user no longer wants.

    Args:
        which: the task, in a few words

    """
    calls = context.work.open_calls()
    chosen = _chosen(calls, which)
    if not chosen:
        raise ToolError(_NOTHING)
    if len(chosen) > 1 and not means_all(which) and not split_exception(which)[1]:
        raise ToolError(f"Ask the user which: {say_list([_named(call) for call in chosen[:MOST_TOLD]])}.")
    gone = [_named(call) for call in chosen if await context.work.cancel(call.call_id)]
    if not gone:
        raise ToolError("It has just ended.")
    return f"{say_list(gone)} {'are' if len(gone) > 1 else 'is'} cancelled."


@tool(timeout_seconds=LONGEST_SECONDS)
async def join_tasks(context: ToolContext, which: str = "") -> str:
    """Wait until tasks are done and tell all their results together.

    Args:
        which: the tasks, in a few words, empty for all

    """
    # Two that wait for each other would wait for ever.
    calls = [call for call in context.work.open_calls() if call.name != "join_tasks"]
    chosen = _chosen(calls, which)
    if not chosen:
        raise ToolError(_NOTHING)
    return await context.work.join(tuple(call.call_id for call in chosen))


def _chosen(calls: Sequence[OpenCall], which: str) -> list[OpenCall]:
    """The calls that are meant, but for those that are left out. Raises ToolError if nobody knows which.

    One is meant by its id, or by words of its name and arguments; all are if they all are said to be, or nothing is.
    """
    meant, kept = split_exception(which)
    said = meant.lower().split()
    found = [call for call in calls if call.call_id in said] or [calls[at] for at in likest(meant, _texts(calls))]
    if means_all(meant) or not content_words(meant):
        found = list(calls)
    spared = each_named(kept, lambda thing: likest(thing, _texts(calls)))
    if calls and (not found or (kept and not spared)):
        raise ToolError(f"There is no such task; there is {say_list([_named(call) for call in calls[:MOST_TOLD]])}.")
    left = [call for call in found if calls.index(call) not in spared]
    if calls and not left:
        raise ToolError("Nothing else is being worked on.")
    return left


def _texts(calls: Sequence[OpenCall]) -> list[str]:
    return [f"{call.call_id} {_named(call)} {call.progress}" for call in calls]


def _named(call: OpenCall) -> str:
    """The call in words: "weather Oslo"."""
    arguments = " ".join(str(value) for value in call.arguments.values() if isinstance(value, (str, int, float)))
    return f"{call.name.replace('_', ' ')} {' '.join(arguments.split())[:ARGUMENT_CHARACTERS]}".strip()


def _told(call: OpenCall) -> str:
    progress = f", {call.progress}" if call.progress else ""
    return f"{_named(call)}: for {say_duration(max(call.seconds, 1))}{progress}"
