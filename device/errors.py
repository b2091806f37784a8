"""What can go wrong, as a person is told it: one sentence that says what is wrong, where, and what to do.

    DeviceError
    ├── UsageError (ValueError)        the command line asks for something impossible
    ├── ConfigError (ValueError)       the configuration cannot be used
    ├── ModelError                     a model is missing, damaged or of the wrong kind
    ├── AudioError                     a sound device or a recording cannot be used
    ├── BoardError                     a pin, LED or button cannot be used
    ├── LedgerError                    the conversation cannot be read or kept
    │   └── InUseError                 another instance has the state directory
    ├── GenerationError                the language model failed at a reply
    ├── ToolError                      a tool refused or failed; the model is told
    │   └── Conflict                   a shared value was written by somebody else meanwhile
    └── ControlError                   a running agent cannot be reached
        └── StuckError                 it is there and does not answer

A traceback is a bug. The command line prints the sentence to standard error and exits with `exit_code`.
"""

from typing import ClassVar


class DeviceError(Exception):
    """Base of every error that is meant for a person."""

    exit_code: ClassVar[int] = 1


class UsageError(DeviceError, ValueError):
    """The command line asks for something impossible."""

    exit_code = 2


class ConfigError(DeviceError, ValueError):
    """The configuration cannot be used; names the key, the value and the file."""

    exit_code = 3


class ModelError(DeviceError):
    """A model is missing, damaged or of the wrong kind; names the file and the command that mends it."""

    exit_code = 4


class AudioError(DeviceError):
    """A sound device or a recording cannot be used."""

    exit_code = 5


class BoardError(DeviceError):
    """A pin, LED or button cannot be used."""

    exit_code = 6


class LedgerError(DeviceError):
    """The conversation cannot be read or kept."""

    exit_code = 7


class InUseError(LedgerError):
    """Another instance has the state directory open."""

    exit_code = 8


class GenerationError(DeviceError):
    """The language model failed at a reply."""

    exit_code = 9


class ToolError(DeviceError):
    """A tool refused or failed; the sentence is what the model is told."""

    exit_code = 10


class Conflict(ToolError):  # noqa: N818 - what it is called everywhere
    """A shared value was written by somebody else since it was read: read it again and decide anew."""


class ControlError(DeviceError):
    """A running agent cannot be reached."""

    exit_code = 11


class StuckError(ControlError):
    """The agent is there and does not answer."""

    def __init__(self) -> None:
        super().__init__("The agent does not answer: it may be stuck (device doctor looks into it).")
