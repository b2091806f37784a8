"""One GET over HTTPS, for tools that may use the network: bounded in time and size, cancelled at once.

The request runs on the loop itself rather than in a thread, which nobody could end while it waits for a server.
"""

import asyncio
import http.client
import io
import ssl
from urllib.parse import urlencode, urlsplit

from device.toolkit import ToolError

MOST_BYTES = 256 * 1024
TIMEOUT_SECONDS = 8.0

_PORTS = {"https": 443, "http": 80}


class _Received:
    """What came over the wire, as the parser of the standard library wants it: as a socket."""

    def __init__(self, received: bytes) -> None:
        self._received = received

    def makefile(self, mode: str) -> io.BytesIO:
        del mode
        return io.BytesIO(self._received)


async def fetch(url: str, query: dict[str, str], *, timeout_seconds: float = TIMEOUT_SECONDS) -> bytes:
    """The body that a server answers with. Raises ToolError if it does not answer in time, whole and with success."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    try:
        async with asyncio.timeout(timeout_seconds):
            received = await _exchange(parts.scheme, host, parts.port, f"{parts.path or '/'}?{urlencode(query)}")
    except TimeoutError as error:
        raise ToolError(f"{host} does not answer.") from error
    except (OSError, UnicodeError) as error:
        raise ToolError(f"{host} cannot be reached; the device may be offline.") from error
    return _body(received, host)


async def _exchange(scheme: str, host: str, port: int | None, target: str) -> bytes:
    """All that the server sends until it closes the connection."""
    tls = await asyncio.to_thread(ssl.create_default_context) if scheme == "https" else None
    reader, writer = await asyncio.open_connection(host, port or _PORTS.get(scheme), ssl=tls)
    try:
        request = f"GET {target} HTTP/1.1\r\nHost: {host}\r\nAccept: application/json\r\nConnection: close\r\n\r\n"
        writer.write(request.encode("ascii"))
        await writer.drain()
        received = bytearray()
        while chunk := await reader.read(16 * 1024):
            received += chunk
            if len(received) > MOST_BYTES:
                raise ToolError(f"{host} sends more than expected.")
        return bytes(received)
    finally:
        writer.transport.abort()  # no goodbye: nobody wants to wait for the server's


def _body(received: bytes, host: str) -> bytes:
    response = http.client.HTTPResponse(_Received(received))  # type: ignore[arg-type]
    try:
        response.begin()
        body = response.read()
    except (http.client.HTTPException, ValueError, OSError) as error:
        raise ToolError(f"{host} sends nothing that can be read.") from error
    if response.status != http.client.OK:
        raise ToolError(f"{host} refuses, with status {response.status}.")
    return body
