"""Results: summed up, merged, compared, ablated, drawn."""

import json
import xml.etree.ElementTree as ET
from dataclasses import asdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.bench import ablation, comparison, results, timeline_picture
from device.bench.figures import PARTS, Utterance
from device.cli.main import main
from device.config import load
from device.errors import UsageError


def answered(name: str, *parts: float) -> Utterance:
    parts = parts or (200.0, 0.0, 60.0, 40.0)
    split = dict(zip(PARTS, parts, strict=True))
    return Utterance(name=name, text=f"<{name}> & more", voice_to_voice_ms=sum(parts), split_ms=split)


CUT = Utterance(name="cut", cut_off=True, early_endpoints=1)
SILENT = Utterance(name="silent")


def result(*utterances: Utterance) -> dict:
    models = {"vad": "v", "turn": "t", "asr": "a", "tts": "s", "llm": "l"}
    machine = {"processor": "<chip>", "cores": 2, "load": 0.5, "cpu_quota": {"percent": 40}, "busy_processes": 1}
    kept = [asdict(one) for one in utterances]
    return {**results.summary(utterances), "late_blocks": 2, "models": models, "machine": machine, "utterances": kept}


def test_the_summary_counts_what_was_cut_off_or_not_answered_apart():
    found = results.summary([answered("a"), answered("b"), CUT, SILENT])
    assert (found["n"], found["cut_off_rate"], found["unanswered"], found["early_endpoints"]) == (4, 0.25, 1, 1)
    assert found["voice_to_voice_ms"] == {"p50": 300.0, "p90": 300.0, "p95": 300.0}
    assert found["split_ms"] == {"endpoint": 200.0, "recognition": 0.0, "first_piece": 60.0, "first_chunk": 40.0}


@pytest.mark.parametrize("utterances", [(), (CUT,), (SILENT, CUT)])
def test_a_measurement_without_answers_can_be_told_and_drawn(utterances):
    found = result(*utterances)
    assert found["split_ms"] == dict.fromkeys(PARTS)
    assert "–" in results.as_text(found)
    ET.fromstring(timeline_picture.picture(found))


def test_results_of_several_rounds_are_one():
    found = results.merged([result(answered("a")), result(answered("a", 300, 0, 60, 40), CUT)])
    assert found["n"] == 3
    assert found["voice_to_voice_ms"]["p50"] == 350.0
    assert found["late_blocks"] == 4


@given(
    st.lists(
        st.one_of(
            st.just(CUT), st.just(SILENT), st.tuples(*[st.floats(0, 900)] * 4).map(lambda it: answered("a", *it))
        ),
        max_size=80,
    )
)
def test_the_picture_is_well_formed_and_has_a_bar_for_every_part(utterances):
    drawn = ET.fromstring(timeline_picture.picture(result(*utterances)))
    bars = [
        it
        for it in drawn.iter("{http://www.w3.org/2000/svg}rect")
        if it.find("{http://www.w3.org/2000/svg}title") is not None
    ]
    spoken = [one for one in utterances if one.voice_to_voice_ms is not None]
    assert len(bars) == 4 * len(spoken) + len(utterances) - len(spoken)


def test_a_comparison_shows_differences_and_ratios(tmp_path, capsys):
    before = result(*(answered(f"u{number}", 300.0 + number, 0, 60, 40) for number in range(10)))
    after = result(*(answered(f"u{number}", 200.0 + number, 0, 60, 40) for number in range(10)))
    for name, found in (("a.json", before), ("b.json", after)):
        (tmp_path / name).write_text(json.dumps(found))
    arguments = ["bench", "latency", "--compare", str(tmp_path / "a.json"), str(tmp_path / "b.json")]
    assert main([*arguments, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["figures"]["voice to voice p50 ms"] == {
        "before": 404.5,
        "after": 304.5,
        "difference": -100.0,
        "ratio": 0.753,
    }
    assert found["p50_difference_ms"] == {"p50": -100.0, "low": -100.0, "high": -100.0, "pairs": 10}
    assert main(arguments) == 0
    assert "p50 -100 ms" in capsys.readouterr().out


def test_what_is_no_result_cannot_be_compared(tmp_path):
    (tmp_path / "a.json").write_text("{}")
    with pytest.raises(UsageError, match="is no result"):
        comparison.read(tmp_path / "a.json")


def test_every_ablation_is_a_configuration_of_its_own():
    plain = load(environment={}).config
    configs = []

    def measure(options):
        configs.append(load(overrides=options, environment={}).config)
        return result(answered("a"))

    ablation.ablate(measure, ablation.values(plain), rounds=1, tell=str)
    assert configs[0] == plain
    assert len(configs) == len(ablation.ABLATIONS)
    assert all(config != plain for config in configs[1:])


def test_an_ablation_is_told_against_everything():
    def measure(options):
        late = 100.0 if "models.turn=silence" in options else 0.0
        return result(*(answered(f"u{number}", 200.0 + late, 0, 60, 40) for number in range(5)))

    found = ablation.ablate(measure, ablation.values(load(environment={}).config), rounds=2, tell=str)
    turn = found["ablations"]["turn model"]
    assert turn["n"] == 10
    assert turn["against"]["p50_difference_ms"]["p50"] == 100.0
    (row,) = [line for line in ablation.as_text(found).splitlines() if line.startswith("turn model")]
    assert row.split()[2:5] == ["400", "400", "+100"]
