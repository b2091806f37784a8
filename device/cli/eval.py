"""`device eval`: experiments on the whole agent that anybody can repeat, and one page of what they came to."""

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from device.cli.arguments import add_json_option, count, share, whole
from device.cli.progress import bar

if TYPE_CHECKING:
    from device.eval.result import Result


class _Experiment(NamedTuple):
    """Which module plans it, what it is about in a line, and what it does."""

    module: str
    about: str
    does: str


EXPERIMENTS = {
    "latency": _Experiment(
        "device.eval.latency",
        "how much sooner answers are heard than in strict turns, by kind and size of the work",
        "Let the asynchronous agent and its own strict turns do the same work: a chat, one call, many calls, calls "
        "that need each other, long-running calls, and a user who interrupts, with 1 to 16 operations each; in a full "
        "run on an idle machine and on a busy one. A director decides what is said, so that only the timing differs.",
    ),
    "compare": _Experiment(
        "device.eval.compare",
        "what each of the two gets done when the model decides, and what that costs",
        "Let the asynchronous agent and its own strict turns do the same work, the language model deciding what to "
        "call and to say: how many answers are heard, when, with how much processor time and memory. Requests of the "
        "Berkeley Function-Calling Leaderboard are put to it, too, where they were fetched "
        "(`device models fetch bfcl`).",
    ),
    "users": _Experiment(
        "device.eval.users.plan",
        "what simulated people of several tempers get done, with either agent",
        "Let people who are patient, who interrupt, who change their mind and who want everything at once ask for the "
        "same things, of the asynchronous agent and of its own strict turns: which wishes are fulfilled, how soon, "
        "what was done that nobody wanted, and how many words were wasted.",
    ),
    "forks": _Experiment(
        "device.eval.forks.plan",
        "thinking in parallel up to its limits and past them: refusals, deadlocks, storms",
        "Begin more tasks than there may be, and deeper ones; let calls wait for each other in circles; cancel "
        "everything at random moments; and measure how long the first words of an answer take beside so many tasks "
        "that think. Afterwards everything must have ended exactly once and every place be free.",
    ),
    "ablation": _Experiment(
        "device.eval.ablation.plan",
        "what each mechanism is worth: fork, spawn, grammar, repair, the model's own words",
        "Let the model answer requests with one thing left out at a time: the grammar, the leaning to the user's "
        "words, the repair of arguments, the words that it was trained on. Then put questions that need what was said "
        "before to a fork, to a spawn that is given it or not, and to the dialogue itself.",
    ),
    "ledger": _Experiment(
        "device.eval.ledger.plan",
        "many writers, crashes and torn logs: whether the ledger stays consistent",
        "Let many writers change shared values at once through the real store, kill the process at random points and "
        "let another go on, and cut the write-ahead log at random bytes. Every history is judged by a checker for "
        "linearizability, which is itself put to the test with histories that were spoilt on purpose.",
    ),
    "protocol": _Experiment(
        "device.eval.protocol.plan",
        "malformed output, injected tokens, results out of order: what reaches user and prompt",
        "Let the model answer requests with and without grammar and repair; put text that holds control tokens "
        "wherever text of others comes into the prompt; let a scripted model write broken messages through the whole "
        "agent; and post results out of order, twice and too early. Rates are told before and after what protects.",
    ),
    "tuning": _Experiment(
        "device.eval.tuning.plan",
        "what tuning the language model on this protocol has changed: choices, dialogues, talk, time",
        "Put the same requests, dialogues and plain conversation to the language model before and after it was tuned: "
        "right tools and arguments, needless calls, late results, interruptions, silence where nothing is to be said, "
        "questions with checkable answers, and the time to the first words. Every error is listed. The material is in "
        "the source tree's tests/data.",
    ),
}
"""All experiments, in the order of the help."""

SCRIPTED = frozenset({"latency", "compare", "forks"})
"""Those in which a script may stand for the language model."""
SPOKEN = frozenset({"latency", "compare"})
"""Those in which user and agent may speak, on workloads of some size."""
MOST_OPERATIONS = 16
ALL_REQUESTS = 200

NOTES = """Without --full it takes a few minutes at most; what is published is measured with it, on a machine that does
nothing else. Ctrl-C keeps the steps that are done, and the same command goes on with the others. The same seed makes
the same steps."""


def add_parsers(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `eval` to the command line."""
    parser = subparsers.add_parser(
        "eval",
        help="repeat the experiments on the agent",
        description="Repeat the experiments that tell what this agent can do and what it cannot.",
    )
    actions = parser.add_subparsers(title="experiments", metavar="EXPERIMENT", required=True)
    for name, experiment in EXPERIMENTS.items():
        one = actions.add_parser(
            name,
            help=experiment.about,
            description=experiment.does,
            epilog=NOTES,
            examples=(f"device eval {name} --repeats 1",),
        )
        _add_sizes(one)
        if name in SCRIPTED:
            one.add_argument(
                "--script", action="store_true", help="a script stands for the language model: the machine alone"
            )
        if name in SPOKEN:
            one.add_argument(
                "--voice", action="store_true", help="user and agent speak at their true pace; times count from speech"
            )
            one.add_argument(
                "--operations",
                type=whole(1, MOST_OPERATIONS),
                nargs="+",
                metavar="N",
                help="workloads of so many operations each, 1 to 16",
            )
            one.add_argument("--scale", type=share, metavar="X", help="calls take so much of their full time (0 to 1)")
        if name == "compare":
            one.add_argument(
                "--requests",
                type=whole(0, ALL_REQUESTS),
                metavar="N",
                help="put so many requests of each category of the leaderboard (default: 4, all 200 with --full)",
            )
        _add_out(one)
        one.set_defaults(run=_run, experiment=name)
    people = actions.add_parser(
        "people",
        help="a study with real people: what it needs, and its analysis",
        description="Write what a study with real people needs, the script, the tasks, the questionnaire and an empty "
        "sheet of answers; or read the sheet that was filled in and the ledgers' exports, and print what came of it.",
        examples=("device eval people --kit study", "device eval people answers.csv --exports study"),
    )
    people.add_argument("answers", nargs="?", type=Path, metavar="SHEET", help="the sheet of answers, as CSV")
    people.add_argument("--kit", type=Path, metavar="DIR", help="write script, tasks, statements and sheet there")
    people.add_argument(
        "--exports", type=Path, metavar="DIR", help="where the exports PERSON-async.jsonl and PERSON-sync.jsonl are"
    )
    add_json_option(people)
    people.set_defaults(run=_people)
    report = actions.add_parser(
        "report",
        help="one page of all results",
        description="Make one page of the results of all experiments: report.html and report.md, with every table and "
        "picture in them.",
        examples=("device eval report",),
    )
    _add_out(report)
    report.set_defaults(run=_report)


def _add_sizes(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="make other steps (default: 0)")
    parser.add_argument("--repeats", type=count, metavar="N", help="do everything N times")
    parser.add_argument("--full", action="store_true", help="measure as much as what is published")
    parser.add_argument(
        "--models", metavar="SET", default="", help="the models of this set: tiny, default, small or llama"
    )


def _add_out(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--out", metavar="DIR", type=Path, help="where results are kept (default: ~/.local/share/device/eval)"
    )
    add_json_option(parser)


def _directory(args: argparse.Namespace) -> Path:
    """Where results are kept."""
    if args.out is not None:
        return Path(args.out)
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "device" / "eval"


def _run(args: argparse.Namespace) -> int:
    from importlib import import_module

    from device import logs
    from device.cli.bench_options import config_of
    from device.eval.experiment import Sizes, conduct
    from device.eval.result import encoded

    config = config_of(args)
    logs.start(config.logging.level)
    sizes = Sizes(
        config=config,
        seed=args.seed,
        full=args.full,
        repeats=args.repeats,
        script=getattr(args, "script", False),
        voice=getattr(args, "voice", False),
        operations=tuple(getattr(args, "operations", None) or ()),
        scale=getattr(args, "scale", None),
        requests=getattr(args, "requests", None),
        set_name=args.models,
    )
    plan = import_module(EXPERIMENTS[args.experiment].module).plan(sizes)
    out = _directory(args)
    with bar(len(plan.steps)) as tell:
        try:
            result = conduct(plan, sizes, out, tell)
        except KeyboardInterrupt:
            print(f"What is done is kept in {out}; the same command goes on.", file=sys.stderr)
            raise
    print(encoded(result) if args.json else as_text(result, out))
    return 0


def as_text(result: "Result", out: Path) -> str:
    """A result as a person reads it."""
    from device.eval.report import conditions
    from device.eval.tables import as_text as table_text

    parts = [result.question, *map(table_text, result.tables), "\n".join(conditions(result))]
    missing = "\n".join(("Not measured:", *(f"- {one}" for one in result.not_measured)))
    return "\n\n".join((*parts, missing, f"Kept in {out}; `device eval report` shows all."))


def _people(args: argparse.Namespace) -> int:
    from device.cli.bench_options import write
    from device.cli.output import show
    from device.errors import UsageError
    from device.eval.people import analysis, answers, kit, sessions
    from device.eval.result import as_plain
    from device.eval.tables import as_text as table_text

    if (args.kit is None) == (args.answers is None):
        raise UsageError("Say either --kit DIR, to begin a study, or the sheet of answers, to read one.")
    if args.kit is not None:
        args.kit.mkdir(parents=True, exist_ok=True)
        files = {args.kit / name: text for name, text in kit.files().items()}
        if there := [path for path in files if path.exists()]:
            raise UsageError(f"{there[0]} is there already: choose another directory for the kit.")
        for path, text in files.items():
            write(path, text)
        show(args, {"kit": [str(path) for path in files]}, lambda _: "\n".join(map(str, files)))
        return 0
    given = answers.read(args.answers)
    found = {} if args.exports is None else sessions.of(args.exports, given)
    made = analysis.tables(given, found)
    show(args, {"tables": as_plain(made)}, lambda _: "\n\n".join(map(table_text, made)))
    return 0


def _report(args: argparse.Namespace) -> int:
    from device.cli.bench_options import write
    from device.cli.output import show
    from device.eval.report import as_markdown_page, as_page, read

    directory = _directory(args)
    results = read(directory)
    made = {"html": directory / "report.html", "markdown": directory / "report.md"}
    write(made["html"], as_page(results))
    write(made["markdown"], as_markdown_page(results))
    told = {"experiments": [one.experiment for one in results], **{name: str(path) for name, path in made.items()}}
    show(args, told, lambda _: "\n".join(map(str, made.values())))
    return 0
