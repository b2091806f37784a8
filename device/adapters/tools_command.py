"""Programs that the configuration names as tools (`[tools.commands.NAME]`).

A call's arguments are JSON on the program's standard input and never a part of its command line; what it prints is the
result. A line that begins with `progress: ` tells how far it has come and is no part of the result. Another exit code
than 0 is a failure, told by the last line of its standard error.
"""

import json
import os
import shutil
import signal
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path

import msgspec

from device.adapters.tool_process import Program, call_program
from device.config import CommandTool, ToolRules
from device.core.prompt.messages import ToolSpec
from device.core.schemas import is_name, simplified
from device.core.toolspec import checked
from device.errors import ConfigError, ToolError
from device.toolkit import ToolContext, ToolPolicy

PROGRESS = b"progress: "
PROGRESS_CHARACTERS = 200
PROGRESS_SECONDS = 0.1
"""What is reported sooner after the last report is left out."""
MOST_PROGRESS_BYTES = 2 << 20
BYTES_PER_CHARACTER = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgramTool:
    """A program as a `Tool`."""

    spec: ToolSpec
    policy: ToolPolicy
    program: Program

    async def __call__(self, context: ToolContext, arguments: dict[str, object]) -> str:
        """Run the program. Raises ToolError."""
        given = json.dumps(checked(self.spec, arguments), ensure_ascii=False).encode("utf-8", "replace")
        output = Output(context.report, most_bytes=self.policy.most_characters * BYTES_PER_CHARACTER)
        code, last_line = await call_program(self.program, given, output.take, most_bytes=output.most_bytes)
        if code:
            raise ToolError(f"{self.spec.name} failed: {last_line or reason(code)}")
        return output.text() or "Done."


class Output:
    """A program's output, line by line: its result and its progress."""

    def __init__(self, report: Callable[[str], None], *, most_bytes: int) -> None:
        self.most_bytes = most_bytes
        self._report = throttled(report)
        self._lines: list[bytes] = []
        self._result_bytes = 0
        self._progress_bytes = 0

    def take(self, line: bytes) -> None:
        """The next line. Raises ToolError if there is more than can be told."""
        if line.startswith(PROGRESS):
            self._progress_bytes += len(line)
            self._report(line.removeprefix(PROGRESS).decode("utf-8", "replace"))
        else:
            self._result_bytes += len(line) + 1
            self._lines.append(line)
        if self._result_bytes > self.most_bytes + 1 or self._progress_bytes > MOST_PROGRESS_BYTES:
            raise ToolError("It wrote too much.")

    def text(self) -> str:
        """The result; what is no UTF-8 is replaced."""
        return b"\n".join(self._lines).decode("utf-8", "replace").strip()


def throttled(report: Callable[[str], None]) -> Callable[[str], None]:
    """`report` for a program that may report far too often, or whatever it likes."""
    earliest = 0.0

    def told(text: str) -> None:
        nonlocal earliest
        now = time.monotonic()
        text = " ".join("".join(c if c.isprintable() else " " for c in text).split())[:PROGRESS_CHARACTERS]
        if text and now >= earliest:
            earliest = now + PROGRESS_SECONDS
            report(text)

    return told


def reason(code: int) -> str:
    """What an exit code says, if nothing else does."""
    if code - 128 in set(signal.Signals):
        return f"it was ended by {signal.Signals(code - 128).name}."
    return f"it ended with exit code {code}."


# --- from the configuration --------------------------------------------------------------------------------------


def command_tools(commands: Mapping[str, CommandTool]) -> dict[str, ProgramTool]:
    """The tools of `config.tools.commands`. Raises ConfigError, one sentence that names the key."""
    return {name: _command_tool(name, options) for name, options in commands.items()}


def _command_tool(name: str, options: CommandTool) -> ProgramTool:
    key = f"tools.commands.{name}"
    if not is_name(name):
        raise ConfigError(f"{key} is no name for a tool: it must be a letter, then letters, digits and underscores.")
    given = {"type": "object", "properties": options.parameters, "required": options.required}
    try:
        parameters, left_out = simplified(given)
        if left_out:
            # Those who wrote it can mend it: nothing of theirs is left out silently.
            simplified(given | {"required": list(options.parameters)})
    except ValueError as error:
        raise ConfigError(f"{key}.parameters cannot be used: {error}.") from error
    return ProgramTool(
        spec=ToolSpec(name=name, description=" ".join(options.description.split()), parameters=parameters),
        policy=policy_of(options),
        program=Program(
            name=name, command=resolved(options.command, f"{key}.command"), memory_bytes=options.memory_mb << 20
        ),
    )


def policy_of(rules: ToolRules) -> ToolPolicy:
    """The policy of a tool of somebody else's, as it was configured; what such a tool does is not known."""
    names = {field.name for field in fields(ToolPolicy)}
    rules_of = {name: value for name, value in msgspec.structs.asdict(rules).items() if name in names}
    return ToolPolicy(**rules_of, outside=True)


def resolved(command: tuple[str, ...], key: str) -> tuple[str, ...]:
    """`command` with the path of its program. Raises ConfigError if that cannot be run."""
    program = os.path.expanduser(command[0])  # noqa: PTH111 - a name without a slash is looked for, not a path
    if "/" in program and not Path(program).is_absolute():
        raise ConfigError(f'{key} = "{command[0]}" is impossible: write the whole path, or a name on the PATH.')
    found = shutil.which(program)
    if found is None:
        what = "is not executable (chmod +x)" if Path(program).is_file() else "does not exist"
        raise ConfigError(f'{key} = "{command[0]}" is impossible: the program {what}.')
    return (found, *command[1:])
