"""`device cancel` and `device tools`: what the running agent works on, and with what."""

import argparse
from typing import Any

from device.cli.arguments import add_json_option
from device.cli.output import show


def add_parsers(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add these commands to the command line."""
    cancel = subparsers.add_parser(
        "cancel",
        help="end something that it is working on",
        description="End a call or a task that is under way.",
        examples=("device cancel c1",),
    )
    cancel.add_argument("id", metavar="ID", help='a call such as "c7", one of a task ("k1/c2"), or a task ("k1")')
    add_json_option(cancel)
    cancel.set_defaults(run=_cancel)

    tools = subparsers.add_parser("tools", help="its tools: list them, call one", description="The agent's tools.")
    actions = tools.add_subparsers(title="actions", metavar="ACTION", required=True)
    listing = actions.add_parser(
        "list",
        help="what there is, and which arguments each takes",
        description="List the running agent's tools and the arguments of each; those in brackets may be left out.",
        examples=("device tools list",),
    )
    add_json_option(listing)
    listing.set_defaults(run=_list)
    call = actions.add_parser(
        "call",
        help="call one, and print its result",
        description="Call a tool as the model would; the result is printed, not spoken.",
        examples=("device tools call convert amount=10 from_unit=miles to_unit=kilometres",),
    )
    call.add_argument("name", metavar="TOOL", help="the tool")
    call.add_argument("arguments", metavar="KEY=VALUE", nargs="*", help="its arguments; a value may be JSON")
    add_json_option(call)
    call.set_defaults(run=_call)


def _cancel(args: argparse.Namespace) -> int:
    from device.cli import client

    show(args, client.ask(args, "cancel", {"id": args.id}))
    return 0


def _list(args: argparse.Namespace) -> int:
    from device.cli import client

    show(args, client.ask(args, "tools"), _listing)
    return 0


def _listing(tools: list[dict[str, Any]]) -> str:
    return "\n".join(f"{_signature(tool)}\n    {tool['description']}" for tool in tools) or "There are no tools."


def _signature(tool: dict[str, Any]) -> str:
    wanted = tool["parameters"].get("required", ())
    names = [name if name in wanted else f"[{name}]" for name in tool["parameters"].get("properties", {})]
    return " ".join((tool["name"], *names))


def _call(args: argparse.Namespace) -> int:
    from device.cli import client

    given = dict(_argument(text) for text in args.arguments)
    show(args, client.ask(args, "call", {"name": args.name, "arguments": given}), lambda answer: str(answer["result"]))
    return 0


def _argument(text: str) -> tuple[str, Any]:
    """KEY=VALUE; a value that is JSON is taken as such, anything else as text. Raises UsageError."""
    import json

    from device.errors import UsageError

    key, equals, value = text.partition("=")
    if not equals or not key:
        raise UsageError(f'"{text}" does not say KEY=VALUE, such as litres=0.5.')
    try:
        return key, json.loads(value)
    except ValueError:
        return key, value
