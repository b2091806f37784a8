"""The one queue that every event goes through, in order of priority.

Rule: an event leaves the inbox at once, highest priority first and first come first served within a class, unless it
asks for the floor. A floor-taking event waits until the floor is free or held by something that it outranks; those of
one kind that wait are merged into one, so that several results make one reply.
"""

from collections import deque

from device.core.events import AlarmsRang, Event, Priority, ResultsArrived
from device.core.fsm import Machine


class Inbox:
    """Events that have happened and were not handled yet."""

    def __init__(self) -> None:
        self._ready: dict[Priority, deque[Event]] = {priority: deque() for priority in Priority}
        self._waiting: dict[type[Event], Event] = {}

    def __len__(self) -> int:
        return sum(map(len, self._ready.values())) + len(self._waiting)

    def post(self, event: Event) -> None:
        """Add an event."""
        if not event.takes_floor:
            self._ready[event.priority].append(event)
            return
        kind = type(event)
        earlier = self._waiting.get(kind)
        self._waiting[kind] = event if earlier is None else earlier.merged(event)

    def keeps(self, kind: type[Event]) -> bool:
        """Whether an event of this kind waits for the floor."""
        return kind in self._waiting

    def take(self, machine: Machine) -> Event | None:
        """Remove and return the event to handle next, None if there is none that may be handled now."""
        for priority in Priority:
            if self._ready[priority]:
                return self._ready[priority].popleft()
            for kind, event in self._waiting.items():
                if event.priority is priority and _may_take_floor(event, machine):
                    del self._waiting[kind]
                    return event
        return None

    def holds_for(self, machine: Machine) -> bool:
        """Whether there is an event that may be handled now."""
        return any(self._ready.values()) or any(_may_take_floor(event, machine) for event in self._waiting.values())

    def settle(self, *, call_ids: tuple[str, ...] = (), alarm_ids: tuple[str, ...] = ()) -> None:
        """Forget that these wait for the floor: a reply that is starting tells them."""
        results = self._waiting.pop(ResultsArrived, None)
        if isinstance(results, ResultsArrived):
            left = tuple(call_id for call_id in results.call_ids if call_id not in call_ids)
            if left:
                self._waiting[ResultsArrived] = ResultsArrived(call_ids=left)
        alarms = self._waiting.pop(AlarmsRang, None)
        if isinstance(alarms, AlarmsRang):
            left = tuple(alarm_id for alarm_id in alarms.alarm_ids if alarm_id not in alarm_ids)
            if left:
                self._waiting[AlarmsRang] = AlarmsRang(alarm_ids=left)


def _may_take_floor(event: Event, machine: Machine) -> bool:
    return machine.holder is None or event.priority < machine.holder
