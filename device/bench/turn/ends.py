"""The language model's share in the endpointing: how likely a sentence ends with the last of some words."""

import asyncio
from functools import cached_property
from types import TracebackType
from typing import Self

from device import app
from device.config import Config
from device.core.prompt.instructions import fixed_part
from device.core.prompt.messages import User
from device.core.prompt.spans import encode
from device.ports import LanguageModel, Sampling
from device.runtime.dialogue import likelihood_of_end
from device.runtime.ground import renderer_of

SEQUENCE = 0


class TurnEnds:
    """A conversation that begins with the user's turn; the model is loaded when it is first asked."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._runner = asyncio.Runner()

    def likelihood(self, text: str) -> float:
        """The logarithm of how likely a sentence ends with the last word of `text`.

        Raises ModelError, GenerationError.
        """
        return self._runner.run(self._likelihood(self._prompt(text)))

    def read(self, text: str) -> None:
        """Let the model read these words ahead. Raises ModelError, GenerationError."""
        self._runner.run(self._model.prefill(SEQUENCE, self._prompt(text)))

    @cached_property
    def _model(self) -> LanguageModel:
        return app.load_language_model(self._config, app.model_store().path(self._config.models.llm))

    def _prompt(self, text: str) -> list[int]:
        renderer = renderer_of(self._config, self._model)
        wanted = renderer.trained_on_tools or self._config.tools.enabled
        tools = app.enabled_tools(self._config, tuple(self._config.board.outputs)) if wanted else {}
        thinking = self._config.thinking
        specs = tuple(tool.spec for tool in tools.values())
        fixed = fixed_part(specs, extra=thinking.instructions, examples=thinking.examples)
        return encode(renderer.render((*fixed, User(text=text))), self._model)

    async def _likelihood(self, prompt: list[int]) -> float:
        told: list[float] = []
        asked = likelihood_of_end(prompt, self._model, told.append)
        async for _ in self._model.generate(SEQUENCE, prompt, Sampling(max_tokens=1), asked):
            pass
        return told[0]

    def __enter__(self) -> Self:
        """Nothing is loaded yet."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Free the model, if it was asked."""
        if "_model" in self.__dict__:
            self._runner.run(self._model.close())
        self._runner.close()
