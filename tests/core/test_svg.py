"""Charts as SVG."""

import xml.etree.ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from device.core.svg import Drawing, ticks


@given(st.floats(-1e4, 1e4), st.floats(0.001, 1e4), st.integers(2, 12))
def test_ticks_are_few_and_within_the_range(low, span, most):
    found = ticks(low, low + span, most)
    assert len(found) <= most
    assert all(low - span * 1e-6 - 1e-6 <= tick <= low + span * (1 + 1e-6) + 1e-6 for tick in found)


@given(words=st.text(st.characters(exclude_categories=["Cc", "Cs", "Cn"])))
def test_whatever_a_person_wrote_stands_in_the_picture_as_text(words):
    drawing = Drawing(100, 50)
    drawing.text(1, 2, words)
    drawing.rectangle(0, 0, 10, 10, "red", title=words)
    drawing.dot(5, 5, 2, "blue", title=words)
    texts = [one.text or "" for one in ET.fromstring(drawing.as_text()).iter() if one.tag.endswith(("text", "title"))]
    assert texts == [words] * (3 if words else 1)
