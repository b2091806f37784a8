"""Lists of things, such as what to buy; they survive a restart, and parallel contexts may change them at once."""

import re
from typing import Any

from device.core.likeness import content_words, each_named, joined, likest, means_all, say_list, split_exception
from device.toolkit import ToolContext, ToolError, tool, update

MOST_ITEMS = 100
ITEM_CHARACTERS = 100
NAME_CHARACTERS = 40

Items = list[str]

_LEADING = re.compile(r"^(?:(?:the|my|our|a|an|to(?! do\b)|on|onto|from|list of) )+")
_THINGS = frozenset({"item", "thing", "list"})
_ONE_NAME = dict.fromkeys(("todo", "todos", "to dos", "things to do"), "to do")
"""What a list is called in several ways, and is one."""


@tool(sentence=True)
async def add_to_list(context: ToolContext, list: str, item: str) -> str:  # noqa: A002 - what the model calls it
    """Put something on a list, such as the shopping list or a list of things to do.

    Args:
        list: which list
        item: what to put on it

    """
    name = list_name(list)
    new = _several(_without_list(item, name))

    def add(stored: Any) -> Items:
        items = items_of(stored)
        have = {one.casefold() for one in items}
        items += [one for one in new if one.casefold() not in have]
        if len(items) > MOST_ITEMS:
            raise ToolError(f"The {name} list is full; something must be removed first.")
        return items

    await update(context.values, _key(name), add)
    return f"{_are(new)} on the {name} list."


@tool(sentence=True)
async def read_list(context: ToolContext, list: str) -> str:  # noqa: A002 - what the model calls it
    """Tell what is on a list.

    Args:
        list: which list

    """
    name = list_name(list)
    items = items_of(context.values.get(_key(name)).value)
    return f"On the {name} list: {say_list(items)}." if items else f"The {name} list is empty."


@tool(sentence=True)
async def remove_from_list(context: ToolContext, list: str, item: str) -> str:  # noqa: A002 - what the model calls it
    """Take something off a list; "everything" empties it.

    Args:
        list: which list
        item: what to take off

    """
    name = list_name(list)
    removed: Items = []

    def remove(stored: Any) -> Items:
        items = items_of(stored)
        removed[:] = _meant(items, _without_list(item, name), name)
        return [one for one in items if one not in removed]

    await update(context.values, _key(name), remove)
    return f"{_are(removed)} off the {name} list."


def list_name(said: str) -> str:
    """A list by whatever one calls it: "my shopping list" is "shopping". Raises ToolError."""
    name = " ".join(re.sub(r"[^\w' ]", " ", said.lower()).split())
    name = re.sub(r"(?:^| )lists?$", "", _LEADING.sub("", f"{name} ").strip())[:NAME_CHARACTERS].strip()
    if not name:
        raise ToolError("Ask the user which list.")
    return _ONE_NAME.get(name, name)


def items_of(stored: Any) -> Items:
    """The items of a stored list; whatever else is stored there is no list yet."""
    return [one for one in stored if isinstance(one, str)] if isinstance(stored, list) else []


def _key(name: str) -> str:
    return f"list {name}"


def _without_list(item: str, name: str) -> str:
    """The item without the list that it is said to be on: "milk" of "milk on the shopping list"."""
    of_it = rf"\s+(?:on|onto|to|from|off|in)(?: the| my| our)? {re.escape(name)}(?: list)?[.!]?$"
    return re.sub(of_it, "", item, flags=re.IGNORECASE)


def _several(said: str) -> Items:
    """The items that were said at once: "milk, eggs and bread" are three, "salt and pepper" is one."""
    parts = re.split(r"\s*,\s+(?:and\s+)?|\s+and\s+" if ", " in said else r"$^", said)
    items = [" ".join(part.split())[:ITEM_CHARACTERS].strip() for part in parts]
    items = list(dict.fromkeys(item for item in items if item))
    if not items:
        raise ToolError("Ask the user what to put on the list.")
    return items


def _meant(items: Items, said: str, name: str) -> Items:
    """The items that are to go. Raises ToolError if none is meant, or nobody knows which."""
    if not items:
        raise ToolError(f"The {name} list is empty.")
    wanted = " ".join(said.casefold().split())
    if exact := [one for one in items if one.casefold() == wanted]:
        return exact
    meant, kept = split_exception(said)
    content = content_words(meant)
    is_list = bool(content & _THINGS) and wanted.startswith(("the ", "my ", "our ", "every "))
    is_everything = (means_all(meant) or is_list) and content <= _THINGS | content_words(name) | {"every"}
    several = each_named(meant, lambda thing: _likest(thing, items))
    found = [*items] if is_everything else [items[place] for place in sorted(several) or _likest(meant, items)]
    spared = [items[place] for place in each_named(kept, lambda thing: _likest(thing, items))]
    if not found or (kept and not spared):
        raise ToolError(f"That is not on the {name} list, which has {say_list(items[:10])}.")
    if len(found) > max(len(joined(meant)), 1) and not is_everything and not kept:
        raise ToolError(f"Ask the user which: {say_list(found[:10])}.")
    left = [one for one in found if one not in spared]
    if not left:
        raise ToolError(f"There is nothing else on the {name} list.")
    return left


def _likest(said: str, items: Items) -> list[int]:
    """The places of what is called just so, or else of what is likest."""
    wanted = content_words(said)
    return [at for at, item in enumerate(items) if content_words(item) == wanted] or likest(said, items)


def _are(items: Items) -> str:
    return f"{say_list(items)} {'are' if len(items) > 1 else 'is'}"
