"""Timers, and what is waiting to ring: timers, alarms and reminders are listed and cancelled alike."""

import datetime as dt
import re
from collections.abc import Sequence

from device.core.durations import parse_duration, say_duration, say_length
from device.core.likeness import content_words, each_named, joined, likest, means_all, say_list, split_exception
from device.core.number_words import parse_number
from device.core.numbers import in_digits
from device.core.times import parse_day, parse_time, say_day, say_time
from device.core.utterances import words
from device.toolkit import PendingAlarm, ToolContext, ToolError, tool
from device.tools.alarm_words import called, checked_duration, make_sure_of_room, named, short
from device.tools.local_time import local_now, local_time

NOTHING = "No timer, alarm or reminder is set."
_KINDS = ("timer", "alarm", "reminder")
_PERIODS = (dt.timedelta(days=1000), dt.timedelta(days=1), dt.timedelta(hours=12))
"""How exactly an alarm is named by its time: that very time, or any day's, or either half's."""

_HOURS = {"morning": (3, 12), "afternoon": (12, 18), "evening": (16, 24), "tonight": (17, 4), "night": (17, 4)}
"""From which hour to which a part of the day lasts, when an alarm is named by it."""
_PART = re.compile(rf"\b(?:{'|'.join(_HOURS)})\b")

_ONE = re.compile(r"\bones?\b")
"""As in "the seven o'clock one", "the one for tomorrow"."""

_AROUND = re.compile(r"\b(?:timers?|please|after)\b", re.IGNORECASE)
_UNTIL = re.compile(r"^(?:until|till?|to)\s+", re.IGNORECASE)
_KIND = re.compile(r"\b(?:a|an|the|timers?)\b", re.IGNORECASE)


@tool(sentence=True)
async def set_timer(context: ToolContext, duration: str, label: str = "") -> str:
    """Set a timer that rings after a duration.

    Args:
        duration: how long, as the user said it: a number and its unit
        label: what the timer is for, if the user said so

    """
    seconds = parse_duration(_AROUND.sub(" ", duration))
    if seconds is None and parse_number(duration) is None:
        now = local_now(context.clock)
        until = parse_time(_UNTIL.sub("", duration), now)  # "a timer for five pm"
        seconds = None if until is None or until <= now else (until - now).total_seconds()
    if seconds is None:
        raise ToolError(f'"{duration[:40]}" is not a duration; ask the user how long.')
    checked_duration(seconds)
    make_sure_of_room(context)
    if parse_duration(_KIND.sub(" ", label)) == seconds:
        label = ""  # "three seconds timer" is what it is, not what it is for
    await context.alarms.set(seconds, short(label))
    return f"The timer{called(label)} is set and rings in {say_duration(seconds)}."


@tool(sentence=True)
async def list_timers(context: ToolContext) -> str:
    """List the timers, alarms and reminders that are set, and when each is due."""
    return "; ".join(_listed(context, alarm) for alarm in context.alarms.pending()) or NOTHING


@tool(sentence=True)
async def cancel_timer(context: ToolContext, which: str = "") -> str:
    """Cancel a timer, alarm or reminder.

    Args:
        which: its label, duration or time, empty if there is only one

    """
    pending = context.alarms.pending()
    if not pending:
        raise ToolError(NOTHING)
    meant, kept = split_exception(which)
    if kept:
        chosen = _all_but(context, pending, meant, kept)
    else:
        chosen = _all(context, pending, which) if _means_all(which) else _chosen(context, pending, which)
    gone = [named(alarm, context.clock) for alarm in chosen if await context.alarms.cancel(alarm.alarm_id)]
    if not gone:
        raise ToolError("It has just rung.")
    return f"The {say_list(gone)} {'are' if len(gone) > 1 else 'is'} cancelled."


def _listed(context: ToolContext, alarm: PendingAlarm) -> str:
    left = say_duration(max(alarm.due_wall_seconds - context.clock.wall_seconds(), 0))
    time = local_time(context.clock, alarm.due_wall_seconds)
    due = f"at {say_time(time)} {say_day(time, local_now(context.clock))}"
    if alarm.reminder:
        return f"a reminder, {alarm.label}, comes {f'in {left}' if alarm.duration_seconds else due}"
    if alarm.duration_seconds:
        return f"a {say_length(alarm.duration_seconds)} timer{called(alarm.label)} has {left} left"
    return f"an alarm{called(alarm.label)} rings {due}"


# --- which one ---------------------------------------------------------------------------------------------------


def _all(context: ToolContext, pending: Sequence[PendingAlarm], which: str) -> list[PendingAlarm]:
    """All of the kind that was said. Raises ToolError if these are not the two that were said."""
    found = _of_kind(context, pending, which)
    if "both" in words(which) and len(found) != 2:
        raise _ask(context, found)
    return found


def _chosen(context: ToolContext, pending: Sequence[PendingAlarm], which: str) -> list[PendingAlarm]:
    """What is meant: of the kind that was said, if any, by duration or time, else by its label. Raises ToolError."""
    candidates = _of_kind(context, pending, which)
    matching = _matching(context, candidates, which)
    unnamed = not content_words(_without_kinds(which))
    if not matching and (unnamed or (len(pending) == 1 and not _says_when(context, which))):
        matching = list(candidates)
    if len({named(alarm, context.clock) for alarm in matching}) == 1:
        return matching[:1]
    several = each_named(which, lambda said: [pending.index(it) for it in _matching(context, candidates, said)])
    if len(several) == len(joined(which)) > 1:  # each thing that was said is one of them
        return [pending[place] for place in sorted(several)]
    raise _ask(context, matching or candidates)


def _ask(context: ToolContext, alarms: Sequence[PendingAlarm]) -> ToolError:
    names = " and the ".join(named(alarm, context.clock) for alarm in alarms)
    if len(alarms) == 1:
        return ToolError(f"There is only the {names}; ask the user whether that is meant.")
    return ToolError(f"Several are set: the {names}; ask the user which one.")


def _means_all(which: str) -> bool:
    """Whether somebody means all of a kind: "all alarms", "every alarm", "my timers"."""
    said = words(which)
    kinds = {f"{kind}s" for kind in _KINDS}
    return (
        means_all(which) or "every" in said or (not kinds.isdisjoint(said) and not content_words(_without_kinds(which)))
    )


def _says_when(context: ToolContext, which: str) -> bool:
    """Whether a duration or a time was said."""
    said, now = _without_kinds(which), local_now(context.clock)
    return parse_duration(said) is not None or parse_day(said, now) is not None or parse_time(said, now) is not None


def _all_but(context: ToolContext, pending: Sequence[PendingAlarm], meant: str, kept: str) -> list[PendingAlarm]:
    """All that are meant but for those that are kept. Raises ToolError if nobody knows which these are."""

    def places(said: str) -> list[int]:
        return [pending.index(alarm) for alarm in _matching(context, pending, said) or _only_of_kind(pending, said)]

    found = _of_kind(context, pending, meant)
    spared = {pending.index(alarm) for alarm in _due_as_said(context, pending, _without_kinds(kept))}
    spared = spared or each_named(kept, places)
    if not spared or not (means_all(meant) or not content_words(_without_kinds(meant))):
        names = " and the ".join(named(alarm, context.clock) for alarm in pending)
        raise ToolError(f"It is not clear which to keep of the {names}; ask the user which ones to cancel.")
    left = [alarm for alarm in found if pending.index(alarm) not in spared]
    if not left:
        raise ToolError("No other timer, alarm or reminder is set.")
    return left


def _matching(context: ToolContext, alarms: Sequence[PendingAlarm], said: str) -> list[PendingAlarm]:
    """Those that are due as was said, or else those with the likest label."""
    named_by = _without_kinds(said)
    due = _due_as_said(context, alarms, named_by) or _due_as_said(context, alarms, _ONE.sub("", named_by))
    return due or [alarms[place] for place in likest(named_by, [alarm.label for alarm in alarms])]


def _without_kinds(said: str) -> str:
    plain = re.sub(r"['’]s\b", "", said.lower()).split()
    return " ".join(word for word in plain if word.removesuffix("s") not in _KINDS)


def _only_of_kind(alarms: Sequence[PendingAlarm], said: str) -> list[PendingAlarm]:
    """Those of the kind that is all that was said."""
    kinds = content_words(said)
    return [alarm for alarm in alarms if _kind(alarm) in kinds] if kinds <= frozenset(_KINDS) else []


def _of_kind(context: ToolContext, pending: Sequence[PendingAlarm], which: str) -> list[PendingAlarm]:
    """Those of the kinds that were said, all if none was. Raises ToolError if there are none of them."""
    kinds = [kind for kind in _KINDS if kind in content_words(which)]
    found = [alarm for alarm in pending if not kinds or _kind(alarm) in kinds]
    if not found:
        there = say_list([f"the {named(alarm, context.clock)}" for alarm in pending])
        raise ToolError(f"No {' or '.join(kinds)} is set; there {'are' if len(pending) > 1 else 'is'} {there}.")
    return found


def _kind(alarm: PendingAlarm) -> str:
    return "reminder" if alarm.reminder else "timer" if alarm.duration_seconds else "alarm"


def _due_as_said(context: ToolContext, alarms: Sequence[PendingAlarm], said: str) -> list[PendingAlarm]:
    """Those with the duration, or else on the day or at the time of day, that was said."""
    seconds = parse_duration(said)
    if timed := [alarm for alarm in alarms if seconds is not None and alarm.duration_seconds == seconds]:
        return timed
    now = local_now(context.clock)
    due = [(alarm, local_time(context.clock, alarm.due_wall_seconds)) for alarm in alarms if not alarm.duration_seconds]
    if (day := parse_day(said, now)) is not None:
        return [alarm for alarm, at in due if at.date() == day]
    time = parse_time(said, now)
    if time is None:
        return []
    if part := _PART.search(said):
        begins, ends = _HOURS[part.group()]
        due = [(alarm, at) for alarm, at in due if (at.hour - begins) % 24 < (ends - begins) % 24]
        if not re.search(r"\d", in_digits(said)):
            return [alarm for alarm, at in due if "tomorrow" not in said or at.date() == time.date()]
    exact = part is not None or re.search(r"\d\s*[ap]\.?m\b", in_digits(said)) is not None
    for period in _PERIODS[:-1] if exact else _PERIODS:
        if found := [alarm for alarm, at in due if not (at - time) % period]:
            return found
    return []
