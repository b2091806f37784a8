"""Percentiles, against numpy's."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.core.percentiles import percentile


@given(values=st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=50), percent=st.floats(0, 100))
def test_they_are_interpolated_as_numpy_does(values, percent):
    assert percentile(values, percent) == pytest.approx(float(np.percentile(values, percent)), abs=1e-6)
