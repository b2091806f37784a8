"""Stands between the agent and one program that is a tool, and leaves nothing of it behind.

    python -I -S tool_guard.py LIFELINE GRACE_SECONDS MEMORY_BYTES COMMAND [ARGUMENT]...

It starts the command as its child, with little priority and bounded resources, and ends with the command's exit code.
LIFELINE is a descriptor whose other end only the agent holds: when that closes, because the agent wants the tool gone
or because the agent itself is gone (even by kill -9), the command is ended. In either case, and also after a normal
end, everything that descends from the command is ended before the guard is: first by SIGTERM, after the grace by
SIGKILL. A process that detached itself (setsid, double fork) is no exception, since orphans become children of the
guard, a "child subreaper" (prctl(2)).

It is a script of its own that imports little, for it starts anew with every call.
"""

import ctypes
import os
import resource
import select
import signal
import sys
import time

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36

NICE = 10
OOM_SCORE = 500
"""When memory runs out, the tool goes before the agent does."""
MOST_FILES = 1024
KILL_SECONDS = 5.0
"""How long what was killed may take to vanish; only a process in the kernel's hands does."""
NOT_STARTED = 127
WAS_ENDED = 128 + signal.SIGTERM


def main(arguments: list[str]) -> int:
    """Guard a command; returns its exit code, or 128 and the number of the signal that ended it."""
    lifeline, grace_seconds, memory_bytes = int(arguments[0]), float(arguments[1]), int(arguments[2])
    os.set_inheritable(lifeline, False)  # noqa: FBT003 - positional only
    _prctl(PR_SET_CHILD_SUBREAPER, 1)
    waking = _wake_on_signals()
    guard, child = os.getpid(), os.fork()
    if child == 0:
        _become(arguments[3:], guard, memory_bytes)
    _let_go_of_its_pipes()
    status = _watch(child, lifeline, waking)
    _end_all(grace_seconds)
    return status


def _prctl(option: int, value: int) -> None:
    ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


def _wake_on_signals() -> int:
    """A descriptor that is readable when a child has ended. Signals that end a session do not end the guard."""
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        # A handler, not SIG_IGN, which the command would inherit.
        signal.signal(number, lambda *_: None)
    return reading


def _become(command: list[str], guard: int, memory_bytes: int) -> None:
    """In the child: turn into the command, or end with 127 and a sentence."""
    _prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != guard:
        os._exit(NOT_STARTED)
    for number in (signal.SIGPIPE, signal.SIGXFSZ):
        # Python ignores these, and what is ignored is inherited.
        signal.signal(number, signal.SIG_DFL)
    try:
        _bound(memory_bytes)
        os.execvp(command[0], command)  # noqa: S606 - a shell is what this avoids
    except OSError as error:
        os.write(2, f"{command[0]} cannot be started: {error.strerror}\n".encode())
    finally:
        os._exit(NOT_STARTED)


def _bound(memory_bytes: int) -> None:
    os.nice(NICE)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    files = MOST_FILES if most == resource.RLIM_INFINITY else min(MOST_FILES, most)
    resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))
    if memory_bytes:
        # Of the data, not of the addresses: some runtimes reserve far more of these than they ever use.
        resource.setrlimit(resource.RLIMIT_DATA, (memory_bytes, memory_bytes))
    try:
        with open("/proc/self/oom_score_adj", "w", encoding="ascii") as file:  # noqa: PTH123 - pathlib loads slowly
            file.write(str(OOM_SCORE))
    except OSError:
        # Some containers do not allow it; the tool is none the worse for that.
        return


def _let_go_of_its_pipes() -> None:
    """What the command closes shall be closed, so the guard holds none of it open."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nothing, descriptor)


def _watch(child: int, lifeline: int, waking: int) -> int:
    """Wait until the command ends or the lifeline closes; returns the exit code."""
    while True:
        ready = select.select([lifeline, waking], [], [])[0]
        if lifeline in ready:
            return WAS_ENDED
        os.read(waking, 4096)
        status = _reap()[0].get(child)
        if status is not None:
            return status if status >= 0 else 128 - status


def _reap() -> tuple[dict[int, int], bool]:
    """Take the exit codes of the children that have ended; and say whether there are others."""
    ended: dict[int, int] = {}
    while True:
        try:
            child, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return ended, False
        if child == 0:
            return ended, True
        ended[child] = os.waitstatus_to_exitcode(status)


def _end_all(grace_seconds: float) -> None:
    """End every descendant: politely, then not. Only children are signalled, whose numbers cannot be others' yet."""
    if not _reap()[1]:
        return
    os.killpg(0, signal.SIGTERM)
    _signal_children(signal.SIGTERM)
    until = time.monotonic() + grace_seconds
    while _reap()[1] and time.monotonic() < until:
        time.sleep(0.01)
    until = time.monotonic() + KILL_SECONDS
    while _reap()[1] and time.monotonic() < until:
        # The children of what is killed become the guard's own, and are next.
        _signal_children(signal.SIGKILL)
        time.sleep(0.005)


def _signal_children(number: int) -> None:
    for child in _children():
        try:
            os.kill(child, number)
        except PermissionError:
            continue


def _children() -> list[int]:
    """The guard's children, ended ones among them until they are reaped."""
    parent, found = str(os.getpid()), []
    for name in os.listdir("/proc"):  # noqa: PTH208 - pathlib loads slowly
        if not name.isdigit():
            continue
        try:
            with open(f"/proc/{name}/stat", encoding="utf-8", errors="replace") as file:  # noqa: PTH123
                # pid (name) state parent …; the name may hold anything, brackets too.
                its_parent = file.read().rpartition(")")[2].split()[1]
        except OSError:
            continue
        if its_parent == parent:
            found.append(int(name))
    return found


if __name__ == "__main__":
    code = main(sys.argv[1:])
    # Nothing is left to flush or to free.
    os._exit(code)
