"""`device watch` in a terminal of any size, over a link that stalls, beside an agent that ends, and without a terminal."""

import contextlib
import copy
import fcntl
import json
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path

import pytest

from device.cli.watch import Rate, changes
from tests.cli.fake_agent import VIEW, FakeAgent
from tests.cli.terminal_screen import Screen

ROOT = Path(__file__).parents[2]
PATIENCE_SECONDS = 60.0


class Terminal:
    """`device watch` on a terminal of its own."""

    def __init__(self, path: Path, *, columns: int = 80, rows: int = 24, **environment: str) -> None:
        self._ours, self._theirs = pty.openpty()
        fcntl.ioctl(self._theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.settings = termios.tcgetattr(self._theirs)
        self.screen = Screen(columns, rows)
        self.written = ""
        kept = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "COLUMNS", "LINES")}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "device", "--socket", str(path), "watch"],
            stdin=self._theirs,
            stdout=self._theirs,
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env=kept | {"TERM": "xterm", "PYTHONIOENCODING": "utf-8"} | environment,
        )

    def until(self, text: str) -> None:
        """Let it draw until a text is on the screen."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not any(text in one for one in self.screen.lines()):
            assert time.monotonic() < deadline, self.screen.lines()
            assert self._read() or self.process.poll() is None, self.screen.lines()

    def press(self, key: str) -> None:
        os.write(self._ours, key.encode())

    def ended(self) -> tuple[int, str]:
        """Its exit code and errors; the terminal is as it was."""
        _, err = self.process.communicate(timeout=PATIENCE_SECONDS)
        while self._read():
            pass
        assert termios.tcgetattr(self._theirs) == self.settings
        assert not self.screen.alternate
        assert self.screen.cursor_shown
        os.close(self._ours)
        os.close(self._theirs)
        return self.process.returncode, err

    def _read(self) -> bool:
        ready, _, _ = select.select([self._ours], [], [], 0.05)
        if not ready:
            return False
        text = os.read(self._ours, 1 << 16).decode("utf-8", "replace")
        self.written += text
        self.screen.feed(text)
        return True


@pytest.fixture
def agent(tmp_path):
    """Starts agents; ends them."""
    started: list[FakeAgent] = []

    def start(answer=lambda command: VIEW, **more) -> Path:
        started.append(FakeAgent(tmp_path / "control.sock", answer, **more))
        return tmp_path / "control.sock"

    start.all = started
    yield start
    for one in started:
        one.die()


@pytest.mark.parametrize(("columns", "rows"), [(80, 24), (40, 12), (20, 3), (200, 60), (1, 1)])
def test_it_fits_any_terminal_and_leaves_it_as_it_was(agent, columns, rows):
    terminal = Terminal(agent(), columns=columns, rows=rows)
    terminal.until("device 0."[: columns - 1] or "…")
    terminal.press("q")
    assert terminal.ended() == (0, "")
    assert not terminal.screen.overflowed


def test_on_80_by_24_everything_that_matters_is_seen(agent):
    terminal = Terminal(agent())
    terminal.until("q quits")
    seen = "\n".join(terminal.screen.lines())
    for text in ("emitting", "LLLGEEEE", "What is six times seven?", "It rains in Oslo,", "queue 1", "weather(city=Oslo)",
                 "k1 thinks", "-32 dB", "412 ms", "Raspberry Pi 5", "under-voltage", "-0.5b-", "1.13 GB resident"):  # fmt: skip
        assert text in seen
    assert "\x1b[32m" in terminal.written
    terminal.press("q")
    terminal.ended()


def test_without_colour_there_is_none(agent):
    terminal = Terminal(agent(), NO_COLOR="1")
    terminal.until("q quits")
    terminal.press("q")
    terminal.ended()
    assert "\x1b[3" not in terminal.written.replace("\x1b[3;1H", "")


def test_on_a_terminal_that_can_do_nothing_there_are_lines(agent):
    terminal = Terminal(agent(), TERM="dumb")
    terminal.until("emitting")
    terminal.process.send_signal(signal.SIGINT)
    assert terminal.ended() == (0, "")
    assert "\x1b" not in terminal.written


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_like_q(agent, number):
    terminal = Terminal(agent())
    terminal.until("q quits")
    terminal.process.send_signal(number)
    assert terminal.ended() == (0, "")


def test_only_what_changed_is_sent_again(agent):
    looks = 0

    def answer(command: str):
        nonlocal looks
        looks += 1
        view = copy.deepcopy(VIEW)
        view["live"]["words"] = f"word {looks}"
        return view

    terminal = Terminal(agent(answer))
    terminal.until("word 3")
    first, again = terminal.written.index("word 1"), terminal.written.index("word 2")
    assert "Raspberry" in terminal.written[first:again]
    assert "Raspberry" not in terminal.written[again : terminal.written.index("word 3")]
    terminal.press("q")
    terminal.ended()


def test_an_agent_that_dies_is_told_and_the_terminal_given_back(agent):
    terminal = Terminal(agent())
    terminal.until("q quits")
    agent.all[0].die()
    code, err = terminal.ended()
    assert code == 11
    assert err.count("\n") == 1
    assert "No agent is running" in err


def test_who_was_hung_up_on_while_stalled_goes_on(agent):
    looks = 0

    def answer(command: str):
        nonlocal looks
        looks += 1
        view = copy.deepcopy(VIEW)
        view["live"]["words"] = f"word {looks}"
        return None if looks == 2 else view

    terminal = Terminal(agent(answer))
    terminal.until("word 4")
    terminal.press("q")
    assert terminal.ended() == (0, "")


def test_ctrl_z_gives_the_terminal_back_until_it_goes_on(agent):
    terminal = Terminal(agent())
    terminal.until("q quits")
    terminal.process.send_signal(signal.SIGTSTP)
    os.waitid(os.P_PID, terminal.process.pid, os.WSTOPPED | os.WNOWAIT)
    while terminal.screen.alternate:
        terminal._read()
    assert termios.tcgetattr(terminal._theirs) == terminal.settings
    terminal.process.send_signal(signal.SIGCONT)
    terminal.until("q quits")
    terminal.press("q")
    assert terminal.ended() == (0, "")


@pytest.mark.parametrize(
    ("more", "code", "told"),
    [
        ({"protocol": 99}, 11, "do not understand each other"),
        ({"version": "9.9"}, 0, "The running agent is version 9.9"),
    ],
)
def test_an_agent_of_another_version(agent, more, code, told):
    terminal = Terminal(agent(**more))
    if not code:
        terminal.until("q quits")
        terminal.press("q")
    ended, err = terminal.ended()
    assert ended == code
    assert told in err


def test_an_older_agent_that_tells_less_is_shown_as_far_as_it_goes(agent):
    old = {"state": "idle", "muted": True, "turn": 3, "version": "0.0.9", "pid": 1, "waiting_events": 0}
    terminal = Terminal(agent(lambda _: old))
    terminal.until("not known")
    terminal.press("q")
    assert terminal.ended() == (0, "")


def test_an_older_agent_without_the_command_says_so(agent):
    terminal = Terminal(agent(lambda command: f'The running agent knows no command "{command}": restart it.'))
    assert terminal.ended() == (11, 'The running agent knows no command "watch": restart it.\n')


def piped(path: Path, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "device", "--socket", str(path), "watch", *arguments],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT,
    )  # fmt: skip


def test_json_is_a_line_for_each_look(agent):
    process = piped(agent(), "--json")
    assert [json.loads(process.stdout.readline()) for _ in range(3)] == [VIEW] * 3
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 0


def test_a_reader_of_lines_that_has_gone_ends_it_quietly(agent):
    process = piped(agent(), "--json")
    process.stdout.readline()
    process.stdout.close()
    assert process.wait(timeout=PATIENCE_SECONDS) == 0
    assert process.stderr.read() == ""
    process.stderr.close()


def test_a_stalled_reader_asks_for_nothing_more(agent):
    process = piped(agent(), "--json")
    process.stdout.readline()
    asked = agent.all[0].asked
    deadline = time.monotonic() + PATIENCE_SECONDS
    counts = [-1, 0]
    while counts[-1] != counts[-2]:  # until its pipe is full
        assert time.monotonic() < deadline
        counts.append(len(asked))
        select.select([], [], [], 0.5)
    process.kill()
    process.communicate()


def test_without_a_terminal_what_happens_is_told_in_lines():
    quiet = copy.deepcopy(VIEW) | {"state": "idle", "last_error": None}
    assert list(changes({}, quiet)) == ["idle"]
    assert list(changes(quiet, quiet)) == []
    later = copy.deepcopy(VIEW) | {"muted": True, "troubles": ["no sound card"]}
    later["turns"][-1] |= {"outcome": "failed", "answered": "", "failure": "The model\x1b[2J broke."}
    assert list(changes(quiet, later)) == [
        "emitting",
        "muted",
        "trouble: no sound card",
        "turn 12: results",
        "turn 12 failed: The model\ufffd[2J broke.",
        "error: The sound device is gone (unplugged)",
    ]


def test_tokens_a_second_are_those_of_the_last_second():
    rate = Rate()
    looks = [(0.0, 0), (0.5, 20), (1.0, 40), (1.5, 50), (2.0, 60)]
    found = [rate.look({"seconds": s, "tokens": n, "generating": True}) for s, n in looks]
    assert found == [None, 40.0, 40.0, 30.0, 20.0]
    assert rate.look({"seconds": 2.2, "tokens": 3, "generating": True}) is None, "another reply"
    assert rate.look({"seconds": 2.4, "tokens": 3, "generating": False}) is None
    with contextlib.suppress(KeyError):
        assert rate.look({}) is None
