"""What is heard of a voice over a reply, where the canceller takes it away together with the echo."""

import asyncio

import numpy as np

from device.adapters.fakes.speech import LoudnessDetector, ScriptedTurnDetector, by_sound
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

    def cancel(self, captured, played):
        return np.zeros_like(captured)

    def set_delay(self, seconds):
        """It makes no difference."""

    def reset(self):
        """There is nothing to forget."""


class Knowing:
    """An echo model that is told how loud the echo is: all else exceeds it."""

    def __init__(self, excess_db):
        self.excess_db = excess_db

    def frame(self, captured, played):
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


class Noting:
    """A recognizer that keeps what it hears."""

    name = "noting"

    def __init__(self):
        self.heard = np.zeros(0, np.float32)

    def begin(self):
        self.heard = np.zeros(0, np.float32)

    def feed(self, samples):
        self.heard = np.concatenate((self.heard, samples))

    def partial(self):
        return ""

    def finish(self):
        return "wait a moment"


class NoModel:
    def set_busy(self, busy):
        """Nobody thinks."""

    def hold(self, urgency):
        """Nobody waits."""


def heard_over_a_reply(*, excess_db, voice_seconds=0.7):
    """The events of a reply of three seconds that is held at a glimpse, somebody talking after two; what was fed."""
    events, recognizer = [], Noting()

    async def play():
        worker = InlineExecutor()
        ears = Ears(
            detector=Forgetful(),
            recognizer=recognizer,
            turn_detector=ScriptedTurnDetector(),
            judge=by_sound,
            hearing=worker,
            judging=worker,
            echo=EchoRemover(Swallowing(), Knowing(excess_db)),
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
