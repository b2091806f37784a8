"""Wiring diagrams, drawn from the pin map and the configuration: what goes to which pin of the header."""

from dataclasses import dataclass
from xml.sax.saxutils import escape

from device.config_board import Board
from device.core.header import FIVE_VOLTS, GROUND, PINS, SPI_CLOCK, SPI_DATA, SUPPLY, nearest, place

ROW, TOP, MIDDLE, GAP = 26, 60, 400, 30
"""Pixels: a row of the header, where the first is, the header's middle, and from there to a pin's centre."""
WIDTH, HEIGHT = 2 * MIDDLE, TOP + 20 * ROW + 40
BOX, LANE = 165, 190
"""The width of a part's box, and how far from the middle the first wire turns."""
COLOURS = {GROUND: "#333333", SUPPLY: "#cc6600", FIVE_VOLTS: "#cc0000"}
SIGNALS = ("#0066cc", "#008844", "#9933cc", "#bb7700", "#008899")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wire:
    """From a part's terminal to a place on the header."""

    terminal: str
    to: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Something that is wired."""

    name: str
    wires: tuple[Wire, ...]


def parts(board: Board) -> tuple[Part, ...]:
    """What the configuration connects."""
    found: list[Part] = []
    taken: set[int] = set()

    def to(what: str, near: int) -> Wire:
        where = nearest(what, near, frozenset(taken))
        taken.add(where)
        return Wire(terminal=what, to=where)

    other_leg = {"ground": GROUND, "supply": SUPPLY}
    for name, pin, tap in (("button", board.button, "talk"), ("second button", board.second_button, "mute")):
        if pin:
            contacts = (Wire(terminal=f"GPIO{pin}", to=place(pin)), to(other_leg[board.buttons_to], place(pin)))
            found.append(Part(name=f"{name} ({tap})", wires=contacts))
    if board.led in ("plain", "rgb"):
        names = ("",) if board.led == "plain" else ("red ", "green ", "blue ")
        pins = [place(pin) for pin in board.led_pins]
        signals = [Wire(terminal=f"{name}330 Ω", to=pin) for name, pin in zip(names, pins, strict=True)]
        legs = (*signals, to(other_leg[board.led_to], pins[0]))
        found.append(Part(name="LED" if board.led == "plain" else "RGB LED", wires=legs))
    elif board.led == "strip":
        data, clock = place(SPI_DATA), place(SPI_CLOCK)
        bus = (Wire(terminal="data", to=data), Wire(terminal="clock", to=clock), to(GROUND, clock), to(FIVE_VOLTS, 1))
        found.append(Part(name=f"APA102 strip ({board.led_count})", wires=bus))
    found += [
        Part(name=name, wires=(Wire(terminal=f"GPIO{pin}", to=place(pin)), to(GROUND, place(pin))))
        for name, pin in board.outputs.items()
    ]
    return tuple(found)


def listing(board: Board) -> str:
    """The connections as text, one a line."""
    lines = [f"{part.name:<24} {wire.terminal:<12} pin {wire.to}" for part in parts(board) for wire in part.wires]
    return "\n".join(lines) or "Nothing is connected: board.button, board.led and board.outputs name no pins."


def drawing(board: Board, title: str) -> str:
    """The connections as SVG: the header from above, pin 1 at the top left, the parts beside it."""
    wired = parts(board)
    used = {wire.to: _colour(wire, number) for part in wired for number, wire in enumerate(part.wires)}
    body = [f'<rect x="{MIDDLE - GAP}" y="{TOP - 4}" width="{2 * GAP}" height="{20 * ROW + 8}" rx="4" fill="#222222"/>']
    for side in (-1, 1):
        top = TOP
        lane = 0
        for part in sorted((one for one in wired if _side(one) == side), key=lambda one: one.wires[0].to):
            body.append(_part(part, side, top, lane))
            lane += len(part.wires)
            top += 40 + 30 * len(part.wires)
    text = "\n".join([*body, _pins(used)])
    style = 'font-family="sans-serif" font-size="13"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" {style}>\n'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>\n'
        f'<text x="{MIDDLE}" y="28" text-anchor="middle" font-size="17">{escape(title)}</text>\n{text}\n</svg>\n'
    )


def _side(part: Part) -> int:
    """On which side of the header a part lies: that of its first wire."""
    return -1 if part.wires[0].to % 2 else 1


def _colour(wire: Wire, number: int) -> str:
    by_name = {"red": "#dd2222", "green": "#119944", "blue": "#2255dd"}
    return COLOURS.get(str(PINS[wire.to])) or by_name.get(wire.terminal.split()[0]) or SIGNALS[number % len(SIGNALS)]


def _at(where: int) -> tuple[int, int]:
    """The centre of a pin."""
    return MIDDLE + (GAP // 2 if where % 2 == 0 else -GAP // 2), TOP + (where - 1) // 2 * ROW + ROW // 2


def _pins(used: dict[int, str]) -> str:
    """The pins with their names; over the wires, so that both can be read."""
    lines = []
    for where, what in PINS.items():
        x, y = _at(where)
        name = f"GPIO{what}" if isinstance(what, int) else what
        side = 1 if where % 2 == 0 else -1
        look = 'font-weight="bold" stroke="#ffffff" stroke-width="4" paint-order="stroke"'
        if where not in used:
            look = 'fill="#999999"'
        lines.append(
            f'<rect x="{x - 8}" y="{y - 8}" width="16" height="16" rx="{1 if where == 1 else 8}" '
            f'fill="{used.get(where, "#c9a94e")}"/>'
            f'<text x="{x}" y="{y + 4}" text-anchor="middle" font-size="9" fill="#ffffff">{where}</text>'
            f'<text x="{MIDDLE + side * (GAP + 8)}" y="{y + 4}" text-anchor="{_anchor(side)}" font-size="11" {look}>'
            f"{name}</text>"
        )
    return "\n".join(lines)


def _part(part: Part, side: int, top: int, lane: int) -> str:
    """One part's box, and its wires, each in a lane of its own."""
    left = 15 if side < 0 else WIDTH - 15 - BOX
    edge = left + BOX if side < 0 else left
    middle, height = left + BOX // 2, 26 + 26 * len(part.wires)
    lines = [
        f'<rect x="{left}" y="{top}" width="{BOX}" height="{height}" rx="6" fill="#f4f4f4" stroke="#666666"/>',
        f'<text x="{middle}" y="{top + 18}" text-anchor="middle" font-weight="bold">{escape(part.name)}</text>',
    ]
    for number, wire in enumerate(part.wires):
        y = top + 38 + 26 * number
        lines.append(
            f'<text x="{edge + 8 * side}" y="{y + 4}" text-anchor="{_anchor(side)}" font-size="11">'
            f"{escape(wire.terminal)}</text>"
        )
        x, to_y = _at(wire.to)
        turn = MIDDLE + side * (LANE - 12 * (lane + number))
        across = (wire.to % 2 == 0) != (side > 0)  # between two rows to the header's other column
        end = f"V {to_y - ROW // 2} H {x} V {to_y}" if across else f"V {to_y} H {x}"
        path = f'<path d="M {edge} {y} H {turn} {end}" fill="none"'
        lines.append(f'{path} stroke="#ffffff" stroke-width="6"/>')
        lines.append(f'{path} stroke="{_colour(wire, number)}" stroke-width="2.5"/>')
    return "\n".join(lines)


def _anchor(side: int) -> str:
    return "end" if side < 0 else "start"
