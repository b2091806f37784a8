"""The language model for experiments that talk to it directly: loaded when it is first needed, freed when it is not."""

import asyncio
from collections.abc import Coroutine
from typing import Any, Self, TypeVar

from device import app
from device.config import Config
from device.ports import LanguageModel

T = TypeVar("T")


class Loaded:
    """A language model and the loop that it works on; leaving the context frees both."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._runner = asyncio.Runner()
        self._model: LanguageModel | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()
        self._runner.close()

    @property
    def model(self) -> LanguageModel:
        """The language model. Raises ModelError."""
        if self._model is None:
            directory = app.model_store().path(self._config.models.llm)
            self._model = app.load_language_model(self._config, directory)
        return self._model

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Do some work with it."""
        return self._runner.run(work)

    def close(self) -> None:
        """Free the weights until they are needed again."""
        if self._model is not None:
            self._runner.run(self._model.close())
            self._model = None
