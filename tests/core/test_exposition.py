"""Prometheus's text format, read back with a grammar of its own."""

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.core.exposition import Family, Sample, exposition, histogram

_LABEL = r'[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*"'
_SAMPLE = re.compile(rf"^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{{({_LABEL}(?:,{_LABEL})*)\}})? ([^ ]+)$")
_UNESCAPED = {r"\\": "\\", r"\"": '"', r"\n": "\n"}


def read(text: str) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    """Every sample, by its name and labels; fails where the format's rules are broken."""
    assert text == "" or text.endswith("\n")
    found: dict[tuple[str, tuple[tuple[str, str], ...]], float] = {}
    kind, family, helped, finished = "", "", "", set()
    for one in text.splitlines():
        if one.startswith("# HELP "):
            helped = one.split(" ")[2]
            continue
        if one.startswith("# TYPE "):
            _, _, name, kind = one.split(" ")
            assert name == helped, "HELP and TYPE stand together"
            assert name not in finished, "all of a family stands together"
            finished.add(name)
            family = name
            assert kind in ("gauge", "counter", "histogram")
            assert kind != "counter" or name.endswith("_total")
            continue
        match = _SAMPLE.match(one)
        assert match, one
        suffixes = ("_bucket", "_sum", "_count") if kind == "histogram" else ("",)
        assert match[1] in {family + suffix for suffix in suffixes}
        labels = tuple(
            (label.partition("=")[0], re.sub(r"\\.", lambda m: _UNESCAPED[m[0]], label.partition("=")[2][1:-1]))
            for label in re.findall(_LABEL, match[2] or "")
        )
        assert len({name for name, _ in labels}) == len(labels)
        assert (match[1], labels) not in found, "a sample stands once"
        found[match[1], labels] = float(match[3])
    return found


@given(
    value=st.floats(allow_nan=False), label=st.text(st.characters(exclude_categories=["Cs"])), text=st.text(max_size=20)
)
def test_any_value_label_and_help_can_be_read_back(value, label, text):
    helped = "".join(text.split("\r")).replace("\x85", "").replace("\u2028", "")
    family = Family(
        name="a_total",
        kind="counter",
        help=" ".join(helped.split()),
        samples=(Sample(labels={"l": label}, value=value),),
    )
    lines = exposition([family]).split("\n")
    assert len(lines) == 4
    match = _SAMPLE.match(lines[2])
    assert match
    assert float(match[3]) == value
    assert re.sub(r"\\.", lambda m: _UNESCAPED[m[0]], match[2][3:-1]) == label


def test_a_family_is_written_with_its_help_and_type():
    families = [
        Family(
            name="a",
            kind="gauge",
            help="What\nit \\ is.",
            samples=(Sample(value=1.5), Sample(labels={"x": "y"}, value=2)),
        ),
        Family(name="none", kind="gauge", help="Nothing.", samples=()),
    ]
    assert exposition(families) == '# HELP a What\\nit \\\\ is.\n# TYPE a gauge\na 1.5\na{x="y"} 2\n'


def test_a_histogram_adds_up():
    text = exposition([histogram("t", "Time.", (0.5, 1.0), [2, 0, 3], 7.25)])
    assert read(text) == {
        ("t_bucket", (("le", "0.5"),)): 2,
        ("t_bucket", (("le", "1"),)): 2,
        ("t_bucket", (("le", "+Inf"),)): 5,
        ("t_sum", ()): 7.25,
        ("t_count", ()): 5,
    }


@pytest.mark.parametrize(
    ("value", "text"), [(math.inf, "+Inf"), (-math.inf, "-Inf"), (math.nan, "NaN"), (3.0, "3"), (1e300, "1e+300")]
)
def test_numbers_as_the_format_has_them(value, text):
    assert exposition([Family(name="a", kind="gauge", help="", samples=(Sample(value=value),))]).endswith(f"a {text}\n")
