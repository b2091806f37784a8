"""What a simulated user wants: calls of the agent's own tools that must have been made, and none besides; pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from device.bench.argument_match import same_arguments
from device.bench.tool_choice import Calls
from device.core.entries import CallEnded, CallMade, Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How many wishes were fulfilled, and what was done that nobody wanted."""

    fulfilled: int
    wanted: int
    unwanted: int
    failed: int


def judged(wanted: Calls, records: Sequence[Record]) -> Outcome:
    """What the calls in the dialogue's `records` amount to. A call counts when it has ended well."""
    ends = {one.entry.call_id: one.entry.status for one in records if isinstance(one.entry, CallEnded)}
    made = [one.entry for one in records if isinstance(one.entry, CallMade) and one.context == "main"]
    left, unwanted, failed = list(wanted), 0, 0
    for call in made:
        if ends.get(call.call_id) != "done":
            failed += 1
            continue
        found = next(
            (wish for wish in left if wish[0] == call.name and same_arguments(wish[1], call.arguments, tool=call.name)),
            None,
        )
        if found is None:
            unwanted += 1
        else:
            left.remove(found)
    return Outcome(fulfilled=len(wanted) - len(left), wanted=len(wanted), unwanted=unwanted, failed=failed)
