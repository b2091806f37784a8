"""Where the matrices of a GGUF file stand, and the few metadata that are asked for by name.

The format (version 2 and 3, little-endian): "GGUF", a version, the counts of tensors and of metadata; the metadata as
key, type and value; each tensor's name, dimensions (the innermost first), type and place; then, aligned, the tensors.
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from device.errors import ModelError

KINDS: Mapping[int, type[np.floating]] = {0: np.float32, 1: np.float16}
"""The types of tensors that are read and written here: F32 and F16."""

_SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
_STRING, _ARRAY = 8, 9
_VERSIONS = (2, 3)
_USUAL_ALIGNMENT = 32

Scalar = int | float | bool | str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tensor:
    """One matrix: its shape (rows, columns), its type's number, and where in the file it begins."""

    shape: tuple[int, ...]
    kind: int
    offset: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GgufFile:
    """What a file holds: its metadata but for lists, and its tensors by name."""

    path: Path
    metadata: Mapping[str, Scalar]
    tensors: Mapping[str, Tensor]

    def values(self, name: str) -> NDArray[np.float32]:
        """A tensor's numbers. Raises ModelError if it is in a type that is not read here."""
        tensor = self.tensors[name]
        with self.path.open("rb") as file:
            file.seek(tensor.offset)
            kind = self._kind(name)
            size = int(np.prod(tensor.shape)) * np.dtype(kind).itemsize
            return np.frombuffer(file.read(size), dtype=kind).reshape(tensor.shape).astype(np.float32)

    def overwrite(self, name: str, values: NDArray[np.float32]) -> None:
        """Put other numbers in a tensor's place. Raises ModelError if it is in a type that is not written here."""
        kind = self._kind(name)
        with self.path.open("r+b") as file:
            file.seek(self.tensors[name].offset)
            file.write(np.ascontiguousarray(values, dtype=kind).tobytes())

    def _kind(self, name: str) -> type[np.floating]:
        kind = KINDS.get(self.tensors[name].kind)
        if kind is None:
            raise ModelError(f"{name} in {self.path.name} is quantized, where whole numbers are needed.")
        return kind


def read(path: Path) -> GgufFile:
    """What the file holds. Raises ModelError."""
    try:
        with path.open("rb") as file:
            return _read(path, file)
    except OSError as error:
        raise ModelError(f"{path} cannot be read: {error.strerror}.") from error
    except (struct.error, ValueError, KeyError, OverflowError, MemoryError) as error:
        raise ModelError(f"{path.name} is no GGUF file: {error}.") from error


def _read(path: Path, file: BinaryIO) -> GgufFile:
    if file.read(4) != b"GGUF" or _number(file, "I") not in _VERSIONS:
        raise ValueError("it begins otherwise")
    tensor_count, metadata_count = _number(file, "Q"), _number(file, "Q")
    metadata: dict[str, Scalar] = {}
    for _ in range(metadata_count):
        key, kind = _text(file), _number(file, "I")
        if kind == _ARRAY:
            _skip_array(file)
        else:
            metadata[key] = _scalar(file, kind)
    placed = {}
    for _ in range(tensor_count):
        name, dimensions = _text(file), _number(file, "I")
        shape = tuple(_number(file, "Q") for _ in range(dimensions))[::-1]
        placed[name] = (shape, _number(file, "I"), _number(file, "Q"))
    alignment = int(metadata.get("general.alignment", _USUAL_ALIGNMENT))
    start = -(-file.tell() // alignment) * alignment
    tensors = {
        name: Tensor(shape=shape, kind=kind, offset=start + offset) for name, (shape, kind, offset) in placed.items()
    }
    return GgufFile(path=path, metadata=metadata, tensors=tensors)


def _number(file: BinaryIO, kind: str) -> int:
    value: int = struct.unpack(f"<{kind}", file.read(struct.calcsize(f"<{kind}")))[0]
    return value


def _text(file: BinaryIO) -> str:
    length = _number(file, "Q")
    content = file.read(length)
    if len(content) != length:
        raise ValueError("it ends within a text")
    return content.decode(errors="replace")


def _scalar(file: BinaryIO, kind: int) -> Scalar:
    return _text(file) if kind == _STRING else _number(file, _SCALARS[kind])


def _skip_array(file: BinaryIO) -> None:
    kind, count = _number(file, "I"), _number(file, "Q")
    if kind == _ARRAY:
        for _ in range(count):
            _skip_array(file)
    elif kind == _STRING:
        for _ in range(count):
            file.seek(_number(file, "Q"), 1)
    else:
        file.seek(count * struct.calcsize(f"<{_SCALARS[kind]}"), 1)
