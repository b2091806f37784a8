"""What an image does when it starts: grows to the whole card, and becomes yours by a file on the boot partition.

Runs as root, with Debian's own Python and nothing else, before the network and the agent (device-first-boot.service).
Every step is done once and may be repeated. The file is checked as a whole before anything of it is done; what is wrong
with it is written beside it in sentences. Once it is done it is overwritten and removed, since it may hold passwords.
"""

import base64
import binascii
import difflib
import hashlib
import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

BOOT = Path("/boot/firmware")
SETUP = "device-setup.toml"
PROBLEMS = "device-setup-problems.txt"
STATE = Path("/var/lib/device-image")
GROUPS = ("sudo", "device", "audio", "gpio")
"""What the user may do: administer, and use the agent's socket, the sound and the pins."""

KEYS: Mapping[str, frozenset[str]] = {
    "": frozenset({"hostname", "timezone", "user", "wifi"}),
    "user": frozenset({"name", "password", "ssh_keys"}),
    "wifi": frozenset({"country", "ssid", "password", "hidden"}),
}
PEOPLE = range(1000, 60_000)
"""The numbers of users who are somebody, not a part of the system (useradd's own bounds)."""
SSH_KINDS = ("ssh-ed25519", "ssh-rsa", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521",
             "sk-ssh-ed25519@openssh.com", "sk-ecdsa-sha2-nistp256@openssh.com")  # fmt: skip


# --- the file --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class User:
    """Who may log in: by these keys, and by a password if there is one."""

    name: str
    password: str = field(default="", repr=False)
    ssh_keys: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Wifi:
    """The network to join; an open one without a password."""

    country: str
    ssid: str
    password: str = field(default="", repr=False)
    hidden: bool = False


@dataclass(frozen=True, kw_only=True)
class Setup:
    """All that the file may say; what it leaves out stays as it is."""

    hostname: str = ""
    timezone: str = ""
    user: User | None = None
    wifi: Wifi | None = None


def read(text: str, zones: Path = Path("/usr/share/zoneinfo"), taken: frozenset[str] = frozenset()) -> Setup:
    """The file's wishes; no user may have a name that is `taken`.

    Raises ValueError with every problem, one sentence a line.
    """
    try:
        wishes = tomllib.loads(text.removeprefix("\ufeff"))
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"The file is not TOML ({error}): texts stand in quotation marks, as in the sample.") from None
    problems = [*_of_keys(wishes), *_of_values(wishes, zones, taken)]
    if problems:
        raise ValueError("\n".join(problems))
    setup = Setup(hostname=wishes.get("hostname", ""), timezone=wishes.get("timezone", ""))
    if user := wishes.get("user"):
        keys = tuple(key.strip() for key in user.pop("ssh_keys", ()))
        setup = replace(setup, user=User(**user, ssh_keys=keys))
    if wifi := wishes.get("wifi"):
        setup = replace(setup, wifi=Wifi(**{**wifi, "country": wifi["country"].upper()}))
    return setup


def _of_keys(wishes: Mapping[str, Any]) -> Iterator[str]:
    """What is called wrongly, or is no text where one is wanted."""
    for section, known in KEYS.items():
        table = wishes if not section else wishes.get(section, {})
        if not isinstance(table, dict):
            yield f"[{section}] must be a section of its own, as in the sample."
            continue
        for key, value in table.items():
            name = f"{section}.{key}" if section else key
            if key not in known:
                close = difflib.get_close_matches(key, known, 1)
                yield f'There is no key "{name}": {f"{close[0]} is meant?" if close else "see the sample."}'
            elif key not in ("user", "wifi", "ssh_keys", "hidden") and not isinstance(value, str):
                yield f'{name} must be a text in quotation marks, such as {key} = "…".'


def _text(table: Any, key: str) -> str:
    """A text of a section; empty if it is none, which is told elsewhere."""
    value = table.get(key, "") if isinstance(table, dict) else ""
    return value if isinstance(value, str) else ""


def _of_values(wishes: Mapping[str, Any], zones: Path, taken: frozenset[str]) -> Iterator[str]:
    hostname, timezone = _text(wishes, "hostname"), _text(wishes, "timezone")
    if hostname and not re.fullmatch(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", hostname):
        yield f'hostname = "{hostname}" must be small letters, digits and hyphens, at most 63 of them.'
    zone = zones / timezone
    if timezone and (".." in timezone or timezone.startswith("/") or not zone.is_file()):
        yield f'timezone = "{timezone}" is not known: use one such as "Europe/Oslo".'
    if isinstance(wishes.get("user"), dict):
        yield from _of_user(wishes["user"], taken)
    if isinstance(wishes.get("wifi"), dict):
        yield from _of_wifi(wishes["wifi"])


def _of_user(user: Mapping[str, Any], taken: frozenset[str]) -> Iterator[str]:
    name, password, keys = _text(user, "name"), _text(user, "password"), user.get("ssh_keys", [])
    if not re.fullmatch(r"[a-z][a-z0-9_-]{0,30}", name):
        yield f'user.name = "{name}" must begin with a small letter and go on with small letters, digits, - or _.'
    elif name in taken:
        yield f'user.name = "{name}" is one of the system\'s own users or groups: choose another.'
    if password and (len(password) < 8 or not password.isprintable()):
        yield "user.password must have eight characters or more, without control characters."
    if not isinstance(keys, list) or not all(isinstance(key, str) for key in keys):
        yield 'user.ssh_keys must be a list of texts, such as ssh_keys = ["ssh-ed25519 AAAA… you@laptop"].'
        keys = []
    for number, key in enumerate(keys, 1):
        if not _is_public_key(key):
            yield f"user.ssh_keys: number {number} is no public key: copy the whole line of id_ed25519.pub, say."
    if not password and not keys:
        yield "[user] needs ssh_keys or a password: nobody could log in otherwise."


def _is_public_key(line: str) -> bool:
    """Whether a line is `KIND BASE64 [comment]`, and the kind stands in the key as well."""
    parts = line.split(None, 2)
    if len(parts) < 2 or parts[0] not in SSH_KINDS or "\n" in line.strip():
        return False
    try:
        raw = base64.b64decode(parts[1], validate=True)
    except (binascii.Error, ValueError):
        return False
    kind = parts[0].encode()
    return raw.startswith(len(kind).to_bytes(4, "big") + kind) and len(raw) > len(kind) + 8


def _of_wifi(wifi: Mapping[str, Any]) -> Iterator[str]:
    country, ssid, password = _text(wifi, "country"), _text(wifi, "ssid"), _text(wifi, "password")
    if not re.fullmatch(r"[A-Za-z]{2}", country):
        yield f'wifi.country = "{country}" must be the two letters of your country, such as "NO".'
    if not 1 <= len(ssid.encode()) <= 32:
        yield "wifi.ssid must be the network's name, of 1 to 32 bytes."
    if password and not re.fullmatch(r"[ -~]{8,63}|[0-9A-Fa-f]{64}", password):
        yield "wifi.password must have 8 to 63 characters of ASCII (or be the key itself, 64 hexadecimal digits)."
    if not isinstance(wifi.get("hidden", False), bool):
        yield "wifi.hidden must be true or false, without quotation marks."


def taken_names(root: Path = Path("/")) -> frozenset[str]:
    """The names of the system's own users and groups, of which useradd makes no user (passwd(5), group(5))."""
    users, groups = (_entries(root / "etc" / name) for name in ("passwd", "group"))
    people = {name for name, _, number, *_ in users if number.isdigit() and int(number) in PEOPLE}
    return frozenset({name for name, *_ in (*users, *groups)} - people)


def _entries(path: Path) -> list[list[str]]:
    """The entries of such a file, by their fields."""
    return [line.split(":") for line in path.read_text(encoding="utf-8").splitlines() if line.count(":") >= 3]


# --- doing it --------------------------------------------------------------------------------------------------------

Run = Callable[..., None]


def run(*command: str, given: str = "") -> None:
    """Run a command of the system. Raises CalledProcessError."""
    subprocess.run(command, input=given, text=True, check=True, stdout=subprocess.DEVNULL)


def write(path: Path, text: str, mode: int = 0o644) -> None:
    """Make a file whole or not at all, readable by those it is meant for from its first byte on."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    part.chmod(mode)
    part.replace(path)


def apply(setup: Setup, root: Path = Path("/"), run: Run = run) -> list[str]:
    """Do what the file wishes; returns what was done, without a secret."""
    done = []
    if setup.hostname:
        write(root / "etc/hostname", f"{setup.hostname}\n")
        write(root / "etc/hosts", f"127.0.0.1 localhost\n127.0.1.1 {setup.hostname}\n::1 localhost ip6-localhost\n")
        run("hostname", setup.hostname)
        done.append(f"the hostname is {setup.hostname}")
    if setup.timezone:
        link = root / "etc/localtime"
        link.unlink(missing_ok=True)
        link.symlink_to(f"/usr/share/zoneinfo/{setup.timezone}")
        write(root / "etc/timezone", f"{setup.timezone}\n")
        done.append(f"the time zone is {setup.timezone}")
    if setup.user is not None:
        _make_user(setup.user, root, run)
        way = "SSH key" if setup.user.ssh_keys else "password"
        done.append(f"the user {setup.user.name} logs in by {way}")
    if setup.wifi is not None:
        write(root / "etc/wpa_supplicant/wpa_supplicant-wlan0.conf", wpa_supplicant(setup.wifi), 0o600)
        run("systemctl", "enable", "wpa_supplicant@wlan0.service")
        run("systemctl", "restart", "--no-block", "wpa_supplicant@wlan0.service")  # it may run with the earlier network
        done.append(f"it joins the Wi-Fi {setup.wifi.ssid}")
    return done


def _make_user(user: User, root: Path, run: Run) -> None:
    home = root / "home" / user.name
    if not home.exists():
        run("useradd", "--create-home", "--shell", "/bin/bash", "--user-group", user.name)
    run("usermod", "--append", "--groups", ",".join(GROUPS), user.name)
    if user.password:
        run("chpasswd", given=f"{user.name}:{user.password}\n")
    if user.ssh_keys:
        keys = home / ".ssh/authorized_keys"
        write(keys, "".join(f"{key}\n" for key in user.ssh_keys), 0o600)
        keys.parent.chmod(0o700)
        run("chown", "-R", f"{user.name}:{user.name}", str(keys.parent))
    # Who has no password cannot be asked for one.
    sudoers = root / "etc/sudoers.d/010-first-user"
    if user.password:
        sudoers.unlink(missing_ok=True)
    else:
        write(sudoers, f"{user.name} ALL=(ALL) NOPASSWD: ALL\n", 0o440)
    # A password is for the console and for SSH if there is no key; with keys, SSH takes keys only.
    write(root / "etc/ssh/sshd_config.d/10-first-boot.conf",
          f"PasswordAuthentication {'no' if user.ssh_keys else 'yes'}\nPermitRootLogin no\n")  # fmt: skip


def wpa_supplicant(wifi: Wifi) -> str:
    """The network's configuration, with the key that the password makes instead of the password (IEEE 802.11i, H.4)."""
    if not wifi.password:
        key = "key_mgmt=NONE"
    elif len(wifi.password) == 64:
        key = f"psk={wifi.password.lower()}"
    else:
        key = f"psk={hashlib.pbkdf2_hmac('sha1', wifi.password.encode(), wifi.ssid.encode(), 4096, 32).hex()}"
    lines = [f"ssid={wifi.ssid.encode().hex()}", key, *(["scan_ssid=1"] if wifi.hidden else [])]
    body = "\n".join(f"    {line}" for line in lines)
    return f"ctrl_interface=DIR=/run/wpa_supplicant GROUP=sudo\ncountry={wifi.country}\nnetwork={{\n{body}\n}}\n"


def forget(path: Path) -> None:
    """Overwrite a file and remove it; a card's controller may keep the old sectors, out of ordinary reach."""
    with path.open("r+b") as file:
        file.write(b"#" * path.stat().st_size)
        file.flush()
        os.fsync(file.fileno())
    path.unlink()
    descriptor = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def set_up(boot: Path = BOOT, root: Path = Path("/"), run: Run = run) -> bool:
    """Do what the file on the boot partition wishes, if there is one; whether all went well."""
    path, problems = boot / SETUP, boot / PROBLEMS
    if not path.exists():
        return True
    try:
        wishes = read(path.read_text(encoding="utf-8"), root / "usr/share/zoneinfo", taken_names(root))
        done = apply(wishes, root, run)
    except (ValueError, OSError, subprocess.CalledProcessError) as error:
        said = _sentence(error)
        print(f"{SETUP}: nothing of it is used before it is right:\n{said}", flush=True)
        problems.write_text(f"{said}\n\nMend {SETUP}, and switch the device on again.\n", encoding="utf-8")
        return False
    forget(path)
    problems.unlink(missing_ok=True)
    print(f"{SETUP}: {'; '.join(done) or 'it wished nothing'}.", flush=True)
    return True


def _sentence(error: Exception) -> str:
    if isinstance(error, ValueError) and not isinstance(error, UnicodeDecodeError):
        return str(error)
    if isinstance(error, UnicodeDecodeError):
        return "The file is not UTF-8: save it as such."
    if isinstance(error, subprocess.CalledProcessError):
        return f"{error.cmd[0]} failed ({error.returncode}): journalctl -u device-first-boot says more."
    return f"It could not be done: {error}."


# --- once ------------------------------------------------------------------------------------------------------------


def once(name: str, do: Callable[[], None]) -> bool:
    """Do something unless it was done before; whether it went well."""
    mark = STATE / name
    if mark.exists():
        return True
    try:
        do()
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"{name}: {_sentence(error)}", flush=True)
        return False
    STATE.mkdir(parents=True, exist_ok=True)
    mark.touch()
    return True


def grow() -> None:
    """Let the last partition and the file system in it take the whole card, while it is in use."""
    found = subprocess.run(["findmnt", "-no", "SOURCE", "/"], text=True, capture_output=True, check=True)
    name = Path(found.stdout.strip()).resolve().name
    number = (Path("/sys/class/block") / name / "partition").read_text().strip()
    disk = (Path("/sys/class/block") / name).resolve().parent.name
    run("sfdisk", "--no-reread", "--no-tell-kernel", "--force", "--quiet", "-N", number, f"/dev/{disk}", given=", +\n")
    run("partx", "--update", "--nr", number, f"/dev/{disk}")
    run("resize2fs", f"/dev/{name}")
    print("The file system has the whole card.", flush=True)


def make_host_keys() -> None:
    """The keys by which SSH knows this device; no two devices have the same."""
    run("ssh-keygen", "-A")


def name_sound_card(config: Path = Path("/etc/device/config.toml"), cards: Path = Path("/proc/asound/cards")) -> None:
    """Write the sound cards into the agent's configuration, if there is a microphone and none is named. Raises OSError.

    Each by the name that PortAudio's begins with; its number and its place may change.
    """
    text = config.read_text()
    if re.search(r"^\[audio\]", text, re.MULTILINE):
        return
    found = {way: _card_that(letter, cards) for way, letter in (("input", "c"), ("output", "p"))}
    if not found["input"]:  # a computer's own outlet is always there; what is plugged in later may have both
        raise FileNotFoundError("there is no microphone yet")
    named = "".join(f"{way} = {json.dumps(name, ensure_ascii=False)}\n" for way, name in found.items() if name)
    write(config, f"{text.rstrip()}\n\n[audio]  # what was there first\n{named}")
    print(f"The agent's sound: {named.strip()}".replace("\n", ", "), flush=True)


def _card_that(letter: str, cards: Path) -> str:
    """The best card that captures (c) or plays (p): a USB one before others, never a screen; "" if there is none."""
    found = re.findall(r"^ *(\d+) \[[^\]]*\]: (.+?) - (.*\S)", cards.read_text(), re.MULTILINE)
    usable = [
        (f"{driver} {name}".lower(), name)
        for number, driver, name in found
        if any((cards.parent / f"card{number}").glob(f"pcm*{letter}"))
    ]
    usable = [(about, name) for about, name in usable if "hdmi" not in about]
    return next((name for about, name in usable if "usb" in about), usable[0][1] if usable else "")


def main() -> int:
    """Do all of it; what fails is said and does not keep the rest."""
    well = [
        once("grown", grow),
        once("host-keys", make_host_keys),
        set_up(),
    ]
    once("sound-card", name_sound_card)  # tried again at every start until there is one
    return 0 if all(well) else 1


if __name__ == "__main__":
    sys.exit(main())
