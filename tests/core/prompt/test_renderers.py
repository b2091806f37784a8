"""Each renderer agrees with its models' own chat templates, and only ever appends."""

import json
from pathlib import Path

import gguf
import jinja2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.adapters.fakes.llm import ScriptedModel
from device.core.prompt.chatml import ChatMl
from device.core.prompt.examples import examples_for
from device.core.prompt.llama3 import Llama3
from device.core.prompt.messages import Assistant, Called, Notice, Result, Results, Said, System, User
from device.core.prompt.qwen import Qwen
from device.core.prompt.renderers import Renderer, choose
from device.core.prompt.spans import encode
from device.core.prompt.untrusted import Guard
from device.errors import ConfigError, ModelError
from device.tools import builtin_tools

TOOLS = tuple(tool.spec for tool in builtin_tools().values())
PLAIN = (
    System(text="You are helpful."),
    User(text="What's 2 + 2?\nThink."),
    Assistant(parts=(Said(text="It's 4."),)),
    User(text="Größer? 🙂 <b>really</b>"),
)
RENDERERS = [
    Qwen(guard=Guard()),
    ChatMl(guard=Guard(), time_of=str),
    Llama3(guard=Guard()),
]


def text_of(renderer: Renderer, messages) -> str:
    return "".join(span.text for span in renderer.render(messages))


def template(path: Path) -> str:
    field = gguf.GGUFReader(path).fields["tokenizer.chat_template"]
    return bytes(field.parts[field.data[0]]).decode()


def by_template(source: str, messages, **extra) -> str:
    """What the model's own template makes of plain messages."""
    roles = {System: "system", User: "user", Assistant: "assistant"}
    plain = [
        {"role": roles[type(m)], "content": m.parts[0].text if isinstance(m, Assistant) else m.text} for m in messages
    ]
    environment = jinja2.Environment(trim_blocks=True, lstrip_blocks=True)
    environment.filters["tojson"] = lambda value, indent=None: json.dumps(value, ensure_ascii=False, indent=indent)

    def fail(message: str) -> None:
        raise AssertionError(message)

    environment.globals["raise_exception"] = fail
    return environment.from_string(source).render(messages=plain, add_generation_prompt=True, **extra)


def test_the_metadata_chooses_the_renderer():
    def chosen(chat_template: str, architecture: str = "x", forced: str = "") -> str:
        return choose(chat_template, architecture, forced, time_of=str).name

    assert chosen("<|im_start|> <tool_call>") == "qwen"
    assert chosen("<|im_start|>") == "chatml"
    assert chosen("<|im_start|> <tool_call> notification") == "chatml"
    assert chosen("<|start_header_id|>") == "llama3"
    assert chosen("", "qwen2") == "qwen"
    assert chosen("<|im_start|>", forced="llama3") == "llama3"
    with pytest.raises(ModelError, match="no known kind"):
        chosen("[INST] {{ x }}")
    with pytest.raises(ConfigError, match="gpt"):
        chosen("", forced="gpt")


@pytest.mark.models
@pytest.mark.parametrize(
    ("artifact", "name"),
    [("qwen2.5-coder-0.5b-instruct-iq4_nl", "qwen"), ("smollm2-135m-instruct-q4_1", "chatml")],
)
def test_the_plain_subset_is_the_models_own_template_token_for_token(artifact_path, artifact: str, name: str):
    import llama_cpp

    (path,) = artifact_path(artifact).glob("*.gguf")
    source = template(path)
    vocabulary = llama_cpp.Llama(str(path), vocab_only=True, verbose=False)

    class Encoder:
        def encode(self, text: str, *, special: bool) -> list[int]:
            return vocabulary.tokenize(text.encode(), add_bos=False, special=special)

    renderer = choose(source, "", time_of=str)
    assert renderer.name == name
    expected = vocabulary.tokenize(by_template(source, PLAIN).encode(), add_bos=False, special=True)
    assert encode(renderer.render(PLAIN), Encoder()) == expected
    vocabulary.close()


@pytest.mark.models
def test_qwens_tools_are_shown_in_its_own_templates_words(artifact_path):
    (path,) = artifact_path("qwen2.5-coder-0.5b-instruct-iq4_nl").glob("*.gguf")
    messages = (System(text="You are helpful.", tools=TOOLS), User(text="Hi."))
    tools = [
        {"type": "function", "function": {"name": t.name, "description": t.description, "parameters": t.parameters}}
        for t in TOOLS
    ]
    assert text_of(Qwen(guard=Guard()), messages) == by_template(template(path), messages, tools=tools)


@pytest.mark.models
def test_llama3_agrees_with_the_templates_of_its_kind(artifact_path):
    source = json.loads((artifact_path("llama3.2-tokenizer") / "tokenizer_config.json").read_text())["chat_template"]
    expected = by_template(source, PLAIN, bos_token="<|begin_of_text|>", date_string="26 Jul 2024")
    dates = "Cutting Knowledge Date: December 2023\nToday Date: 26 Jul 2024\n\n"
    assert dates in expected
    assert text_of(Llama3(guard=Guard()), PLAIN) == expected.replace(dates, "")


MESSAGES = st.lists(
    st.sampled_from(
        [
            User(text="hello"),
            User(text="wait", cut_off_after="one two three four five six seven"),
            Assistant(parts=(Said(text="Hi. "),)),
            Assistant(parts=(Said(text="Hi."), Called(call_id="c1", name="clock", arguments={"a": 1}), Said(text="x"))),
            Assistant(parts=(), tokens=(72, 105)),
            Results(results=(Result(call_id="c1", name="clock", status="running", text="running"),)),
            Results(
                results=(
                    Result(call_id="c1", name="clock", status="done", text="noon"),
                    Result(call_id="c2", name="clock", status="timed_out", text="", late=True, wall_seconds=3.0),
                )
            ),
            Notice(text="the timer is over", wall_seconds=4.0),
        ]
    ),
    max_size=12,
)


@pytest.mark.parametrize("renderer", RENDERERS, ids=lambda renderer: renderer.name)
@given(messages=MESSAGES, extra=MESSAGES)
def test_a_prompt_that_grows_only_grows(renderer: Renderer, messages, extra):
    model = ScriptedModel([], control=("<|im_start|>", "<|im_end|>", "<|begin_of_text|>", "<|eot_id|>"), ends=())
    opening = len(encode(renderer.render(()), model)) - (1 if renderer.name == "llama3" else 0)
    before = encode(renderer.render(messages), model)[:-opening]
    after = encode(renderer.render([*messages, *extra]), model)
    assert after[: len(before)] == before


@pytest.mark.parametrize("renderer", RENDERERS, ids=lambda renderer: renderer.name)
def test_every_kind_of_message_leaves_its_words(renderer: Renderer):
    shown = text_of(
        renderer,
        [
            System(text="Be kind.", tools=TOOLS),
            User(text="Weather?"),
            Assistant(parts=(Called(call_id="c7", name="weather", arguments={"city": "Oslo"}),)),
            User(text="sorry, what?", cut_off_after="It is four"),
            Results(results=(Result(call_id="c7", name="weather", status="done", text="4 degrees", late=True),)),
            Notice(text="the timer for tea is over"),
        ],
    )
    for words in (
        "Be kind.",
        "set_timer",
        "Weather?",
        "Oslo",
        'cut off after "It is four"',
        "4 degrees",
        "tea is over",
    ):
        assert words in shown


@pytest.mark.parametrize("renderer", RENDERERS, ids=lambda renderer: renderer.name)
def test_the_users_numbers_are_shown_in_digits(renderer):
    assert "wake me in 25 minutes" in text_of(renderer, [User(text="wake me in twenty five minutes")])


def test_examples_call_tools_that_are_not_offered_and_are_left_out_without_any():
    calls = [
        part
        for message in examples_for(TOOLS)
        if isinstance(message, Assistant)
        for part in message.parts
        if isinstance(part, Called)
    ]
    assert len(calls) > 5
    assert not {call.name for call in calls} & {tool.name for tool in TOOLS}
    assert len({call.call_id for call in calls}) == len(calls)
    assert examples_for(()) == ()
