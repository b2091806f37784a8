"""One page of all results: what was asked, on which machine, every table and picture, and what was not measured."""

import base64
from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path

from device.errors import UsageError
from device.eval.picture import picture
from device.eval.result import Result, decoded
from device.eval.tables import as_html, as_markdown

TITLE = "The asynchronous agent, measured"
ORDER = ("latency", "compare", "users", "forks", "ablation", "ledger", "protocol", "tuning")
UNMEASURED = (
    "The satisfaction of real people.",
    "Fine-tuned Llama 3.1 and GPT-4o, which the paper's authors used and did not publish.",
)
"""What no experiment here measures."""

STYLE = """body{font:16px/1.5 system-ui,"DejaVu Sans",sans-serif;color:#1f2933;
max-width:60rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.7rem}h2{margin-top:3rem;border-top:1px solid #e4e7eb;padding-top:1.5rem}
h3{font-size:1rem;margin-top:2rem}
table{border-collapse:collapse;font-size:.85rem}
td,th{padding:.25rem .45rem;border-bottom:1px solid #e4e7eb;text-align:right;font-weight:400}
tr:first-child th,.agents th{font-weight:600;vertical-align:bottom}tr:not(.agents) th:first-child{text-align:left}
.agents th{color:#52606d}th.pair{text-align:center}td small{display:block;color:#7b8794;white-space:nowrap}
td{white-space:nowrap}.wide{overflow-x:auto}
.note,.on{font-size:.85rem;color:#52606d}.warning{background:#fffbea;border-left:4px solid #f0b429;padding:.5rem 1rem}
svg,img{max-width:100%;height:auto}"""


def read(directory: Path) -> list[Result]:
    """All results in a directory, in the order of the page. Raises UsageError if there is none, or a broken one."""
    paths = sorted(directory.glob("*.json")) if directory.is_dir() else []
    results = [decoded(path.read_bytes(), str(path)) for path in paths]
    if not results:
        raise UsageError(f"There are no results in {directory}: run an experiment first, such as `device eval ledger`.")
    return sorted(results, key=lambda one: (_place(one.experiment), one.experiment))


def as_page(results: Sequence[Result]) -> str:
    """The page as HTML, with everything in it."""
    parts = [f"<h1>{escape(TITLE)}</h1>", *map(_html, results), "<h2>What nobody measured</h2>", _html_list(UNMEASURED)]
    head = f"<meta charset='utf-8'><meta name='viewport' content='width=device-width'><title>{escape(TITLE)}</title>"
    return (
        f"<!doctype html><html lang='en'><head>{head}<style>{STYLE}</style></head><body>\n"
        + "\n".join(parts)
        + "\n</body></html>\n"
    )


def as_markdown_page(results: Sequence[Result]) -> str:
    """The page as Markdown; its pictures are in it, too."""
    lines = [f"# {TITLE}", ""]
    for result in results:
        lines += _markdown(result)
    lines += ["## What nobody measured", "", *(f"- {one}" for one in UNMEASURED), ""]
    return "\n".join(lines)


def conditions(result: Result) -> Iterator[str]:
    """Where, with what and how it was measured, a sentence each."""
    at = result.machine
    on = f"{at['cores']} cores of {at['processor']}, {at['system']}, Python {at['python']}"
    yield f"{on}; load {at['load']} at the end."
    models = f" Models: {', '.join(result.models.values())}." if result.models else ""
    yield f"Who thinks: {result.thinks}.{models}"
    sizes = ", ".join(f"{name} {_size(value)}" for name, value in result.options.items())
    yield f"Seed {result.seed}; {sizes}. Program version {result.version}. Repeat it: {result.command}"


def heading(result: Result) -> str:
    """Which experiment, and what sets it apart from others of its kind."""
    words = result.command.split()
    apart = [word.removeprefix("--") for word in words if word in ("--voice", "--script")]
    apart += [words[words.index("--models") + 1]] if "--models" in words else []
    apart += [f"calls at {words[words.index('--scale') + 1]} of their time"] if "--scale" in words else []
    return result.experiment + (f" ({', '.join(apart)})" if apart else "")


def interrupted(result: Result) -> str:
    """That steps are missing; empty if none are."""
    if result.complete:
        return ""
    return f"Interrupted: {result.steps_done} of {result.steps} steps were done; the same command goes on."


def _html(result: Result) -> str:
    parts = [f"<h2>{escape(heading(result))}</h2>", f"<p>{escape(result.question)}</p>"]
    if warning := interrupted(result):
        parts.append(f"<p class='warning'>{escape(warning)}</p>")
    for table in result.tables:
        parts += [f"<h3>{escape(table.title)}</h3>", as_html(table)]
        parts += [drawn] if (drawn := picture(table)) is not None else []
    parts += [f"<p class='on'>{escape(' '.join(conditions(result)))}</p>", "<p class='note'>Not measured:</p>"]
    return "\n".join([*parts, _html_list(result.not_measured)])


def _html_list(items: Sequence[str]) -> str:
    return "<ul class='note'>" + "".join(f"<li>{escape(one)}</li>" for one in items) + "</ul>"


def _markdown(result: Result) -> Iterator[str]:
    yield from (f"## {heading(result)}", "", result.question, "")
    if warning := interrupted(result):
        yield from (f"**{warning}**", "")
    for table in result.tables:
        yield from (f"### {table.title}", "", as_markdown(table), "")
        if (drawn := picture(table)) is not None:
            encoded = base64.b64encode(drawn.encode()).decode()
            yield from (f"![{table.title}](data:image/svg+xml;base64,{encoded})", "")
    yield from (" ".join(conditions(result)), "", "Not measured:", "")
    yield from (*(f"- {one}" for one in result.not_measured), "")


def _place(experiment: str) -> int:
    return ORDER.index(experiment) if experiment in ORDER else len(ORDER)


def _size(value: object) -> str:
    return "/".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)
