"""What came of a session, by the ledger's export: tasks done, errors, interruptions."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from device.core.entries import AnyEntry, ConversationStarted, Record, ReplyEnded, UserSaid
from device.errors import UsageError
from device.eval.people.answers import Answers
from device.eval.people.tasks import SETS
from device.eval.users.goals import judged


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """Figures of one person with one agent."""

    done: int
    tasks: int
    errors: int
    said: int
    interruptions: int


def of(directory: Path, answers: Sequence[Answers]) -> dict[tuple[str, str], Session]:
    """The sessions whose exports are there, by person and agent. Raises UsageError for one that cannot be read."""
    found = {}
    for one in answers:
        path = directory / f"{one.person}-{one.agent}.jsonl"
        # A person of the sheet that is called "../x" names no file here.
        if path.name == f"{one.person}-{one.agent}.jsonl" and path.exists():
            found[one.person, one.agent] = session(read(path), one.tasks)
    return found


def read(path: Path) -> list[Record]:
    """The records of an export after the last `device new`; kinds that this version does not know are passed over.

    Raises UsageError, naming the line.
    """
    records: list[Record] = []
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read ({error}): keep it with `device ledger export --out`.") from error
    for number, line in enumerate(lines, 1):
        try:
            fields = json.loads(line)
            entry = _entry(fields.pop("entry"))
            if entry is not None:
                records.append(Record(**fields, entry=entry))
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise UsageError(f"{path}, line {number}, is no record of a ledger ({error}).") from error
    starts = [place for place, one in enumerate(records) if isinstance(one.entry, ConversationStarted)]
    return records[starts[-1] :] if starts else records


def session(records: list[Record], tasks: str) -> Session:
    """What came of a session with this set of tasks; one is done when all its calls were made and ended well."""
    wanted = SETS[tasks]
    every = judged(tuple(call for task in wanted for call in task.wanted), records)
    replies = [one.entry for one in records if isinstance(one.entry, ReplyEnded)]
    return Session(
        done=sum(judged(task.wanted, records).fulfilled == len(task.wanted) for task in wanted),
        tasks=len(wanted),
        errors=every.unwanted + every.failed,
        said=sum(isinstance(one.entry, UserSaid) for one in records),
        interruptions=sum(reply.interrupted for reply in replies),
    )


def _entry(fields: dict[str, object]) -> AnyEntry | None:
    try:
        return msgspec.convert(fields, AnyEntry)  # type: ignore[no-any-return]
    except msgspec.ValidationError:
        if isinstance(fields.get("kind"), str):
            return None
        raise
