"""Walking through a board's wiring: every state on the LED, every gesture of the buttons."""

import asyncio
from collections.abc import Callable

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


async def walk(config: Config, *, each_seconds: float, listen_seconds: float) -> int:
    """Walk through it; returns the exit code: that of a board failure if a configured part cannot be used."""
    failures: list[BoardError] = []
    board = app.open_board(config, on_failure=failures.append)
    try:
        print(f"The board: {board.name}.")
        for failure in failures:
            print(f"  {failure}")
        await _show(board, config, each_seconds)
        await _listen(board, config, listen_seconds)
    finally:
        board.close()
    return BoardError.exit_code if failures else 0


async def _show(board: Board, config: Config, each_seconds: float) -> None:
    if board.light is None:
        print(f"No LED (board.led is {config.board.led}).")
        return
    indicator = Indicator(board.light)
    print("The LED shows:")
    for name, condition in _SHOWN:
        print(f"  {name}", flush=True)
        indicator.show(condition)
        await asyncio.sleep(each_seconds)
    indicator.close()


async def _listen(board: Board, config: Config, listen_seconds: float) -> None:
    if not board.buttons:
        print("No buttons (board.button and board.second_button are 0, or cannot be used).")
        return
    untouched = set(board.buttons)

    def telling(name: str, gesture: Gesture) -> Callable[[], None]:
        action = config.board.gestures(name).get(gesture.value, "nothing")  # type: ignore[call-overload]

        def tell() -> None:
            untouched.discard(name)
            print(f"  {name.replace('_', ' ')}: {gesture.value} ({action})", flush=True)

        return tell

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
    print(f"Press {' and '.join(name.replace('_', ' ') for name in board.buttons)} (for {listen_seconds:g} seconds) …")
    await asyncio.sleep(listen_seconds)
    buttons.close()
    for name in sorted(untouched):
        print(f"The {name.replace('_', ' ')} was not pressed, or its wire does not reach pin {_pin(config, name)}.")


def _pin(config: Config, name: str) -> int:
    pin: int = getattr(config.board, name)
    return pin
