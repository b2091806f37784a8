"""The running agent: whether commands reach it, whether there is more than one, and whether its ledger is whole."""

import grp
import os
import sqlite3
import stat
from contextlib import closing, suppress
from pathlib import Path

from device.adapters.doctor.patient import Patient
from device.adapters.store_file import FILE, VERSION
from device.core.findings import Finding, failed, not_here, not_known, warning, well
from device.errors import DeviceError

MODE = 0o660


def reached(patient: Patient) -> Finding:
    """Whether an agent answers."""
    try:
        answer = patient.agent()
    except DeviceError as error:
        return failed(str(error), "sudo systemctl restart device, or end `device run` and start it again.")
    if answer is None:
        return not_here("No agent is running here.")
    return well(f"An agent answers (process {answer.get('pid', '?')}, state {answer.get('state', '?')}).")


def socket_rights(patient: Patient) -> Finding:
    """Whether the control socket is open to those who may use it and to nobody else."""
    for path in patient.sockets:
        try:
            about = path.stat()
        except PermissionError:
            return warning(
                f"You may not reach the control socket {path}.",
                "Use sudo, or join the group: sudo usermod -aG device $USER, and log in anew.",
            )
        except OSError:
            continue
        if not stat.S_ISSOCK(about.st_mode):
            return failed(f"{path} is no socket.", f"Remove it and restart the agent: sudo rm {path}")
        mode = stat.S_IMODE(about.st_mode)
        if mode != MODE:
            return failed(f"The control socket {path} has the mode {mode:o}.", "Restart the agent, which makes it 660.")
        return well(f"The control socket {path} is open to its user and the group {_group(about.st_gid)}.")
    return not_here("There is no control socket, since no agent is running.")


def _group(number: int) -> str:
    try:
        return grp.getgrgid(number).gr_name
    except KeyError:
        return str(number)


def ledger(patient: Patient) -> Finding:
    """Whether what is remembered is whole, and nothing of it had to be moved aside."""
    path = patient.state_directory / FILE
    try:
        if not path.exists():
            return not_here(f"Nothing is remembered in {patient.state_directory} yet.")
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=1.0)) as database:
            if database.execute("PRAGMA user_version").fetchone()[0] > VERSION:
                return failed("What is remembered was written by a newer version of device.", "Upgrade this one.")
            how = "integrity_check" if patient.thorough else "quick_check"
            found = [row[0] for row in database.execute(f"PRAGMA {how}(3)")]
            records = database.execute("SELECT count(*) FROM record").fetchone()[0]
    except PermissionError:
        return not_known(f"You may not read {patient.state_directory}.", "Look with sudo.")
    except sqlite3.DatabaseError as error:
        if "unable to open" in str(error) or "readonly" in str(error):
            return not_known(f"{path} cannot be read ({error}).", "Look with sudo.")
        found, records = [str(error)], 0
    if found != ["ok"]:
        return failed(
            f"What is remembered is damaged: {found[0]}.",
            "Save what can be (device ledger export), then check the card; the next start moves the file aside.",
        )
    aside = sorted(file.name for file in patient.state_directory.glob("*damaged*"))
    if aside:
        return warning(
            f"A damaged ledger was moved aside: {', '.join(aside)}.",
            "Check the card (sudo dmesg, fsck); the file can be deleted if nothing of it is missed.",
        )
    return well(f"The {records} records that are kept are whole.")


def instances(patient: Patient) -> Finding:
    """Whether more than one agent runs, or one has the conversation without answering."""
    running = _agents(patient)
    if len(running) > 1:
        named = ", ".join(f"process {pid} of {owner}" for pid, owner in sorted(running.items()))
        return warning(
            f"{len(running)} agents run: {named}. They hear the same words and fight for the sound card.",
            "End one: sudo systemctl stop device, or Ctrl-C in the terminal of `device run`.",
        )
    holder = _holder(patient)
    answer = None
    with suppress(DeviceError):
        answer = patient.agent()
    if holder is not None and answer is not None and holder != answer.get("pid"):
        return warning(
            f"Process {holder} has the conversation in {patient.state_directory}, but another agent answers.",
            "End one of them.",
        )
    if not running and holder is None:
        return not_here("No agent is running here.")
    return well("One agent runs.")


def _agents(patient: Patient) -> dict[int, int]:
    """The processes that are agents, each with its user."""
    found = {}
    for process in patient.at("proc").glob("[0-9]*"):
        with suppress(OSError):
            words = (process / "cmdline").read_bytes().split(b"\0")
            if _is_agent([os.fsdecode(word) for word in words]):
                found[int(process.name)] = process.stat().st_uid
    return found


def _is_agent(words: list[str]) -> bool:
    """Whether a command line is that of an agent that lives: `device run`, but for one on a recording."""
    names = [Path(word).name for word in words[:4]]
    program = "device" in names or any(words[at : at + 2] == ["-m", "device"] for at in range(4))
    return program and "run" in words and "--wav" not in words and "--devices" not in words


def _holder(patient: Patient) -> int | None:
    """The process that holds the state directory's lock; asked of the kernel, since trying it would take it."""
    try:
        lock = (patient.state_directory / "lock").stat()
    except OSError:
        return None
    wanted = f"{os.major(lock.st_dev):02x}:{os.minor(lock.st_dev):02x}:{lock.st_ino}"
    for line in patient.text("proc/locks").splitlines():
        fields = line.split()
        if len(fields) > 5 and fields[1] == "FLOCK" and fields[5] == wanted:
            return int(fields[4])
    return None
