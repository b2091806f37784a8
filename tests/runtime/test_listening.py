"""Buttons, mutes and calls: who is heard, and when."""

import pytest

from device.adapters.fakes.clock import FakeClock
from device.adapters.fakes.ledger import MemoryLedger
from device.core.entries import ReplyEnded, UserSaid
from device.core.fsm import State
from device.core.presence import Mode
from tests.runtime.agent import answers, scene
from tests.runtime.test_scenarios import STORY, TIMER, ring

BUTTON = ("start.way=button",)
SCRIPT = answers(("story", STORY), ("Hello", "Hi."), ("on", "Gone on."))


async def telling(it) -> None:
    """The agent tells its story."""
    it.agent.talk_tapped()
    await it.hear("Tell me a story.")
    await it.until(lambda: it.state is State.EMITTING)
    await it.step(10)


# --- the stop button -----------------------------------------------------------------------------------------------


async def test_interrupting_ends_the_reply_with_the_block_that_plays():
    async with scene(SCRIPT) as it:
        await telling(it)
        it.agent.interrupt()
        await it.rest()
        assert not it.audio.step().any()
        assert it.state is State.IDLE
        assert it.entries(ReplyEnded)[0].interrupted


async def test_interrupting_forgets_an_utterance_whose_words_are_not_ready_yet():
    async with scene(SCRIPT) as it:
        it.recognizer.transcripts.append("Hello")
        await it.step(10, level=0.5)
        it.agent.capture._end(voice=True)
        it.agent.interrupt()
        await it.until_idle()
        assert it.entries(UserSaid) == []


# --- push to talk --------------------------------------------------------------------------------------------------


async def test_nobody_is_heard_without_the_button():
    async with scene(SCRIPT, options=BUTTON) as it:
        assert it.agent.presence.mode is Mode.ASLEEP
        await it.hear("Hello")
        assert it.entries(UserSaid) == []
        assert it.recognizer.fed_samples == 0


async def test_what_is_said_while_the_button_is_held_is_one_utterance_whatever_its_pauses():
    async with scene(SCRIPT, options=BUTTON) as it:
        it.agent.talk_begins()
        await it.rest()
        assert (it.state, it.agent.presence.mode) == (State.LISTENING, Mode.LISTENING)
        it.recognizer.transcripts.append("Hello")
        await it.step(10, level=0.5)
        await it.step(100)  # a pause of three seconds
        assert it.state is State.LISTENING
        await it.step(10, level=0.5)
        it.agent.talk_ends()
        await it.step(8, level=0.5)
        await it.until_idle()
        assert it.entries(UserSaid) == [UserSaid(text="Hello")]
        assert it.entries(ReplyEnded)[0].heard == "Hi."
        assert it.agent.presence.mode is Mode.ASLEEP


async def test_after_a_pause_the_release_ends_the_turn_at_once():
    async with scene(SCRIPT, options=BUTTON) as it:
        it.agent.talk_begins()
        it.recognizer.transcripts.append("Hello")
        await it.step(10, level=0.5)
        await it.step(5)
        it.agent.talk_ends()
        await it.rest()
        assert it.entries(UserSaid) == [UserSaid(text="Hello")]


async def test_a_word_under_way_at_the_release_is_heard_to_its_end():
    async with scene(SCRIPT, options=BUTTON) as it:
        it.agent.talk_begins()
        it.recognizer.transcripts.append("Hello")
        await it.step(10, level=0.5)
        it.agent.talk_ends()
        before = it.recognizer.fed_samples
        await it.step(3, level=0.5)
        assert it.recognizer.fed_samples > before
        await it.step(1)
        assert it.entries(UserSaid) == [UserSaid(text="Hello")]


async def test_a_press_ends_a_reply_at_once_and_without_words_it_stays_ended():
    async with scene(SCRIPT, options=BUTTON) as it:
        await telling(it)
        it.agent.talk_begins()
        await it.rest()
        assert not it.audio.step().any()
        (reply,) = it.entries(ReplyEnded)
        assert reply.interrupted
        it.agent.talk_ends()
        await it.until_idle()
        assert len(it.entries(ReplyEnded)) == 1
        assert len(it.entries(UserSaid)) == 1


async def test_a_press_after_the_stop_button_listens():
    async with scene(SCRIPT, options=BUTTON) as it:
        await telling(it)
        it.agent.interrupt()
        it.agent.talk_begins()
        await it.rest()
        assert it.state is State.LISTENING


async def test_an_utterance_that_was_stopped_ends_without_its_release():
    async with scene(SCRIPT, options=BUTTON) as it:
        it.agent.talk_begins()
        await it.step(10, level=0.5)
        it.agent.interrupt()
        await it.step(40)
        it.agent.talk_ends()
        await it.until_idle()
        assert it.entries(UserSaid) == []
        it.agent.talk_tapped()
        await it.hear("Hello")
        assert it.entries(UserSaid) == [UserSaid(text="Hello")]


async def test_a_timer_waits_for_the_button_to_be_released():
    async with scene(TIMER, options=BUTTON) as it:
        it.agent.talk_tapped()
        await it.hear("Set a timer for tea, three minutes.")
        await it.until(lambda: len(it.entries(ReplyEnded)) == 2)
        await it.until_idle()
        it.agent.talk_begins()
        await it.rest()
        await ring(it)
        await it.step(60)
        assert it.state is State.LISTENING
        it.agent.talk_ends()
        await it.until_idle()
        assert it.entries(ReplyEnded)[-1].heard == "The 3 minute timer for tea is over."


# --- tap to talk ---------------------------------------------------------------------------------------------------


async def test_a_tap_listens_for_one_utterance():
    async with scene(SCRIPT, options=BUTTON) as it:
        it.agent.talk_tapped()
        await it.rest()
        assert it.agent.presence.mode is Mode.LISTENING
        await it.step(60)
        await it.hear("Hello")
        await it.until_idle()
        await it.hear("Tell me a story.")
        await it.until_idle()
        assert it.entries(UserSaid) == [UserSaid(text="Hello")]


async def test_a_tap_after_which_nobody_speaks_is_given_up():
    async with scene(SCRIPT, options=(*BUTTON, "start.patience_seconds=2")) as it:
        it.agent.talk_tapped()
        await it.step(60)
        assert it.state is State.LISTENING
        await it.step(5)
        assert (it.state, it.agent.presence.mode) == (State.IDLE, Mode.ASLEEP)


async def test_a_tap_silences_a_reply_and_what_was_being_said_before_it_is_not_the_users_turn():
    async with scene(SCRIPT, options=BUTTON) as it:
        await telling(it)
        await it.step(20, level=0.5)  # somebody talks to somebody else
        it.agent.talk_tapped()
        await it.rest()
        assert it.entries(ReplyEnded)[0].interrupted
        await it.hear("Hello")
        await it.until_idle()
        assert it.entries(UserSaid)[-1] == UserSaid(text="Hello")


# --- mute ----------------------------------------------------------------------------------------------------------


async def test_a_mute_closes_the_input_and_nothing_is_heard_until_it_is_opened_again():
    async with scene(SCRIPT) as it:
        it.agent.mute()
        await it.until(lambda: not it.audio.listening)
        assert it.agent.presence.mode is Mode.MUTED
        await it.hear("Hello")
        for press in (it.agent.talk_tapped, it.agent.talk_begins, it.agent.wake, it.agent.talk_ends):
            press()
        await it.step(10)
        assert (it.state, it.entries(UserSaid)) == (State.IDLE, [])
        it.recognizer.transcripts.clear()
        it.agent.unmute()
        await it.until(lambda: it.audio.listening)
        await it.hear("Hello")
        await it.until_idle()
        assert it.entries(UserSaid) == [UserSaid(text="Hello")]


async def test_what_had_arrived_but_was_not_looked_at_when_it_was_muted_is_not_heard_either():
    async with scene(SCRIPT) as it:
        it.recognizer.transcripts.append("Hello")
        it.agent.mute()
        for _ in range(20):
            it.audio.step(0.5)
        await it.step(20)
        assert it.entries(UserSaid) == []
        assert it.recognizer.fed_samples == 0


async def test_a_mute_during_an_utterance_discards_it():
    async with scene(SCRIPT) as it:
        it.recognizer.transcripts.append("Hello")
        await it.step(10, level=0.5)
        assert it.state is State.LISTENING
        it.agent.mute()
        await it.step(40)
        assert (it.state, it.entries(UserSaid)) == (State.IDLE, [])


@pytest.mark.parametrize("held", [False, True])
def test_a_reply_is_spoken_to_its_end_while_muted(held):
    async def check():
        async with scene(SCRIPT) as it:
            await telling(it)
            if held:
                await it.step(6, level=0.5)
                assert it.state is State.EMITTING_HELD
            it.agent.mute()
            await it.until(lambda: not it.audio.listening)
            await it.until_idle()
            (reply,) = it.entries(ReplyEnded)
            assert (reply.heard, reply.interrupted) == (STORY, False)

    import asyncio

    asyncio.run(check())


async def test_alarms_ring_aloud_while_muted():
    async with scene(TIMER) as it:
        await it.hear("Set a timer for tea, three minutes.")
        await it.until(lambda: len(it.entries(ReplyEnded)) == 2)
        await it.until_idle()
        it.agent.mute()
        await it.until(lambda: not it.audio.listening)
        before = it.loud_samples()
        await ring(it)
        await it.until_idle()
        assert it.entries(ReplyEnded)[-1].heard == "The 3 minute timer for tea is over."
        assert it.loud_samples() > before


async def test_a_mute_survives_a_restart():
    ledger = MemoryLedger(FakeClock())
    async with scene(SCRIPT, ledger=ledger) as it:
        it.agent.mute()
        await it.until(lambda: not it.audio.listening)
    async with scene(SCRIPT, ledger=ledger) as again:
        assert again.agent.muted
        assert not again.audio.listening
        await again.hear("Hello")
        assert again.entries(UserSaid) == []
        again.agent.unmute()
        await again.until(lambda: again.audio.listening)
    async with scene(SCRIPT, ledger=ledger) as it:
        assert not it.agent.muted
        assert it.audio.listening


async def test_a_card_that_returns_while_it_is_muted_returns_without_its_microphone(monkeypatch):
    monkeypatch.setattr("device.runtime.sound.RETRY_SECONDS", 0.01)
    async with scene(SCRIPT) as it:
        it.agent.mute()
        await it.until(lambda: not it.audio.listening)
        it.audio.unplug()
        await it.rest()
        it.audio.missing = False
        await it.until(lambda: it.audio.is_open)
        assert not it.audio.listening


async def test_muting_twice_or_back_and_forth_ends_as_asked():
    async with scene(SCRIPT) as it:
        for _ in range(5):
            it.agent.mute()
            it.agent.mute()
            it.agent.unmute()
        await it.step(20)
        assert it.audio.listening
        await it.hear("Hello")
        await it.until_idle()
        assert it.entries(UserSaid) == [UserSaid(text="Hello")]


# --- a quiet microphone ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("auto_gain", [True, False])
async def test_a_quiet_microphone_is_amplified_until_its_user_is_heard(auto_gain):
    async with scene(SCRIPT, options=(f"hearing.auto_gain={str(auto_gain).lower()}",)) as it:
        await it.step(30, level=0.0002)
        await it.step(90, level=0.004)
        assert it.state is (State.LISTENING if auto_gain else State.IDLE)


# --- what it shows -------------------------------------------------------------------------------------------------


async def test_whoever_watches_is_told_of_every_change():
    async with scene(SCRIPT) as it:
        shown = []
        it.agent.watch(lambda presence: shown.append(presence.mode))
        await it.hear("Hello")
        await it.until_idle()
        it.agent.mute()
        await it.rest()
        assert shown == [Mode.IDLE, Mode.LISTENING, Mode.THINKING, Mode.SPEAKING, Mode.IDLE, Mode.MUTED]
