"""What happens in a room, and what the agent says there."""

from device.bench.duplex.scenes import REPLIES, Kind, Scene, asked, scripted


def prompt(said):
    return f"<|im_start|>system\nBe kind.<|im_end|>\n<|im_start|>user\n{said}<|im_end|>\n<|im_start|>assistant\n"


def test_the_agent_says_what_it_is_asked_to():
    for reply in REPLIES:
        assert scripted(prompt(asked(Scene(kind=Kind.BARGE_IN, reply=reply)))) == reply


def test_it_says_nothing_to_an_interruption_even_where_that_joins_what_was_asked():
    request = asked(Scene(kind=Kind.BARGE_IN, reply=REPLIES[0]))
    assert scripted(prompt("Never mind that.")) == ""
    assert scripted(prompt(f"{request} Never mind that.")) == ""
