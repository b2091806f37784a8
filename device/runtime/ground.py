"""What all parts of an agent stand on: the dialogue, its prompt and tools, the loop, the marks, the cores."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace

from device.config import Config
from device.core.entries import ConversationStarted
from device.core.prompt.grammar import speech_grammar
from device.core.prompt.instructions import fixed_part
from device.core.prompt.messages import ToolSpec
from device.core.prompt.renderers import Renderer, choose
from device.core.prompt.tool_use import ToolUse
from device.errors import ConfigError
from device.ports import LanguageModel, Sampling
from device.runtime.agent import Surroundings
from device.runtime.cores import Cores
from device.runtime.dialogue import Dialogue
from device.runtime.dispatcher import Dispatcher
from device.runtime.faculties import Faculties, Workers
from device.runtime.loop import Loop
from device.runtime.marks import Marks
from device.runtime.values import LedgerValues
from device.toolkit import Tool

PROMPT_RESERVE_TOKENS = 64
"""Room that a prompt leaves besides the reply's."""

LEAST_CONVERSATION_TOKENS = 256
"""Less room than this for what is said is no conversation."""


@dataclass(kw_only=True)
class Ground:
    """What the parts are made from, and the posts between them."""

    config: Config
    faculties: Faculties
    workers: Workers
    renderer: Renderer
    tools: Mapping[str, Tool]
    tool_use: ToolUse
    dialogue: Dialogue
    loop: Loop
    marks: Marks
    cores: Cores
    sampling: Sampling
    telling: Sampling
    values: LedgerValues
    last_wall_seconds: float
    """The time of the last run's last record; 0 if there was no run."""
    dispatcher: list[Dispatcher]
    """The dispatcher, once it is made: calls begin only through it, and their news go back to it."""

    def news(self, call_ids: tuple[str, ...]) -> None:
        """Calls of the dialogue have something to tell."""
        for dispatcher in self.dispatcher:
            dispatcher.news(call_ids)


def lay_ground(surroundings: Surroundings, faculties: Faculties, workers: Workers) -> Ground:
    """Choose the prompt's form and the tools, and read the conversation so far. Raises ConfigError."""
    config = surroundings.config
    renderer = renderer_of(config, faculties.model)
    tools = _tools(config, faculties, renderer)
    records = faculties.ledger.records()
    specs = tuple(tool.spec for tool in tools.values())
    tool_use = ToolUse(specs, renderer.name)
    dialogue = _dialogue(config, faculties, renderer, specs)
    _check_room(config, dialogue)
    if surroundings.fresh:
        dialogue.append(ConversationStarted())
    sampling = Sampling(
        max_tokens=config.thinking.max_tokens,
        temperature=config.thinking.temperature,
        seed=config.thinking.seed,
        grammar=tool_use.grammar,
        forms=tool_use.forms,
    )
    marks = Marks(faculties.clock)
    return Ground(
        config=config,
        faculties=faculties,
        workers=workers,
        renderer=renderer,
        tools=tools,
        tool_use=tool_use,
        dialogue=dialogue,
        loop=Loop(marks, last_turn=dialogue.conversation.last_turn),
        marks=marks,
        cores=Cores(faculties.model),
        sampling=sampling,
        telling=replace(sampling, grammar=speech_grammar(), forms=None),
        values=LedgerValues(faculties.ledger),
        last_wall_seconds=records[-1].wall_seconds if records else 0.0,
        dispatcher=[],
    )


def renderer_of(config: Config, model: LanguageModel, forced: str = "") -> Renderer:
    """The renderer for the model, or the one that is `forced` here or by the configuration."""
    return choose(
        model.card.chat_template,
        model.card.architecture,
        forced or config.thinking.prompt_format,
        control_texts=model.card.control_texts,
        time_of=lambda seconds: time.strftime("%H:%M:%S", time.localtime(seconds)),
    )


def _tools(config: Config, faculties: Faculties, renderer: Renderer) -> Mapping[str, Tool]:
    """A model that has never seen a tool gets none, unless the configuration names some."""
    return faculties.tools if renderer.trained_on_tools or config.tools.enabled else {}


def _dialogue(config: Config, faculties: Faculties, renderer: Renderer, tools: tuple[ToolSpec, ...]) -> Dialogue:
    fixed = fixed_part(tools, extra=config.thinking.instructions, examples=config.thinking.examples)
    reserve_tokens = config.thinking.max_tokens + PROMPT_RESERVE_TOKENS
    return Dialogue(faculties.ledger, faculties.model, renderer, fixed, reserve_tokens=reserve_tokens)


def _check_room(config: Config, dialogue: Dialogue) -> None:
    """Whether a conversation fits behind what every prompt begins with. Raises ConfigError."""
    fixed_tokens, room_tokens = len(dialogue.fixed_prompt()), dialogue.room_tokens
    if fixed_tokens + LEAST_CONVERSATION_TOKENS > room_tokens:
        least = config.thinking.context_tokens + fixed_tokens + LEAST_CONVERSATION_TOKENS - room_tokens
        raise ConfigError(
            f"thinking.context_tokens = {config.thinking.context_tokens} is too small: the instructions and tools take "
            f"{fixed_tokens} tokens and a reply {config.thinking.max_tokens}; set {least} or more, or fewer tools."
        )
