"""What keeps the agent from its work at the moment, for a light or a status to show."""

from collections.abc import Callable


class Troubles:
    """Troubles by their names; used on the loop's thread."""

    def __init__(self) -> None:
        self.names: frozenset[str] = frozenset()
        self._watchers: list[Callable[[frozenset[str]], None]] = []

    def watch(self, watcher: Callable[[frozenset[str]], None]) -> None:
        """Tell `watcher` of all there are, now and whenever that changes."""
        self._watchers.append(watcher)
        watcher(self.names)

    def begin(self, name: str) -> None:
        """There is this trouble."""
        self._become(self.names | {name})

    def end(self, name: str) -> None:
        """There is no such trouble any more."""
        self._become(self.names - {name})

    def _become(self, names: frozenset[str]) -> None:
        if names != self.names:
            self.names = names
            for watcher in self._watchers:
                watcher(names)
