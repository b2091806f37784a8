"""The weather's real client against a server on this machine."""

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from device.errors import ToolError
from device.tools import builtin_tools
from device.tools.web import MOST_BYTES, fetch
from tests.tools.surroundings import call, tool_context
from tests.weather_server import FORECAST, OSLO, WeatherServer


@pytest.fixture
def server(monkeypatch):
    server = WeatherServer()
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)
    yield server
    server.close()


async def test_the_weather_is_told_in_one_sentence(server):
    assert await call(tool_context(), "weather", city=" Oslo ") == (
        "In Oslo, Norway: 4 degrees Celsius and light rain now; "
        "today an overcast sky, 2 to 6 degrees; tomorrow light snow, 0 to 5 degrees."
    )
    (geocoding, asked), (forecast, place) = server.queries
    assert (geocoding, asked["name"], forecast) == ("/v1/search", "Oslo", "/v1/forecast")
    assert (place["latitude"], place["longitude"]) == ("59.9127", "10.7461")


async def test_a_name_is_only_ever_a_name(server):
    await call(tool_context(), "weather", city="Oslo&count=9 HTTP/1.1\r\nX: y")
    assert server.queries[0][1]["name"] == "Oslo&count=9 HTTP/1.1 X: y"
    assert server.queries[0][1]["count"] == "1"


@pytest.mark.parametrize(
    ("answers", "problem"),
    [
        ({"/v1/search": {"generationtime_ms": 0.5}}, "no city called Oslo"),
        ({"/v1/search": b"<html>"}, "something else"),
        ({"/v1/search": b"\xff" * 20}, "something else"),
        ({"/v1/search": b"[" * 100_000}, "something else"),
        ({"/v1/search": {"results": [OSLO["results"][0] | {"latitude": 123}]}}, "something else"),
        ({"/v1/search": {"results": [OSLO["results"][0] | {"name": "x" * 5000}]}}, "something else"),
        ({"/v1/forecast": {"error": True, "reason": "no"}}, "something else"),
        ({"/v1/forecast": FORECAST | {"current": {"temperature_2m": 4000, "weather_code": 1}}}, "something else"),
        ({"/v1/forecast": b" " * (MOST_BYTES + 1)}, "more than expected"),
        ({"missing bytes": 10}, "nothing that can be read"),
    ],
)  # fmt: skip
async def test_whatever_comes_from_there_is_checked(server, answers, problem):
    server.answers |= answers
    with pytest.raises(ToolError, match=rf"{problem}.*\.$"):
        await call(tool_context(), "weather", city="Oslo")


async def test_a_refusal_is_a_sentence(server):
    server.status = 503
    with pytest.raises(ToolError, match=r"refuses, with status 503\.$"):
        await call(tool_context(), "weather", city="Oslo")


async def test_a_server_that_does_not_answer_is_given_up(server):
    server.go_on.clear()
    with pytest.raises(ToolError, match=r"does not answer\.$"):
        await fetch(server.url, {}, timeout_seconds=0.05)


async def test_a_call_that_is_cancelled_ends_at_once(server):
    server.go_on.clear()
    calling = asyncio.create_task(call(tool_context(), "weather", city="Oslo"))
    await asyncio.to_thread(server.asked.wait)
    calling.cancel()
    with pytest.raises(asyncio.CancelledError):
        await calling
    assert not server.go_on.is_set()  # the server still thinks about it


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/", "http://nowhere.invalid/", "https://{host}/"])
async def test_a_server_that_cannot_be_reached_is_a_sentence(server, url):
    with pytest.raises(ToolError, match=r"cannot be reached; the device may be offline\.$"):
        await fetch(url.format(host=server.url.removeprefix("http://")), {})


async def test_without_a_city_nobody_is_asked(server):
    with pytest.raises(ToolError, match="Ask the user"):
        await call(tool_context(), "weather", city="  ")
    assert server.queries == []


def test_it_is_offered_only_where_the_network_may_be_used():
    assert "weather" not in builtin_tools()
    assert "weather" in builtin_tools(network=True)


async def _serve(raw, reader, writer):
    await reader.readuntil(b"\r\n\r\n")
    writer.write(raw)
    writer.close()


@given(
    st.binary(max_size=200)
    | st.binary(max_size=100).map(lambda tail: b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + tail)
)
@settings(max_examples=60, deadline=None)
def test_no_answer_makes_it_raise_anything_but_a_sentence(raw):
    async def play():
        server = await asyncio.start_server(lambda reader, writer: _serve(raw, reader, writer), "127.0.0.1", 0)
        async with server:
            port = server.sockets[0].getsockname()[1]
            try:
                await fetch(f"http://127.0.0.1:{port}/", {})
            except ToolError:
                return

    asyncio.run(play())
