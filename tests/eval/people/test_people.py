"""The study's kit can be written, filled in and read; what cannot be read is named."""

import csv
import json

import msgspec
import pytest

from device.cli.main import main
from device.core.entries import CallEnded, CallMade, ConversationStarted, ReplyEnded, UserSaid
from device.core.prompt.messages import ToolSpec
from device.errors import UsageError
from device.eval.people import analysis, answers, kit, sessions
from device.eval.people.questionnaire import STATEMENTS, satisfaction
from device.eval.people.tasks import SETS

CONTENT = {"s1": 7, "s2": 1, "s3": 7, "s4": 1, "s5": 7, "s6": 1}


def export(path, tasks, *, left_out: int = 0) -> None:
    """A session in which all tasks but some were done."""
    entries = [CallMade(call_id="c9", turn=0, name="get_time", arguments={}), ConversationStarted()]
    entries.append(UserSaid(text="please"))
    calls = [call for task in SETS[tasks][left_out:] for call in task.wanted]
    for number, (name, arguments) in enumerate(calls):
        entries.append(CallMade(call_id=f"c{number}", turn=1, name=name, arguments=dict(arguments)))
        entries.append(CallEnded(call_id=f"c{number}", status="done", text="done"))
    entries.append(ReplyEnded(turn=1, generated="It is done.", heard="It", interrupted=True))
    lines = []
    for number, entry in enumerate(entries, 1):
        fields = {"id": number, "wall_seconds": 0.0, "boot_seconds": 0.0, "boot_id": "b", "context": "main"}
        lines.append(json.dumps({**fields, "entry": msgspec.to_builtins(entry)}))
    lines.append(json.dumps({**fields, "id": len(lines) + 1, "entry": {"kind": "OfTomorrow", "x": 1}}))
    path.write_text("\n".join(lines), encoding="utf-8")


def sheet(path, rows) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, answers.COLUMNS)
        table.writeheader()
        table.writerows(rows)


def row(person: str, agent: str, **more) -> dict:
    place = 1 if agent == "async" else 2
    return {"person": person, "agent": agent, "place": place, "set": "A", "seconds": 100, **CONTENT, **more}


def test_the_kit_holds_all_that_the_study_needs(tmp_path, capsys):
    assert main(["eval", "people", "--kit", str(tmp_path / "study")]) == 0
    for name in ("script.md", "tasks.md", "statements.md", "answers.csv"):
        assert str(tmp_path / "study" / name) in capsys.readouterr().out or (tmp_path / "study" / name).exists()
    assert answers.read(tmp_path / "study" / "answers.csv") == []
    assert all(task.card in (tmp_path / "study" / "tasks.md").read_text() for tasks in SETS.values() for task in tasks)
    assert main(["eval", "people", "--kit", str(tmp_path / "study")]) == 2


def test_a_filled_sheet_and_the_exports_make_the_table(tmp_path, capsys):
    rows = []
    for number in range(4):
        rows += [
            row(f"P{number}", "async", preferred=""),
            row(f"P{number}", "sync", s1=1, seconds=130, preferred="first"),
        ]
        export(tmp_path / f"P{number}-async.jsonl", "A")
        export(tmp_path / f"P{number}-sync.jsonl", "A", left_out=2)
    sheet(tmp_path / "answers.csv", [*rows, row("P9", "sync")])
    assert main(["eval", "people", str(tmp_path / "answers.csv"), "--exports", str(tmp_path), "--json"]) == 0
    figures, preference = json.loads(capsys.readouterr().out)["tables"]
    found = {one["label"]: [cell.get("value") for cell in one["cells"]] for one in figures["rows"]}
    assert found["satisfaction"] == [4, 1.0, pytest.approx(5 / 6), pytest.approx(1 / 6)]
    assert found["tasks done"] == [4, 1.0, 0.5, 0.5]
    assert found["time for all tasks"][3] == -30
    assert found["interruptions"][1:3] == [1.0, 1.0]
    assert "1 tried only one" in figures["note"]
    assert preference["rows"][0]["cells"][0]["value"] == 1.0


def test_without_exports_what_they_tell_is_left_open(tmp_path):
    sheet(tmp_path / "answers.csv", [row("P1", "async"), row("P1", "sync")])
    figures, _ = analysis.tables(answers.read(tmp_path / "answers.csv"), {})
    found = {one.label: one.cells for one in figures.rows}
    assert found["satisfaction"][1].value == 1.0
    assert found["tasks done"][1].value is None


def test_who_agrees_with_everything_is_neither_content_nor_not():
    assert satisfaction(dict.fromkeys(STATEMENTS, 7)) == 0.5
    assert satisfaction(CONTENT) == 1.0
    assert satisfaction({"s1": 7, "s2": None}) is None


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"s3": 8}, "line 2: s3 is '8'"),
        ({"agent": "both"}, "line 2: agent is 'both'"),
        ({"seconds": "long"}, "line 2: seconds is 'long'"),
        ({"person": ""}, "line 2: person is empty"),
    ],
)
def test_what_cannot_be_read_is_named_by_its_line(tmp_path, wrong, told):
    sheet(tmp_path / "answers.csv", [{**row("P1", "async"), **wrong}])
    with pytest.raises(UsageError, match=told.replace("(", "\\(")):
        answers.read(tmp_path / "answers.csv")


def test_a_line_that_is_there_twice_and_a_broken_export_are_named(tmp_path):
    sheet(tmp_path / "answers.csv", [row("P1", "async")] * 2)
    with pytest.raises(UsageError, match="line 3: person P1 with async is there twice"):
        answers.read(tmp_path / "answers.csv")
    (tmp_path / "P1-async.jsonl").write_text("{}\n")
    with pytest.raises(UsageError, match="line 1, is no record"):
        sessions.read(tmp_path / "P1-async.jsonl")


def test_every_task_is_one_that_the_agent_has_a_tool_for():
    from device import app
    from device.config import load

    specs: dict[str, ToolSpec] = {
        name: tool.spec for name, tool in app.enabled_tools(load(environment={}).config).items()
    }
    for tasks in SETS.values():
        for task in tasks:
            for name, arguments in task.wanted:
                assert set(arguments) <= set(specs[name].parameters["properties"])
    assert len(kit.files()) == 4
