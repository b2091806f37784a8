"""What llama.cpp has to say, kept off the terminal.

The rule it owns: the library's chatter is dropped, its warnings are logged for debugging, and its errors are kept so
that the sentence a person gets can name the cause.
"""

import ctypes
import logging
import re
from collections import deque

import llama_cpp.llama_cpp as llama

_log = logging.getLogger(__name__)
_WARNING, _ERROR = 2, 3  # of enum ggml_log_level
_errors: deque[str] = deque(maxlen=8)


@llama.llama_log_callback  # type: ignore[untyped-decorator, unused-ignore]
def _hear(level: int, text: bytes, _user_data: object) -> None:
    if level not in (_WARNING, _ERROR):
        return
    line = text.decode("utf-8", "replace").strip()
    if level == _ERROR:
        _errors.append(line)
    _log.debug("%s", line)


def silence() -> None:
    """Route llama.cpp's log here instead of to standard error. Harmless if repeated."""
    llama.llama_log_set(_hear, ctypes.c_void_p(0))


def forget_errors() -> None:
    """Before a call whose failure is to be explained."""
    _errors.clear()


def cause() -> str:
    """The first error since `forget_errors`, without the name of the function it came from; empty if none."""
    return re.sub(r"^(\w+: )+", "", _errors[0]).rstrip(".") if _errors else ""
