"""What is heard of a voice over a reply, where the canceller takes it away together with the echo."""

import asyncio

import numpy as np

from device.adapters.fakes.speech import KeepingRecognizer, LoudnessDetector, ScriptedTurnDetector, by_sound
from device.core.attention import Attention
from device.core.endpointing import Endpointer
from device.core.events import GlimpseFaded, SpeechStarted, TurnEnded, VoiceGlimpsed
from device.ports import RECOGNITION_HZ
from device.runtime.capture import Capture
from device.runtime.cores import Cores
from device.runtime.ears import CaptureOptions, Ears
from device.runtime.echo import EchoRemover
from device.runtime.echo_model import Unexplained
from device.runtime.marks import Marks
from tests.virtual_time import InlineExecutor, VirtualClock

BLOCK = RECOGNITION_HZ // 100
TONE = (0.3 * np.sin(2 * np.pi * 1000 * np.arange(RECOGNITION_HZ) / RECOGNITION_HZ)).astype(np.float32)


class Swallowing:
    """An echo canceller that leaves nothing while something is played, or rang just now."""

    frame_samples = BLOCK

    def __init__(self, ringing_frames=20):
        self.ringing_frames, self.silent_frames = ringing_frames, 0

    def cancel(self, captured, played):
        self.silent_frames = 0 if played.any() else self.silent_frames + 1
        return np.zeros_like(captured) if self.silent_frames < self.ringing_frames else captured

    def set_delay(self, seconds):
        """It makes no difference."""

    def reset(self):
        """There is nothing to forget."""


class Knowing:
    """An echo model that is told how loud the echo is: all else exceeds it."""

    def __init__(self, excess_db):
        self.excess_db = excess_db
        self.learnt = []

    def frame(self, captured, played, *, learn=True):
        self.learnt.append(learn)
        return Unexplained(captured, self.excess_db if captured.any() else -3.0)

    def reset(self):
        """There is nothing to forget."""


class Forgetful(LoudnessDetector):
    """A detector that, as the real one, believes in no voice after a long silence until it is reset."""

    def __init__(self):
        self.silent_windows = 0

    def probability(self, window):
        loud = super().probability(window)
        if self.silent_windows > 30:
            return 0.0
        self.silent_windows = 0 if loud else self.silent_windows + 1
        return loud

    def reset(self):
        self.silent_windows = 0


class Losing(LoudnessDetector):
    """A detector that, as the real one in a room that rings, loses a voice after its first syllable."""

    def __init__(self, faintly=0.1):
        self.faintly, self.loud_windows = faintly, 0

    def probability(self, window):
        if not super().probability(window):
            return 0.0
        self.loud_windows += 1
        return 0.7 if self.loud_windows < 6 else self.faintly

    def reset(self):
        """It hears no more after that."""


class NoModel:
    def set_busy(self, busy):
        """Nobody thinks."""

    def hold(self, urgency):
        """Nobody waits."""


def heard_over_a_reply(*, excess_db, voice_seconds=0.7, detector=None, ringing_frames=20, model=None):
    """The events of a reply of three seconds that is held at a glimpse, somebody talking after two; what was fed."""
    events, recognizer = [], KeepingRecognizer("wait a moment")

    async def play():
        worker = InlineExecutor()
        ears = Ears(
            detector=detector or Forgetful(),
            recognizer=recognizer,
            turn_detector=ScriptedTurnDetector(),
            judge=by_sound,
            hearing=worker,
            judging=worker,
            echo=EchoRemover(Swallowing(ringing_frames), model or Knowing(excess_db)),
        )
        capture = Capture(
            ears,
            Endpointer(),
            attention=Attention(),
            options=CaptureOptions(speculate=False, read_ahead=False),
            post=events.append,
            marks=Marks(VirtualClock()),
            cores=Cores(NoModel()),
        )
        held = False
        for number in range(450):
            at = number * BLOCK / RECOGNITION_HZ
            plays = at < 3.0 and not held
            speaks = 2.0 <= at < 2.0 + voice_seconds
            captured = TONE[:BLOCK] if speaks else np.zeros(BLOCK, np.float32)
            capture.hear(captured, TONE[:BLOCK] if plays else np.zeros(BLOCK, np.float32))
            await asyncio.sleep(0)
            while capture.busy:
                await asyncio.sleep(0)
            held = held or any(isinstance(event, VoiceGlimpsed) for event in events)

    asyncio.run(play())
    return [type(event) for event in events], recognizer.heard


def test_a_voice_that_the_canceller_takes_away_is_heard_from_its_beginning():
    events, heard = heard_over_a_reply(excess_db=12.0)
    assert events == [VoiceGlimpsed, SpeechStarted, TurnEnded]
    spoken_seconds = np.count_nonzero(heard) / RECOGNITION_HZ
    assert spoken_seconds > 0.65


def test_what_hardly_exceeds_the_echo_and_is_soon_over_is_no_utterance():
    events, _ = heard_over_a_reply(excess_db=5.0, voice_seconds=0.3)
    assert events == [VoiceGlimpsed, GlimpseFaded]


def test_a_voice_that_the_detector_loses_goes_on_while_it_stands_out_of_the_echo():
    events, heard = heard_over_a_reply(excess_db=12.0, detector=Losing(), voice_seconds=1.2, ringing_frames=5)
    assert events == [VoiceGlimpsed, SpeechStarted, TurnEnded]
    assert np.count_nonzero(heard) / RECOGNITION_HZ > 1.1


def test_a_noise_that_the_detector_takes_for_none_is_no_voice_however_loud_it_is():
    events, _ = heard_over_a_reply(excess_db=15.0, detector=Losing(faintly=0.1), voice_seconds=0.1)
    assert SpeechStarted not in events


def test_what_the_canceller_takes_away_to_the_end_is_an_echo_that_the_model_does_not_know():
    events, _ = heard_over_a_reply(excess_db=12.0, ringing_frames=1000, voice_seconds=0.4)
    assert events == [VoiceGlimpsed, GlimpseFaded]


def test_a_voice_over_a_reply_is_not_learnt_as_a_part_of_its_echo():
    model = Knowing(12.0)
    heard_over_a_reply(excess_db=12.0, model=model)
    began = model.learnt.index(False)
    assert 200 <= began <= 206
    assert not any(model.learnt[began : began + 60])
    assert model.learnt[-1]
