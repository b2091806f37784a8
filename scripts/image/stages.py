"""The stages of an image: each one's result is kept in the cache, and made again only if what it depends on changed."""

import contextlib
import hashlib
import json
import os
import platform
import re
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from boards import COMPONENTS, FREE_LICENCES, MIRROR, PACKAGES, SUITE, Board

ROOT = Path(__file__).resolve().parents[2]
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "device"
LOCKS = ROOT / "scripts" / "locks"
LLAMA = ROOT / "scripts" / "llama.cmake"
"""What is left out of llama.cpp."""
PYTHON = "3.13"
"""The suite's Python."""

GLIBC = (41, 39, 38, 36, 35, 34, 31, 28, 27, 26, 24, 17)
"""The versions 2.x of the C library whose wheels run on the suite's."""

PLATFORMS = [*(f"--platform=manylinux_2_{version}_aarch64" for version in GLIBC), "--platform=manylinux2014_aarch64"]

TOOLS = {
    "mmdebstrap": "mmdebstrap",
    "mke2fs": "e2fsprogs",
    "mkfs.vfat": "dosfstools",
    "mcopy": "mtools",
    "sfdisk": "fdisk",
    "unshare": "util-linux",
    "zstd": "zstd",
}
"""What is needed, and in which of Debian's packages it is."""

TOOLCHAIN = """set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_C_COMPILER aarch64-linux-gnu-gcc)
set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++)
set(CMAKE_FIND_ROOT_PATH /usr/aarch64-linux-gnu)
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
"""

# Documentation but for the licences, and other languages, stay out.
LEAN = ["path-exclude=/usr/share/locale/*", "path-exclude=/usr/share/man/*", "path-exclude=/usr/share/info/*",
        "path-exclude=/usr/share/doc/*", "path-include=/usr/share/doc/*/copyright"]  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Models:
    """A set's models: those that are in the image, and those that its device fetches by itself."""

    inside: tuple[str, ...]
    fetched: tuple[str, ...]


class StageError(Exception):
    """A stage failed; the sentence says what to do."""


def missing_tools() -> list[str]:
    """The packages to install first, if any."""
    needed = dict(TOOLS)
    foreign = platform.machine() != "aarch64"
    if foreign:
        needed["aarch64-linux-gnu-g++"] = "g++-aarch64-linux-gnu"
    packages = {package for tool, package in needed.items() if shutil.which(tool, path=_path()) is None}
    if foreign and shutil.which("qemu-aarch64-static", path=_path()) is None:
        packages |= {"qemu-user-static", "binfmt-support"}
    return sorted(packages)


def unknown_programs(binfmt: Path = Path("/proc/sys/fs/binfmt_misc")) -> str:
    """What to do where this computer's kernel does not run arm64 programs, as in a container; "" if it does."""
    if platform.machine() == "aarch64" or (binfmt / "qemu-aarch64").exists():
        return ""
    mount = "" if (binfmt / "register").exists() else f"mount -t binfmt_misc binfmt_misc {binfmt} && "
    return f"This kernel does not run arm64 programs by qemu yet: as root, {mount}update-binfmts --import qemu-aarch64"


def _path() -> str:
    return f"{os.environ['PATH']}:/usr/sbin:/sbin"


def digest(*parts: object) -> str:
    """A short name of all that a stage's result depends on."""
    text = "\0".join(part.read_text() if isinstance(part, Path) else repr(part) for part in parts)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def file_digest(path: Path) -> str:
    """As `sha256sum < path | cut -c1-12`, by which scripts/setup finds a wheel that it was given."""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


def run(command: Sequence[str | Path], log: Path, environment: Mapping[str, str] | None = None) -> None:
    """Run a long command, its words in a log. Whatever it started ends with it, also when this is interrupted: pip
    leaves its compilers behind. Raises StageError with the last of its words.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as out:
        started = subprocess.Popen(
            list(map(str, command)),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            env={**os.environ, "PATH": _path(), **(environment or {})},
            start_new_session=True,
        )
        try:
            code = started.wait()
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(started.pid, signal.SIGKILL)
            started.wait()
    if code:
        last = "\n".join(log.read_text(errors="replace").splitlines()[-15:])
        raise StageError(
            f"{last}\n{Path(str(command[0])).name} failed; all of what it said is in {log}. Once its cause is mended, "
            "the same command goes on from here."
        )


def llama(board: Board, log: Path) -> Path:
    """llama.cpp for the board's processor, compiled here: the directory with its wheel.

    What was compiled for one board, or before an interruption, is used again: only the part that computes is told the
    processor.
    """
    locks = digest(LOCKS / "llama.lock", LOCKS / "build.lock", LLAMA)
    place = CACHE / "image" / "llama" / f"{board.march}-{board.mtune}-{locks}"
    if any(place.glob("*.whl")):
        return place
    build = CACHE / "image" / "build"
    build.mkdir(parents=True, exist_ok=True)
    (build / "aarch64.cmake").write_text(TOOLCHAIN)
    if not (build / "venv/bin/pip").exists():
        run([sys.executable, "-m", "venv", build / "venv"], log)
    pip = build / "venv/bin/pip"
    run([pip, "install", "--require-hashes", "-r", LOCKS / "build.lock"], log)
    environment = {"PATH": f"{build / 'venv/bin'}:{_path()}"}
    source = _llama_source(build, pip, log, environment)
    flags = [
        "--fresh", "-DLLAVA_BUILD=OFF", "-DMTMD_BUILD=OFF", "-DGGML_NATIVE=OFF",
        f"-DGGML_CPU_ARM_ARCH={board.march};-mtune={board.mtune}", f"-DCMAKE_PROJECT_llama.cpp_INCLUDE={LLAMA}",
    ]  # fmt: skip
    if platform.machine() != "aarch64":
        flags.append(f"-DCMAKE_TOOLCHAIN_FILE={build / 'aarch64.cmake'}")
        environment["_PYTHON_HOST_PLATFORM"] = "linux-aarch64"
    environment |= {"CMAKE_ARGS": shlex.join(flags), "CMAKE_BUILD_PARALLEL_LEVEL": str(os.cpu_count() or 1)}
    part = place.with_suffix(".part")
    shutil.rmtree(part, ignore_errors=True)
    run(
        [pip, "wheel", "--no-cache-dir", "--no-deps", "--no-build-isolation",
         f"--config-settings=build-dir={source}.objects", "--wheel-dir", part, source],
        log,
        environment,
    )  # fmt: skip
    part.rename(place)
    return place


def _llama_source(build: Path, pip: Path, log: Path, environment: Mapping[str, str]) -> Path:
    """The locked source, unpacked where it stays, so that what is compiled of it can stay."""
    place = build / f"llama-{digest(LOCKS / 'llama.lock', LOCKS / 'build.lock')}"
    if not place.exists():
        packed = build / "packed"
        shutil.rmtree(packed, ignore_errors=True)
        run(
            [pip, "download", "--no-cache-dir", "--no-deps", "--no-build-isolation", "--no-binary", "llama-cpp-python",
             "--require-hashes", "--dest", packed, "-r", LOCKS / "llama.lock"],
            log,
            environment,
        )  # fmt: skip
        part = place.with_suffix(".part")
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir()
        run(["tar", "-xzf", next(packed.glob("*.tar.gz")), "-C", part, "--strip-components=1"], log)
        part.rename(place)
    return place


def wheels(log: Path) -> Path:
    """The locked packages for arm64 and the suite's Python, as they come from the registry."""
    place = CACHE / "image" / "wheels" / digest(LOCKS / "run.lock", PYTHON)
    if (place / "complete").exists():
        return place
    place.mkdir(parents=True, exist_ok=True)
    (place / "target.lock").write_text(lock_for(PYTHON, (LOCKS / "run.lock").read_text()))
    run(
        [ROOT / ".venv/bin/pip", "download", "--only-binary=:all:", "--no-deps", "--require-hashes",
         f"--python-version={PYTHON}", "--implementation=cp", *PLATFORMS,
         "--dest", place, "-r", place / "target.lock"],
        log,
    )  # fmt: skip
    (place / "complete").touch()
    return place


def lock_for(version: str, lock: str) -> str:
    """The lock of that Python on Linux on arm64, without conditions, which pip would judge by the Python it runs on."""
    from packaging.markers import Marker

    target = {
        "python_version": version, "python_full_version": f"{version}.0", "platform_machine": "aarch64",
        "sys_platform": "linux", "platform_system": "Linux", "os_name": "posix",
        "implementation_name": "cpython", "platform_python_implementation": "CPython",
    }  # fmt: skip
    kept = ""
    for entry in re.split(r"^(?=[^ #\n])", lock, flags=re.MULTILINE):
        first, newline, hashes = entry.partition("\n")
        name, semicolon, marker = first.rstrip(" \\").partition(" ; ")
        if name and (not semicolon or Marker(marker).evaluate(target)):
            kept += f"{name} \\{newline}{hashes}"
    return kept


def manifest() -> Any:
    """The list of models."""
    from device.app import model_store

    return model_store().manifest


def model_place(name: str) -> Path:
    """Where a fetched model is."""
    from device.app import model_store

    return model_store().path(name)


def split(name: str) -> Models:
    """Which models of a set may be handed on."""
    known = manifest()
    every = known.artifacts_of(name)
    inside = tuple(one for one in every if known.artifacts[one].licence in FREE_LICENCES)
    return Models(inside=inside, fetched=tuple(one for one in every if one not in inside))


def models(name: str, log: Path) -> Models:
    """Fetch a set's models that may be handed on; the others are left to the device."""
    found = split(name)
    if found.inside:
        run([ROOT / ".venv/bin/device", "models", "fetch", *found.inside], log)
    return found


def base(board: Board, log: Path, *, fresh: bool = False) -> Path:
    """Debian with all its packages for the board, as an archive; `fresh` takes the newest again."""
    suites = dict.fromkeys((SUITE, f"{SUITE}-updates", board.kernel_suite))
    packages = sorted({*PACKAGES, *board.packages})
    place = CACHE / "image" / "base" / f"{digest(packages, list(suites), board.kernel_suite, LEAN)}.tar"
    if place.exists() and not fresh:
        return place
    sources = [f"deb {MIRROR} {suite} {COMPONENTS.replace(',', ' ')}" for suite in suites]
    sources.append(f"deb {MIRROR}-security {SUITE}-security {COMPONENTS.replace(',', ' ')}")
    part = place.with_suffix(".part.tar")
    part.parent.mkdir(parents=True, exist_ok=True)
    part.unlink(missing_ok=True)
    kernel = "linux-image-arm64" + (f"/{board.kernel_suite}" if board.kernel_suite != SUITE else "")
    run(
        ["mmdebstrap", "--arch=arm64", "--variant=minbase", '--aptopt=Apt::Install-Recommends "false"',
         *(f"--dpkgopt={option}" for option in LEAN), f"--include={','.join([*packages, kernel])}",
         SUITE, part, *sources],
        log,
    )  # fmt: skip
    part.rename(place)
    return place


def assemble(job: Mapping[str, object], work: Path, log: Path) -> None:
    """Put the parts together where whoever builds is root, if only in a name space (inside.py)."""
    work.mkdir(parents=True, exist_ok=True)
    (work / "job.json").write_text(json.dumps(job, indent=1))
    rootless = [] if os.geteuid() == 0 else ["--map-root-user", "--map-auto"]
    run(
        ["unshare", *rootless, "--mount", "--pid", "--fork", "--kill-child=KILL", sys.executable,
         Path(__file__).with_name("inside.py"), work / "job.json"],
        log,
    )  # fmt: skip


def compress(image: Path, target: Path, log: Path) -> str:
    """Compress the image; its checksum stands in a file beside it, and is returned."""
    part = target.with_name(f"{target.name}.part")
    run(["zstd", "--quiet", "--force", "-T0", "-12", image, "-o", part], log)
    part.replace(target)
    checksum = hashlib.file_digest(target.open("rb"), "sha256").hexdigest()
    target.with_name(f"{target.name}.sha256").write_text(f"{checksum}  {target.name}\n")
    return checksum
