"""The command line as a whole: every command is documented, quick to start, and answers in JSON."""

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from device import errors
from device.cli.exit_codes import EXIT_CODES
from device.cli.main import MODULES, parser
from device.cli.tree import tree

ROOT = Path(__file__).parents[2]
WHOLE = tree(parser())
LEAVES = WHOLE.leaves()

WITHOUT_JSON = {
    "device config default": "its output is a configuration file",
    "device config edit": "somebody sits at the editor",
    "device updating": "it lasts until it is ended, and tells nothing",
    "device ledger export": "its output is always JSON, a record a line",
}
"""Commands whose output is for a program as it is."""


def named(commands):
    return [pytest.param(command, id=command.name) for command in commands]


@pytest.mark.parametrize("command", named(WHOLE.walk()))
def test_every_command_says_what_it_does_and_each_of_its_options(command):
    assert command.description.endswith((".", "means.")), f"{command.name} has no description that is a sentence"
    if command.path:
        assert command.about, f"{command.name} has no help"
        assert command.about[0].islower() or command.about[0].isdigit()
        assert not command.about.endswith(".")
    for argument in (*command.options, *command.operands):
        assert argument.about, f"{command.name} does not say what {argument.flags or argument.wants} is"
        assert not argument.about.endswith("."), f"{command.name}: {argument.about}"
        assert argument.wants == argument.wants.upper() or argument.choices or ".json" in argument.wants, (
            f"{command.name}: give {argument.flags or argument.wants} a metavar in capitals"
        )


@pytest.mark.parametrize("command", named(LEAVES))
def test_every_command_has_examples_that_can_be_parsed(command):
    assert command.examples, (
        f"{command.name} has no example: give its add_parser examples=('{command.name} …',); scripts/manual runs them"
    )
    for example in command.examples:
        program, *arguments = shlex.split(example)
        assert program == "device"
        used = parser().parse_args(arguments)
        assert used.run
        assert " ".join(command.path) in example, f"{example} is no example of {command.name}"


@pytest.mark.parametrize("command", named(LEAVES))
def test_every_command_answers_in_json(command):
    has_json = any("--json" in option.flags for option in command.options)
    assert has_json or command.name in WITHOUT_JSON, f"{command.name} lacks --json (device.cli.arguments)"


@pytest.mark.parametrize("columns", [80, 40])
@pytest.mark.parametrize("command", named(WHOLE.walk()))
def test_the_help_fits_a_terminal(command, columns, monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", str(columns))
    with pytest.raises(SystemExit):
        parser().parse_args([*command.path, "--help"])
    shown = capsys.readouterr().out
    assert "\x1b" not in shown
    assert all(example in shown for example in command.examples)
    if columns == 80:
        assert [line for line in shown.splitlines() if len(line) > 80] == []


def test_the_table_of_modules_says_which_commands_each_adds():
    for module, names in MODULES.items():
        assert [command.path[0] for command in tree(parser(module)).commands] == [*names]
    assert [name for names in MODULES.values() for name in names] == [command.path[0] for command in WHOLE.commands]


HEAVY = """asyncio msgspec numpy onnxruntime llama_cpp sherpa_onnx rich uvloop sqlite3 json logging socket subprocess
tomli device.config device.app device.ports device.core device.runtime device.adapters device.bench"""


@pytest.mark.parametrize("command", named(WHOLE.walk()))
def test_help_imports_nothing_heavy_and_no_other_commands(command):
    code = (
        "import sys\nfrom device.cli.main import main\n"
        f"try: main({[*command.path, '--help']!r})\nexcept SystemExit: pass\n"
        "print(' '.join(sys.modules))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    imported = set(ran.stdout.splitlines()[-1].split())
    assert imported & set(HEAVY.split()) == set()
    if command.path:
        module = next(module for module, names in MODULES.items() if command.path[0] in names)
        assert imported.isdisjoint({f"device.cli.{other}" for other in MODULES if other != module} - SHARED)


SHARED: set[str] = set()
"""Modules of commands that others build on."""


def test_an_editable_install_costs_no_finder_at_each_start():
    code = "import sys; print(*sys.meta_path)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd="/")
    assert "editable" not in ran.stdout.lower()


def test_every_exit_code_is_documented_in_one_place():
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.DeviceError)]
    assert {kind.exit_code for kind in kinds} <= set(EXIT_CODES)
    readme = " ".join((ROOT / "README.md").read_text(encoding="utf-8").split())
    for code, meaning in EXIT_CODES.items():
        assert f"{code} {meaning}" in readme
    assert set(map(str, EXIT_CODES)) <= set(parser().format_help().replace("·", " ").split())


@pytest.mark.parametrize(
    ("environment", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)]
)
def test_colour_is_for_terminals_that_want_it(environment, coloured):
    import pty

    code = "from device.cli.output import colourful; print(colourful())"
    keep = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "TERM")}
    master, terminal = pty.openpty()
    subprocess.run(
        [sys.executable, "-c", code], stdout=terminal, check=True, env={**keep, "TERM": "xterm", **environment}
    )
    os.close(terminal)
    shown = os.read(master, 100).decode()
    os.close(master)
    assert shown.strip() == str(coloured)
    piped = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={**keep, "TERM": "xterm"}
    )
    assert piped.stdout.strip() == "False"
