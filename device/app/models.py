"""Which models there are, and loading the one that the configuration gives each role."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from device.config import NO_MODEL, Config, Models
from device.errors import AudioError, ModelError
from device.ports import (
    EchoCanceller,
    LanguageModel,
    Recognizer,
    Synthesizer,
    TurnDetector,
    VoiceDetector,
    WakeDetector,
)

if TYPE_CHECKING:
    from device.adapters.models.manifest import Manifest
    from device.adapters.models.store import ModelStore


def model_store() -> "ModelStore":
    """The user's store of models."""
    from device.adapters.models.store import ModelStore

    return ModelStore.default()


def memory_mb() -> int:
    """The memory of this computer in MB (10^6), what its firmware keeps left out."""
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 1_000_000


def models_of_set(name: str) -> list[str]:
    """The options that choose the models of the manifest's set `name`. Raises ModelError."""
    manifest = model_store().manifest
    roles = {artifact: manifest.artifacts[artifact].role for artifact in manifest.artifacts_of(name)}
    return [f"models.{role}={artifact}" for artifact, role in roles.items() if role in Models.__struct_fields__]


def needed_models(config: Config) -> list[str]:
    """The models that an agent with this configuration loads."""
    named = {role: getattr(config.models, role) for role in Models.__struct_fields__}
    if config.start.way != "wake-word":
        del named["wake"]
    return [name for role, name in named.items() if (role, name) not in NO_MODEL]


def check_models(config: Config) -> None:
    """Raise ModelError if a role is given to a model that there is not, or to one of another role."""
    manifest = model_store().manifest
    for role in Models.__struct_fields__:
        if (role, getattr(config.models, role)) not in NO_MODEL:
            _check_role(config, manifest, role)


def files(config: Config, role: str) -> Path:
    """The directory of the model that the configuration gives this role. Raises ModelError, also if it has another."""
    store = model_store()
    _check_role(config, store.manifest, role)
    return store.path(getattr(config.models, role))


def load_language_model(config: Config, directory: Path) -> LanguageModel:
    """The language model in `directory`. Raises ModelError."""
    from device.adapters.llm_llama import LlamaEngine

    files = sorted(directory.glob("*.gguf"))
    if len(files) != 1:
        raise ModelError(f"{directory.name} (key models.llm) is not a language model: choose one of the role llm.")
    threads, threads_busy = config.language_threads()
    return LlamaEngine.load(
        files[0],
        context_tokens=config.thinking.context_tokens,
        task_tokens=config.tasks.context_tokens,
        threads=threads,
        threads_busy=threads_busy,
        adapter=Path(config.thinking.adapter).expanduser() if config.thinking.adapter else None,
    )


def load_hearing(config: Config) -> tuple[VoiceDetector, TurnDetector, Recognizer]:
    """All that listening is done with. Raises ModelError."""
    from device.adapters.vad_silero import SileroVad

    return (
        SileroVad(files(config, "vad")),
        _load_turn_detector(config),
        _behind_denoiser(config, load_recognizer(config, files(config, "asr"))),
    )


def load_voice_detector(config: Config) -> VoiceDetector:
    """What hears that somebody speaks. Raises ModelError."""
    from device.adapters.vad_silero import SileroVad

    return SileroVad(files(config, "vad"))


def load_wake_detector(config: Config) -> WakeDetector:
    """What hears the wake word. Raises ModelError."""
    from device.adapters.wake_openwakeword import OpenWakeWord

    return OpenWakeWord(files(config, "wake"))


def load_echo_canceller() -> EchoCanceller:
    """What takes the agent's own voice out of the microphone's sound; 40 MB. Raises AudioError."""
    try:
        from device.adapters.aec_webrtc import WebRtcCanceller
    except (ImportError, OSError) as error:
        raise AudioError(
            f"The echo canceller cannot be loaded ({error}): run scripts/setup, or use a headset with "
            "--set audio.echo_cancellation=false."
        ) from error
    return WebRtcCanceller()


def load_recognizer(config: Config, directory: Path) -> Recognizer:
    """The recognizer in `directory`, of either kind. Raises ModelError."""
    from device.adapters.asr_moonshine import MoonshineRecognizer
    from device.adapters.asr_online import OnlineRecognizer

    if (directory / "decoder_model_merged.ort").is_file():
        return MoonshineRecognizer(directory, threads=config.hearing.threads)
    return OnlineRecognizer(directory, threads=config.hearing.threads)


def _behind_denoiser(config: Config, recognizer: Recognizer) -> Recognizer:
    if ("noise", config.models.noise) in NO_MODEL:
        return recognizer
    from device.adapters.asr_denoised import DenoisedRecognizer

    return DenoisedRecognizer(recognizer, files(config, "noise"), threads=config.hearing.threads)


def load_voice(config: Config) -> Synthesizer:
    """What speaks. Raises ModelError."""
    from device.adapters.tts_piper import PiperSynthesizer

    directory = files(config, "tts")
    return PiperSynthesizer(directory, threads=config.speaking.threads, speed=config.speaking.speed)


def _load_turn_detector(config: Config) -> TurnDetector:
    from device.adapters.turn_silence import SilenceRule
    from device.adapters.turn_smart import SmartTurn

    return SilenceRule() if config.models.turn == "silence" else SmartTurn(files(config, "turn"))


def _check_role(config: Config, manifest: "Manifest", role: str) -> None:
    """Raise ModelError if the configuration gives a role to no model, or to one of another."""
    name: str = getattr(config.models, role)
    artifact = manifest.artifacts.get(name)
    if artifact is None or artifact.role != role:
        raise ModelError(
            f'models.{role} = "{name}" is impossible: choose a model of the role {role} from `device models list`.'
        )
