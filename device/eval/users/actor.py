"""A user played by the language model: the agent's own model, in a context of its own, with a seed.

It words each wish before the dialogue begins, so that it takes no computing from the agent, and says in the end what
it believes it got. How well it plays is told by a rule (`worded`), which a line has to pass or is drawn anew.
"""

import asyncio
from collections.abc import Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any, Self, TypeVar

from device.config import Config
from device.core.prompt.messages import Assistant, Message, Said, System, User
from device.core.prompt.spans import encode
from device.eval.loaded import Loaded
from device.eval.users.personas import Line, Part
from device.eval.users.wishes import Wish
from device.eval.users.worded import says
from device.ports import Sampling
from device.runtime.ground import renderer_of

T = TypeVar("T")

DRAWS = 3
"""So often a line is drawn before the plain words of the wish are taken."""
MOST_TOKENS = 48
TEMPERATURE = 0.8
MOST_CHARACTERS = 600
"""So much of what was heard is judged."""

_SPEAK = (
    "You play a person who talks to a voice assistant. Say what the person wants, in one sentence of your own, as they "
    "would say it. Keep all numbers, names and days exactly. Say nothing else."
)
_SPOKEN = (
    ("calm and polite", "Set a timer for 7 minutes.", "Could you please set a timer for 7 minutes?"),
    ("in a hurry, with few words", "Where is order 19?", "Quick, where's my order 19?"),
    (
        "unsure, first saying one thing and then correcting it",
        "Cancel order 12, no wait, I mean order 15.",
        "Please cancel order 12, oh no, sorry, I mean order 15.",
    ),
    ("casual, with other things on their mind", "Put tea on the picnic list.", "Oh, and put tea on the picnic list."),
)
_JUDGE = "You decide whether an assistant did what was asked. Answer yes or no."
_JUDGED = (
    ("Set a timer for 7 minutes.", "Your timer for 7 minutes is set.", "yes"),
    ("Where is order 19?", "I am sorry, I cannot help with that.", "no"),
    ("Put tea on the picnic list.", "What would you like me to do?", "no"),
    ("How much is 12 plus 30?", "It is 42.", "yes"),
)
_YES_OR_NO = 'root ::= "yes" | "no"\n'


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """A line as the model worded it: how often it was drawn, and whether the rule took it at last."""

    line: Line
    draws: int
    accepted: bool


class Actor:
    """The model that plays users; it works in a thread of its own, with its own loop."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._loaded = Loaded(config)
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="user")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._thread.submit(self._loaded.__exit__, *(None,) * 3).result()
        self._thread.shutdown()

    def word(self, part: Part, manner: str, seed: int) -> tuple[Part, list[Played]]:
        """The part in the model's own words. Raises ModelError, GenerationError."""
        played = [
            self._thread.submit(self._run, self._line(line, manner, seed + number)).result()
            for number, line in enumerate(part.lines)
        ]
        return replace(part, lines=tuple(one.line for one in played)), played

    async def content(self, wish: Wish, heard: str) -> bool:
        """Whether the user believes that the wish is fulfilled, after what they heard."""
        asked = self._judge(wish, heard[-MOST_CHARACTERS:])
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._run, asked)

    # --- in its thread -------------------------------------------------------------------------------------------

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return self._loaded.run(work)

    async def _line(self, line: Line, manner: str, seed: int) -> Played:
        examples = [(_asked(how, said), worded) for how, said, worded in _SPOKEN]
        asked = _asked(manner, line.text)
        for draw in range(1, DRAWS + 1):
            sampling = Sampling(max_tokens=MOST_TOKENS, temperature=TEMPERATURE, seed=seed * DRAWS + draw)
            text = await self._written(_SPEAK, examples, asked, sampling)
            if says(text, line.wish):
                return Played(line=replace(line, text=text), draws=draw, accepted=True)
        return Played(line=line, draws=DRAWS, accepted=False)

    async def _judge(self, wish: Wish, heard: str) -> bool:
        examples = [(f"Asked: {said}\nHeard: {answer}", verdict) for said, answer, verdict in _JUDGED]
        sampling = Sampling(max_tokens=2, grammar=_YES_OR_NO)
        text = await self._written(_JUDGE, examples, f"Asked: {wish.said}\nHeard: {heard or 'nothing'}", sampling)
        return text == "yes"

    async def _written(
        self, instructions: str, examples: Sequence[tuple[str, str]], asked: str, sampling: Sampling
    ) -> str:
        model = self._loaded.model
        messages: list[Message] = [System(text=instructions)]
        for question, answer in examples:
            messages += [User(text=question), Assistant(parts=(Said(text=answer),))]
        messages.append(User(text=asked))
        prompt = encode(renderer_of(self._config, model).render(messages), model)
        pieces = [token.piece async for token in model.generate(0, prompt, sampling)]
        return b"".join(pieces).decode("utf-8", "replace").strip().strip('"')


def _asked(manner: str, said: str) -> str:
    return f"The person is {manner}. They want: {said}"
