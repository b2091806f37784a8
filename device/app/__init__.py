"""The composition root: the only place that knows which adapter stands behind which port.

`agent` loads and connects everything, side by side where it can; `models`, `tools` and `sound` make its parts, which
measurements use by themselves. `configuration`, `doctor`, `memory` and `system` look at an agent from outside.
Adapters are imported where they are used: a command that needs none starts at once.
"""

from device.app.agent import open_agent, open_board
from device.app.configuration import check_configuration
from device.app.doctor import examine, patient, record_latency, report
from device.app.memory import conversation_directory, forget, open_ledger, read_ledger
from device.app.models import (
    load_echo_canceller,
    load_hearing,
    load_language_model,
    load_recognizer,
    load_voice_detector,
    load_wake_detector,
    memory_mb,
    model_store,
    models_of_set,
    needed_models,
)
from device.app.sound import (
    at_recognition_rate,
    list_sound_devices,
    read_recording,
    recording,
    sound_card,
    varied_voices,
    write_recording,
)
from device.app.system import follow_journal, read_journal, service, service_environment
from device.app.tools import enabled_tools

__all__ = [
    "at_recognition_rate",
    "check_configuration",
    "conversation_directory",
    "enabled_tools",
    "examine",
    "follow_journal",
    "forget",
    "list_sound_devices",
    "load_echo_canceller",
    "load_hearing",
    "load_language_model",
    "load_recognizer",
    "load_voice_detector",
    "load_wake_detector",
    "memory_mb",
    "model_store",
    "models_of_set",
    "needed_models",
    "open_agent",
    "open_board",
    "open_ledger",
    "patient",
    "read_journal",
    "read_ledger",
    "read_recording",
    "record_latency",
    "recording",
    "report",
    "service",
    "service_environment",
    "sound_card",
    "varied_voices",
    "write_recording",
]
