"""Downloads that go on where they stopped.

What has arrived of a file waits beside its place as `<name>.part`; only whole files get their name. Whether they are
the right ones is for the caller to check: a resumed file may have changed meanwhile.
"""

import errno
import http.client
import logging
import os
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from pathlib import Path

from device.errors import ModelError

log = logging.getLogger(__name__)

CHUNK_BYTES = 1 << 18
TIMEOUT_SECONDS = 30.0
TRIES = 5
"""A download gives up after so many failures in a row without a byte in between."""

LOCAL_HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})
RANGE_NOT_SATISFIABLE = 416

Advance = Callable[[int], None]
"""`advance(bytes)`: so many more bytes are there; negative when some had to be thrown away."""


class _NotFoundError(Exception):
    """The server has no such file: trying again is useless."""


def download(url: str, target: Path, advance: Advance) -> None:
    """Fetch `url` to `target`, resuming `target.part` if there is one. Raises ModelError in a sentence."""
    _check_scheme(url)
    part = target.with_name(target.name + ".part")
    target.parent.mkdir(parents=True, exist_ok=True)
    advance(part.stat().st_size if part.exists() else 0)
    failures = 0
    while True:
        before = part.stat().st_size if part.exists() else 0
        try:
            _attempt(url, part, advance)
            break
        except _NotFoundError as error:
            raise ModelError(f"{_short(url)} cannot be fetched: {error}.") from error
        except (OSError, http.client.HTTPException) as error:
            if isinstance(error, OSError) and _is_local(error):
                raise ModelError(f"{target.name} cannot be kept in {target.parent}: {error.strerror}.") from error
            grown = part.exists() and part.stat().st_size > before
            failures = 1 if grown else failures + 1
            if failures >= TRIES:
                reason = getattr(error, "reason", None) or error
                raise ModelError(
                    f"{_short(url)} cannot be fetched ({reason}): check the network and run the same command again; "
                    "it goes on where it stopped."
                ) from error
            log.info("%s: %s; trying again", _short(url), error)
            time.sleep(min(2.0**failures, 20.0))
    os.replace(part, target)  # noqa: PTH105 - atomic by contract


def fetch_bytes(url: str, *, accept: str = "*/*", most_bytes: int = 64 << 20) -> bytes:
    """A small document. Raises ModelError in a sentence."""
    _check_scheme(url)
    request = urllib.request.Request(url, headers={"Accept": accept})  # noqa: S310 - the scheme is checked
    for attempt in range(TRIES):
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310
                content: bytes = answer.read(most_bytes)
                return content
        except urllib.error.HTTPError as error:
            if error.code < http.client.INTERNAL_SERVER_ERROR:
                raise ModelError(f"{_short(url)} cannot be fetched: {error.code} {error.reason}.") from error
            failure: Exception = error
        except (OSError, http.client.HTTPException) as error:
            failure = error
        time.sleep(min(0.5 * 2**attempt, 5.0))
    raise ModelError(f"{_short(url)} cannot be fetched ({failure}): check the network.")


def _attempt(url: str, part: Path, advance: Advance) -> None:
    have = part.stat().st_size if part.exists() else 0
    headers = {"Range": f"bytes={have}-"} if have else {}
    request = urllib.request.Request(url, headers=headers)  # noqa: S310 - the scheme is checked
    try:
        answer = urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS)  # noqa: S310
    except urllib.error.HTTPError as error:
        if error.code == RANGE_NOT_SATISFIABLE and have:
            return  # it was whole already, or the check will tell
        if error.code < http.client.INTERNAL_SERVER_ERROR and error.code != http.client.TOO_MANY_REQUESTS:
            raise _NotFoundError(f"{error.code} {error.reason}") from error
        raise
    with answer:
        resumed = answer.status == http.client.PARTIAL_CONTENT
        if have and not resumed:
            advance(-have)
        expected = answer.headers.get("Content-Length")
        with part.open("ab" if resumed else "wb") as file:
            got = 0
            while chunk := answer.read(CHUNK_BYTES):
                file.write(chunk)
                got += len(chunk)
                advance(len(chunk))
            file.flush()
            os.fsync(file.fileno())
        if expected is not None and got < int(expected):
            raise http.client.IncompleteRead(b"", int(expected) - got)


def _is_local(error: OSError) -> bool:
    """Whether it is our disk and not the network."""
    if isinstance(error, (urllib.error.URLError, TimeoutError, ConnectionError)):
        return False
    return bool(error.filename) or error.errno == errno.ENOSPC


def _check_scheme(url: str) -> None:
    parts = urllib.parse.urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOCAL_HOSTS):
        raise ModelError(f"{url} is not fetched: only https addresses are.")


def _short(url: str) -> str:
    parts = urllib.parse.urlsplit(url)
    return f"{parts.path.rsplit('/', 1)[-1] or parts.path} from {parts.hostname}"
