"""When an utterance begins, pauses and ends."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.core.endpointing import Doubt, Ended, Endpointer, EndpointingOptions, Paused, Resumed, SpeechBegan

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


WAITS = EndpointingOptions(end_silence_ms=320, end_silence_max_ms=960, unfinished_below=0.2, finished_above=0.8)


def wait_windows(advice: float | None) -> int:
    """How many windows of silence end a sentence that is finished with this probability."""
    return dict(run(SPEECH + SILENCE, WAITS, advice))[Ended] + 1 - len(SPEECH)


@pytest.mark.parametrize(("advice", "silence_ms"), [(1.0, 320), (0.8, 320), (0.5, 640), (0.2, 960), (None, 960)])
def test_the_likelier_a_sentence_is_finished_the_sooner_it_ends(advice, silence_ms):
    assert wait_windows(advice) * MS == silence_ms


@given(st.floats(0, 1), st.floats(0, 1))
def test_no_answer_that_is_surer_of_an_end_waits_longer(one, other):
    surer, less_sure = max(one, other), min(one, other)
    assert WAITS.end_silence_ms <= WAITS.wait_ms(surer) <= WAITS.wait_ms(less_sure) <= WAITS.end_silence_max_ms


@pytest.mark.parametrize(("first", "then", "silence_ms"), [(0.0, 1.0, 448), (1.0, 0.0, 960)])
def test_an_answer_that_is_renewed_while_the_pause_lasts_is_the_one_that_counts(first, then, silence_ms):
    options = replace(WAITS, end_silence_ms=448)
    endpointer, ended = Endpointer(options), 0
    for number, probability in enumerate(SPEECH + SILENCE, 1):
        if number == len(SPEECH) + 10:
            endpointer.advise(then)
        for decision in endpointer.window(probability, number * WINDOW):
            if isinstance(decision, Paused):
                endpointer.advise(first)
            ended = number if isinstance(decision, Ended) else ended
    assert (ended - len(SPEECH)) * MS == silence_ms


def test_an_answer_does_not_outlive_its_pause():
    endpointer, ended = Endpointer(WAITS), 0
    probabilities = SPEECH + [0.0] * 6 + SPEECH
    for number, probability in enumerate(probabilities + SILENCE, 1):
        if Ended() in endpointer.window(probability, number * WINDOW):
            ended = number
        if number == len(SPEECH) + 6:
            endpointer.advise(1.0)
    assert (ended - len(probabilities)) * MS == 960


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


TALK_ELSEWHERE = (0.7, -50.0, 600)


def test_other_peoples_talk_is_no_speech_once_it_is_known_as_such_and_a_voice_over_it_is():
    found = levels(TALK_ELSEWHERE, (0.9, -30.0, 20), (0.7, -50.0, 60))
    background = [(kind, number) for kind, number in found if number <= TALK_ELSEWHERE[2]]
    assert kinds(background)[:3] == [SpeechBegan, Paused, Ended]  # before it was known
    assert kinds(found)[len(background) :] == [SpeechBegan, Paused, Ended]
    assert found[len(background)][1] == TALK_ELSEWHERE[2] + 3


def test_where_no_noise_sounds_like_a_voice_less_is_believed():
    steady, faint = (0.01, -60.0, 60), (0.4, -40.0, 10)
    assert kinds(levels(steady, faint))[:1] == [SpeechBegan]
    assert not levels(faint)


def test_nothing_more_is_believed_while_the_agent_itself_is_heard():
    endpointer = Endpointer()
    for number in range(1, 61):
        endpointer.window(0.01, WINDOW * number, -60.0)
    assert endpointer.begins_above(-40.0) < endpointer.begins_above(-40.0, own_sound=True) == 0.5


def test_what_the_agent_itself_says_is_no_background():
    endpointer = Endpointer()
    for number in range(1, 61):
        endpointer.window(0.9, WINDOW * number, -50.0, own_sound=True)
    assert endpointer.begins_above(-50.0) == 0.5


@pytest.mark.parametrize(
    ("doubt", "least_ms"),
    [(Doubt.NONE, 90), (Doubt.ECHO, 240), (Doubt.FAINT_ECHO, 480)],
)
def test_what_may_be_an_echo_must_last_longer_to_be_speech(doubt, least_ms):
    endpointer = Endpointer(EndpointingOptions(min_speech_ms=90, min_speech_over_reply_ms=240))
    windows = 0
    while not endpointer.window(0.9, 512 * (windows + 1), -20.0, doubt=doubt):
        windows += 1
    assert windows * 32 < least_ms <= (windows + 1) * 32


def test_what_was_broken_off_is_forgotten():
    endpointer = Endpointer()
    for number in range(1, 10):
        endpointer.window(0.9, 512 * number, -20.0)
    endpointer.reset()
    assert not endpointer.expecting
    decisions = [endpointer.window(0.9, 512 * number, -20.0) for number in range(10, 20)]
    assert sum(map(len, decisions)) == 1
