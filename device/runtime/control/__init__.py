"""What can be asked of a running agent; each command is one small function of a module in this package.

A module's commands are found by themselves once it is named here.
"""

from device.runtime.control import board, hearing, memory, metrics, reloading, state, talk, traces, work
from device.runtime.control.commands import commands_in

COMMANDS = commands_in(board, hearing, memory, metrics, reloading, state, talk, traces, work)
"""Every command, by name."""
