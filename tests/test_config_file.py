"""A person's configuration file, changed for them: nothing of theirs is lost, and nothing unusable is kept."""

import os
import stat

import pytest
import tomli
from hypothesis import given
from hypothesis import strategies as st

from device import config as configuration
from device.config_file import ConfigFile, Option, target
from device.errors import ConfigError

THEIRS = """# my device
[speaking]
speed = 1.2   # quick
# about threads
threads = 3

# about hearing
[hearing]
pause_ms = 100

# the end
"""


@pytest.fixture(autouse=True)
def _nobodys_files(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "xdg"))
    monkeypatch.setattr(configuration, "SYSTEM_FILE", tmp_path / "etc" / "config.toml")


@pytest.fixture
def theirs(tmp_path):
    path = tmp_path / "xdg" / "device" / "config.toml"
    path.parent.mkdir(parents=True)
    path.write_text(THEIRS)
    return path


def changed(path, option: str, text: str) -> str:
    wanted = Option.parse(option)
    file = ConfigFile(path)
    file.replace(file.with_value(wanted, wanted.value(text)))
    return path.read_text()


def test_a_new_value_keeps_every_comment_and_the_order(theirs):
    assert changed(theirs, "speaking.speed", "1.5") == THEIRS.replace("1.2", "1.5")


def test_a_new_key_stands_behind_the_last_one_of_its_section(theirs):
    assert "threads = 3\nin_parts = false\n\n# about hearing" in changed(theirs, "speaking.in_parts", "false")
    assert "pause_ms = 100\nthreshold = 0.4\n\n# the end" in changed(theirs, "hearing.threshold", "0.4")


def test_a_new_section_stands_at_the_end(theirs):
    assert changed(theirs, "logging.level", "info") == THEIRS + '\n[logging]\nlevel = "info"\n'


def test_an_entry_of_a_table_can_be_set_and_taken_out(theirs):
    changed(theirs, "board.colours.idle", "#003300")
    changed(theirs, "board.outputs.lamp", "17")
    assert tomli.loads(theirs.read_text())["board"] == {"colours": {"idle": "#003300"}, "outputs": {"lamp": 17}}
    file = ConfigFile(theirs)
    file.replace(file.without(Option.parse("board.outputs.lamp")))
    assert tomli.loads(theirs.read_text())["board"]["outputs"] == {}


def test_what_is_not_set_cannot_be_taken_out(theirs):
    assert ConfigFile(theirs).without(Option.parse("speaking.in_parts")) is None
    assert ConfigFile(theirs).without(Option.parse("board.colours.idle")) is None
    assert ConfigFile(theirs).without(Option.parse("speaking.speed")) == THEIRS.replace("speed = 1.2   # quick\n", "")


@pytest.mark.parametrize(
    ("option", "text", "sentence"),
    [
        ("speaking.speed", "99", "speaking.speed = 99"),
        ("speaking.tempo", "1", "no key speaking.tempo"),
        ("voice.speed", "1", 'no section "voice"'),
        ("speaking", "1", "is no option"),
        ("speaking.speed.fast", "1", "speed is no table"),
        ("hearing.pause_ms", "900", "must not be above hearing.end_silence_ms"),
        ("board.colours.idle", "green", "is no colour"),
        ("board.colours.sleepy", '"#000000"', "board.colours"),
    ],
)
def test_what_cannot_be_used_changes_nothing(theirs, option, text, sentence):
    with pytest.raises(ConfigError, match=sentence):
        changed(theirs, option, text)
    assert theirs.read_text() == THEIRS
    assert [file.name for file in theirs.parent.iterdir()] == ["config.toml"], "and leaves nothing behind"


def test_the_errors_name_the_persons_file_and_not_the_draft(theirs):
    with pytest.raises(ConfigError, match=f"in {theirs}\\)"):
        ConfigFile(theirs).check("[hearing]\npause_ms = 900\n")


def test_mode_and_links_stay(theirs, tmp_path):
    theirs.chmod(0o640)
    link = tmp_path / "link.toml"
    link.symlink_to(theirs)
    changed(link, "speaking.speed", "1.5")
    assert link.is_symlink()
    assert stat.S_IMODE(theirs.stat().st_mode) == 0o640
    assert "speed = 1.5" in theirs.read_text()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away")
def test_the_owner_stays(theirs):
    os.chown(theirs, 1234, 4321)
    changed(theirs, "speaking.speed", "1.5")
    assert (theirs.stat().st_uid, theirs.stat().st_gid) == (1234, 4321)


def test_a_file_that_was_not_there_is_the_users_alone_and_the_services_for_all_to_read(tmp_path):
    own, system = tmp_path / "xdg" / "device" / "config.toml", configuration.SYSTEM_FILE
    for path, mode in ((own, 0o600), (system, 0o644)):
        changed(path, "speaking.speed", "1.5")
        assert stat.S_IMODE(path.stat().st_mode) == mode


def test_what_somebody_else_wrote_meanwhile_is_not_overwritten(theirs):
    file = ConfigFile(theirs)
    theirs.write_text("# theirs\n")
    with pytest.raises(ConfigError, match="meanwhile"):
        file.replace(THEIRS)
    assert theirs.read_text() == "# theirs\n"


def test_a_place_that_may_not_be_written_says_sudo(theirs, monkeypatch):
    def refuse(**_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("tempfile.mkstemp", refuse)
    with pytest.raises(ConfigError, match="with sudo before it"):
        ConfigFile(theirs).replace(THEIRS)


def test_a_full_disk_changes_nothing(theirs, monkeypatch):
    def refuse(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(ConfigError, match="No space left"):
        ConfigFile(theirs).replace(THEIRS.replace("1.2", "1.5"))
    monkeypatch.undo()
    assert theirs.read_text() == THEIRS


@pytest.mark.parametrize("text", ["[speaking\n", "speed = = 1", "\x00"])
def test_a_file_that_is_no_toml_is_told_and_left(theirs, text):
    theirs.write_text(text)
    with pytest.raises(ConfigError, match="config edit"):
        changed(theirs, "speaking.speed", "1.5")
    assert theirs.read_text() == text


def test_the_services_file_is_meant_where_there_is_one(tmp_path):
    own = tmp_path / "xdg" / "device" / "config.toml"
    assert target(None, system=False, user=False) == own
    assert target(tmp_path / "named", system=False, user=False) == tmp_path / "named"
    configuration.SYSTEM_FILE.parent.mkdir()
    configuration.SYSTEM_FILE.write_text("")
    assert target(None, system=False, user=False) == configuration.SYSTEM_FILE
    assert target(None, system=False, user=True) == own


def test_the_users_own_file_does_not_count_for_the_service(theirs):
    theirs.write_text("[hearing]\nend_silence_ms = 700\n")
    configuration.SYSTEM_FILE.parent.mkdir()
    with pytest.raises(ConfigError, match="must not be above"):
        changed(configuration.SYSTEM_FILE, "hearing.pause_ms", "600")


def test_what_hides_a_value_is_named(theirs):
    file, option = ConfigFile(theirs), Option.parse("speaking.speed")
    quiet = {"environment": {}, "overrides": ()}
    assert file.hidden_by(THEIRS, option, **quiet) == ""
    assert (
        file.hidden_by(THEIRS, option, environment={"DEVICE_SPEAKING_SPEED": "2"}, overrides=())
        == "$DEVICE_SPEAKING_SPEED"
    )
    assert file.hidden_by(THEIRS, option, environment={}, overrides=("speaking.speed=2",)) == "--set"


@given(
    st.text(alphabet=st.characters(blacklist_categories=("Cs", "Cc")), max_size=40),
    st.floats(0.5, 3.0),
    st.sampled_from(["\n", "\r\n"]),
)
def test_any_text_comes_back_as_it_was_meant(tmp_path_factory, words, speed, newline):
    path = tmp_path_factory.mktemp("any") / "config.toml"
    path.write_bytes(THEIRS.replace("\n", newline).encode())
    file = ConfigFile(path)
    for option, value in (("thinking.instructions", words), ("speaking.speed", speed)):
        file.replace(file.with_value(Option.parse(option), value))
    found = tomli.loads(path.read_bytes().decode())
    assert found["thinking"]["instructions"] == words
    assert found["speaking"] == {"speed": speed, "threads": 3}
    assert "# about threads" in path.read_text()
