"""`device models suggest`: which set of models suits this computer, by its memory and by a measurement of its speed."""

import argparse
import itertools
import time
from typing import TYPE_CHECKING, Any

from device.cli.arguments import add_json_option
from device.cli.output import show

if TYPE_CHECKING:
    from device.core.model_choice import ModelSet, Verdict

SETS = ("tiny", "default", "small", "llama")
"""Those to choose from, the smallest first."""

PROMPT = "<|im_start|>user\nTell me about the sea.<|im_end|>\n<|im_start|>assistant\n"
TOKENS = 48


def add_parsers(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `suggest` and `section` to `device models`."""
    suggest = actions.add_parser(
        "suggest",
        help="say which set suits this computer, by its memory and its measured speed",
        description="Measure the smallest language model that is here, carry its speed over to the larger ones, and "
        "say which set of models suits this computer.",
        examples=("device models suggest",),
    )
    add_json_option(suggest)
    suggest.set_defaults(run=_suggest)
    section = actions.add_parser(
        "section",
        help="print the configuration's section [models] for a set",
        description="Print the section [models] of a configuration file for a set of models.",
        examples=("device models section small",),
    )
    section.add_argument("name", metavar="SET", help="tiny, default, small or llama")
    add_json_option(section)
    section.set_defaults(run=_section)


def _section(args: argparse.Namespace) -> int:
    from device import app

    options = (option.removeprefix("models.").partition("=") for option in app.models_of_set(args.name))
    section = {key: value for key, _, value in options}
    show(args, section, lambda _: "\n".join(["[models]", *(f'{key} = "{value}"' for key, value in section.items())]))
    return 0


def _suggest(args: argparse.Namespace) -> int:
    import asyncio
    from dataclasses import asdict

    from device import app
    from device.cli.output import as_json
    from device.core.model_choice import judge, suggested
    from device.errors import ModelError

    memory_mb = app.memory_mb()
    sets, models = _sets()
    here = next((one for one in sets if app.model_store().is_installed(models[one.name])), None)
    if here is None:
        raise ModelError("There is no language model here to measure with: device models fetch tiny.")
    speed = asyncio.run(tokens_per_second(models[here.name]))
    verdicts = judge(sets, memory_mb=memory_mb, measured=here.name, tokens_per_second=speed)
    best = suggested(verdicts)
    name = None if best is None else best.of.name
    if args.json:
        found = [asdict(one) | {"quick": one.quick, "needs_mb": one.of.needs_mb} for one in verdicts]
        print(as_json({"suggested": name, "memory_mb": memory_mb, "sets": found}))
        return 0
    print(f"{memory_mb} MB of memory; {models[here.name]} makes {speed:.0f} tokens a second here.\n")
    for one in verdicts:
        print(_line(one, best))
    print(f"\nSuggested: {name}" if name else "\nNone of them fits into this computer's memory.")
    return 0


def _line(one: "Verdict", best: "Verdict | None") -> str:
    verdict = "does not fit" if not one.fits else "fits" if one.quick else "fits, but is slow to talk with"
    how = "measured" if one.measured else "calculated"
    mark = "→" if one is best else " "
    return (
        f"{mark} {one.of.name:<8} {one.of.needs_mb:>6} MB   {one.tokens_per_second:>6.1f} tokens/s {how:<10} {verdict}"
    )


def _sets() -> "tuple[list[ModelSet], dict[str, str]]":
    """The sets as they are to be judged, and each one's language model by its name."""
    from device import app
    from device.core.model_choice import ModelSet

    manifest = app.model_store().manifest
    sets, models = [], {}
    for name in SETS:
        artifacts = {artifact: manifest.artifacts[artifact] for artifact in manifest.artifacts_of(name)}
        models[name] = next(artifact for artifact, about in artifacts.items() if about.role == "llm")
        total_mb = sum(about.memory_mb for about in artifacts.values())
        sets.append(ModelSet(name=name, models_mb=total_mb, weights_mb=artifacts[models[name]].bytes / 1e6))
    return sets, models


async def tokens_per_second(model: str) -> float:
    """How fast a language model that is here goes on with a short prompt. Raises ModelError."""
    from device import app
    from device.config import load
    from device.ports import Sampling

    config = load(overrides=["thinking.context_tokens=512", "tasks.context_tokens=0"]).config
    engine: Any = app.load_language_model(config, app.model_store().path(model))
    try:
        prompt = engine.encode(PROMPT, special=True)
        await engine.prefill(0, prompt)
        at = [time.perf_counter() async for _ in engine.generate(0, prompt, Sampling(max_tokens=TOKENS))]
        took = sorted(later - earlier for earlier, later in itertools.pairwise(at))
        # Something else may compute at times; the lower quartile is what the model takes without it.
        return 1.0 / max(took[len(took) // 4], 1e-6) if took else 0.0
    finally:
        await engine.close()
