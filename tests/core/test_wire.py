"""The control socket's language: what is written is read again, however it is torn; what is not is a sentence."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as some

from device.core.wire import (
    MOST_REQUEST_BYTES,
    PROTOCOL,
    Done,
    Failed,
    Hello,
    Lines,
    Part,
    Request,
    WireError,
    answer_line,
    arguments_of,
    check_greeting,
    read_answer,
    read_request,
    request_line,
)
from device.errors import ControlError

json_values = some.recursive(
    some.none() | some.booleans() | some.integers(-(2**53), 2**53) | some.text(),
    lambda inner: some.lists(inner, max_size=4) | some.dictionaries(some.text(), inner, max_size=4),
    max_leaves=10,
)
answers = (
    some.builds(Part, id=some.integers(0, 99), value=json_values)
    | some.builds(Done, id=some.integers(0, 99), value=json_values)
    | some.builds(Failed, id=some.integers(0, 99), sentence=some.text(), exit_code=some.integers(1, 130))
    | some.builds(Hello, program=some.text(), version=some.text(), protocol=some.integers(0, 9))
)


def torn(whole: bytes, cuts: list[int]) -> list[bytes]:
    places = sorted({cut % (len(whole) + 1) for cut in cuts})
    return [whole[start:end] for start, end in zip([0, *places], [*places, len(whole)], strict=True)]


@given(some.lists(answers, max_size=6), some.lists(some.integers(0, 10_000), max_size=12))
def test_what_is_written_is_read_again_however_it_is_torn(written, cuts):
    lines, read = Lines(1 << 20), []
    for piece in torn(b"".join(map(answer_line, written)), cuts):
        lines.feed(piece)
        while (line := lines.next()) is not None:
            read.append(read_answer(line))
    assert read == written
    assert len(lines) == 0


@given(some.integers(0, 2**31), some.text(min_size=1, max_size=64), some.dictionaries(some.text(), json_values))
def test_a_request_arrives_with_its_arguments(number, command, arguments):
    raw = msgspec.Raw(msgspec.json.encode(arguments))
    arrived = read_request(request_line(Request(id=number, command=command, arguments=raw)).rstrip(b"\n"))
    assert (arrived.id, arrived.command) == (number, command)
    assert msgspec.json.decode(arrived.arguments) == arguments


@given(some.binary(max_size=200))
def test_rubbish_is_refused_in_one_sentence(rubbish):
    for read in (read_request, read_answer):
        with pytest.raises(WireError) as refused:
            read(rubbish)
        assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    "line",
    [b"", b"null", b"[]", b'{"id":1}', b'{"id":-1,"command":"status"}', b'{"id":1,"command":""}',
     b'{"id":"1","command":"status"}', b'{"id":1,"command":"' + b"x" * 65 + b'"}', b"[" * 60_000,
     b'{"id":1,"command":"\xff"}', b'{"id":1e400,"command":"status"}'],
)  # fmt: skip
def test_what_is_no_request_is_refused(line):
    with pytest.raises(WireError, match="no request"):
        read_request(line)


def test_deep_nesting_in_the_arguments_is_refused_too():
    class Anything(msgspec.Struct):
        value: object = None

    deep = b'{"value":' + b"[" * 20_000 + b"]" * 20_000 + b"}"
    with pytest.raises(WireError):
        arguments_of(read_request(b'{"id":1,"command":"say","arguments":' + deep + b"}").arguments, Anything)


def test_a_line_without_end_is_refused_as_soon_as_it_is_too_long():
    lines = Lines(100)
    lines.feed(b"x" * 99)
    assert lines.next() is None
    lines.feed(b"x")
    with pytest.raises(WireError, match="too long"):
        lines.next()
    whole = Lines(100)
    whole.feed(b"x" * 150 + b"\n")
    with pytest.raises(WireError, match="too long"):
        whole.next()


def test_a_request_that_is_too_long_is_not_sent():
    raw = msgspec.Raw(msgspec.json.encode({"text": "x" * MOST_REQUEST_BYTES}))
    with pytest.raises(WireError, match="at most 64 KiB"):
        request_line(Request(id=1, command="say", arguments=raw))


def test_another_protocol_is_told_with_what_to_do():
    with pytest.raises(ControlError, match="systemctl restart device"):
        check_greeting(Hello(program="device", version="9.0", protocol=PROTOCOL + 1), "0.1.0")
    with pytest.raises(WireError, match="no device agent"):
        check_greeting(Hello(program="another", version="9.0", protocol=PROTOCOL), "0.1.0")
    with pytest.raises(WireError, match="no device agent"):
        check_greeting(Done(id=1), "0.1.0")
    greeting = Hello(program="device", version="0.0.9", protocol=PROTOCOL)
    assert check_greeting(greeting, "0.1.0") is greeting
