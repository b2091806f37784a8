"""Sound: cards, the devices that are meant, the mixer's levels, who else has the card, and sound servers.

Sources: /proc/asound (the kernel's Documentation/sound/designs/procfile.rst), amixer of alsa-utils.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from device.adapters.doctor.patient import Patient
from device.core.findings import Finding, failed, not_here, not_known, together, warning, well
from device.errors import AudioError

_CARD = re.compile(r"^ *(\d+) \[(\S+) *\]: (.*)$", re.MULTILINE)
_CONTROL = re.compile(r"^Simple mixer control '(.+)',\d+$", re.MULTILINE)
_MICROPHONES = ("Mic", "Headset Mic", "Internal Mic", "Front Mic", "Line")
_OUTLETS = ("Speaker", "Headphone", "Headset", "HDMI")
PLUG_IN = "Plug in a microphone and a loudspeaker (hardware.md says which); the service waits for them."
SERVERS = ("pipewire", "pulseaudio")
OF_SERVERS = ("", "default", "pulse", "pipewire")
"""Device names that lead to a sound server where there is one."""

NO_SOUND = "no sound card"
"""The trouble that an agent has which waits for one."""

QUIETEST = 5
"""Percent: below this nothing is heard."""


@dataclass(frozen=True, slots=True)
class Card:
    """A sound card as ALSA knows it."""

    number: int
    name: str
    about: str


def cards_of(patient: Patient) -> list[Card]:
    """The sound cards."""
    found = _CARD.findall(patient.text("proc/asound/cards") + "\n")
    return [Card(int(number), name, about.strip()) for number, name, about in found]


def card(patient: Patient) -> Finding:
    """Whether there is a sound card with a microphone and one with a loudspeaker."""
    cards = cards_of(patient)
    if not cards and _has_sound(patient):
        return not_here("The kernel has no sound card: the running agent's sound comes from a sound server.")
    if not cards:
        return failed("There is no sound card.", PLUG_IN)
    heard = [one.name for one in cards if list(patient.at(f"proc/asound/card{one.number}").glob("pcm*c"))]
    said = [one.name for one in cards if list(patient.at(f"proc/asound/card{one.number}").glob("pcm*p"))]
    if not heard:
        return failed("No sound card has a microphone.", PLUG_IN)
    if not said:
        return failed("No sound card has a loudspeaker.", PLUG_IN)
    return well(f"Microphone: {', '.join(heard)}; loudspeaker: {', '.join(said)}.")


def _has_sound(patient: Patient) -> bool:
    """Whether a running agent says that it hears and is heard."""
    troubles = (patient.agent() or {}).get("troubles")
    return troubles is not None and NO_SOUND not in troubles


def device(patient: Patient, probe: Callable[[str, str], str] | None = None) -> Finding:
    """Whether the configured sound device can be used: the running agent's word, or a look through PortAudio."""
    if patient.config is None:
        return not_known("The configuration cannot be read.")
    if (answer := patient.agent()) is not None:
        troubles = answer.get("troubles")
        if troubles is None:
            return not_known("The running agent does not tell whether it has its sound device.")
        if NO_SOUND in troubles:
            return failed(
                "The running agent waits for its sound device.", f"{PLUG_IN} device run --devices lists them."
            )
        return well("The running agent has its sound device.")
    audio = patient.config.audio
    try:
        return well(f"{(probe or _through_portaudio)(audio.input, audio.output)} can be used.")
    except AudioError as error:
        says, _, remedy = str(error).partition(": ")
        return failed(f"{says}.", remedy[:1].upper() + remedy[1:] or PLUG_IN)


def _through_portaudio(source: str, sink: str) -> str:
    from device.adapters.audio_devices import cards, portaudio

    return next(cards(portaudio(), source, sink)).name


def levels(patient: Patient) -> Finding:
    """Whether the mixer lets sound in and out."""
    cards = _meant(patient)
    if not cards:
        return not_here("There is no sound card.")
    return together(_levels(patient, one) for one in cards)


def _meant(patient: Patient) -> list[Card]:
    """The cards that the configuration names; all, if it names none."""
    names = () if patient.config is None else (patient.config.audio.input, patient.config.audio.output)
    cards = cards_of(patient)
    return [one for one in cards if any(_is_called(one, name) for name in names if name)] or cards


def _is_called(one: Card, name: str) -> bool:
    """Whether a device's name means the card: its id, PortAudio's name of a device on it, or words of that in order."""
    if name.casefold() == one.name.casefold() or f"(hw:{one.number}," in name:
        return True
    called, wanted = one.about.partition(" - ")[2].casefold(), name.casefold()
    words = ".*?".join(map(re.escape, wanted.split()))
    return bool(called) and (wanted.startswith(f"{called}:") or re.search(words, called) is not None)


def _levels(patient: Patient, one: Card) -> Finding:
    shown = patient.ask(("amixer", "--card", str(one.number), "scontents"))
    if shown is None:
        return not_known("The mixer cannot be read without alsa-utils.", "sudo apt install alsa-utils")
    if shown.code:
        return not_known(f"The mixer of {one.name} cannot be read.")
    problems = list(_problems(shown.out, one))
    return together(problems) if problems else well(f"The mixer of {one.name} lets sound in and out.")


def _problems(shown: str, one: Card) -> Iterator[Finding]:
    """What keeps sound from going through: a control that all of it passes, or every one of several ways."""
    pieces = _CONTROL.split(shown)[1:]
    controls = dict(zip(pieces[::2], pieces[1::2], strict=True))
    for way, all_pass, ways in (("Capture", ("Capture",), _MICROPHONES), ("Playback", ("Master", "PCM"), _OUTLETS)):
        closed = {name: why for name, about in controls.items() if (why := _closed(about, way))}
        there = [name for name in ways if name in controls and re.search(rf"{way} (-?\d+ )?\[", controls[name])]
        shut = [name for name in all_pass if name in closed]
        shut += there[:1] if there and all(name in closed for name in there) else []
        for name in shut:
            switch = "cap" if way == "Capture" else "unmute"
            yield failed(
                f"{name} of the sound card {one.name} is {closed[name]}.",
                f"amixer -c {one.number} sset '{name}' 80% {switch}",
            )


def _closed(about: str, way: str) -> str:
    """Why a control lets nothing through; "" if it does."""
    states = re.findall(rf"{way} (?:-?\d+ \[(\d+)%\](?: \[[-\d.]+dB\])?)? ?(?:\[(on|off)\])?", about)
    states = [state for state in states if any(state)]
    if states and all(switch == "off" for _, switch in states):
        return "muted"
    percents = [int(percent) for percent, _ in states if percent]
    return f"turned down to {max(percents)} %" if percents and max(percents) < QUIETEST else ""


def busy(patient: Patient) -> Finding:
    """Whether another program has the card."""
    if not (meant := _meant(patient)):
        return not_here("There is no sound card.")
    answer = patient.agent()
    ours = None if answer is None else answer.get("pid")
    holders: dict[int, str] = {}
    for one in meant:
        for status in patient.at(f"proc/asound/card{one.number}").glob("pcm*/sub*/status"):
            owner = re.search(r"^owner_pid\s*: (\d+)", _read(status), re.MULTILINE)
            if owner and int(owner[1]) != ours and not _is_of(patient, int(owner[1]), ours):
                holders[int(owner[1])] = one.name
    if not holders:
        return well("No other program has the sound card.")
    named = ", ".join(f"{_name(patient, pid)} (process {pid}) has {card}" for pid, card in sorted(holders.items()))
    return warning(
        f"Another program uses the sound card: {named}.",
        "End it, or let both use the sound server (audio.input and audio.output).",
    )


def _is_of(patient: Patient, thread: int, process: object) -> bool:
    """Whether a thread is one of the process; ALSA names the thread that opened the card."""
    return process is not None and patient.at(f"proc/{process}/task/{thread}").exists()


def server(patient: Patient) -> Finding:
    """Whether a system service is to use a user's sound server, which it cannot."""
    running = [name for name in SERVERS if _runs(patient, name)]
    if not running:
        return not_here("No sound server runs.")
    names = " and ".join({"pipewire": "PipeWire", "pulseaudio": "PulseAudio"}[name] for name in running)
    if not patient.service_installed:
        return well(f"{names} runs; `device run` uses it as any other program does.")
    if patient.config is not None and {patient.config.audio.input, patient.config.audio.output} & set(OF_SERVERS):
        return warning(
            f"{names} runs for who is logged in, and may hold the card that the service is to use.",
            "Name the card itself: device config set audio.input NAME, and audio.output (device run --devices).",
        )
    return well(f"{names} runs; the service has a card of its own.")


def _runs(patient: Patient, name: str) -> bool:
    return any(_read(comm).strip() == name for comm in patient.at("proc").glob("[0-9]*/comm"))


def _name(patient: Patient, pid: int) -> str:
    return patient.text(f"proc/{pid}/comm") or "a program"


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
