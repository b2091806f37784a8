"""What commands print: text for a person or JSON for a script; colour only where somebody sees it."""

import argparse
import os
import sys
from collections.abc import Callable
from typing import Any


def show(args: argparse.Namespace, value: Any, text: Callable[[Any], str] | None = None) -> None:
    """Print a value as the command line wants it; without `text` there is nothing to tell a person."""
    if args.json:
        print(as_json(value))
    elif text is not None:
        print(text(value))


def as_json(value: Any) -> str:
    """A value as indented JSON."""
    import json

    return json.dumps(value, ensure_ascii=False, indent=2)


def colourful() -> bool:
    """Whether output may be coloured: on a terminal that can, unless NO_COLOR says no."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM", "dumb") != "dumb"
