"""The parser of the command line: argparse with help that shows examples and keeps its paragraphs.

What argparse calls `metavar` says here what kind of value is wanted, and the completions go by it: FILE, DIR,
SECTION.KEY=VALUE, SET (of models), MODEL, TOOL; anything else is free text.
"""

import argparse
import shutil
from collections.abc import Sequence
from typing import Any

WIDEST = 100
"""Lines that are longer are hard to read, however wide the terminal."""


class Parser(argparse.ArgumentParser):
    """A command's parser; `examples` are whole command lines, which the manual really runs."""

    def __init__(self, *args: Any, examples: Sequence[str] = (), **more: Any) -> None:
        more.setdefault("formatter_class", Paragraphs)
        super().__init__(*args, **more)
        self.examples = tuple(examples)

    def format_help(self) -> str:
        """The help, with the examples at its end."""
        text = super().format_help()
        if not self.examples:
            return text
        title = "example" if len(self.examples) == 1 else "examples"
        return "\n".join([text, f"{title}:", *(f"  {example}" for example in self.examples), ""])


class Paragraphs(argparse.HelpFormatter):
    """Wraps each paragraph by itself; lines that begin with a space stay as they are."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=min(shutil.get_terminal_size().columns - 2, WIDEST))

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        fill = super()._fill_text
        paragraphs = text.strip("\n").split("\n\n")
        return "\n\n".join(one if one.startswith(" ") else fill(one, width, indent) for one in paragraphs)
