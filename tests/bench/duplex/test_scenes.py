"""What happens in a room, and what the agent says there."""

from device.bench.duplex.scenes import REPLIES, Kind, Scene, asked, scripted
from device.core.repairs import repaired


def prompt(said):
    user = f"<|im_start|>user\n{repaired(said)}<|im_end|>\n"  # numbers are in digits there
    return f"<|im_start|>system\nBe kind.<|im_end|>\n{user}<|im_start|>assistant\n"


def test_the_agent_says_what_it_is_asked_to():
    for reply in REPLIES:
        assert scripted(prompt(asked(Scene(kind=Kind.BARGE_IN, reply=reply)))) == repaired(reply)


def test_it_says_nothing_to_an_interruption_even_where_that_joins_what_was_asked():
    for reply in REPLIES:
        request = asked(Scene(kind=Kind.BARGE_IN, reply=reply))
        assert scripted(prompt(f"{request} Never mind that.")) == ""
    assert scripted(prompt("Never mind that.")) == ""
