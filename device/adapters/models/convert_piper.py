"""Makes a Piper voice loadable by sherpa-onnx, and its word timing knowable.

sherpa-onnx reads what it needs from the ONNX file's metadata and a list of tokens. The voice's graph is also cut in two
(see `device.adapters.piper_graph`): `encoder.onnx` yields the durations of the phonemes, which without duration noise
are exactly those that the synthesis uses, so word boundaries are exact to the frame; `decoder.onnx` makes the sound.
"""

import json
from pathlib import Path
from typing import Any

from device.errors import ModelError

INPUTS = ["input", "input_lengths", "scales"]
DECODER_WEIGHT = "dec.conv_pre.weight"


def convert(source: Path, target: Path) -> None:
    """Fill `target` with model.onnx, its halves, tokens.txt and voice.json, from a voice's .onnx and .onnx.json.

    Raises ModelError if the files are not a Piper voice.
    """
    import onnx

    graph_file = _only(source, "*.onnx")
    voice_file = _only(source, "*.onnx.json")
    try:
        voice: dict[str, Any] = json.loads(voice_file.read_text(encoding="utf-8"))
        model = onnx.load(str(graph_file))
        _cut_in_two(model, target)
        _add_metadata(model, voice)
        onnx.save(model, str(target / "model.onnx"))
        tokens = "".join(f"{symbol} {ids[0]}\n" for symbol, ids in voice["phoneme_id_map"].items())
    except (KeyError, IndexError, ValueError, TypeError, onnx.checker.ValidationError) as error:
        raise ModelError(f"{graph_file.name} is not a Piper voice that can be used here: {error}.") from error
    (target / "tokens.txt").write_text(tokens, encoding="utf-8")
    (target / "voice.json").write_text(json.dumps(voice, ensure_ascii=False, indent=1), encoding="utf-8")


def _only(directory: Path, pattern: str) -> Path:
    found = sorted(directory.rglob(pattern))
    if len(found) != 1:
        raise ModelError(f"A Piper voice has one {pattern}, but {directory.name} has {len(found)}.")
    return found[0]


def _cut_in_two(model: Any, target: Path) -> None:
    """Save the graph's halves: its only Ceil rounds the durations up, and the decoder begins with conv_pre."""
    import onnx

    durations = [node.output[0] for node in model.graph.node if node.op_type == "Ceil"]
    latent = [node.input[0] for node in model.graph.node if node.op_type == "Conv" and node.input[1] == DECODER_WEIGHT]
    for found, what in ((durations, "its durations"), (latent, "the beginning of its decoder")):
        if len(found) != 1:
            raise ModelError(f"The voice's graph has {len(found)} places that could be {what} instead of one.")
    extractor = onnx.utils.Extractor(model)
    onnx.save(extractor.extract_model(INPUTS, [*durations, *latent]), str(target / "encoder.onnx"))
    onnx.save(extractor.extract_model(latent, [model.graph.output[0].name]), str(target / "decoder.onnx"))


def _add_metadata(model: Any, voice: dict[str, Any]) -> None:
    metadata = {
        "model_type": "vits",
        "comment": "piper",
        "language": voice.get("language", {}).get("name_english", "English"),
        "voice": voice["espeak"]["voice"],
        "has_espeak": 1,
        "n_speakers": voice.get("num_speakers", 1),
        "sample_rate": voice["audio"]["sample_rate"],
    }
    del model.metadata_props[:]
    for key, value in metadata.items():
        entry = model.metadata_props.add()
        entry.key, entry.value = key, str(value)
