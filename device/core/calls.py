"""The tool calls of one context, as their entries amount to: which run, which wait for a yes, which are to be told.

Rules:
* A call ends once; whatever is recorded of it afterwards is passed over.
* A result is news until a reply told it. One that other calls joined is told by the last of them.
* A call that was cancelled is no news by itself: whoever cancelled it knows. The model reads of it with the next news.
* A call that needs the user's consent is news until it was asked; it counts as asked once the question was heard.
  Of several only one is asked at a time, so that the answer is to it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from device.core.entries import (
    CallConfirmed,
    CallEnded,
    CallMade,
    CallProgressed,
    CallQuestioned,
    CallsJoined,
    Record,
)
from device.core.prompt.messages import Result

CallEntry = CallMade | CallEnded | CallProgressed | CallQuestioned | CallConfirmed | CallsJoined


@dataclass(slots=True, kw_only=True)
class Call:
    """A call.

    Its records are those `made_at` and `ended_at`. `acknowledged`: the model was told that it is running; `tried`: a
    whole reply was made to tell the result; `told`: the user was told it.
    """

    made: CallMade
    made_at: int
    ended: CallEnded | None = None
    ended_at: int = 0
    ended_wall_seconds: float = 0.0
    progress: str = ""
    question: str = ""
    asked: bool = False
    joined_by: str = ""
    acknowledged: bool = False
    tried: bool = False
    told: bool = False

    @property
    def asks(self) -> bool:
        """Whether it waits for a question to be put to the user."""
        return bool(self.question) and self.ended is None and not self.asked

    def result(self, *, late: bool = False) -> Result:
        """What the model is told of it now."""
        status, text = "running", f"running, {self.progress}" if self.progress else "running"
        if self.ended is not None:
            status, text = self.ended.status, self.ended.text
        elif self.question:
            status, text = "unconfirmed", self.question
        return Result(
            call_id=self.made.call_id,
            name=self.made.name,
            status=status,
            text=text,
            late=late,
            wall_seconds=self.ended_wall_seconds if self.ended is not None else None,
        )


@dataclass(slots=True)
class Calls:
    """The fold of the calls' entries, in the order in which they were made."""

    _calls: dict[str, Call] = field(default_factory=dict)
    _number: int = 0

    def __iter__(self) -> Iterator[Call]:
        return iter(self._calls.values())

    def get(self, call_id: str) -> Call | None:
        """The call of that id."""
        return self._calls.get(call_id)

    def next_id(self) -> str:
        """An id that no call has had."""
        return f"c{self._number + 1}"

    def copy(self) -> "Calls":
        """The same calls, to be changed by themselves."""
        return Calls({key: replace(call) for key, call in self._calls.items()}, self._number)

    def words(self, since_id: int) -> str:
        """What calls are called and have yielded, which a later call's arguments may come from: those under way and
        those that ended after a record.
        """
        return " ".join(
            f"{key} {call.ended.text if call.ended is not None else ''}"
            for key, call in self._calls.items()
            if call.ended is None or call.ended_at >= since_id
        )

    def repeated(self, since_id: int) -> bool:
        """Whether the very same call was made twice among those that were made, or ended, after a record."""
        made = [
            (call.made.name, call.made.arguments)
            for call in self
            if call.made_at >= since_id or call.ended is None or call.ended_at >= since_id
        ]
        return any(one in made[:at] for at, one in enumerate(made))

    def drop(self, before_id: int) -> None:
        """Forget calls that were made before a record and of which there is nothing more to tell."""
        over = [
            key
            for key, call in self._calls.items()
            if call.made_at < before_id and call.ended is not None and self._settled(call)
        ]
        for key in over:
            del self._calls[key]

    def clear(self) -> None:
        """Forget all calls, but not which ids they had."""
        self._calls.clear()

    def news(self) -> tuple[str, ...]:
        """Calls that ended and were not told, cancelled ones included."""
        return tuple(key for key, call in self._calls.items() if call.ended is not None and not self._settled(call))

    def results(self) -> tuple[str, ...]:
        """News for which it is worth to speak up."""
        return tuple(
            key for key in self.news() if (call := self._calls[key]).ended and call.ended.status != "cancelled"
        )

    def joined_by(self, call_id: str) -> tuple[str, ...]:
        """Calls that the call `call_id` is to tell; they are told by themselves again if it does not come to that."""
        return tuple(key for key, call in self._calls.items() if call.joined_by == call_id)

    def questions(self) -> tuple[str, ...]:
        """Calls that wait for the user to be asked; none while another waits for the answer."""
        return () if self.asked() else tuple(key for key, call in self._calls.items() if call.asks)

    def asked(self) -> tuple[str, ...]:
        """Calls that wait for the user's answer."""
        return tuple(key for key, call in self._calls.items() if call.question and call.asked and call.ended is None)

    def open(self) -> tuple[str, ...]:
        """Calls that have not ended."""
        return tuple(key for key, call in self._calls.items() if call.ended is None)

    def apply(self, record: Record, entry: CallEntry) -> None:
        """Take the next entry."""
        if isinstance(entry, CallMade):
            self._number = max(self._number, number_of(entry.call_id))
            self._calls.setdefault(entry.call_id, Call(made=entry, made_at=record.id))
            return
        call = self._calls.get(entry.call_id)
        if call is None or call.ended is not None:
            return
        match entry:
            case CallEnded():
                call.ended, call.ended_at, call.ended_wall_seconds = entry, record.id, record.wall_seconds
            case CallProgressed(text=text):
                call.progress = text
            case CallQuestioned(question=question):
                call.question, call.asked = question, False
            case CallConfirmed():
                call.question = ""
            case CallsJoined(call_id=call_id, call_ids=joined):
                for other in joined:
                    if other in self._calls and other != call_id:
                        self._calls[other].joined_by = call_id

    def _settled(self, call: Call) -> bool:
        """Whether it was told, or is to be told by the call that joined it."""
        if call.told:
            return True
        joiner = self._calls.get(call.joined_by)
        return joiner is not None and (joiner.ended is None or joiner.ended.status == "done")


def number_of(identity: str) -> int:
    """The number in an id such as "c7"; 0 if there is none."""
    return int(identity[1:]) if identity[1:].isdecimal() and len(identity) < 20 else 0
