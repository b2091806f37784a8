"""A person's configuration file, changed for them: comments, order, mode and owner stay as they are.

The rule it owns: nothing replaces a file before `device.config.load` itself has read it, beside its place and together
with the files around it; and a file that somebody else changed meanwhile is not replaced at all.
"""

import contextlib
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomli
import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import Table

from device import config as configuration
from device.config import Loaded, load, user_file, value_of
from device.errors import ConfigError

OWN_MODE, SYSTEM_MODE = 0o600, 0o644
"""Of a file that was not there: a user's own may hold what only they should read, the service's is read by its user."""


@dataclass(frozen=True, slots=True)
class Option:
    """An option, or one entry of a table that is an option's value: section.key or section.key.name."""

    path: tuple[str, ...]

    @classmethod
    def parse(cls, text: str) -> "Option":
        """Raises ConfigError."""
        path = tuple(part.strip().strip('"') for part in text.split("."))
        if len(path) < 2 or not all(path):
            raise ConfigError(f'"{text}" is no option: it is called section.key, such as speaking.speed.')
        return cls(path)

    @property
    def key(self) -> tuple[str, str]:
        """The option it is or belongs to."""
        return self.path[0], self.path[1]

    def value(self, text: str) -> Any:
        """What is meant by plain text. Raises ConfigError."""
        if len(self.path) == 2:
            return value_of(self.key, text, "the command line")
        try:
            return tomli.loads(f"value = {text}")["value"]
        except tomli.TOMLDecodeError:
            return text

    def __str__(self) -> str:
        return ".".join(self.path)


class ConfigFile:
    """One configuration file, as it was when this was made."""

    def __init__(self, path: Path) -> None:
        """Raises ConfigError if it is there and cannot be read."""
        self.path = path
        self._place = path.resolve()  # a link stays one
        self.text = self._read()

    @property
    def is_system(self) -> bool:
        """Whether it is the service's."""
        return self.path == configuration.SYSTEM_FILE

    # --- texts ---------------------------------------------------------------------------------------------------

    def with_value(self, option: Option, value: Any) -> str:
        """The file's text with another value. Raises ConfigError."""
        document = self._parsed()
        table: Any = document
        for name in option.path[:-1]:
            if name not in table:
                _add(table, name, tomlkit.table() if table is document else tomlkit.inline_table())
            table = table[name]
            if not isinstance(table, dict):
                raise ConfigError(f"{option} is impossible: {name} is no table in {self.path}.")
        item = _item(value)
        if option.path[-1] in table:
            table[option.path[-1]] = item
        else:
            _add(table, option.path[-1], item)
        return self._sure(tomlkit.dumps(document), option, value)

    def without(self, option: Option) -> str | None:
        """The file's text without an option, None if it has none. Raises ConfigError."""
        document = self._parsed()
        table: Any = document
        for name in option.path[:-1]:
            table = table.get(name) if isinstance(table, dict) else None
        if not isinstance(table, dict) or option.path[-1] not in table:
            return None
        del table[option.path[-1]]
        return tomlkit.dumps(document)

    # --- checking and replacing ----------------------------------------------------------------------------------

    def check(self, text: str) -> Loaded:
        """What would be in force for whom this file is, but for the environment. Raises ConfigError."""
        with self._draft(text) as draft:
            return self._load(draft, environment={}, overrides=())

    def hidden_by(self, text: str, option: Option, *, environment: Mapping[str, str], overrides: Sequence[str]) -> str:
        """What would win over the option in this file: its origin; "" for nothing. Raises ConfigError."""
        with self._draft(text) as draft:
            origin = self._load(draft, environment=environment, overrides=overrides).origins[option.key]
        return origin if origin not in (str(self.path), "default") else ""

    def replace(self, text: str) -> Loaded:
        """Put a text in the file's place if it is sound. Raises ConfigError, and changes nothing then."""
        with self._draft(text) as draft:
            loaded = self._load(draft, environment={}, overrides=())
            if self._read() != self.text:
                raise ConfigError(f"{self.path} was changed by somebody else meanwhile: do it again.")
            try:
                self._dress(draft)
                draft.replace(self._place)
                _sync(self._place.parent)
            except OSError as error:
                raise ConfigError(self._refused(error)) from error
        self.text = text
        return loaded

    def _load(self, draft: Path, *, environment: Mapping[str, str], overrides: Sequence[str]) -> Loaded:
        instead: dict[Path, Path | None] = {self.path: draft}
        known = (configuration.SYSTEM_FILE, user_file())
        if self.is_system:
            instead[user_file()] = None  # the service does not read it
        file = None if self.path in known else self.path
        return load(file, environment=environment, overrides=overrides, instead=instead)

    @contextlib.contextmanager
    def _draft(self, text: str) -> Iterator[Path]:
        """The text in a file beside this one, or elsewhere where only a look is wanted and rights are missing."""
        directory = self._place.parent
        try:
            if not directory.exists():
                directory.mkdir(parents=True, mode=0o755 if self.is_system else 0o700)
            handle, name = tempfile.mkstemp(prefix=f".{self._place.name}.", dir=directory)
        except OSError as error:
            raise ConfigError(self._refused(error)) from error
        draft = Path(name)
        try:
            try:
                with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
                    file.write(text)
                    file.flush()
                    os.fsync(file.fileno())
            except OSError as error:
                raise ConfigError(self._refused(error)) from error
            yield draft
        finally:
            draft.unlink(missing_ok=True)

    def _dress(self, draft: Path) -> None:
        """Give the draft the file's mode and owner. Raises OSError."""
        try:
            there = self._place.stat()
        except FileNotFoundError:
            draft.chmod(SYSTEM_MODE if self.is_system else OWN_MODE)
            return
        now = draft.stat()
        if (there.st_uid, there.st_gid) != (now.st_uid, now.st_gid):
            os.chown(draft, there.st_uid, there.st_gid)
        draft.chmod(there.st_mode & 0o7777)

    def _refused(self, error: OSError) -> str:
        if isinstance(error, PermissionError):
            return f"You may not change {self.path}: say it again with sudo before it."
        return f"{self.path} cannot be changed: {error.strerror}."

    # --- reading -------------------------------------------------------------------------------------------------

    def _read(self) -> str:
        try:
            with self._place.open(encoding="utf-8", newline="") as file:
                return file.read()
        except FileNotFoundError:
            return ""
        except UnicodeDecodeError as error:
            raise ConfigError(f"The configuration {self.path} is not UTF-8 text.") from error
        except OSError as error:
            raise ConfigError(f"The configuration {self.path} cannot be read: {error.strerror}.") from error

    def _parsed(self) -> tomlkit.TOMLDocument:
        try:
            return tomlkit.parse(self.text)
        except (TOMLKitError, ValueError) as error:
            raise ConfigError(
                f"The configuration {self.path} is not TOML: {error}. Mend it with `device config edit`."
            ) from error

    def _sure(self, text: str, option: Option, value: Any) -> str:
        """The text, if it says what is meant. Raises ConfigError."""
        found: Any = tomli.loads(text)
        for name in option.path:
            found = found.get(name) if isinstance(found, dict) else None
        if found != value:
            raise ConfigError(f"{option} cannot be changed for you in {self.path}: use `device config edit`.")
        return text


def target(config: Path | None, *, system: bool, user: bool) -> Path:
    """The file that is meant: the one named, else the service's where there is one, else the user's own."""
    if config is not None:
        return config
    if user:
        return user_file()
    return configuration.SYSTEM_FILE if system or configuration.SYSTEM_FILE.exists() else user_file()


def _item(value: Any) -> Any:
    """A value as it is written: tables on one line."""
    if not isinstance(value, dict):
        return tomlkit.item(value)
    table = tomlkit.inline_table()
    for name, part in value.items():
        table.append(name, _item(part))
    return table


def _add(table: Any, name: str, item: Any) -> None:
    """Add an item behind the last one; blank lines and comments at the table's end stay at the end."""
    if not isinstance(table, Table) or isinstance(item, Table):
        if isinstance(table, tomlkit.TOMLDocument) and len(table.body):
            table.add(tomlkit.nl())
        table.append(name, item)
        return
    body = table.value.body
    behind = []
    while body and body[-1][0] is None:
        behind.append(body.pop())
    table.append(name, item)
    body.extend(reversed(behind))


def _sync(directory: Path) -> None:
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
