"""`device bench turn`: who is cut off, and who waits."""

import argparse

from device.cli.arguments import count
from device.cli.bench_options import add_models, add_output, add_utterances, clips_of, config_of, tell, write

DESCRIPTION = """Run the endpointing over recordings in simulated time for every setting of pause_ms, end_silence_ms,
end_silence_max_ms, unfinished_below and finished_above: how many utterances would be cut off (an endpoint before the
true end of the speech), and how long the others wait for theirs. What the models say of each recording is kept in the
user's cache, so that the second time is quick."""

MADE_UTTERANCES = 200
"""How many of the utterances that it makes itself are scored unless a limit is given."""


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `turn` to the measurements."""
    parser = subparsers.add_parser(
        "turn",
        help="early and late endpoints, and their trade",
        description=DESCRIPTION,
        examples=("device bench turn tests/data/capital.flac tests/data/tea.flac",),
    )
    add_utterances(parser, made=MADE_UTTERANCES).add_argument(
        "--unseen", action="store_true", help="make sentences that nothing was fitted to, of more styles"
    )
    conditions = parser.add_argument_group("conditions")
    add_models(conditions)
    conditions.add_argument(
        "--cut-offs", metavar="PERCENT", type=float, default=2.0, help="recommend for at most so many (default: 2)"
    )
    conditions.add_argument(
        "--answer-ms",
        metavar="MS",
        type=count,
        help="how long the models take to answer at a pause (default: measured here)",
    )
    conditions.add_argument(
        "--share-ms",
        metavar="MS",
        type=count,
        help="how much later the language model says how likely the end is (default: measured here)",
    )
    conditions.add_argument(
        "--reply-ms",
        metavar="MS",
        type=float,
        default=0.0,
        help="a reply is audible so long after its endpoint: who goes on before is not cut off (default: 0)",
    )
    add_output(parser, "draw cut-offs against the wait")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Score all settings; returns the exit code."""
    import json

    from device.bench.turn import picture, scoring

    config = config_of(args)
    found = scoring.measure(
        config,
        clips_of(args, config, made=MADE_UTTERANCES),
        answer_ms=args.answer_ms,
        share_ms=args.share_ms,
        reply_ms=args.reply_ms,
        most_cut_off=args.cut_offs / 100,
        tell=tell,
    )
    if args.svg is not None:
        write(args.svg, picture.picture(found))
    print(json.dumps(found, indent=2) if args.json else scoring.as_text(found))
    return 0
