"""Walking through a board's wiring: every state on the LED, every gesture of the buttons."""

import asyncio
from collections.abc import Callable
from typing import Any

from device import app
from device.config import Config
from device.core.gestures import Gesture
from device.core.indication import Activity, Condition
from device.errors import BoardError
from device.ports import Board
from device.runtime.buttons import Action, Buttons, ButtonUse
from device.runtime.indicator import Indicator

_SHOWN = (
    *((activity.value, Condition(activity=activity)) for activity in Activity),
    ("working in the background", Condition(activity=Activity.IDLE, working=True)),
    ("muted", Condition(activity=Activity.IDLE, muted=True)),
    ("error", Condition(activity=Activity.IDLE, trouble=True)),
)


Tell = Callable[[str], None]


async def walk(config: Config, *, each_seconds: float, listen_seconds: float, tell: Tell) -> dict[str, Any]:
    """Walk through it, telling what is to be seen and done; returns what was found, `failures` of parts included."""
    failures: list[BoardError] = []
    board = app.open_board(config, on_failure=failures.append)
    try:
        tell(f"The board: {board.name}.")
        for failure in failures:
            tell(f"  {failure}")
        shown = await _show(board, config, each_seconds, tell)
        gestures = await _listen(board, config, listen_seconds, tell)
    finally:
        board.close()
    return {"board": board.name, "failures": list(map(str, failures)), "shown": shown, "gestures": gestures}


async def _show(board: Board, config: Config, each_seconds: float, tell: Tell) -> list[str]:
    """The states that the LED has shown."""
    if board.light is None:
        tell(f"No LED (board.led is {config.board.led}).")
        return []
    indicator = Indicator(board.light)
    tell("The LED shows:")
    for name, condition in _SHOWN:
        tell(f"  {name}")
        indicator.show(condition)
        await asyncio.sleep(each_seconds)
    indicator.close()
    return [name for name, _ in _SHOWN]


async def _listen(board: Board, config: Config, listen_seconds: float, tell: Tell) -> dict[str, list[str]]:
    """The gestures of each button."""
    made: dict[str, list[str]] = {name: [] for name in board.buttons}
    if not board.buttons:
        tell("No buttons (board.button and board.second_button are 0, or cannot be used).")
        return made

    def telling(name: str, gesture: Gesture) -> Callable[[], None]:
        action = config.board.gestures(name).get(gesture.value, "nothing")  # type: ignore[call-overload]

        def note() -> None:
            made[name].append(gesture.value)
            tell(f"  {name.replace('_', ' ')}: {gesture.value} ({action})")

        return note

    told = [gesture for gesture in Gesture if gesture is not Gesture.HOLD_ENDED]
    uses = {
        name: ButtonUse(
            times=config.board.gesture_times(name),
            actions={gesture: Action(begin=telling(name, gesture)) for gesture in told},
        )
        for name in board.buttons
    }
    buttons = Buttons(uses)
    board.watch(buttons.edge)
    tell(f"Press {' and '.join(name.replace('_', ' ') for name in board.buttons)} (for {listen_seconds:g} seconds) …")
    await asyncio.sleep(listen_seconds)
    buttons.close()
    for name in sorted(name for name, gestures in made.items() if not gestures):
        tell(f"The {name.replace('_', ' ')} was not pressed, or its wire does not reach pin {_pin(config, name)}.")
    return made


def _pin(config: Config, name: str) -> int:
    pin: int = getattr(config.board, name)
    return pin
