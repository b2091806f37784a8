"""A running agent as a command sees it: a socket that greets and answers what it is told to, on a thread of its own."""

import contextlib
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import device
from device.core.wire import PROTOCOL, Done, Failed, Hello, Lines, answer_line, read_request

VIEW: dict[str, Any] = {
    "state": "emitting",
    "mode": "speaking",
    "muted": False,
    "turn": 12,
    "version": device.__version__,
    "pid": 4711,
    "uptime_seconds": 11_520.0,
    "waiting_events": 1,
    "troubles": [],
    "models": {
        "llm": "qwen2.5-coder-0.5b-instruct-q4_k_m",
        "asr": "moonshine-tiny-en",
        "tts": "piper-en_US-joe-medium",
        "vad": "silero-vad",
        "turn": "smart-turn-v3.2",
    },
    "board": {
        "name": "Raspberry Pi 5 Model B Rev 1.0",
        "temperature_celsius": 61.3,
        "throttled": "under-voltage since the start",
        "disk_free_bytes": 20.1e9,
        "disk_total_bytes": 31.9e9,
        "address": "10.0.0.7",
    },
    "memory": {
        "resident_bytes": 1.134e9,
        "peak_resident_bytes": 1.2e9,
        "memory_free_bytes": 5.2e9,
        "memory_total_bytes": 8.2e9,
    },
    "sound": {
        "device": "hw:CARD=Device,DEV=0",
        "input_hz": 48000,
        "output_hz": 48000,
        "microphone_db": -31.5,
        "loudest_db": -18.2,
        "volume": 0.8,
        "xruns": 1,
        "overruns": 0,
        "underrun_seconds": 0.0,
    },
    "contexts": [
        {
            "id": "main",
            "parent": None,
            "of_call": "",
            "calls": [
                {"id": "c7", "tool": "weather", "arguments": {"city": "Oslo"}, "seconds": 3.2, "progress": "asking"},
                {"id": "c8", "tool": "research", "arguments": {"task": "whales"}, "seconds": 41.0, "progress": ""},
            ],
        },
        {
            "id": "k1",
            "parent": "main",
            "of_call": "c8",
            "calls": [
                {"id": "c1", "tool": "calculate", "arguments": {"expression": "6*7"}, "seconds": 0.1, "progress": ""}
            ],
        },
    ],
    "turns": [
        {
            "turn": 11,
            "wall_seconds": 1.8e9,
            "cause": "spoken",
            "said": "What is six times seven?",
            "answered": "Forty-two.",
            "outcome": "heard",
            "failure": "",
            "voice_to_voice_ms": 412.3,
        },
        {
            "turn": 12,
            "wall_seconds": 1.8e9 + 60,
            "cause": "results",
            "said": "",
            "answered": "It rains in Oslo,",
            "outcome": "under way",
            "failure": "",
            "voice_to_voice_ms": None,
        },
    ],
    "latency": {"n": 23, "p50_ms": 412.3, "p95_ms": 1690.0},
    "rehearsals": {"kept": 20, "dropped": 5},
    "last_error": {"wall_seconds": 1.8e9, "level": "error", "text": "The sound device is gone (unplugged)"},
    "live": {
        "seconds": 100.0,
        "states": [[60.0, "idle"], [21.0, "listening"], [18.0, "generating"], [17.0, "emitting"]],
        "words": "What is six times seven?",
        "reply": "It rains in Oslo,",
        "tokens": 7,
        "generating": True,
        "rehearsing": False,
    },
}
"""What an agent tells of itself in the midst of work."""


class FakeAgent:
    """Listens at `path`; `answer(command)` is what each request is answered with, None for a hang-up."""

    def __init__(
        self,
        path: Path,
        answer: Callable[[str], Any],
        *,
        protocol: int = PROTOCOL,
        version: str = device.__version__,
    ) -> None:
        self.asked: list[str] = []
        self._answer = answer
        self._greeting = answer_line(Hello(program="device", version=version, protocol=protocol))
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.bind(str(path))
        self._listener.listen()
        self._path = path
        self._clients: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def die(self) -> None:
        """End as a process does that is killed."""
        self._path.unlink(missing_ok=True)
        for one in (self._listener, *self._clients):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                self._clients.append(client)
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        lines = Lines(1 << 20)
        with contextlib.suppress(OSError), client:
            client.sendall(self._greeting)
            while received := client.recv(1 << 16):
                lines.feed(received)
                while (one := lines.next()) is not None:
                    request = read_request(one)
                    self.asked.append(request.command)
                    value = self._answer(request.command)
                    if value is None:
                        return
                    if isinstance(value, str):
                        client.sendall(answer_line(Failed(id=request.id, sentence=value, exit_code=11)))
                    else:
                        client.sendall(answer_line(Done(id=request.id, value=value)))
