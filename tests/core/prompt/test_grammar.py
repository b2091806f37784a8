"""The grammar: what conforms to it parses, and it compiles in llama.cpp."""

import re

import pytest

from device.core.prompt.grammar import grammar_for, speech_grammar
from device.core.prompt.messages import ToolSpec
from device.core.prompt.parser import Call, OutputParser, Speech
from device.tools import builtin_tools

TOOLS = tuple(tool.spec for tool in builtin_tools().values())
EVERYTHING = ToolSpec(
    name="every_thing",
    description="Everything",
    parameters={
        "type": "object",
        "properties": {
            "s": {"type": "string", "maxLength": 5},
            "i": {"type": "integer", "minimum": 0},
            "n": {"type": "number"},
            "b": {"type": "boolean"},
            "e": {"type": "string", "enum": ['a"b', "c"]},
            "l": {"type": "array", "items": {"type": "integer"}, "minItems": 1},
            "o": {"type": "object", "properties": {"x": {"type": "string"}}, "required": ["x"]},
        },
        "required": ["i", "e"],
    },
)


@pytest.mark.models
@pytest.mark.parametrize("style", ["qwen", "llama3", "chatml"])
def test_llama_cpp_understands_it(style: str):
    import llama_cpp

    for grammar in (grammar_for((*TOOLS, EVERYTHING), style), speech_grammar()):
        assert llama_cpp.LlamaGrammar.from_string(grammar, verbose=False)
        assert re.match(r"root ::=", grammar)


def test_without_tools_there_is_none():
    assert grammar_for((), "qwen") == ""


@pytest.mark.models
@pytest.mark.parametrize(
    "schema",
    [
        {},
        {"type": "null"},
        {"type": ["string", "null"]},
        {"anyOf": [{"type": "integer"}, {"type": "string"}]},
        {"oneOf": [{"type": "object"}, True]},
        {"const": "x"},
        {"enum": []},
        {"type": "array"},
        {"type": "array", "items": True},
        {"type": "object"},
        {"$ref": "#/definitions/x"},
        {"type": "anything"},
    ],
    ids=str,
)
def test_any_schema_yields_a_grammar_that_compiles(schema: dict):
    import llama_cpp

    odd = ToolSpec(name="odd", description="", parameters={"type": "object", "properties": {"x": schema}})
    assert llama_cpp.LlamaGrammar.from_string(grammar_for((odd,), "qwen"), verbose=False)


@pytest.mark.models
def test_random_words_of_the_grammar_are_speech_and_calls(artifact_path):
    """A hot, tiny model wanders through the whole grammar; nothing that comes of it is malformed."""
    import asyncio

    from device.adapters.llm_llama import LlamaEngine
    from device.ports import Sampling

    (path,) = artifact_path("smollm2-135m-instruct-q4_1").glob("*.gguf")
    grammar = grammar_for((*TOOLS, EVERYTHING), "qwen")
    names = {tool.name for tool in (*TOOLS, EVERYTHING)}

    async def wander() -> list[object]:
        engine = LlamaEngine.load(path, context_tokens=1024, task_tokens=0, threads=1, threads_busy=1)
        outputs: list[object] = []
        for seed in range(12):
            parser = OutputParser(names)
            prompt = engine.encode('<|im_start|>assistant\n{"name": "', special=True)[: 3 + seed]
            sampling = Sampling(max_tokens=80, temperature=1.8, top_p=1.0, seed=seed, grammar=grammar)
            count = 0
            found: list[object] = []
            async for token in engine.generate(0, prompt, sampling):
                count += 1
                found += parser.feed(token.piece)
            if count < 80:  # else it was cut off in the middle
                found += parser.close()
            outputs += found
        await engine.close()
        return outputs

    outputs = asyncio.run(wander())
    assert outputs
    assert all(isinstance(output, (Speech, Call)) for output in outputs), outputs
