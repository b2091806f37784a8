"""How loud and how fast."""

import pytest

from device.adapters.fakes.voice import PlainVoice
from device.errors import ToolError
from tests.tools.surroundings import call, tool_context


@pytest.mark.parametrize(
    ("to", "volume"),
    [("50", 0.5), ("fifty percent", 0.5), ("70%", 0.7), ("to 30 percent", 0.3), ("half", 0.5), ("0.8", 0.8), ("louder", 0.8),
     ("turn it up", 0.8), ("quieter", 0.4), ("a bit softer please", 0.4), ("max", 1.0), ("minimum", 0.1), ("1000", 1.0), ("3", 0.1), ("-5", 0.1),
     ("down to 30 percent", 0.3), ("down from 60 to about thirty percent", 0.3), ("up to 80%", 0.8), ("lower it to 20", 0.2), ("set it at 40 percent", 0.4), ("down 10 percent", 0.5),
     ("turn it up by 20%", 0.8), ("10 louder", 0.7), ("by 5 quieter", 0.55), ("quieter by half", 0.3), ("down 90", 0.1), ("one notch up", 0.8), ("two notches quieter", 0.2),
     ("not so loud", 0.4), ("too quiet", 0.8), ("all the way up", 1.0), ("7 out of 10", 0.7)],
)  # fmt: skip
async def test_the_volume_is_changed(to, volume):
    context = tool_context(voice=PlainVoice(volume=0.6))
    told = await call(context, "change_volume", to=to)
    assert context.voice.volume == volume
    assert told.startswith(f"The volume is {round(100 * volume)} percent")


@pytest.mark.parametrize("to", ["mute", "off", "0", "zero percent", "blue", ""])
async def test_the_voice_stays_audible(to):
    context = tool_context(voice=PlainVoice(volume=0.6))
    with pytest.raises(ToolError, match=r"10.*percent\.$"):
        await call(context, "change_volume", to=to)
    assert context.voice.volume == 0.6


async def test_the_speed_goes_in_steps_and_back():
    context = tool_context()
    assert await call(context, "change_speed", to="faster") == "The voice speaks at 118 percent of its normal speed."
    assert await call(context, "change_speed", to="slower") == "The voice speaks at 100 percent of its normal speed."
    assert context.voice.speed == 1.0
    for _ in range(20):
        await call(context, "change_speed", to="slower")
    assert context.voice.speed == 0.5
    for _ in range(30):
        await call(context, "change_speed", to="faster")
    assert context.voice.speed == 2.0
    await call(context, "change_speed", to="normal")
    assert context.voice.speed == 1.0
    with pytest.raises(ToolError, match="must be one of slower, normal, faster"):
        await call(context, "change_speed", to="turbo")
