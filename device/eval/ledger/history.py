"""What writers did to shared values and what they saw, in the order of one clock: the material of the checker; pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

READ, WRITE = "read", "write"
DONE, CONFLICT, UNKNOWN = "done", "conflict", "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """A read, or a write over the version `expected`. It began at `invoked` and ended at `returned` of one clock.

    A read saw `value` at `version`. A write of `value` that is done made `version`; one that met a conflict made
    nothing. What became of one that a crash cut off is unknown: then `returned` is the crash.
    """

    key: str
    kind: str
    invoked: int
    returned: int
    outcome: str = DONE
    value: Any = None
    version: int = 0
    expected: int = 0


@dataclass(slots=True)
class Recorder:
    """Writes down operations as they begin and end, with a clock that counts both."""

    _open: dict[int, dict[str, Any]]
    operations: list[Operation]
    _now: int = 0

    @classmethod
    def empty(cls) -> "Recorder":
        """Nothing happened yet."""
        return cls({}, [])

    @property
    def pending(self) -> int:
        """How many have begun and not ended."""
        return len(self._open)

    def take(self, note: dict[str, Any]) -> None:
        """The next note: {"begin": number, key, kind, …} or {"end": number, outcome, …}."""
        self._now += 1
        if "begin" in note:
            self._open[note["begin"]] = {**_without(note, "begin"), "invoked": self._now}
        elif (begun := self._open.pop(note["end"], None)) is not None:
            self.operations.append(Operation(**{**begun, **_without(note, "end")}, returned=self._now))

    def crash(self) -> int:
        """All that is under way is cut off; returns how many that were. A read that nobody saw is no operation."""
        self._now += 1
        cut_off = [begun for begun in self._open.values() if begun["kind"] == WRITE]
        self.operations += [Operation(**begun, outcome=UNKNOWN, returned=self._now) for begun in cut_off]
        self._open.clear()
        return len(cut_off)


def _without(note: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in note.items() if key != name}


def by_key(operations: Iterable[Operation]) -> dict[str, list[Operation]]:
    """Each key's operations: a history is linearizable exactly if each key's is (Herlihy and Wing's locality)."""
    found: dict[str, list[Operation]] = {}
    for one in operations:
        found.setdefault(one.key, []).append(one)
    return found


# --- histories that must be rejected -----------------------------------------------------------------------------


def with_stale_read(operations: Sequence[Operation]) -> list[Operation] | None:
    """The same history, but for one read that saw what had been overwritten before it began; None if none could."""
    for number, one in enumerate(operations):
        older = one.kind == READ and _overwritten_before(operations, one)
        if older:
            return [
                *operations[:number],
                replace(one, value=older.value, version=older.version),
                *operations[number + 1 :],
            ]
    return None


def with_lost_update(operations: Sequence[Operation]) -> list[Operation] | None:
    """The same history, but for one conflict that was told to be done: two writes over one version; None if none can.

    The version that it claims must have been made by a write that was acknowledged.
    """
    made = {(one.key, one.version) for one in operations if one.kind == WRITE and one.outcome == DONE}
    for number, one in enumerate(operations):
        if one.outcome == CONFLICT and (one.key, one.expected + 1) in made:
            done = replace(one, outcome=DONE, version=one.expected + 1)
            return [*operations[:number], done, *operations[number + 1 :]]
    return None


def _overwritten_before(operations: Sequence[Operation], read: Operation) -> Operation | None:
    """A write whose value was surely replaced before `read` began."""
    writes = [one for one in operations if one.key == read.key and one.kind == WRITE and one.outcome == DONE]
    last = max((one for one in writes if one.returned < read.invoked), key=lambda one: one.version, default=None)
    return None if last is None else next((one for one in writes if one.version < last.version), None)
