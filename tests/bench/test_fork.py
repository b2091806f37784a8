"""The measurement of parallel thinking, with a model that costs nothing."""

from device.adapters.fakes.llm import ScriptedModel
from device.bench import fork
from device.ports import Urgency


async def test_every_figure_is_there_and_the_sequences_are_left_as_they_were_found():
    model = ScriptedModel(lambda _: "and so on " * 20)
    result = await fork.measure(model)
    assert list(result["fork_us"]) == ["64", "256", "1024", "2048", "4096"]
    assert list(result["tokens_per_s"]) == list(result["tokens_per_s_separate"]) == ["1", "2", "4", "8"]
    assert list(result["foreground_delay_ratio"]) == list(result["joined_delay_ratio"]) == [str(n) for n in range(8)]
    assert result["joined_delay_ratio"]["0"] == result["foreground_delay_ratio"]["0"] == 1.0
    assert result["models"] == {"llm": "scripted"}
    assert set(model.urgencies.values()) == {Urgency.FOREGROUND}
    assert model.running == 0


async def test_lengths_beyond_the_context_are_left_out():
    result = await fork.measure(ScriptedModel(lambda _: "and so on " * 20, context_tokens=1500))
    assert list(result["fork_us"]) == ["64", "256", "1024"]


async def test_a_person_reads_a_line_for_each():
    lines = fork.as_text(await fork.measure(ScriptedModel(lambda _: "and so on " * 20))).splitlines()
    assert lines[0].startswith("scripted on ")
    assert len(lines) == 7
