"""What is recognized of an interruption without the reply."""

import numpy as np

from device.adapters.fakes.speech import KeepingRecognizer
from device.bench.duplex.alone import recognized
from device.bench.duplex.rooms import room
from device.bench.duplex.scenes import Kind, scenes
from device.ports import RECOGNITION_HZ


class Level(KeepingRecognizer):
    """It says how loud its utterance was, in tens of decibels."""

    def finish(self):
        return str(round(float(np.log10(np.sqrt(np.mean(self.heard**2))) * 2)))


def test_every_interruption_is_heard_by_itself_as_loud_as_in_its_room():
    there = room(3, 0)
    made = scenes(3, 0, (("a", "x"),), barge_ins=2)
    tone = (0.9 * np.sin(np.arange(2 * RECOGNITION_HZ))).astype(np.float32)
    voices = {scene: tone for scene in made if scene.kind is not Kind.UNDISTURBED}
    assert recognized([(there, made)], voices, [tone], Level()) == [None, "-3", "-3", None]
