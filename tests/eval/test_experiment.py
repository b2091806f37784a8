"""An experiment is conducted step by step; what is done is kept, whatever comes between."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from device.config import load
from device.errors import UsageError
from device.eval import intervals
from device.eval.experiment import Plan, Sizes, conduct
from device.eval.journal import Journal
from device.eval.result import Row, Table, decoded


class Trial:
    """An experiment of three steps that counts what it does; a step may be made to fail."""

    def __init__(self, fails_at: str = "", error: BaseException | None = None, **options) -> None:
        self.performed: list[str] = []
        self.loaded = 0
        self._fails_at, self._error = fails_at, error
        self.options = options

    @contextmanager
    def performing(self) -> Iterator:
        self.loaded += 1
        yield self.perform

    def perform(self, step: str) -> dict:
        if step == self._fails_at:
            raise self._error or KeyboardInterrupt
        self.performed.append(step)
        return {"value": len(step)}

    def plan(self) -> Plan:
        return Plan(
            name="trial",
            question="Does it go on?",
            options=self.options,
            steps=("a", "bb", "ccc"),
            performing=self.performing,
            tables=lambda cases: (
                Table(
                    title="All",
                    columns=("value",),
                    rows=(Row(label="all", cells=(intervals.mean([c["value"] for c in cases.values()], "s"),)),),
                ),
            ),
            not_measured=("anything",),
        )


def run(trial: Trial, out, **sizes):
    return conduct(trial.plan(), Sizes(config=load(environment={}).config, **sizes), out, lambda done, step: None)


def test_a_whole_run_is_kept_and_the_next_begins_anew(tmp_path):
    result = run(Trial(), tmp_path)
    assert (result.complete, result.steps_done, result.steps) == (True, 3, 3)
    assert result.tables[0].rows[0].cells[0].value == 2.0
    assert decoded((tmp_path / "trial.json").read_bytes(), "it") == result
    again = Trial()
    run(again, tmp_path)
    assert again.performed == ["a", "bb", "ccc"]


@pytest.mark.parametrize("error", [KeyboardInterrupt(), RuntimeError("broken")])
def test_an_interrupted_run_keeps_what_is_done_and_goes_on_with_the_rest(tmp_path, error):
    with pytest.raises(type(error)):
        run(Trial(fails_at="bb", error=error), tmp_path)
    half = decoded((tmp_path / "trial.json").read_bytes(), "it")
    assert (half.complete, half.steps_done, [case["step"] for case in half.cases]) == (False, 1, ["a"])
    rest = Trial()
    assert run(rest, tmp_path).complete
    assert rest.performed == ["bb", "ccc"]


@pytest.mark.parametrize("other", [{"seed": 1}, {"options": True}])
def test_cases_of_another_seed_or_size_are_not_mixed_in(tmp_path, other):
    with pytest.raises(KeyboardInterrupt):
        run(Trial(fails_at="ccc"), tmp_path)
    rest = Trial(size=2) if "options" in other else Trial()
    run(rest, tmp_path, **({} if "options" in other else other))
    assert rest.performed == ["a", "bb", "ccc"]


def test_a_line_that_was_torn_is_done_again(tmp_path):
    with pytest.raises(KeyboardInterrupt):
        run(Trial(fails_at="ccc"), tmp_path)
    journal = tmp_path / "trial.cases"
    journal.write_text(journal.read_text()[:-5])
    rest = Trial()
    assert run(rest, tmp_path).complete
    assert rest.performed == ["bb", "ccc"]


def test_two_runs_at_once_do_not_mix(tmp_path):
    with Journal(tmp_path / "trial.cases", {}) as first:
        first.add("1", {})
        with pytest.raises(UsageError, match="trial is being measured already"):
            Journal(tmp_path / "trial.cases", {})
    with Journal(tmp_path / "trial.cases", {}) as again:
        assert again.cases == {"1": {}}


def test_nothing_is_loaded_when_every_step_is_done(tmp_path, monkeypatch):
    monkeypatch.setattr("device.eval.journal.Journal.remove", lambda self: None)
    run(Trial(), tmp_path)
    again = Trial()
    assert run(again, tmp_path).complete
    assert again.loaded == 0


def test_a_place_that_cannot_be_written_is_told_in_a_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="choose a place with --out"):
        run(Trial(), tmp_path / "file" / "below")


def test_what_is_no_result_is_told_in_a_sentence():
    with pytest.raises(UsageError, match="is no result of `device eval`"):
        decoded(json.dumps({"a": 1}).encode(), "a.json")


def test_what_is_measured_otherwise_is_kept_apart_and_its_command_repeats_it():
    sizes = Sizes(config=load(environment={}).config, seed=2, voice=True, operations=(1, 4), scale=0.2, repeats=3)
    assert sizes.command("latency") == "device eval latency --seed 2 --repeats 3 --operations 1 4 --scale 0.2 --voice"
    assert sizes.variant == "-voice-scale-0.2"
    assert Sizes(config=sizes.config).variant == ""
