"""`device config set`, `edit` and `check`: changing the configuration, never to something that cannot be used."""

import argparse
import os
import shlex
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from device.cli.arguments import add_json_option

if TYPE_CHECKING:
    from device.config_file import ConfigFile, Option

EDITORS = ("sensible-editor", "nano", "vi")
"""Tried where neither VISUAL nor EDITOR names one."""

STARTER = "# Your configuration: what differs from the defaults (`device config default` shows them).\n"


def add_parsers(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `set`, `edit` and `check` to `device config`."""
    change = actions.add_parser(
        "set",
        help="set one option, for good",
        description="Set an option in your configuration file; its comments stay. Nothing is changed if the value, or "
        "the whole with it, cannot be used.",
        examples=(
            "device config set speaking.speed 1.2",
            "device config set board.colours.idle '#003300'",
            "device config set speaking.speed --unset",
        ),
    )
    change.add_argument("option", metavar="SECTION.KEY", help="the option, or one entry of an option that is a table")
    given = change.add_mutually_exclusive_group(required=True)
    given.add_argument("value", metavar="VALUE", nargs="?", help="its value, as it is written or as TOML has it")
    given.add_argument("--unset", action="store_true", help="take it out of the file, so that the default holds")
    _add_file_options(change)
    add_json_option(change)
    change.set_defaults(run=_set)

    edit = actions.add_parser(
        "edit",
        help="edit the configuration file",
        description="Edit your configuration file in $VISUAL or $EDITOR. It is checked before it replaces the old one.",
        examples=("device config edit",),
    )
    _add_file_options(edit)
    edit.set_defaults(run=_edit)

    check = actions.add_parser(
        "check",
        help="check a configuration file, or what is in force",
        description="Check a configuration file as if nothing but the defaults came before it; without one, all files "
        "and the environment together.",
        examples=("device config check",),
    )
    check.add_argument("file", metavar="FILE", nargs="?", type=Path, help="the file to check")
    add_json_option(check)
    check.set_defaults(run=_check)


def _add_file_options(parser: argparse.ArgumentParser) -> None:
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--system", action="store_true", help="the service's file, /etc/device/config.toml")
    which.add_argument("--user", action="store_true", help="your own file, even where there is a service")


def file_of(args: argparse.Namespace) -> "ConfigFile":
    """The file that is meant. Raises ConfigError."""
    from device.config_file import ConfigFile, target

    return ConfigFile(target(args.config, system=args.system, user=args.user))


# --- set ---------------------------------------------------------------------------------------------------------


def _set(args: argparse.Namespace) -> int:
    from device import app
    from device.cli.output import show
    from device.config_file import Option

    option, file = Option.parse(args.option), file_of(args)
    text = file.without(option) if args.unset else file.with_value(option, option.value(args.value))
    changed = text is not None and text != file.text
    if changed and not args.unset:
        app.check_configuration(file.check(text or "").config)
    loaded = file.replace(text or "") if changed else file.check(file.text)
    told = {
        "option": str(option),
        "value": _value(loaded.config, option),
        "origin": loaded.origins[option.key],
        "file": str(file.path),
        "changed": changed,
        "hidden_by": _hidden_by(args, file, option),
        "live": _is_live(option),
    }
    show(args, told, _told)
    return 0


def _value(config: Any, option: "Option") -> Any:
    """An option's value in force, as JSON has it; None for an entry that is not there."""
    import msgspec

    found = msgspec.json.decode(msgspec.json.encode(config))
    for name in option.path:
        found = found.get(name) if isinstance(found, dict) else None
    return found


def _hidden_by(args: argparse.Namespace, file: "ConfigFile", option: "Option") -> str:
    """What wins over the file; the service's environment is its unit's, not this command's."""
    from device import app

    environment: Mapping[str, str] = app.service_environment() if file.is_system else os.environ
    return file.hidden_by(file.text, option, environment=environment, overrides=args.set)


def _is_live(option: "Option") -> bool:
    from device.config_live import LIVE

    return option.key in LIVE


def _told(told: dict[str, Any]) -> str:
    from device.cli.config import toml

    value = toml(told["value"]) if told["value"] is not None else "not set"
    where = f"in {told['file']}" if told["changed"] else f"({told['file']} is as it was)"
    lines = [f"{told['option']} = {value} {where}"]
    if told["hidden_by"]:
        lines.append(f"But {told['hidden_by']} says otherwise, and wins.")
    if told["changed"]:
        restart = "it holds from the next start on: sudo systemctl restart device, or end `device run` and start it"
        lines.append("`device reload` lets a running agent take it on." if told["live"] else f"{restart}.".capitalize())
    return "\n".join(lines)


# --- edit --------------------------------------------------------------------------------------------------------


def _edit(args: argparse.Namespace) -> int:
    from device import app
    from device.errors import DeviceError

    file = file_of(args)
    draft = file.path.with_name(f"{file.path.name}.draft")
    if draft.exists():
        print(f"Going on with {draft}, which was kept the last time.", file=sys.stderr)
    else:
        _write_draft(draft, file)
    while True:
        _run_editor(draft)
        text = draft.read_text(encoding="utf-8", errors="replace")
        if text == (file.text or STARTER):
            draft.unlink()
            print("Nothing was changed.")
            return 0
        try:
            app.check_configuration(file.check(text).config)
            file.replace(text)
        except DeviceError as error:
            print(error, file=sys.stderr)
            answer = _what_now()
            if answer == "edit":
                continue
            if answer == "discard":
                draft.unlink()
                print("Nothing was changed.")
                return error.exit_code
            print(f"Nothing was changed; what you wrote is kept in {draft}.", file=sys.stderr)
            return error.exit_code
        draft.unlink()
        print(f"{file.path} is in force from the next start on; `device reload` takes on what can be at once.")
        return 0


def _write_draft(draft: Path, file: "ConfigFile") -> None:
    """Raises ConfigError."""
    from device.errors import ConfigError

    try:
        draft.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:
            out.write(file.text or STARTER)
    except PermissionError as error:
        raise ConfigError(f"You may not change {file.path}: sudo device config edit.") from error
    except OSError as error:
        raise ConfigError(f"{file.path} cannot be edited: {draft} cannot be made ({error.strerror}).") from error


def _run_editor(draft: Path) -> None:
    """Raises UsageError if there is no editor, or it fails."""
    import shutil
    import subprocess

    from device.errors import UsageError

    chosen = os.environ.get("VISUAL") or os.environ.get("EDITOR") or next(filter(shutil.which, EDITORS), "")
    command = shlex.split(chosen)
    if not command or shutil.which(command[0]) is None:
        raise UsageError(
            f"There is no editor {chosen or 'here'}: name one, for example EDITOR=nano device config edit."
        )
    if (code := subprocess.run([*command, str(draft)], check=False).returncode) != 0:  # noqa: S603 - the user's own
        raise UsageError(f"{command[0]} ended with {code}; what you wrote is kept in {draft}.")


def _what_now() -> str:
    """What is to become of a draft that cannot be used; it is kept where nobody can be asked."""
    if not sys.stdin.isatty():
        return "keep"
    while True:
        answer = input("[e]dit it again, [k]eep the draft, or [d]iscard it? ").strip().lower()
        for choice in ("edit", "keep", "discard"):
            if answer and choice.startswith(answer):
                return choice


# --- check -------------------------------------------------------------------------------------------------------


def _check(args: argparse.Namespace) -> int:
    from device import app
    from device.cli.output import show
    from device.config import SYSTEM_FILE, load, user_file

    if args.file is None:
        loaded = load(args.config, overrides=args.set)
    else:
        alone = {path: None for path in (SYSTEM_FILE, user_file()) if path != args.file}
        loaded = load(args.file, overrides=args.set, environment={}, instead=alone)
    app.check_configuration(loaded.config)
    changed = {f"{section}.{name}": origin for (section, name), origin in loaded.origins.items() if origin != "default"}
    what = "The configuration" if args.file is None else str(args.file)
    told = {"file": None if args.file is None else str(args.file), "sound": True, "options": changed}
    show(args, told, lambda _: f"{what} is sound: {len(changed)} of {len(loaded.origins)} options are set.")
    return 0
