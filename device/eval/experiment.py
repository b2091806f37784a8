"""What an experiment is, and how it is conducted: step by step, each kept as it comes."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import device
from device.bench import machine
from device.config import Config
from device.errors import UsageError
from device.eval.journal import Journal
from device.eval.result import Case, Result, Table, encoded

SCRIPT = "a script"
"""What `thinks` in an experiment on the machine alone."""

Perform = Callable[[str], Case]
Tell = Callable[[int, str], None]
"""`tell(done, step)`: so many steps are done, and this one is next; "" when none is."""


@dataclass(frozen=True, kw_only=True)
class Sizes:
    """How much is measured: `full` is what is published, otherwise what a few minutes allow.

    With `script` nobody thinks: a script stands for the language model, so that the machine alone is measured. With
    `voice` user and agent speak at their true pace. `operations` and `scale` are asked for where the size is not to say
    how many operations a workload has, and how long its calls take against a full one's; `requests` where it is not to
    say how many of others' requests are put. `set_name` is the set of models that was asked for, if any.
    """

    config: Config
    seed: int = 0
    full: bool = False
    repeats: int | None = None
    script: bool = False
    voice: bool = False
    operations: tuple[int, ...] = ()
    scale: float | None = None
    requests: int | None = None
    set_name: str = ""

    def times(self, quick: int, full: int) -> int:
        """How often each thing is done: as asked for, else by the size."""
        return self.repeats or (full if self.full else quick)

    @property
    def variant(self) -> str:
        """What a result of these sizes is called besides its experiment: it replaces none that was made otherwise."""
        scale = "" if self.scale is None else f"scale-{self.scale:g}"
        parts = [self.set_name, "script" * self.script, "voice" * self.voice, scale]
        return "".join(f"-{part}" for part in parts if part)

    def command(self, experiment: str) -> str:
        """What is typed to repeat it."""
        words = ["device", "eval", experiment, "--seed", str(self.seed)]
        words += ["--models", self.set_name] if self.set_name else []
        words += ["--repeats", str(self.repeats)] if self.repeats else []
        words += ["--operations", *map(str, self.operations)] if self.operations else []
        words += ["--scale", f"{self.scale:g}"] if self.scale is not None else []
        words += ["--requests", str(self.requests)] if self.requests is not None else []
        chosen = {"--full": self.full, "--script": self.script, "--voice": self.voice}
        return " ".join([*words, *(name for name, wanted in chosen.items() if wanted)])


@dataclass(frozen=True, kw_only=True)
class Plan:
    """An experiment, ready to be conducted.

    `performing` yields what performs a step by its name; it loads what all steps need. `tables` makes of the cases
    that are done, by the names of their steps, what a person reads. `options` are its seed and sizes.
    """

    name: str
    question: str
    options: Mapping[str, Any]
    steps: Sequence[str]
    performing: Callable[[], AbstractContextManager[Perform]]
    tables: Callable[[Mapping[str, Case]], tuple[Table, ...]]
    not_measured: tuple[str, ...]
    thinks: str = SCRIPT
    models: Mapping[str, str] = field(default_factory=dict)


def conduct(plan: Plan, sizes: Sizes, out: Path, tell: Tell) -> Result:
    """Do all steps that were not done yet and keep the result in `out`; a KeyboardInterrupt keeps what is done.

    Raises whatever a step raises, after keeping what was done before it; UsageError if nothing can be kept.
    """
    about = {
        "experiment": plan.name,
        "version": device.__version__,
        "seed": sizes.seed,
        "options": dict(plan.options),
        "models": dict(plan.models),
        "thinks": plan.thinks,
    }
    name = plan.name + sizes.variant
    with Journal(out / f"{name}.cases", about) as journal:
        left = [step for step in plan.steps if step not in journal.cases]
        try:
            if left:
                with plan.performing() as perform:
                    for step in left:
                        tell(len(plan.steps) - len(left) + left.index(step), step)
                        journal.add(step, perform(step))
        finally:
            result = _result(plan, sizes, journal)
            if journal.cases:
                _keep(out / f"{name}.json", encoded(result))
        tell(len(plan.steps), "")
        journal.remove()
    return result


def _result(plan: Plan, sizes: Sizes, journal: Journal) -> Result:
    done = {step: journal.cases[step] for step in plan.steps if step in journal.cases}
    return Result(
        experiment=plan.name,
        question=plan.question,
        thinks=plan.thinks,
        command=sizes.command(plan.name),
        version=device.__version__,
        seed=sizes.seed,
        complete=len(done) == len(plan.steps),
        steps_done=len(done),
        steps=len(plan.steps),
        options=dict(plan.options),
        models=dict(plan.models),
        machine=machine.description(),
        tables=plan.tables(done) if done else (),
        not_measured=plan.not_measured,
        cases=tuple({"step": step, **case} for step, case in done.items()),
    )


def _keep(path: Path, text: str) -> None:
    """Whole or not at all."""
    partial = path.with_suffix(".partial")
    try:
        partial.write_text(text, encoding="utf-8")
        partial.replace(path)
    except OSError as error:
        raise UsageError(f"{path} cannot be written ({error.strerror}): choose another place with --out.") from error
