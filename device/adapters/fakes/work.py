"""Work that is under way until it is cancelled or joined, and children that know their result at once."""

from collections.abc import Mapping, Sequence

from device.errors import ToolError
from device.toolkit import Child, OpenCall


class FakeWork:
    """`device.toolkit.Work` over calls that never end by themselves."""

    def __init__(self, calls: Sequence[OpenCall] = ()) -> None:
        self.calls = {call.call_id: call for call in calls}

    def open_calls(self) -> tuple[OpenCall, ...]:
        """Those that were not cancelled."""
        return tuple(self.calls.values())

    async def cancel(self, call_id: str) -> bool:
        """End one."""
        return self.calls.pop(call_id, None) is not None

    async def join(self, call_ids: tuple[str, ...]) -> str:
        """End those calls and tell which they were."""
        missing = [call_id for call_id in call_ids if call_id not in self.calls]
        if missing:
            raise ToolError(f"There is no call {missing[0]}.")
        return "; ".join(f"{self.calls.pop(call_id).name}: done" for call_id in call_ids)


class FakeChild:
    """`device.toolkit.Child` that has come to its result."""

    def __init__(self, context_id: str, result: str) -> None:
        self.context_id = context_id
        self._result = result

    async def result(self) -> str:
        """What it found out."""
        return self._result

    async def cancel(self) -> None:
        """It has ended already."""


class FakeTasks:
    """`device.toolkit.Tasks` whose children find out what `results` says of their task. `given` is what they were."""

    def __init__(self, results: Mapping[str, str] | None = None) -> None:
        self.results = dict(results or {})
        self.given: list[tuple[str, str, str]] = []

    def fork(self, task: str) -> Child:
        """A child that knows all; recorded as ("fork", task, "")."""
        return self._begin("fork", task, "")

    def spawn(self, task: str, given: str = "") -> Child:
        """A child that knows what it is given; recorded as ("spawn", task, given)."""
        return self._begin("spawn", task, given)

    async def join(self, *children: Child) -> tuple[str, ...]:
        """All their results."""
        return tuple([await child.result() for child in children])

    def _begin(self, kind: str, task: str, given: str) -> Child:
        if not task.strip():
            raise ToolError("There is nothing to do.")
        self.given.append((kind, task, given))
        return FakeChild(f"k{len(self.given)}", self.results.get(task, f"{task} is done"))
