"""When the user's turn ends: after a silence that depends on all the signs, which come one after another."""

import math

import pytest

from device.core.entries import UserSaid
from device.core.turn_end import completeness
from device.runtime.marks import Stage
from tests.runtime.agent import answers, scene

ASKED = "How many days are there in a week?"
SEVEN = answers(("days", "Seven."))
LIKELY, UNLIKELY = math.log(0.99), math.log(0.001)


async def silent_blocks(it, words: str) -> int:
    """The user says `words`; how many blocks of silence end the turn."""
    it.recognizer.transcripts.append(words)
    await it.step(15, level=0.5)
    blocks = 0
    while not it.entries(UserSaid):
        await it.step()
        blocks += 1
    return blocks


async def test_the_surer_the_language_model_is_of_the_end_the_sooner_the_turn_ends():
    blocks = []
    for likelihood in (LIKELY, math.log(0.02), UNLIKELY):
        async with scene(SEVEN, rule=completeness) as it:
            it.model.likelihoods = lambda _, value=likelihood: value
            blocks.append(await silent_blocks(it, ASKED))
            assert it.entries(UserSaid) == [UserSaid(text=ASKED, typed=False)]
    assert blocks[0] < blocks[1] < blocks[2]


async def test_the_language_model_is_asked_after_the_last_word_without_the_recognizers_punctuation():
    asked = []
    async with scene(SEVEN, rule=completeness) as it:
        it.model.likelihoods = lambda text: asked.append(text) or LIKELY
        await silent_blocks(it, ASKED)
        await it.until_idle()
    assert len(asked) == 1
    assert asked[0].endswith("<|im_start|>user\nHow many days are there in a week")


async def test_it_costs_no_second_prompt_and_keeps_the_prepared_reply():
    async with scene(SEVEN, rule=completeness) as it:
        await silent_blocks(it, ASKED)
        await it.until_idle()
        assert len(it.model.prompts) == 1
        assert it.agent.dispatcher.speculator.kept == 1


async def test_a_likelihood_of_other_words_counts_for_nothing():
    async with scene(SEVEN, rule=completeness, options=("hearing.speculate=false",)) as it:
        it.recognizer.transcripts.append(ASKED)
        await it.step(15, level=0.5)
        await it.step(5)
        it.agent.capture.weigh_end("How many days", LIKELY)
        it.agent.capture.weigh_end(ASKED + " Or not?", LIKELY)
        judged = [mark.note for mark in it.agent.marks.since() if mark.stage is Stage.TURN_JUDGED]
        assert len(set(judged)) == 1
        it.agent.capture.weigh_end(ASKED, LIKELY)
        last = it.agent.marks.since()[-1]
        assert last.stage is Stage.TURN_JUDGED
        assert float(last.note) > float(judged[0])


async def test_without_speculation_the_turn_ends_by_the_other_signs():
    async with scene(SEVEN, rule=completeness, options=("hearing.speculate=false",)) as it:
        it.model.likelihoods = lambda _: pytest.fail("nobody asks")
        assert await silent_blocks(it, ASKED) > 0


async def test_the_turn_detector_is_asked_after_the_words_for_which_the_reply_waits():
    asked = []
    async with scene(SEVEN, rule=completeness) as it:
        finish, listen = it.recognizer.finish, it.judge.completeness
        it.recognizer.finish = lambda: (asked.append("words"), finish())[1]
        it.judge.completeness = lambda sound: (asked.append("sound"), listen(sound))[1]
        it.model.likelihoods = lambda _: math.log(0.02)
        await silent_blocks(it, ASKED)
        await it.until_idle()
    assert asked[asked.index("sound") - 1] == "words"
    assert asked.count("sound") == 1


@pytest.mark.parametrize(("words", "likelihood"), [(ASKED, LIKELY), ("And now?", UNLIKELY)])
async def test_the_turn_detector_is_not_asked_where_the_words_decide(words, likelihood):
    async with scene(SEVEN, rule=completeness) as it:
        it.judge.completeness = lambda _: pytest.fail("nobody asks")
        it.model.likelihoods = lambda _: likelihood
        assert await silent_blocks(it, words) > 0
        await it.until_idle()
