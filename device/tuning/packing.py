"""Packs many examples into one sequence in which whatever they have in common stands once.

Prompts with the same tools begin with the same thousand tokens, dialogues with the same turns. So the tokens of all
examples of a lesson make a tree. A row of tokens with their depth as position, and a mask that lets each see only what
lies on its way from the root, computes for every example what it would compute by itself, at a fraction of the cost;
only where a target is to be predicted are logits needed.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Packed:
    """The tree as arrays over its nodes, parents first.

    `tokens`, `positions` and `parents` (-1 for a root) have shape (nodes,), int64. For each target token `predictors`
    has the node whose logits predict it and `targets` the token; both have shape (targets,).
    """

    tokens: NDArray[np.int64]
    positions: NDArray[np.int64]
    parents: NDArray[np.int64]
    predictors: NDArray[np.int64]
    targets: NDArray[np.int64]

    def sees(self) -> NDArray[np.bool_]:
        """Shape (nodes, nodes): which nodes each sees, itself included."""
        seen = np.eye(len(self.tokens), dtype=np.bool_)
        for node, parent in enumerate(self.parents):
            if parent >= 0:
                seen[node] |= seen[parent]
        return seen


@dataclass(slots=True)
class _Tree:
    tokens: list[int] = field(default_factory=list)
    positions: list[int] = field(default_factory=list)
    parents: list[int] = field(default_factory=list)
    children: dict[tuple[int, int], int] = field(default_factory=dict)

    def grown(self, parent: int, token: int) -> int:
        """The node of `token` after `parent`, made if it is not there."""
        node = self.children.get((parent, token))
        if node is None:
            node = self.children[parent, token] = len(self.tokens)
            self.tokens.append(token)
            self.positions.append(self.positions[parent] + 1 if parent >= 0 else 0)
            self.parents.append(parent)
        return node


def packed(examples: Iterable[tuple[Sequence[int], Sequence[int]]], *, most_tokens: int = 0) -> Packed:
    """The tree of (prompt, target) token ids. With `most_tokens`, examples that would make it larger are left out.

    Raises ValueError if an example has no prompt, or nothing fits.
    """
    tree, predictors, targets = _Tree(), list[int](), list[int]()
    for prompt, target in examples:
        if not prompt:
            raise ValueError("an example needs a prompt")
        if most_tokens and len(tree.tokens) + _added(tree, prompt, target) > most_tokens:
            continue
        node = -1
        for token in prompt:
            node = tree.grown(node, token)
        for token in target:
            predictors.append(node)
            targets.append(token)
            node = tree.grown(node, token)
    if not targets:
        raise ValueError(f"no example fits in {most_tokens} tokens" if most_tokens else "there is no example")
    arrays = (np.asarray(one, dtype=np.int64) for one in (tree.tokens, tree.positions, tree.parents))
    tokens, positions, parents = arrays
    return Packed(
        tokens=tokens,
        positions=positions,
        parents=parents,
        predictors=np.asarray(predictors, dtype=np.int64),
        targets=np.asarray(targets, dtype=np.int64),
    )


def _added(tree: _Tree, prompt: Sequence[int], target: Sequence[int]) -> int:
    """How many nodes the example would add."""
    node, shared = -1, 0
    for token in (*prompt, *target):
        following = tree.children.get((node, token))
        if following is None:
            break
        node, shared = following, shared + 1
    return len(prompt) + len(target) - shared
