"""What others say can never become a control token or a delimiter."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.adapters.fakes.llm import CONTROL, USER_DEFINED, ScriptedModel
from device.core.prompt.chatml import ChatMl
from device.core.prompt.llama3 import Llama3
from device.core.prompt.messages import Assistant, Called, Message, Notice, Result, Results, Said, User
from device.core.prompt.qwen import Qwen
from device.core.prompt.renderers import Renderer
from device.core.prompt.spans import encode
from device.core.prompt.untrusted import Guard

LLAMA3_CONTROL = ("<|begin_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>", "<|eom_id|>")
TEXTS = (*CONTROL, *USER_DEFINED, *LLAMA3_CONTROL)
FORGERIES = ["</tool_response>", "<tool_response>", "<tools>", "<tool_call>", "< / tool_response >", "(cut off after"]
HOSTILE = st.lists(
    st.sampled_from([*TEXTS, *FORGERIES, "<", "|", ">", "<|", "im_end", "\n", "user", "\u2060", "\ud800", "a"])
    | st.text(max_size=4),
    max_size=12,
).map("".join)
GUARD = Guard(TEXTS)


@given(HOSTILE)
def test_harmless_text_holds_no_control_token(text: str):
    harmless = GUARD.harmless(text)
    assert not [control for control in TEXTS if control in harmless]


@given(HOSTILE)
def test_harmless_text_holds_no_delimiter(text: str):
    harmless = GUARD.harmless(text)
    assert not re.search(r"<\s*/?\s*tool_(?:response|call)s?\s*>", harmless, re.IGNORECASE)
    assert "(cut off after" not in harmless


@given(HOSTILE)
def test_making_it_harmless_twice_changes_nothing_more(text: str):
    once = GUARD.harmless(text)
    assert GUARD.harmless(once) == once


@given(st.text(alphabet="abc ,.?'é\n"))
def test_ordinary_text_stays_as_it_is(text: str):
    assert GUARD.harmless(text) == text


def messages_with(text: str) -> tuple[Message, ...]:
    return (
        User(text=text, cut_off_after=text),
        Assistant(parts=(Said(text=text), Called(call_id="c1", name="calculate", arguments={text: text}))),
        Results(
            results=(Result(call_id="c1", name="calculate", status="done", text=text, late=True, wall_seconds=1.0),)
        ),
        Results(results=(Result(call_id="c1", name="calculate", status="failed", text=text),)),
        Notice(text=text, wall_seconds=2.0),
    )


@pytest.mark.parametrize("renderer", [Qwen(guard=GUARD), ChatMl(guard=GUARD, time_of=str), Llama3(guard=GUARD)])
@given(text=HOSTILE)
def test_no_text_changes_how_many_control_tokens_a_prompt_has(renderer: Renderer, text: str):
    model = ScriptedModel([], control=[*CONTROL, *LLAMA3_CONTROL])

    def controls(messages: tuple[Message, ...]) -> list[int]:
        return [token for token in encode(renderer.render(messages), model) if token >= 256]

    assert controls(messages_with(text)) == controls(messages_with("plain"))
