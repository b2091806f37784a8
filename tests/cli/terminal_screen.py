"""What a terminal shows of what was written to it: the control sequences that `device` uses, and no others."""

import re

_SEQUENCE = re.compile(r"\x1b\[(\?)?([0-9;]*)([A-Za-z])|\r|\n|[^\x1b]")


class Screen:
    """A terminal's cells, its cursor and its modes."""

    def __init__(self, columns: int = 80, rows: int = 24) -> None:
        self.columns, self.rows = columns, rows
        self.alternate = False
        self.cursor_shown = True
        self.overflowed = False
        self._clear()

    def _clear(self) -> None:
        self.cells = [[(" ", "")] * self.columns for _ in range(self.rows)]
        self.row = self.column = 0
        self.style = ""

    def feed(self, text: str) -> None:
        at = 0
        while at < len(text):
            found = _SEQUENCE.match(text, at)
            assert found, f"an unknown sequence: {text[at : at + 12]!r}"
            at = found.end()
            if found[3]:
                self._sequence(found[1] or "", found[2], found[3])
            elif found[0] == "\r":
                self.column = 0
            elif found[0] == "\n":
                self.row = min(self.row + 1, self.rows - 1)
            else:
                self._put(found[0])

    def _put(self, character: str) -> None:
        if self.column >= self.columns:
            self.overflowed = True
            return
        self.cells[self.row][self.column] = (character, self.style)
        self.column += 1

    def _sequence(self, private: str, numbers: str, kind: str) -> None:
        match private, kind, numbers:
            case "?", ("h" | "l"), "1049":
                self.alternate = kind == "h"
                self._clear()
            case "?", ("h" | "l"), "25":
                self.cursor_shown = kind == "h"
            case "", "H", _:
                row, _, column = numbers.partition(";")
                self.row, self.column = int(row) - 1, int(column or 1) - 1
            case "", "K", "":
                self.cells[self.row][self.column :] = [(" ", "")] * (self.columns - self.column)
            case "", "J", ("" | "2"):
                first = 0 if numbers else self.row
                for row in range(first, self.rows):
                    self.cells[row] = [(" ", "")] * self.columns
            case "", "m", _:
                self.style = "" if numbers == "0" else numbers
            case _:
                raise AssertionError(f"an unknown sequence: {private}{numbers}{kind}")

    def lines(self) -> list[str]:
        return ["".join(character for character, _ in row).rstrip() for row in self.cells]
