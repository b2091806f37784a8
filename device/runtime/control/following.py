"""Following what comes of a request: the replies that are made from now on, until all is quiet again."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from device.core.events import Event
from device.core.fsm import Machine
from device.runtime.agent import Agent
from device.runtime.control.live import Live
from device.runtime.dispatcher import ReplyReport, ReplyText

QUIET_SECONDS = 0.1
"""How often it is looked whether all is quiet, while somebody waits for that."""


@dataclass(kw_only=True)
class Following:
    """The replies of an agent from a moment on; `begun` once the event that was waited for has been handled."""

    agent: Agent
    news: "asyncio.Queue[ReplyText | ReplyReport]" = field(default_factory=asyncio.Queue)
    reports: list[ReplyReport] = field(default_factory=list)
    begun: bool = False

    async def until_quiet(self, live: Live) -> None:
        """Tell every reply's text as it is made, until nothing goes on any more."""
        while True:
            try:
                news = await asyncio.wait_for(self.news.get(), QUIET_SECONDS)
            except TimeoutError:
                if self.begun and self.agent.settled:
                    return
                continue
            if isinstance(news, ReplyReport):
                self.reports.append(news)
            else:
                await live.tell({"turn": news.turn, "text": news.text})

    def outcome(self) -> dict[str, Any]:
        """What was said, and how it ended."""
        return {
            "text": " ".join(filter(None, (" ".join(report.generated.split()) for report in self.reports))),
            "heard": " ".join(filter(None, (" ".join(report.heard.split()) for report in self.reports))),
            "interrupted": any(report.interrupted for report in self.reports),
            "failure": next((report.failure for report in self.reports if report.failure), ""),
        }


@contextmanager
def following(agent: Agent, kind: type[Event] | None = None) -> Iterator[Following]:
    """Follow an agent's replies, from the next event of this kind on if one is given."""
    follow = Following(agent=agent, begun=kind is None)

    def observe(before: Machine, event: Event, after: Machine) -> None:
        del before, after
        follow.begun = follow.begun or (kind is not None and isinstance(event, kind))

    agent.loop.observe(observe)
    agent.dispatcher.followers.add(follow.news.put_nowait)
    try:
        yield follow
    finally:
        agent.dispatcher.followers.discard(follow.news.put_nowait)
        agent.loop.forget(observe)
