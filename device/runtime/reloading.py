"""Takes on a changed configuration while the agent lives: what can be, at once; the rest is named for a restart.

`device.config_live` declares which options those are and who owns them. An owner that this agent does not have (a LED,
a voice) has nothing to take on: its options are in force all the same.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from device.config import Config
from device.config_live import LIVE, Key, Owner, changes, with_values_of
from device.errors import ControlError

log = logging.getLogger(__name__)

Apply = Callable[[Config], None]
"""Takes on an owner's options; raises NeedsRestart if it cannot, and has changed nothing then."""

AT_START = "it is read only at the start"


class NeedsRestart(Exception):  # noqa: N818 - it is no failure
    """A new value cannot be taken on live; says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reloaded:
    """What came of it: the options in force now, and those that wait for a restart, each with its reason."""

    applied: tuple[Key, ...] = ()
    waiting: Mapping[Key, str]

    def told(self) -> dict[str, Any]:
        """As JSON has it."""
        return {
            "applied": [".".join(key) for key in self.applied],
            "restart": {".".join(key): why for key, why in self.waiting.items()},
        }


class Reloading:
    """The configuration in force; used on the loop's thread."""

    def __init__(self, config: Config, reread: Callable[[], Config] | None = None) -> None:
        """`reread` reads the files anew, blocking; None where there are none. It raises ConfigError."""
        self.config = config
        self._reread = reread
        self._owners: dict[Owner, Apply] = {}

    def own(self, owner: Owner, apply: Apply) -> None:
        """Let `apply` take on the options of an owner."""
        self._owners[owner] = apply

    async def reload(self) -> Reloaded:
        """Read the files anew and take on what can be. Raises ConfigError, and changes nothing; ControlError."""
        if self._reread is None:
            raise ControlError("This agent has no configuration to read anew.")
        reloaded = self.take_on(await asyncio.to_thread(self._reread))
        log.info("Reloaded: %s", _in_words(reloaded))
        return reloaded

    def take_on(self, wanted: Config) -> Reloaded:
        """Put the options that differ into force, as far as that can be."""
        applied: list[Key] = []
        waiting: dict[Key, str] = {}
        by_owner: dict[Owner | None, list[Key]] = {}
        for key in changes(self.config, wanted):
            by_owner.setdefault(LIVE.get(key), []).append(key)
        for owner, keys in by_owner.items():
            if owner is None:
                waiting.update(dict.fromkeys(keys, AT_START))
                continue
            config = with_values_of(self.config, wanted, tuple(keys))
            try:
                if (apply := self._owners.get(owner)) is not None:
                    apply(config)
            except NeedsRestart as reason:
                waiting.update(dict.fromkeys(keys, str(reason)))
            else:
                self.config = config
                applied += keys
        return Reloaded(applied=tuple(applied), waiting=waiting)


def _in_words(reloaded: Reloaded) -> str:
    now = ", ".join(".".join(key) for key in reloaded.applied) or "nothing"
    later = ", ".join(".".join(key) for key in reloaded.waiting)
    return f"{now} in force" + (f"; a restart is needed for {later}" if later else "")
