"""Lessons as files: one a line, as JSON."""

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from device.core.prompt import renderers
from device.errors import UsageError
from device.tuning.lessons import Lesson

_CONTROL_TEXTS = (
    "<|im_start|>", "<|im_end|>", "<|endoftext|>", "<tool_call>", "</tool_call>", "<|begin_of_text|>",
    "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>", "<|eom_id|>", "<|python_tag|>",
)  # fmt: skip
"""Those of the vocabularies whose renderers there are, which no one's words may hold."""


def renderer(name: str) -> renderers.Renderer:
    """The renderer of that name, with the times of day in UTC."""
    return renderers.choose(
        "", "", name, control_texts=_CONTROL_TEXTS, time_of=lambda wall: f"{datetime.fromtimestamp(wall, UTC):%H:%M:%S}"
    )


def write(path: Path, lessons: Iterable[Lesson]) -> None:
    """Write lessons to a file."""
    with path.open("w", encoding="utf-8") as file:
        for lesson in lessons:
            file.write(json.dumps(_row(lesson), ensure_ascii=False) + "\n")


def _row(lesson: Lesson) -> dict[str, Any]:
    return {
        "number": lesson.number,
        "split": lesson.split,
        "tools": [tool.name for tool in lesson.tools],
        "fixed": lesson.fixed,
        "examples": [
            {"kind": example.kind, "prompt": example.prompt, "target": example.target} for example in lesson.examples
        ],
    }


def read(path: Path) -> Iterator[tuple[str, Sequence[tuple[str, str]]]]:
    """The lessons of a file: the fixed part, and the prompts and targets after it. Raises UsageError."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise UsageError(f"The lessons in {path} cannot be read: {error.strerror}.") from error
    for number, line in enumerate(lines, start=1):
        try:
            row = json.loads(line)
            yield str(row["fixed"]), [(str(one["prompt"]), str(one["target"])) for one in row["examples"]]
        except (ValueError, KeyError, TypeError) as error:
            raise UsageError(f"Line {number} of {path} is no lesson: {error}.") from error
