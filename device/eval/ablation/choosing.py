"""How well the model calls tools without the grammar, the leaning, the repair, or the words that it was trained on."""

from collections.abc import Sequence
from dataclasses import dataclass

from device.bench.tool_choice import Bench, right
from device.bench.tool_choice import Case as Request
from device.config import Config
from device.core.prompt.messages import ToolSpec
from device.eval import intervals
from device.eval.result import Case, Row, Table
from device.ports import LanguageModel


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """What is left, and in which prompt format; "" is the one that the model was trained on."""

    held: bool = True
    leaning: bool = True
    grounding: bool = True
    prompt_format: str = ""


VARIANTS = {
    "everything": Variant(),
    "without the grammar": Variant(held=False, leaning=False),
    "without leaning to the user's words": Variant(leaning=False),
    "without repairing arguments": Variant(grounding=False),
    "without any of these": Variant(held=False, leaning=False, grounding=False),
    "the asynchronous ChatML instead of the model's own words": Variant(prompt_format="chatml"),
}


async def choosing(config: Config, model: LanguageModel, specs: Sequence[ToolSpec], request: Request) -> Case:
    """How each variant fares at a request."""
    found = {}
    for name, variant in VARIANTS.items():
        bench = Bench(config, model, tuple(specs), prompt_format=variant.prompt_format)
        text = await bench.written(request.utterance, held=variant.held, leaning=variant.leaning)
        answer = bench.read(request.utterance, text, grounding=variant.grounding)
        choice, arguments = right(request, answer)
        found[name] = {"choice": choice, "arguments": arguments, "malformed": answer.malformed}
    return {"part": "choosing", "said": request.utterance, "wants": bool(request.wanted), "variants": found}


def table(cases: Sequence[Case]) -> Table:
    """The rates of each variant."""
    rows = []
    for name in VARIANTS:
        found = [case["variants"][name] for case in cases]
        wanting = [case["variants"][name]["arguments"] for case in cases if case["wants"]]
        rows.append(
            Row(
                label=name,
                cells=(
                    intervals.rate(sum(one["choice"] for one in found), len(found)),
                    intervals.rate(sum(wanting), len(wanting)),
                    intervals.rate(sum(one["malformed"] for one in found), len(found)),
                ),
            )
        )
    return Table(
        title="Calling tools, with one thing left out at a time",
        columns=("right tool, or none", "right arguments", "malformed"),
        rows=tuple(rows),
        note="Requests for the agent's own tools, made by rule. Without the grammar nothing leans.",
        drawn=("right tool, or none", "right arguments"),
    )
