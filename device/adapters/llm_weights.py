"""Opens a GGUF file: the checks before, the sentence when it fails, and what the model says of itself.

The rule it owns: a bad file or too little memory is a ModelError that says what to do, never an abort in llama.cpp.
"""

import ctypes
import hashlib
from pathlib import Path

import llama_cpp
import llama_cpp.llama_cpp as llama

from device.adapters import llm_log
from device.adapters.llm_vocabulary import Vocabulary
from device.errors import ModelError
from device.ports import ModelCard

_MAGIC = b"GGUF"
_HEADER_BYTES = 24  # magic, version, number of tensors, number of metadata
_MARK_BYTES = 1 << 16
_SMALLEST_CONTEXT_TOKENS = 512
_Q8_BLOCK = 32
"""So many numbers share a 16-bit scale in ggml's Q8_0."""
_CONTEXT_STEP_TOKENS = 256  # llama.cpp rounds up to this
_RESERVE_BYTES = 192 << 20  # for the compute buffers and everything else in the process


def open_weights(path: Path) -> int:
    """Read the model's file; returns llama.cpp's pointer. Raises ModelError.

    It is read, not mapped: matrices that are laid out anew would stay in memory twice, as they are in the file, too.
    """
    check_file(path)
    llm_log.silence()
    llama.llama_backend_init()
    parameters = llama.llama_model_default_params()
    parameters.load_mode = llama.LLAMA_LOAD_MODE_NONE
    llm_log.forget_errors()
    model = llama.llama_model_load_from_file(str(path).encode(), parameters)
    if not model:
        raise ModelError(
            f"The language model {path} cannot be loaded ({llm_log.cause() or 'no reason given'}); "
            "run `device models verify`."
        )
    return int(model)


def open_adapter(model: int, path: Path) -> int:
    """Read a LoRA adapter for a loaded model, which frees it with itself; returns llama.cpp's pointer.

    Raises ModelError.
    """
    check_file(path, what="adapter", remedy="set thinking.adapter to another one, or to none")
    llm_log.forget_errors()
    adapter = llama.llama_adapter_lora_init(model, str(path).encode())
    if not adapter:
        raise ModelError(
            f"The adapter {path} cannot be loaded ({llm_log.cause() or 'no reason given'}); it must have been made "
            "for this language model (key thinking.adapter)."
        )
    return int(ctypes.cast(adapter, ctypes.c_void_p).value or 0)


def check_file(path: Path, *, what: str = "language model", remedy: str = "") -> None:
    """Raise ModelError unless the file looks like GGUF; damage further in is found by llama.cpp."""
    try:
        with path.open("rb") as file:
            header = file.read(_HEADER_BYTES)
    except FileNotFoundError:
        raise ModelError(f"The {what} {path} is missing; {remedy or 'run `device models fetch`'}.") from None
    except OSError as error:
        raise ModelError(f"The {what} {path} cannot be read ({error.strerror}).") from error
    if header[: len(_MAGIC)] != _MAGIC:
        raise ModelError(f"The {what} {path} is not a GGUF file; {remedy or 'run `device models verify`'}.")
    if len(header) < _HEADER_BYTES:
        raise ModelError(f"The {what} {path} is cut short; {remedy or 'run `device models verify`'}.")


def fingerprint(path: Path) -> bytes:
    """Tells apart what a saved state is good for: the model, by size, beginning and end, and the library's version."""
    size = path.stat().st_size
    digest = hashlib.blake2b(f"{llama_cpp.__version__} {size}".encode(), digest_size=16)
    with path.open("rb") as file:
        digest.update(file.read(_MARK_BYTES))
        file.seek(max(size - _MARK_BYTES, 0))
        digest.update(file.read(_MARK_BYTES))
    return digest.digest()


def card(model: int, vocabulary: Vocabulary, *, context_tokens: int, task_tokens: int) -> ModelCard:
    """What the model's metadata says, and the room that it got."""
    architecture = metadata(model, "general.architecture")
    return ModelCard(
        name=metadata(model, "general.name") or architecture,
        architecture=architecture,
        chat_template=metadata(model, "tokenizer.chat_template"),
        context_tokens=context_tokens,
        task_tokens=task_tokens,
        end_tokens=vocabulary.end_tokens,
        closing_tokens=vocabulary.closing_tokens,
        control_texts=vocabulary.control_texts,
    )


def metadata(model: int, key: str) -> str:
    """One value of the file's metadata as text; empty if it is not there."""
    room = 256
    while True:
        buffer = ctypes.create_string_buffer(room)
        length: int = llama.llama_model_meta_val_str(model, key.encode(), buffer, room)
        if length < room:
            return buffer.value.decode("utf-8", "replace") if length >= 0 else ""
        room = length + 1


def key_type(model: int) -> int:
    """In what form the cache keeps keys: in eight bits where the heads' size allows it, which are read faster, most of
    all by a prompt's end that looks back on a long beginning.
    """
    return int(llama.GGML_TYPE_F16 if _head_lengths(model)[0] % _Q8_BLOCK else llama.GGML_TYPE_Q8_0)


def cell_bytes(model: int) -> int:
    """What one token takes in the KV cache: a key and a 16-bit value in every layer."""
    key, value = _head_lengths(model)
    key_bytes = key * 2 if key_type(model) == llama.GGML_TYPE_F16 else key + key * 2 // _Q8_BLOCK
    return int(llama.llama_model_n_layer(model) * llama.llama_model_n_head_kv(model) * (key_bytes + value * 2))


def _head_lengths(model: int) -> tuple[int, int]:
    """How many numbers a head's key and value have."""
    usual = llama.llama_model_n_embd(model) // max(llama.llama_model_n_head(model), 1)
    architecture = metadata(model, "general.architecture")
    key, value = (metadata(model, f"{architecture}.attention.{kind}_length") for kind in ("key", "value"))
    return int(key) if key.isdigit() else usual, int(value) if value.isdigit() else usual


def context_that_fits(
    path: Path, model: int, *, context_tokens: int, task_tokens: int, free_bytes: int
) -> tuple[int, int]:
    """What of the dialogue's and of the tasks' tokens the memory and the model allow; the tasks' go first.

    `free_bytes` is what was available before the weights were loaded. Raises ModelError below a useful size.
    """
    weights_bytes: int = llama.llama_model_size(model)
    room = (free_bytes - weights_bytes - _RESERVE_BYTES) // max(cell_bytes(model), 1)
    room = room // _CONTEXT_STEP_TOKENS * _CONTEXT_STEP_TOKENS
    wanted = min(context_tokens, llama.llama_model_n_ctx_train(model) or context_tokens)
    fitting = min(wanted, room)
    if fitting < min(wanted, _SMALLEST_CONTEXT_TOKENS):
        raise ModelError(
            f"The language model {path} needs {_mib(weights_bytes + _RESERVE_BYTES)} MiB of memory and "
            f"{_mib(cell_bytes(model) * _SMALLEST_CONTEXT_TOKENS)} more to converse, but {_mib(free_bytes)} MiB "
            "are free; choose a smaller model."
        )
    return fitting, min(task_tokens, room - fitting)


def free_memory_bytes(meminfo: Path = Path("/proc/meminfo")) -> int:
    """What the kernel says is available without swapping."""
    for line in meminfo.read_text().splitlines():
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) << 10
    raise ModelError(f"{meminfo} does not say how much memory is available.")


def _mib(size_bytes: int) -> int:
    return size_bytes >> 20
