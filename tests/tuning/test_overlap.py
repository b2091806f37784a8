"""Nothing that is measured is learnt from."""

import json

from device.tuning.overlap import Measured, utterances_in

HEAT = "Would you please heat the oven to two hundred degrees?"


def test_the_same_words_are_refused_however_they_are_written():
    measured = Measured(["Heat it to two hundred."])
    assert measured("heat it to 200")
    assert not measured("heat it to 300")
    assert measured.refused == {("heat", "it", "to", "200")}


def test_five_words_in_a_row_are_too_many_and_four_are_not():
    measured = Measured([HEAT])
    assert measured("Now heat the oven to 200 please")
    assert not measured("Heat the oven to one hundred degrees.")


def test_lists_of_requests_of_both_forms_are_read(tmp_path):
    path = tmp_path / "cases.json"
    path.write_text(json.dumps([["Heat it.", "heat", {}], {"utterance": "Heat and light.", "calls": []}]))
    assert utterances_in([path]) == ["Heat it.", "Heat and light."]
