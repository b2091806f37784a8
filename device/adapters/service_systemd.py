"""Telling systemd how the service fares: the notification protocol of sd_notify(3), one datagram a message.

Outside systemd (no NOTIFY_SOCKET) nothing is sent and nothing fails.
"""

import logging
import os
import socket
from collections.abc import Mapping
from typing import Self

log = logging.getLogger(__name__)


class SystemdService:
    """`device.ports.Service`."""

    def __init__(self, address: str = "", *, watchdog_seconds: float | None = None) -> None:
        """`address` is the socket's path, "@" before a name without one; "" for none."""
        self.watchdog_seconds = watchdog_seconds
        self._address = "\0" + address[1:] if address.startswith("@") else address
        self._socket: socket.socket | None = None
        if address:
            self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """As systemd's variables say; a watchdog that is meant for another process is none."""
        micros = environment.get("WATCHDOG_USEC", "")
        ours = environment.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
        seconds = int(micros) / 1e6 if micros.isdecimal() and ours else None
        return cls(environment.get("NOTIFY_SOCKET", ""), watchdog_seconds=seconds or None)

    @property
    def managed(self) -> bool:
        """Whether anybody is told."""
        return self._socket is not None

    def ready(self) -> None:
        """It is up."""
        self._send("READY=1")

    def stopping(self) -> None:
        """It is about to end."""
        self._send("STOPPING=1")

    def status(self, text: str) -> None:
        """What `systemctl status` shows."""
        self._send("STATUS=" + " ".join(text.split()))

    def alive(self) -> None:
        """It gets on: the watchdog's time begins anew."""
        self._send("WATCHDOG=1")

    def extend(self, seconds: float) -> None:
        """Starting or stopping takes longer, and is to be waited for so many seconds from now."""
        self._send(f"EXTEND_TIMEOUT_USEC={round(seconds * 1e6)}")

    def close(self) -> None:
        """Tell nothing more."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _send(self, message: str) -> None:
        if self._socket is None:
            return
        try:
            self._socket.sendto(message.encode(), self._address)
        except OSError as error:
            log.warning("systemd cannot be told %s: %s", message.partition("=")[0], error.strerror)
