"""What the model writes for requests: as it is without any help, and with grammar, parser and repair, each by itself.

The model writes twice for each request: free, and held to the grammar. What is made of the first text is told three
times: read as the model was trained to write, by the agent's parser, and with the arguments held to what was said.
"""

import re
from collections.abc import Mapping, Sequence

from device.bench.tool_choice import Answer, Bench, Case, right
from device.core.prompt.call_text import read_call
from device.core.prompt.messages import ToolSpec
from device.core.toolspec import checked
from device.errors import ToolError
from device.eval import intervals
from device.eval.result import Case as Kept
from device.eval.result import Row, Table

READINGS = {
    "strict": "free, read strictly",
    "parsed": "free, the agent's parser",
    "repaired": "free, parser and repair",
    "held": "grammar, parser",
    "held and repaired": "grammar, parser and repair",
}
"""How a reply is written and read, from no protection to all of it."""

_TAGGED = re.compile(r"<tool_call>\n?(.*?)\n?</tool_call>", re.DOTALL)


async def written(bench: Bench, specs: Sequence[ToolSpec], case: Case) -> Kept:
    """How each reading of the model's replies to one request fares."""
    by_name = {spec.name: spec for spec in specs}
    said = case.utterance
    free, held = await bench.written(said, held=False), await bench.written(said)
    answers = {
        "strict": strictly(free, by_name),
        "parsed": bench.read(said, free, grounding=False),
        "repaired": bench.read(said, free),
        "held": bench.read(said, held, grounding=False),
        "held and repaired": bench.read(said, held),
    }
    kept = {name: _judged(case, answer, by_name) for name, answer in answers.items()}
    return {"said": said, "free": _text(free), "grammar": _text(held), "readings": kept}


def strictly(written: bytes, tools: Mapping[str, ToolSpec]) -> Answer:
    """What a reader makes of it that knows only the format of the model's own template: tagged calls, or speech."""
    text = _text(written)
    calls = [read_call(found, set(tools)) for found in _TAGGED.findall(text)]
    speech = _TAGGED.sub("", text).strip()
    broken = None in calls or any(mark in speech for mark in ("{", "}", "<"))
    whole = tuple(call for call in calls if call is not None)
    return Answer(calls=() if broken else whole, said="" if broken else speech, malformed=broken)


def _judged(case: Case, answer: Answer, tools: Mapping[str, ToolSpec]) -> Kept:
    choice, arguments = right(case, answer)
    return {
        "malformed": answer.malformed,
        "against_schema": any(not _fits(tools[name], given) for name, given in answer.calls),
        "right_choice": choice and not answer.malformed,
        "right_arguments": arguments if case.wanted else None,
    }


def _fits(spec: ToolSpec, given: Mapping[str, object]) -> bool:
    try:
        return set(checked(spec, given)) == set(given)
    except ToolError:
        return False


def _text(written: bytes) -> str:
    return written.decode("utf-8", "replace").strip()


def table(cases: Sequence[Kept]) -> Table:
    """The rates of each reading."""
    rows = []
    for name, label in READINGS.items():
        found = [case["readings"][name] for case in cases]
        wanting = [one["right_arguments"] for one in found if one["right_arguments"] is not None]
        rows.append(
            Row(
                label=label,
                cells=(
                    intervals.rate(sum(one["malformed"] for one in found), len(found)),
                    intervals.rate(sum(one["against_schema"] for one in found), len(found)),
                    intervals.rate(sum(one["right_choice"] for one in found), len(found)),
                    intervals.rate(sum(wanting), len(wanting)),
                ),
            )
        )
    return Table(
        title="What the model writes, before and after grammar and repair",
        columns=("malformed", "arguments against the schema", "right tool, or none", "right arguments"),
        rows=tuple(rows),
        note="Requests for the agent's own tools, made by rule; right arguments are a share of those that want a tool. "
        "Read strictly means in the format of the model's own template alone, as a plain agent would.",
        drawn=("malformed", "right tool, or none", "right arguments"),
    )
