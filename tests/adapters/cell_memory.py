"""A memory that knows what llama.cpp's would hold."""


class CellMemory:
    """Cells that sequences own in common, each at one position with one token.

    `whole` cannot forget a part, like a recurrent model; `rigid` cannot move cells.
    """

    def __init__(self, *, sequences: int, whole: bool = False, rigid: bool = False) -> None:
        self.held: list[list[int]] = [[] for _ in range(sequences)]
        self.positions: list[int] = []
        self.tokens: list[int] = []
        self._whole = whole
        self._rigid = rigid

    def compute(self, sequence: int, tokens: list[int]) -> None:
        cells = range(len(self.tokens), len(self.tokens) + len(tokens))
        self.positions += range(len(self.held[sequence]), len(self.held[sequence]) + len(tokens))
        self.tokens += tokens
        self.held[sequence] += cells

    def read(self, sequence: int) -> list[int]:
        """The sequence's tokens by their positions, which must have no gap."""
        assert [self.positions[cell] for cell in self.held[sequence]] == list(range(len(self.held[sequence])))
        return [self.tokens[cell] for cell in self.held[sequence]]

    def remove(self, sequence: int, start: int) -> bool:
        if self._whole and 0 < start < len(self.held[sequence]):
            return False
        del self.held[sequence][start:]
        return True

    def shift(self, sequence: int, start: int, end: int) -> bool:
        if self._whole or self._rigid:
            return False
        for cell in self.held[sequence][end:]:
            self.positions[cell] -= end - start
        del self.held[sequence][start:end]
        return True

    def copy(self, parent: int, child: int) -> None:
        assert not self.held[child]
        self.held[child] = list(self.held[parent])
