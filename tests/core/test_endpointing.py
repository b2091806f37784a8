"""When an utterance begins, pauses and ends."""

from hypothesis import given
from hypothesis import strategies as st

from device.core.endpointing import Ended, Endpointer, EndpointingOptions, Paused, Resumed, SpeechBegan

WINDOW = 512
MS = WINDOW / 16


def run(probabilities: list[float], options: EndpointingOptions | None = None, advice: float | None = None):
    endpointer = Endpointer(options or EndpointingOptions())
    found = []
    for number, probability in enumerate(probabilities):
        for decision in endpointer.window(probability, (number + 1) * WINDOW):
            found.append((type(decision), number))
            if isinstance(decision, Paused) and advice is not None:
                endpointer.advise(advice)
    return found


def kinds(found):
    return [kind for kind, _ in found]


SPEECH, SILENCE = [0.9] * 30, [0.0] * 60


def test_a_finished_sentence_ends_sooner_than_an_unfinished_one():
    finished = dict(run(SPEECH + SILENCE, advice=0.95))
    unfinished = dict(run(SPEECH + SILENCE, advice=0.1))
    unknown = dict(run(SPEECH + SILENCE))
    assert (finished[Ended] - 29) * MS >= 320 > (finished[Ended] - 30) * MS
    assert (unfinished[Ended] - 29) * MS >= 1000 > (unfinished[Ended] - 30) * MS
    assert unknown[Ended] == unfinished[Ended]


def test_speech_that_goes_on_after_a_pause_is_one_utterance():
    found = run(SPEECH + [0.0] * 6 + SPEECH + SILENCE, advice=0.1)
    assert kinds(found) == [SpeechBegan, Paused, Resumed, Paused, Ended]


def test_a_click_is_no_speech():
    assert run([0.9, 0.0, 0.0, 0.9, 0.9, 0.0] + SILENCE) == []


def test_nobody_is_listened_to_forever():
    found = run([0.9] * 200, EndpointingOptions(max_utterance_ms=1000))
    assert kinds(found)[:2] == [SpeechBegan, Ended]
    assert (found[1][1] + 1) * MS >= 1000


def test_advice_between_utterances_is_ignored():
    endpointer = Endpointer()
    endpointer.advise(1.0)
    assert endpointer.window(0.0, WINDOW) == ()


@given(st.lists(st.floats(0, 1), max_size=300), st.none() | st.floats(0, 1))
def test_utterances_begin_and_end_in_turn_whatever_the_probabilities(probabilities, advice):
    speaking = paused = False
    for kind in kinds(run(probabilities, advice=advice)):
        if kind is SpeechBegan:
            assert not speaking
            speaking, paused = True, False
        elif kind is Paused:
            assert speaking
            assert not paused
            paused = True
        elif kind is Resumed:
            assert paused
            paused = False
        else:
            assert speaking
            speaking = False


def levels(*stretches: tuple[float, float, int]) -> list[tuple[type, int]]:
    """The decisions on stretches of (probability, level in dB, windows), each with its window's number."""
    endpointer, found, number = Endpointer(EndpointingOptions(pause_ms=64)), [], 0
    for probability, level_db, windows in stretches:
        for _ in range(windows):
            number += 1
            found += [(type(one), number) for one in endpointer.window(probability, number * WINDOW, level_db)]
    return found


def test_a_level_far_below_the_voice_is_a_pause_before_the_detector_notices():
    room = (0.0, -70.0, 20)
    found = levels(room, (0.9, -20.0, 30), (0.9, -65.0, 3), (0.0, -65.0, 60))
    assert found[:2] == [(SpeechBegan, 23), (Paused, 52)]
    assert dict(found)[Ended] > 53


def test_a_loud_room_leaves_the_decision_to_the_detector():
    found = levels((0.0, -30.0, 20), (0.9, -20.0, 30), (0.9, -30.0, 3), (0.0, -30.0, 60))
    assert dict(found)[Paused] == 55


def test_the_turn_never_ends_while_the_detector_hears_a_voice():
    assert Ended not in dict(levels((0.0, -70.0, 20), (0.9, -20.0, 30), (0.9, -65.0, 90)))


def test_a_voice_from_the_very_first_window_on_is_not_taken_for_the_room():
    assert kinds(levels((0.9, -20.0, 60), (0.0, -70.0, 60))) == [SpeechBegan, Paused, Ended]
