"""The last hour's latency against what was recorded of the board."""

import pytest

from device.adapters.doctor.latency import latency, record
from device.errors import ControlError, LedgerError
from tests.adapters.doctor.judging import is_absent, is_not_known, is_well, warns


def agent(p50_ms: float, turns: int = 20) -> dict:
    return {"latency": {"n": turns, "p50_ms": p50_ms, "p95_ms": 2 * p50_ms}}


def test_without_an_agent_or_with_few_turns_nothing_can_be_told(device):
    assert is_absent(latency(device()))
    assert is_not_known(latency(device(agent={"latency": {"n": 0, "p50_ms": None, "p95_ms": None}})), "0 were answered")
    assert is_not_known(latency(device(agent={})))
    assert is_not_known(latency(device(config=None)))


def test_without_a_record_it_says_how_to_make_one(device):
    assert is_not_known(latency(device(agent=agent(400.0))), "--record-latency")


@pytest.mark.parametrize(("now", "verdict"), [(400.0, is_well), (470.0, is_well), (700.0, warns), (200.0, is_well)])
def test_answers_that_come_much_later_warn(device, now, verdict):
    record(device(agent=agent(400.0)))
    assert verdict(latency(device(agent=agent(now))))


def test_a_record_of_other_models_does_not_count(device):
    record(device(agent=agent(400.0)))
    assert is_not_known(latency(device(agent=agent(900.0), options=("models.llm=other",))), "other models")


def test_a_damaged_record_is_none(device, tmp_path):
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "latency.json").write_text("[1")
    assert is_not_known(latency(device(agent=agent(400.0))), "nothing is recorded")


def test_nothing_is_recorded_of_few_turns_or_no_agent(device):
    for patient in (device(), device(agent=agent(400.0, turns=2))):
        with pytest.raises(ControlError):
            record(patient)


def test_a_place_that_cannot_be_written_is_a_sentence(device, tmp_path):
    with pytest.raises(LedgerError, match="sudo"):
        record(device(agent=agent(400.0), state_directory=tmp_path / "none"))
