"""Other processes, as tests see them."""

import asyncio
from pathlib import Path


def alive(pid: int) -> bool:
    """Whether a process runs; one that has ended and only waits to be reaped does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def text_of(path: Path) -> str:
    return path.read_text() if path.is_file() else ""


async def read_when_there(path: Path) -> str:
    for _ in range(1000):
        if (text := text_of(path)).endswith("\n"):
            return text.strip()
        await asyncio.sleep(0.01)
    raise AssertionError(f"{path.name} never came")


async def gone(pid: int) -> None:
    for _ in range(1000):
        if not alive(pid):
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it is still there")
