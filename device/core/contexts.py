"""The tree of contexts that think in parallel, and who waits for whom; pure.

Rules:
* No more contexts, and none deeper, than the limits say.
* No context outlives its parent: `end` names everything below it, the deepest first.
* A wait that could never end is refused when it is made, with the circle named.

A node of the waits is a context ("main", "k3") or a call in one ("main/c5").
"""

from dataclasses import dataclass, field

from device.errors import ToolError

ROOT = "main"
"""The dialogue's own context."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How many contexts besides the dialogue's there may be at once, and how many levels of them."""

    children: int = 8
    depth: int = 2


@dataclass(slots=True)
class Tree:
    """Which contexts there are, and whose child each is."""

    limits: Limits = field(default_factory=Limits)
    _parents: dict[str, str] = field(default_factory=dict)

    def open(self, context_id: str, parent: str) -> None:
        """A new context below `parent`. Raises ToolError, in a sentence for the model, where a limit is reached."""
        if parent != ROOT and parent not in self._parents:
            raise ToolError("The task that asked for this has ended.")
        if context_id == ROOT or context_id in self._parents:
            raise ValueError(f"there is a context {context_id} already")
        if len(self._parents) >= self.limits.children:
            raise ToolError(f"There are {len(self._parents)} tasks at work already; wait for one, or cancel it.")
        if self.depth(parent) >= self.limits.depth:
            raise ToolError("This task is itself part of a task; it must do its work without further ones.")
        self._parents[context_id] = parent

    def depth(self, context_id: str) -> int:
        """How many levels below the dialogue it is."""
        levels = 0
        while context_id != ROOT:
            context_id, levels = self._parents[context_id], levels + 1
        return levels

    def parent(self, context_id: str) -> str:
        """Whose child it is."""
        return self._parents[context_id]

    def below(self, context_id: str) -> tuple[str, ...]:
        """Its children, their children and so on, the deepest first."""
        children = [child for child, parent in self._parents.items() if parent == context_id]
        return tuple(found for child in children for found in (*self.below(child), child))

    def close(self, context_id: str) -> None:
        """The context has ended; what was below it has ended before."""
        if self.below(context_id):
            raise ValueError(f"{context_id} still has children")
        self._parents.pop(context_id, None)

    def __len__(self) -> int:
        return len(self._parents)


@dataclass(slots=True)
class Waits:
    """Who cannot end before whom."""

    _edges: dict[str, set[str]] = field(default_factory=dict)

    def add(self, waiter: str, *targets: str) -> None:
        """`waiter` cannot end before `targets` have. Raises ToolError, naming the circle, if that could never be."""
        for target in targets:
            path = self._path(target, waiter)
            if path is not None:
                raise ToolError(f"That would wait for ever: {' waits for '.join([waiter, *path])}.")
        if targets:
            self._edges.setdefault(waiter, set()).update(targets)

    def end(self, node: str) -> None:
        """It has ended: nobody waits for it any more, and it waits for nobody."""
        self._edges.pop(node, None)
        for waiter, targets in list(self._edges.items()):
            targets.discard(node)
            if not targets:
                del self._edges[waiter]

    def _path(self, start: str, goal: str) -> list[str] | None:
        """The way from `start` to `goal` along the waits, both included; None if there is none."""
        seen, paths = {start}, [[start]]
        while paths:
            path = paths.pop()
            if path[-1] == goal:
                return path
            for following in sorted(self._edges.get(path[-1], ())):
                if following not in seen:
                    seen.add(following)
                    paths.append([*path, following])
        return None

    def __len__(self) -> int:
        return len(self._edges)
