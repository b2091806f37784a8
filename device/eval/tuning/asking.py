"""Puts requests and dialogues to a loaded model, as the agent does, and times it."""

import time
from collections.abc import Sequence

from device.bench.tool_choice import Answer, Bench
from device.config import Config
from device.core.prompt.messages import ToolSpec, User
from device.core.prompt.parser import OutputParser, Speech
from device.core.segmenter import Segmenter
from device.eval.result import Case
from device.eval.tuning.material import Turn
from device.ports import LanguageModel, Sampling

_SEQUENCE = 0


class Asker:
    """One model with its tools; what its prompts begin with is read ahead when the tools change."""

    def __init__(self, config: Config, model: LanguageModel) -> None:
        self._config = config
        self._model = model
        self._tools: tuple[ToolSpec, ...] | None = None
        self._bench: Bench | None = None

    async def answer(self, utterance: str, tools: tuple[ToolSpec, ...]) -> tuple[Answer, Case]:
        """What is answered to an utterance, and how long that took."""
        bench = await self._offering(tools)
        return await self._written(bench, bench.prompt(User(text=utterance)), bench.answering(utterance), utterance)

    async def take(self, turn: Turn) -> tuple[Answer, Case]:
        """What is written where a dialogue stands, and how long that took."""
        bench, example = await self._offering(turn.tools), turn.example
        prompt = bench.fixed_prompt() + self._model.encode(example.prompt, special=True)
        asked = example.kind.startswith(("telling", "late"))
        sampling = bench.telling() if asked else bench.answering(example.said)
        return await self._written(bench, prompt, sampling, example.said)

    async def _offering(self, tools: tuple[ToolSpec, ...]) -> Bench:
        if self._bench is None or tools != self._tools:
            self._bench, self._tools = Bench(self._config, self._model, tools), tools
            await self._bench.read_ahead()
        return self._bench

    async def _written(
        self, bench: Bench, prompt: Sequence[int], sampling: Sampling, utterance: str
    ) -> tuple[Answer, Case]:
        written, parser, segmenter = b"", OutputParser({tool.name for tool in self._tools or ()}), Segmenter()
        begun = time.perf_counter()
        first = piece = None
        count = 0
        async for token in self._model.generate(_SEQUENCE, prompt, sampling):
            count += 1
            written += token.piece
            if first is None:
                first = time.perf_counter()
            spoken = "".join(one.text for one in parser.feed(token.piece) if isinstance(one, Speech))
            if piece is None and any(it.text for it in segmenter.feed(spoken)):
                piece = time.perf_counter()
        ended = time.perf_counter()
        if piece is None and any(it.text for it in segmenter.close()):
            piece = ended
        times: Case = {
            "first_token_ms": _ms(begun, first),
            "first_piece_ms": _ms(begun, piece),
            "tokens": count,
            "ms_per_token": round(1000 * (ended - first) / (count - 1), 2) if first and count > 1 else None,
        }
        return bench.read(utterance, written), times


def _ms(begun: float, then: float | None) -> float | None:
    return None if then is None else round(1000 * (then - begun), 1)
