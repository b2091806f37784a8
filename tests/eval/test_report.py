"""Results as a terminal, a page and a picture show them."""

import xml.etree.ElementTree as ET

import pytest

from device.errors import UsageError
from device.eval import report
from device.eval.picture import picture
from device.eval.result import Figure, Result, Row, Table, encoded
from device.eval.tables import as_html, as_markdown, as_text, shown

TABLE = Table(
    title="Waits & <tags>",
    columns=("async", "sync", "how many"),
    rows=(
        Row(
            label="one | call",
            cells=(Figure(value=1.0, low=0.5, high=1.5, n=9, unit="s"), Figure(value=2.0, unit="s"), "3"),
        ),
        Row(label="none", cells=(Figure(value=None, unit="s"), Figure(value=0.25, low=0.2, high=0.3, unit="s"), "4")),
    ),
    note="A note.",
    drawn=("async", "sync"),
)


def result(name: str = "ledger", **changes) -> Result:
    whole = {
        "experiment": name,
        "question": "Does it?",
        "thinks": "a script",
        "command": f"device eval {name} --seed 3",
        "version": "0.1",
        "seed": 3,
        "complete": True,
        "steps_done": 2,
        "steps": 2,
        "options": {"writers": [1, 2]},
        "models": {"llm": "tiny"},
        "machine": {"cores": 2, "processor": "P", "system": "Linux", "python": "3.11", "load": 0.5},
        "tables": (TABLE,),
        "not_measured": ("A <thing>.",),
    }
    return Result(**(whole | changes))


@pytest.mark.parametrize(
    ("figure", "words"),
    [
        (Figure(value=None), "–"),
        (Figure(value=0.5, low=0.25, high=0.75, unit="%"), "50.0 % (25.0–75.0)"),
        (Figure(value=12, n=12), "12"),
        (Figure(value=1.234, unit="x"), "1.23×"),
        (Figure(value=123.4, low=100.0, high=150.0, unit="ms"), "123 ms (100–150)"),
        (Figure(value=-1.0, low=-2.0, high=0.5, unit="s"), "-1.00 s (-2.00 to 0.50)"),
        (Figure(value=33.3, unit="/s"), "33.3/s"),
    ],
)
def test_a_figure_tells_its_unit_and_how_sure_it_is(figure, words):
    assert shown(figure) == words


def test_a_table_is_the_same_in_every_form():
    text, markdown, html = as_text(TABLE), as_markdown(TABLE), as_html(TABLE)
    for form in (text, markdown, html):
        assert "A note." in form
    assert all("1.00 s (0.50–1.50)" in form for form in (text, markdown))
    assert "1.00 s<small>0.50–1.50</small>" in html
    assert "one \\| call" in markdown
    assert ET.fromstring(f"<x>{html}</x>") is not None


def test_what_two_agents_have_in_common_stands_above_both():
    columns = ("n", "waits, async", "waits, sync", "a, b")
    html = as_html(Table(title="", columns=columns, rows=(Row(label="r", cells=("1", "2", "3", "4")),)))
    assert "<th colspan='2' class='pair'>waits</th>" in html
    assert "<tr class='agents'><th>async</th><th>sync</th></tr>" in html
    assert "<th rowspan='2'>n</th>" in html
    assert "<th rowspan='2'>a, b</th>" in html


def test_a_wide_table_is_a_block_for_each_row():
    wide = Table(
        title="Wide", columns=tuple(f"a long column {n}" for n in range(9)), rows=(Row(label="r", cells=("1",) * 9),)
    )
    lines = as_text(wide).splitlines()
    assert lines[:3] == ["Wide", "  r", "    a long column 0  1"]


def test_a_picture_has_a_dot_for_every_figure_that_is_known():
    drawn = picture(TABLE)
    assert drawn is not None
    assert drawn.count("<circle") == 2 + 3  # the legend's, too
    assert "&lt;tags&gt;" in drawn


def test_nothing_known_is_no_picture():
    assert (
        picture(Table(title="t", columns=("a",), rows=(Row(label="r", cells=(Figure(value=None),)),), drawn=("a",)))
        is None
    )


def test_the_page_holds_all_it_shows_and_says_what_was_not_measured(tmp_path):
    for name in ("protocol", "ledger", "latency"):
        (tmp_path / f"{name}.json").write_text(encoded(result(name)))
    results = report.read(tmp_path)
    assert [one.experiment for one in results] == ["latency", "ledger", "protocol"]
    page, markdown = report.as_page(results), report.as_markdown_page(results)
    for form in (page, markdown):
        assert "device eval ledger --seed 3" in form
        assert "satisfaction of real people" in form
        assert "writers 1/2" in form
    assert "A &lt;thing&gt;." in page
    assert page.count("<svg") == 3
    assert "src=" not in page
    assert markdown.count("data:image/svg+xml;base64,") == 3


def test_an_interrupted_result_says_so():
    assert "1 of 2 steps" in report.as_page([result(complete=False, steps_done=1)])
    assert "1 of 2 steps" in report.as_markdown_page([result(complete=False, steps_done=1)])


def test_without_results_a_person_is_told_how_to_make_some(tmp_path):
    with pytest.raises(UsageError, match="device eval ledger"):
        report.read(tmp_path / "nowhere")


def test_results_of_one_experiment_are_told_apart_by_how_they_were_made():
    scaled = result("latency", command="device eval latency --seed 0 --scale 0.2 --voice")
    assert report.heading(scaled) == "latency (voice, calls at 0.2 of their time)"
