"""What all measurements share on the command line: what is spoken, with which models, where the result goes."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from device.cli.arguments import add_json_option, count

if TYPE_CHECKING:
    from device.bench.clips import Clip
    from device.config import Config


def add_utterances(parser: argparse.ArgumentParser, *, made: int) -> "argparse._ArgumentGroup":
    """Say what is spoken; `made` utterances of the set that is made, unless recordings are named."""
    what = parser.add_argument_group("what is spoken")
    what.add_argument(
        "recordings", nargs="*", type=Path, metavar="FILE", help="recordings (default: a varied set that is made)"
    )
    what.add_argument("--wavs", metavar="DIR", type=Path, help="every recording in this directory, of any rate")
    what.add_argument("--limit", type=count, metavar="N", help=f"only N of them (default: all; {made} of the made set)")
    what.add_argument("--seed", type=int, default=0, metavar="N", help="of the made set, and of which N are chosen")
    return what


def add_models(parser: "argparse._ActionsContainer") -> None:
    """Say which models are used."""
    parser.add_argument(
        "--models", metavar="SET", default="", help="the models of this set: tiny, default, small or llama"
    )


def add_output(parser: argparse.ArgumentParser, drawn: str) -> None:
    """Say where the result goes."""
    output = parser.add_argument_group("output")
    add_json_option(output)
    output.add_argument("--svg", metavar="FILE", type=Path, help=drawn)


def config_of(args: argparse.Namespace) -> "Config":
    """The configuration with the chosen set of models. Raises ConfigError, ModelError."""
    from device import app
    from device.config import load

    models = app.models_of_set(args.models) if args.models else []
    return load(args.config, overrides=[*models, *args.set]).config


def clips_of(args: argparse.Namespace, config: "Config", *, made: int) -> "list[Clip]":
    """What is to be spoken, in its order. Raises UsageError, AudioError, ModelError."""
    import random

    from device.bench import clips
    from device.bench.corpus.making import corpus
    from device.bench.corpus.sentences import USUAL
    from device.bench.corpus.unseen import UNSEEN

    named = [*args.recordings, *([args.wavs] if args.wavs else [])]
    if not named:
        templates = UNSEEN if getattr(args, "unseen", False) else USUAL
        paths = corpus(config, seed=args.seed, count=args.limit or made, tell=tell, templates=templates)
        return [clips.read(path) for path in paths]
    paths = clips.find(named)
    if args.limit and args.limit < len(paths):
        chosen = random.Random(args.seed).sample(range(len(paths)), args.limit)  # noqa: S311 - a sample
        paths = [paths[number] for number in sorted(chosen)]
    return [clips.read(path) for path in paths]


def write(path: Path, text: str) -> None:
    """Write a picture. Raises UsageError."""
    from device.errors import UsageError

    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{path} cannot be written ({error.strerror}): choose another place.") from error


def tell(words: str) -> None:
    """Progress, for whoever watches; standard output is the result's."""
    print(words, file=sys.stderr, flush=True)
