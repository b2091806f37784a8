"""Whether a history of one shared value is linearizable: whether each operation can be given one moment between its
beginning and its end so that, in the order of those moments, everything that was seen is what one would have seen.

After Wing and Gong (1993), with Lowe's memory of what was tried (2017): choose an operation that no other had to
precede, do it to the value, go on, and take it back where that leads nowhere. What was tried is remembered by the set
of operations done and the value. Two things keep it small: an operation that changes nothing is taken as soon as it
fits, which never hurts, and what can be chosen is only what overlaps the earliest end.

A write that a crash cut off may have taken effect before the crash, or never (strict linearizability, after Aguilera
and Frølund): nothing of a dead process can happen later. Pure.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from device.eval.ledger.history import CONFLICT, DONE, READ, UNKNOWN, Operation

MOST_STATES = 200_000
"""A history that takes more is left undecided."""

Value = tuple[int, Any]
"""The version, and what is there."""

EMPTY: Value = (0, None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Whether a history is linearizable; None if that was not found out. `stuck` is an operation that fits nowhere."""

    linearizable: bool | None
    stuck: Operation | None = None
    states: int = 0


def judge(operations: Sequence[Operation], *, most_states: int = MOST_STATES) -> Verdict:
    """Judge the history of one value, which begins unwritten; what is written can be hashed."""
    return _Search(sorted(operations, key=lambda one: one.invoked)).run(most_states)


@dataclass(frozen=True, slots=True)
class _Node:
    """Where the search stands: operations below `low` are settled, `done` has a bit for each that is done above it."""

    low: int
    done: int
    latest: int
    """When the latest of those that are done began."""
    value: Value


class _Search:
    def __init__(self, operations: Sequence[Operation]) -> None:
        self._operations = operations

    def run(self, most_states: int) -> Verdict:
        stack, seen = [_Node(0, 0, -1, EMPTY)], set()
        furthest = -1
        stuck: Operation | None = None
        while stack:
            node = self._settled(stack.pop())
            if node in seen:
                continue
            seen.add(node)
            if len(seen) > most_states:
                return Verdict(linearizable=None, states=len(seen))
            if node.low == len(self._operations):
                return Verdict(linearizable=True, states=len(seen))
            if node.low > furthest:
                furthest, stuck = node.low, self._operations[node.low]
            stack += self._following(node)
        return Verdict(linearizable=False, stuck=stuck, states=len(seen))

    def _settled(self, node: _Node) -> _Node:
        """Pass over what is done, and over what can no longer have happened."""
        low, done = node.low, node.done
        while low < len(self._operations) and (done & 1 or self._missed(self._operations[low], node.latest)):
            low, done = low + 1, done >> 1
        return _Node(low, done, node.latest, node.value)

    @staticmethod
    def _missed(one: Operation, latest: int) -> bool:
        """Whether it was cut off before something began that is done already."""
        return one.outcome == UNKNOWN and one.returned < latest

    def _following(self, node: _Node) -> list[_Node]:
        """Where to go on, what is to be tried first last."""
        if self._only_cut_off(node):
            # What was cut off need not have happened.
            return [_Node(len(self._operations), 0, node.latest, node.value)]
        found = []
        for place, one in self._choices(node):
            for value in _effects(one, node.value):
                bit = 1 << (place - node.low)
                after = _Node(node.low, node.done | bit, max(node.latest, one.invoked), value)
                if value == node.value and one.outcome != UNKNOWN:
                    return [after]
                found.append(after)
        return found[::-1]

    def _choices(self, node: _Node) -> list[tuple[int, Operation]]:
        """What no other operation had to precede, in the order of the ends."""
        choices: list[tuple[int, Operation]] = []
        earliest_end = float("inf")
        for place in range(node.low, len(self._operations)):
            one = self._operations[place]
            if one.invoked > earliest_end:
                break
            if node.done >> (place - node.low) & 1 or self._missed(one, node.latest):
                continue
            choices.append((place, one))
            if one.outcome != UNKNOWN:
                earliest_end = min(earliest_end, one.returned)
        return sorted(choices, key=lambda choice: choice[1].returned)

    def _only_cut_off(self, node: _Node) -> bool:
        return all(
            node.done >> (place - node.low) & 1 or self._operations[place].outcome == UNKNOWN
            for place in range(node.low, len(self._operations))
        )


def _effects(one: Operation, value: Value) -> list[Value]:
    """What the value may be after the operation; nothing if it cannot have happened now."""
    version, _ = value
    if one.kind == READ:
        return [value] if value == (one.version, one.value) else []
    if one.outcome == CONFLICT:
        return [value] if version != one.expected else []
    if version != one.expected or (one.outcome == DONE and one.version != version + 1):
        return []
    return [(version + 1, one.value)]
