"""Show, check and change the configuration: what is in force, where it came from, and what there is to set."""

import argparse

from device.cli import config_change
from device.cli.arguments import add_json_option
from device.cli.output import show


def add_parsers(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `config` to the command line."""
    parser = subparsers.add_parser("config", help="show, check and change the configuration", description=__doc__)
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    shown = actions.add_parser(
        "show",
        help="print every option in force and where its value came from",
        description="Print every option in force and where its value came from, as a configuration file.",
        examples=("device config show",),
    )
    add_json_option(shown)
    shown.set_defaults(run=_show)
    default = actions.add_parser(
        "default",
        help="print the commented default configuration",
        description="Print the default configuration, in which every option is explained.",
        examples=("device config default",),
    )
    default.set_defaults(run=_default)
    path = actions.add_parser(
        "path",
        help="print where the file is that `set` and `edit` change",
        description="Print where the configuration file is that `set` and `edit` change, whether it is there or not.",
        examples=("device config path",),
    )
    add_json_option(path)
    path.set_defaults(run=_path)
    config_change.add_parsers(actions)


def _show(args: argparse.Namespace) -> int:
    import msgspec

    from device.config import load

    loaded = load(args.config, overrides=args.set)
    sections = msgspec.to_builtins(loaded.config)
    if args.json:
        print(_json({f"{section}.{name}": {"value": value, "origin": loaded.origins[section, name]}
                     for section, table in sections.items() for name, value in table.items()}))  # fmt: skip
        return 0
    for section, table in sections.items():
        print(f"[{section}]")
        for name, value in table.items():
            print(f"{name} = {toml(value):<42} # {loaded.origins[section, name]}")
        print()
    return 0


def _default(args: argparse.Namespace) -> int:
    from device.config import DEFAULTS

    del args
    print(DEFAULTS.read_text(encoding="utf-8"), end="")
    return 0


def _path(args: argparse.Namespace) -> int:
    from device.config_file import target

    path = target(args.config, system=False, user=False)
    show(args, {"path": str(path), "exists": path.is_file()}, lambda found: str(found["path"]))
    return 0


def toml(value: object) -> str:
    """A value as TOML writes it; JSON's strings, numbers and lists are TOML's, too, but not its objects."""
    if isinstance(value, dict):
        return f"{{{', '.join(f'{toml(key)} = {toml(item)}' for key, item in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(toml, value))}]"
    return _json(value, indent=None)


def _json(value: object, indent: int | None = 2) -> str:
    import json

    return json.dumps(value, ensure_ascii=False, indent=indent)
