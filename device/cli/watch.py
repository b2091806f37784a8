"""`device watch`: the running agent as it goes on, on the whole terminal, or as lines where there is none."""

import argparse
import contextlib
import os
import select
import sys
import time
from collections import deque
from collections.abc import Iterator
from typing import Any

from device.cli.arguments import add_json_option

STUCK_SECONDS = 5.0
"""An agent that tells nothing for so long is stuck; it says something every second."""

RATE_SECONDS = 1.0
"""Tokens a second are counted over so long."""

HINT = "q quits"


def add_parsers(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `watch` to the command line."""
    parser = subparsers.add_parser(
        "watch",
        help="the same, as it goes on",
        description="The running agent as it goes on: its states of the last minute (· idle, L listening, G "
        "generating, E emitting), the microphone's level, the words as they are recognized, tokens a second, the "
        "queue, and what is under way.",
        epilog="q or Ctrl-C ends it. Where standard output is no terminal, a line is printed for each change; --json "
        "prints every look as a line of JSON, at most five a second.",
        examples=("device watch",),
    )
    add_json_option(parser)
    parser.set_defaults(run=_watch)


def _watch(args: argparse.Namespace) -> int:
    from device.cli.terminal import Ended

    with contextlib.suppress(KeyboardInterrupt, Ended):
        if args.json:
            _as_json(args)
        elif sys.stdout.isatty() and os.environ.get("TERM", "dumb") != "dumb":
            _on_terminal(args)
        else:
            _as_lines(args)
    return 0


class Looks:
    """The looks at an agent, one at a time: the next one is asked for when the last one has been shown."""

    def __init__(self, args: argparse.Namespace) -> None:
        """Raises ControlError if there is no agent."""
        from device.cli import client

        self._path = client.socket_path(args)
        self._connect = client.Client.connect
        self._client = self._connect(self._path)

    def ask(self) -> int:
        """Ask for the next one; returns the descriptor that becomes readable with it. Raises ControlError."""
        from device.errors import ControlError

        try:
            self._client.send("watch")
        except ControlError:
            self._ask_anew()
        return self._client.fileno()

    def take(self) -> dict[str, Any]:
        """The look that was asked for. Raises ControlError if the agent has gone, or is stuck."""
        from device.errors import ControlError, StuckError

        try:
            return dict(self._client.receive(seconds=STUCK_SECONDS))
        except StuckError:
            raise
        except ControlError:
            self._ask_anew()
        return dict(self._client.receive(seconds=STUCK_SECONDS))

    def _ask_anew(self) -> None:
        """Who was stopped, or on a stalled link, has been hung up on; the agent may still be there, or there anew."""
        self._client.close()
        self._client = self._connect(self._path)
        self._client.send("watch")

    def all(self) -> Iterator[dict[str, Any]]:
        """One after another."""
        while True:
            self.ask()
            yield self.take()


def _as_json(args: argparse.Namespace) -> None:
    import json

    for view in Looks(args).all():
        print(json.dumps(view, ensure_ascii=False), flush=True)


def _as_lines(args: argparse.Namespace) -> None:
    last: dict[str, Any] = {}
    for view in Looks(args).all():
        for text in changes(last, view):
            print(f"{time.strftime('%H:%M:%S')} {text}", flush=True)
        last = view


def changes(last: dict[str, Any], view: dict[str, Any]) -> Iterator[str]:
    """What happened between two looks, a line each."""
    from device.cli.text import clean, milliseconds

    if view.get("state") != last.get("state"):
        yield str(view.get("state"))
    if view.get("muted") != last.get("muted") and (last or view.get("muted")):
        yield "muted" if view.get("muted") else "no longer muted"
    for trouble in sorted(set(view.get("troubles") or ()) - set(last.get("troubles") or ())):
        yield f"trouble: {clean(trouble)}"
    over = {turn["turn"] for turn in last.get("turns") or () if turn["outcome"] != "under way"}
    for turn in view.get("turns") or ():
        if last and turn["outcome"] != "under way" and turn["turn"] not in over:
            waited = turn.get("voice_to_voice_ms")
            after = "" if waited is None else f" after {milliseconds(waited)}"
            yield f"turn {turn['turn']}: {clean(turn['said']) or turn['cause']}"
            yield f"turn {turn['turn']} {turn['outcome']}{after}: {clean(turn['answered'] or turn['failure'])}"
    if view.get("last_error") not in (None, last.get("last_error")):
        yield f"error: {clean(view['last_error']['text'])}"


class Rate:
    """Tokens a second, from how many there were at each look."""

    def __init__(self) -> None:
        self._seen: deque[tuple[float, int]] = deque(maxlen=16)

    def look(self, now: dict[str, Any]) -> float | None:
        """The rate of the last second; None while nothing is written."""
        seconds, tokens = now.get("seconds"), now.get("tokens")
        if seconds is None or tokens is None or not now.get("generating"):
            self._seen.clear()
            return None
        if self._seen and tokens < self._seen[-1][1]:
            self._seen.clear()  # another reply
        self._seen.append((seconds, tokens))
        while len(self._seen) > 2 and self._seen[1][0] <= seconds - RATE_SECONDS:
            self._seen.popleft()
        began, first = self._seen[0]
        return (tokens - first) / (seconds - began) if seconds > began else None


def _on_terminal(args: argparse.Namespace) -> None:
    from device.cli.output import colourful
    from device.cli.screen import watch_lines
    from device.cli.terminal import FullScreen
    from device.cli.text import Part, line, rows

    looks, rate, colour = Looks(args), Rate(), colourful()
    with FullScreen() as screen:
        while _next_comes(looks, screen):
            view = looks.take()
            width, height = screen.size()
            lines = watch_lines(view, width, tokens_per_second=rate.look(view.get("live") or {}))
            kept = [*lines[: height - 1], line(Part(HINT, "faint"))] if height > 1 else lines[:1]
            screen.draw(rows(kept, width, colour=colour))


def _next_comes(looks: Looks, screen: Any) -> bool:
    """Whether the next look is there; False if it is to end."""
    from device.errors import StuckError

    answer, deadline = looks.ask(), time.monotonic() + STUCK_SECONDS
    sources = [answer] if screen.keyboard is None else [answer, screen.keyboard]
    while True:
        ready, _, _ = select.select(sources, [], [], max(deadline - time.monotonic(), 0.0))
        if not ready:
            raise StuckError
        if screen.keyboard in ready and ((key := screen.key()) == "" or key[0] in "qQ\x03\x04"):
            return False
        if answer in ready:
            return True
