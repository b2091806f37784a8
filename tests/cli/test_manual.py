"""The page for man(1): clean for both of its readers, and complete."""

import re
import shutil
import subprocess

import pytest

from device.cli.main import main, parser
from device.cli.tree import tree

WHOLE = tree(parser())


@pytest.fixture
def page(tmp_path, capsys):
    assert main(["manual", "--man"]) == 0
    file = tmp_path / "device.1"
    file.write_text(capsys.readouterr().out)
    return file


@pytest.mark.skipif(not shutil.which("mandoc"), reason="mandoc is not installed (scripts/setup --dev)")
def test_mandoc_finds_nothing_to_warn_of(page):
    found = subprocess.run(["mandoc", "-T", "lint", "-W", "warning", page], capture_output=True, text=True, check=False)
    assert (found.stdout, found.returncode) == ("", 0)


@pytest.mark.skipif(not shutil.which("groff"), reason="groff is not installed")
def test_groff_finds_nothing_to_warn_of(page):
    found = subprocess.run(["groff", "-man", "-Tutf8", "-ww", "-z", page], capture_output=True, text=True, check=False)
    assert (found.stderr, found.returncode) == ("", 0)


@pytest.mark.skipif(not shutil.which("mandoc"), reason="mandoc is not installed (scripts/setup --dev)")
def test_every_command_and_option_is_on_the_page_as_it_is_typed(page):
    shown = subprocess.run(["mandoc", "-T", "ascii", page], capture_output=True, text=True, check=True).stdout
    plain = " ".join(re.sub(".\b", "", shown).split())
    for command in WHOLE.leaves():
        assert " ".join(command.usage.split()) in plain, command.name
        for example in command.examples:
            assert " ".join(example.split()) in plain
