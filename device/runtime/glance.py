"""What whoever looks at the agent sees change: its states of late, and the words that are being said."""

import asyncio
from collections import deque

from device.core.events import Event, TextTyped, TurnEnded, TurnPaused, WordsHeard
from device.core.fsm import Machine, State
from device.ports import Clock

MOST_CHANGES = 128
MOST_CHARACTERS = 400


class Glance:
    """`step` is an observer of the loop. Nobody who looks costs the loop more than this does."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._states: deque[tuple[float, State]] = deque([(clock.monotonic_seconds(), State.IDLE)], maxlen=MOST_CHANGES)
        self._waiting: set[asyncio.Event] = set()
        self.changes = 0
        """How many steps there were."""
        self.words = ""
        """What the user has said so far, or has just said."""

    def step(self, before: Machine, event: Event, after: Machine) -> None:
        """The loop made a step."""
        if after.state.visible is not before.state.visible:
            self._states.append((self._clock.monotonic_seconds(), after.state.visible))
            if after.state.visible is State.LISTENING:
                self.words = ""
        if isinstance(event, (WordsHeard, TurnPaused, TurnEnded, TextTyped)):
            self.words = event.text[:MOST_CHARACTERS]
        self.changes += 1
        for waiting in self._waiting:
            waiting.set()

    def states(self, seconds: float) -> list[tuple[float, str]]:
        """The states of the last `seconds`: for each how long ago it began, and its name, oldest first."""
        now = self._clock.monotonic_seconds()
        ages = [(now - since, state.value) for since, state in self._states]
        begun = max((place for place, (age, _) in enumerate(ages) if age >= seconds), default=0)
        return [(round(min(age, seconds), 2), name) for age, name in ages[begun:]]

    async def stirs(self, changes: int, most_seconds: float) -> None:
        """Wait until there are other `changes` than these, for at most so long."""
        if self.changes != changes:
            return
        stirred = asyncio.Event()
        self._waiting.add(stirred)
        try:
            await asyncio.wait_for(stirred.wait(), most_seconds)
        except TimeoutError:
            return
        finally:
            self._waiting.discard(stirred)

    def forget(self) -> None:
        """Forget what was said."""
        self.words = ""
