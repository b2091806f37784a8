"""Notes, the newest kept; they survive a restart."""

from typing import Any

from device.core.times import say_day
from device.toolkit import ToolContext, ToolError, tool, update
from device.tools.local_time import local_now, local_time

MOST_NOTES = 50
"""The oldest makes room for one more."""
NOTE_CHARACTERS = 400
MOST_READ = 8
"""So many of the newest are told; nobody listens to more."""

_KEY = "notes"


@tool(sentence=True)
async def take_note(context: ToolContext, text: str) -> str:
    """Take a note, to be read to the user later.

    Args:
        text: what to note

    """
    note = " ".join(text.split())[:NOTE_CHARACTERS].strip()
    if not note:
        raise ToolError("Ask the user what to note.")
    now = context.clock.wall_seconds()
    await update(context.values, _KEY, lambda stored: [*_notes(stored), {"text": note, "at": now}][-MOST_NOTES:])
    return "It is noted."


@tool(sentence=True)
async def read_notes(context: ToolContext) -> str:
    """Read the user's notes to them."""
    notes = _notes(context.values.get(_KEY).value)
    if not notes:
        return "There are no notes."
    today = local_now(context.clock)
    told = [f"{say_day(local_time(context.clock, note['at']), today)}: {note['text']}" for note in notes[-MOST_READ:]]
    count = f"{len(notes)} notes" if len(notes) > 1 else "1 note"
    return f"{count}{', the last ones' if len(notes) > MOST_READ else ''}. {'; '.join(told)}"


def _notes(stored: Any) -> list[dict[str, Any]]:
    """The stored notes; whatever else is stored there is none."""
    return [note for note in stored if _is_note(note)] if isinstance(stored, list) else []


def _is_note(note: Any) -> bool:
    return isinstance(note, dict) and isinstance(note.get("text"), str) and isinstance(note.get("at"), (int, float))
