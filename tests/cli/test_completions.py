"""Completions, asked of the shells themselves."""

import os
import pty
import re
import select
import shutil
import subprocess
import time

import pytest

from device.cli.main import main, parser
from device.cli.tree import tree

CASES = [
    ("device led", {"ledger"}),
    ("device mo", {"models"}),
    ("device ledger ", {"tail", "show", "search", "export"}),
    ("device ledger tail --fo", {"--follow"}),
    ("device mute o", {"on", "off"}),
    ("device models fetch moonsh", {"moonshine-tiny-en"}),
    ("device models remove tiny sil", {"silero-vad"}),
    ("device models section lla", {"llama"}),
    ("device tools call set_al", {"set_alarm"}),
    ("device config set speaking.sp", {"speaking.speed"}),
    ("device --set speaking.sp", {"speaking.speed="}),
    ("device --config x.toml --set start.way=b", {"start.way=button"}),
    ("device run --set models.vad=sil", {"models.vad=silero-vad"}),
    ("device completions f", {"fish"}),
    ("device hear quest", {"question.wav"}),
    ("device ledger export --out ques", {"question.wav"}),
    ("device run --wa", {"--wav"}),
    ("device run --linger ", set()),
    ("device interrupt ", set()),
    ("device xyz", set()),
]


@pytest.fixture(scope="module")
def scripts(tmp_path_factory):
    """The scripts of all shells, as they are printed, beside a recording."""
    place = tmp_path_factory.mktemp("completions")
    (place / "question.wav").touch()
    for shell in ("bash", "zsh", "fish"):
        with pytest.MonkeyPatch.context() as patch, (place / f"device.{shell}").open("w") as out:
            patch.setattr("sys.stdout", out)
            assert main(["completions", shell]) == 0
    return place


def wanted(shell: str):
    return pytest.mark.skipif(not shutil.which(shell), reason=f"{shell} is not installed (scripts/setup --dev)")


def ran(*command: str, directory, **environment: str) -> str:
    found = subprocess.run(
        command, capture_output=True, text=True, cwd=directory, env=os.environ | environment, timeout=60, check=False
    )
    assert found.stderr == ""
    return found.stdout


BASH = """
. ./device.bash
compopt() { :; }
COMP_LINE=$LINE COMP_POINT=${#LINE}
_device device
printf '%s\\n' "${COMPREPLY[@]}"
"""


@wanted("bash")
@pytest.mark.parametrize(("line", "completed"), CASES)
def test_bash_completes(scripts, line, completed):
    found = set(filter(None, ran("bash", "--norc", "-c", BASH, directory=scripts, LINE=line).splitlines()))
    behind = {one.rpartition("=")[2] if "=" in line.split()[-1] else one for one in completed}
    assert found == behind


@wanted("fish")
@pytest.mark.parametrize(("line", "completed"), CASES)
def test_fish_completes(scripts, line, completed, tmp_path):
    code = ". ./device.fish; complete -C $LINE"
    found = ran("fish", "--no-config", "-c", code, directory=scripts, LINE=line, HOME=str(tmp_path), LC_ALL="C.UTF-8")
    assert {one.partition("\t")[0] for one in found.splitlines()} == completed


def typed_to_zsh(line: str, directory) -> str:
    """What zsh makes of a line when Tab is pressed."""
    master, terminal = pty.openpty()
    environment = {
        "PS1": "",
        "TERM": "dumb",
        "PATH": os.environ["PATH"],
        "ZDOTDIR": str(directory),
        "LC_ALL": "C.UTF-8",
    }
    shell = subprocess.Popen(
        ["zsh", "-f", "-i"], stdin=terminal, stdout=terminal, stderr=terminal, cwd=directory, env=environment,
        start_new_session=True,
    )  # fmt: skip
    os.close(terminal)
    try:
        setup = (
            "unsetopt zle_bracketed_paste prompt_cr prompt_sp; autoload -Uz compinit; compinit -D -u; . ./device.zsh; "
            "show() { zle -I; print -r -- \"<<$BUFFER>>\"; BUFFER=; }; zle -N show; bindkey '^X' show; "
            "bindkey '^I' complete-word; print ready-$((1+1))\n"
        )
        os.write(master, setup.encode())
        until(master, "ready-2")
        os.write(master, line.encode() + b"\t\x18")
        return re.search("<<(.*?)>>", until(master, ">>"), re.DOTALL).group(1)
    finally:
        shell.kill()
        shell.wait()
        os.close(master)


def until(master: int, text: str) -> str:
    shown = b""
    over = time.monotonic() + 60
    while text not in shown.decode(errors="replace"):
        assert time.monotonic() < over, shown
        if select.select([master], [], [], 1.0)[0]:
            shown += os.read(master, 65536)
    return shown.decode(errors="replace").replace("\r", "").replace("\n", "")


@wanted("zsh")
@pytest.mark.parametrize(("line", "completed"), [case for case in CASES if len(case[1]) == 1])
def test_zsh_completes(scripts, line, completed):
    (word,) = completed
    kept = "" if line.endswith(" ") else line.rpartition(" ")[0] + " "
    assert typed_to_zsh(line, scripts).rstrip() == kept + word


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_every_command_and_option_of_the_parser_is_known(scripts, shell):
    script = (scripts / f"device.{shell}").read_text()
    for command in tree(parser()).walk():
        assert not command.path or command.path[-1] in script
        for option in command.options:
            for flag in option.flags:
                assert (
                    f"-l {flag[2:]}" if shell == "fish" and flag.startswith("--") else flag
                ) in script or shell == "fish"
