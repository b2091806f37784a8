"""`device bench`: measures the agent as its users feel it."""

import argparse
from pathlib import Path
from typing import Any

from device.cli import bench_duplex, bench_latency, bench_turn, bench_wake
from device.cli.arguments import add_json_option, count
from device.cli.progress import bar


def add_parsers(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `bench` to the command line."""
    parser = subparsers.add_parser("bench", help="measure", description="Measure the agent on this machine.")
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    bench_latency.add_parser(actions)
    bench_turn.add_parser(actions)
    bench_duplex.add_parser(actions)
    bench_wake.add_parser(actions)
    fork = actions.add_parser(
        "fork",
        help="thinking in parallel: what a fork, a batch and the tasks beside the dialogue cost",
        examples=("device bench fork",),
        description=(
            "Measure the language model alone: how long a fork takes by the length of its context, how soon the "
            "child says something, how many tokens a second several sequences have in one batch and one after "
            "another, and how many times longer a reply takes beside so many tasks: while they wait for it, as the "
            "agent lets them, and if they joined its batches."
        ),
    )
    fork.add_argument("--model", metavar="NAME", help="a language model other than the configuration's")
    add_json_option(fork)
    fork.set_defaults(run=_fork)
    _add_async(actions)
    _add_tools(actions)


def _add_async(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = actions.add_parser(
        "async",
        help="several things at once: the asynchronous agent against strict turns",
        examples=("device bench async --quick",),
        description=(
            "Ask the agent for several things at once, in workloads of one to eight tool calls made from a seed, and "
            "compare it with its own strict turns (conversation.synchronous): when the first answer begins, when "
            "all have been heard, and what was lost. Printed beside it is how much faster overlap could be at best. "
            "The models and the pace of the sound are real; what the model says is given by a script unless it is to "
            "decide itself."
        ),
    )
    only = parser.add_mutually_exclusive_group()
    only.add_argument("--async-only", action="store_true", help="play the asynchronous agent alone")
    only.add_argument("--sync-only", action="store_true", help="play strict turns alone")
    parser.add_argument(
        "--decide", choices=("script", "model"), default="script", help="who decides what is said (default: script)"
    )
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="make another suite")
    parser.add_argument("--workloads", type=count, metavar="N", help="play N workloads (default: 8)")
    parser.add_argument("--quick", action="store_true", help="three workloads, calls and pauses a quarter as long")
    add_json_option(parser)
    parser.set_defaults(run=_async)


def _add_tools(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    tools = actions.add_parser(
        "tools",
        help="whether the model chooses the right tool, or none",
        examples=("device bench tools --cases tests/data/requests/work.json --limit 10",),
        description=(
            "Put requests to the language model, each in a conversation of its own, and count how often it calls what "
            "was wanted. Nothing is carried out. A case is [utterance, tool or null, {argument: value}], one with "
            'several calls {"utterance": …, "calls": [[tool, {argument: value}], …]}.'
        ),
    )
    tools.add_argument("--cases", type=Path, required=True, metavar="FILE", help="JSON list of cases")
    tools.add_argument(
        "--tools", type=Path, metavar="FILE", help="JSON list of tools by their schemas (default: the agent's own)"
    )
    tools.add_argument("--limit", type=int, metavar="N", help="put only the first N")
    add_json_option(tools)
    tools.set_defaults(run=_tools)


def _fork(args: argparse.Namespace) -> int:
    import json

    import uvloop

    from device import app, logs
    from device.bench import fork
    from device.config import load

    overrides = [*args.set, *([f"models.llm={args.model}"] if args.model else [])]
    config = load(args.config, overrides=overrides).config
    logs.start(config.logging.level)
    model = app.load_language_model(config, app.model_store().path(config.models.llm))

    async def measure() -> dict[str, Any]:
        try:
            return await fork.measure(model)
        finally:
            await model.close()

    result = uvloop.run(measure())
    print(json.dumps(result, indent=2) if args.json else fork.as_text(result))
    return 0


def _async(args: argparse.Namespace) -> int:
    import json

    from device.bench.overlap import comparison, report, summary
    from device.config import load

    usual = comparison.Options()
    modes = (summary.ASYNC,) if args.async_only else (summary.SYNC,) if args.sync_only else usual.modes
    options = comparison.Options(
        modes=modes,
        scripted=args.decide == "script",
        seed=args.seed,
        workloads=args.workloads or (comparison.QUICK_WORKLOADS if args.quick else usual.workloads),
        scale=comparison.QUICK_SCALE if args.quick else usual.scale,
    )
    config = load(args.config, overrides=args.set).config
    with bar(comparison.plays(options), "loading") as tell:
        result = comparison.compare(config, options, tell)
    print(json.dumps(result, indent=2) if args.json else report.as_text(result))
    return 0


def _tools(args: argparse.Namespace) -> int:
    import json

    import uvloop

    from device import logs
    from device.bench import tool_choice
    from device.config import load

    config = load(args.config, overrides=args.set).config
    logs.start(config.logging.level)
    cases = tool_choice.read_cases(args.cases)[: args.limit]
    tools = tool_choice.read_tools(args.tools) if args.tools else None
    with bar(len(cases), "reading the tools") as tell:
        result = uvloop.run(tool_choice.measure(config, cases, tools, on_case=lambda done: tell(done, "requests")))
    print(json.dumps(result, indent=2, ensure_ascii=False) if args.json else tool_choice.as_text(result))
    return 0
