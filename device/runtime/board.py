"""The board's part of an agent's life: its state on the light, its gestures done to it.

The light shows that the agent starts before there is an agent; `attach` connects the two.
"""

import logging
from collections.abc import Callable, Mapping

from device.config import Config
from device.config_board import Board as BoardOptions
from device.config_live import Owner
from device.core.events import ShutdownRequested
from device.core.gestures import Gesture
from device.core.indication import Activity, Condition
from device.core.presence import Mode, Presence
from device.ports import Board
from device.runtime.agent import Agent
from device.runtime.buttons import Action, Buttons, ButtonUse
from device.runtime.indicator import Indicator
from device.runtime.reloading import NeedsRestart

log = logging.getLogger(__name__)

_ACTIVITIES = {
    Mode.ASLEEP: Activity.ASLEEP,
    Mode.IDLE: Activity.IDLE,
    Mode.MUTED: Activity.IDLE,
    Mode.LISTENING: Activity.LISTENING,
    Mode.THINKING: Activity.THINKING,
    Mode.SPEAKING: Activity.SPEAKING,
}


def condition_of(presence: Presence, *, trouble: bool = False) -> Condition:
    """What the light is told of what the agent shows of itself."""
    activity = _ACTIVITIES[presence.mode]
    if presence.updating and activity in (Activity.ASLEEP, Activity.IDLE):
        activity = Activity.UPDATING
    return Condition(activity=activity, trouble=trouble, muted=presence.muted, working=presence.working)


def actions_on(agent: Agent, shut_down: Callable[[], None]) -> Mapping[str, Action]:
    """What a gesture can be configured to do, by name."""
    return {
        "interrupt": Action(begin=agent.interrupt),
        "talk": Action(begin=agent.talk_tapped),
        "push-to-talk": Action(begin=agent.talk_begins, end=agent.talk_ends),
        "mute": Action(begin=lambda: agent.unmute() if agent.muted else agent.mute()),
        "shut-down": Action(begin=shut_down),
    }


class BoardLife:
    """A board that shows how an agent fares and lets its buttons be pressed; used on the loop's thread."""

    def __init__(self, board: Board, options: BoardOptions) -> None:
        """Show that the agent starts."""
        self.board = board
        self._options = options
        self._indicator = Indicator(board.light)
        self._buttons: Buttons | None = None
        self._presence: Presence | None = None
        self._troubled = False

    def attach(self, agent: Agent, *, power_off: Callable[[], None] | None = None) -> None:
        """Connect the agent; a shut-down ends it, and calls `power_off` if there is one."""

        def shut_down() -> None:
            log.warning("A button asked to shut down")
            if power_off is not None:
                power_off()
            agent.loop.post(ShutdownRequested())

        actions = actions_on(agent, shut_down)
        buttons = self._buttons = Buttons(self._uses(self._options, actions))
        self.board.watch(buttons.edge)
        agent.reloading.own(Owner.BUTTONS, lambda config: buttons.use(self._uses(config.board, actions)))
        agent.reloading.own(Owner.LIGHT, self._relight)
        agent.watch(self._changed)
        agent.troubles.watch(self._trouble)

    def _uses(self, options: BoardOptions, actions: Mapping[str, Action]) -> dict[str, ButtonUse]:
        """What the gestures of each button do."""
        return {
            name: ButtonUse(
                times=options.gesture_times(name),
                actions={Gesture(gesture): actions[action] for gesture, action in options.gestures(name).items()},
            )
            for name in self.board.buttons
        }

    def _relight(self, config: Config) -> None:
        """Take on another brightness and other colours. Raises NeedsRestart."""
        light = self.board.light
        if light is not None and not light.use(config.board.lamp()):
            raise NeedsRestart("the LED is only switched on and off, and is set up to be dimmed at the start")
        self._indicator.again()

    def close(self) -> None:
        """Show nothing and do nothing more."""
        if self._buttons is not None:
            self._buttons.close()
        self._indicator.close()

    def _changed(self, presence: Presence) -> None:
        self._presence = presence
        self._indicator.show(condition_of(presence, trouble=self._troubled))

    def _trouble(self, names: frozenset[str]) -> None:
        self._troubled = bool(names)
        if self._presence is not None:
            self._changed(self._presence)
