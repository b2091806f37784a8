"""Which devices are meant, and what the sound card's libraries print."""

import subprocess
import sys

import pytest

from device.adapters import audio_devices, audio_portaudio
from device.adapters.audio_devices import Pair, cards, portaudio, renew_list
from device.errors import AudioError

PROGRAM = """
import ctypes
from device.adapters.audio_devices import portaudio
alsa, card = ctypes.CDLL("libasound.so.2"), ctypes.c_void_p()
{first}
print(alsa.snd_pcm_open(ctypes.byref(card), b"no such card", 0, 0))
"""


def said(first: str) -> tuple[str, str]:
    found = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(first=first)], capture_output=True, text=True, check=False
    )
    if found.returncode:
        pytest.skip("there is no ALSA here")
    return found.stdout.strip(), found.stderr


def test_what_goes_wrong_in_alsa_is_not_printed_for_the_journal():
    code, printed = said("")
    assert int(code) < 0
    assert "ALSA lib" in printed
    assert said("portaudio()") == (code, "")


class PortAudioError(Exception):
    """As sounddevice's."""


class Library:
    """What is asked of sounddevice: devices as (name, inputs, outputs), those `broken` cannot be opened."""

    PortAudioError = PortAudioError

    def __init__(self, *devices: tuple[str | bytes, int, int], broken: tuple[int, ...] = ()) -> None:
        self.devices, self.broken = devices, broken

    def query_devices(self, number: int | None = None, kind: str | None = None) -> dict[str, object]:
        if number is None:
            raise PortAudioError("there is no default")
        if number >= len(self.devices):
            raise PortAudioError("Error querying device")
        name, inputs, outputs = self.devices[number]
        return {
            "name": name.decode() if isinstance(name, bytes) else name,
            "index": number,
            "hostapi": 0,
            "max_input_channels": inputs,
            "max_output_channels": outputs,
            "default_samplerate": 48_000.0,
        }

    def query_hostapis(self, number: int) -> dict[str, object]:
        return {"name": "ALSA"}

    def check_input_settings(self, *, device: int, channels: int, dtype: str, samplerate: int) -> None:
        if device in self.broken:
            raise PortAudioError("Invalid device")

    check_output_settings = check_input_settings


JABRA = ("Jabra SPEAK 410 USB: Audio (hw:2,0)", 1, 2)
DIGITAL = ("Jabra SPEAK 410 USB: Digital (hw:2,1)", 1, 2)
WM8960 = ("wm8960-soundcard: bcm2835-i2s-wm8960-hifi (hw:3,0)", 2, 2)
CARD_LIST = """ 2 [Jabra          ]: USB-Audio - Jabra SPEAK 410 USB
                      a speakerphone
 3 [wm8960soundcard]: wm8960-soundcar - wm8960-soundcard
                      wm8960-soundcard
"""


@pytest.fixture
def alsa(tmp_path, monkeypatch):
    """ALSA's list of cards."""
    (tmp_path / "cards").write_text(CARD_LIST)
    monkeypatch.setattr(audio_devices, "CARDS", tmp_path / "cards")


def chosen(library: Library, source: str, sink: str) -> list[tuple[int | None, int]]:
    return [pair.indices for pair in cards(library, source, sink)]


def test_a_name_that_fits_several_devices_of_a_card_means_all_of_them():
    library = Library(WM8960, JABRA, DIGITAL)
    assert chosen(library, "jabra", "Jabra USB") == [(1, 1), (2, 2), (1, 2), (2, 1)]
    assert chosen(Library(WM8960, JABRA, DIGITAL, broken=(1,)), "jabra", "Jabra") == [(2, 2)]


def test_an_exact_name_and_a_number_mean_one_device():
    library = Library(WM8960, JABRA, DIGITAL, ("Jabra", 1, 1))
    assert chosen(library, JABRA[0], "2") == [(1, 2)]
    assert chosen(library, "jabra", f"{DIGITAL[0]}, ALSA") == [(3, 2)]


@pytest.mark.usefixtures("alsa")
def test_a_card_may_be_named_by_its_alsa_id_though_portaudio_spells_it_otherwise():
    library = Library(JABRA, WM8960, ("wm8960soundcard mix", 0, 2))
    assert chosen(library, "wm8960soundcard", "WM8960soundcard") == [(1, 1)]
    with pytest.raises(AudioError, match="No microphone called 'seeed' was found"):
        chosen(library, "seeed", "seeed")


def test_a_name_means_devices_of_its_direction_only():
    library = Library(("USB: out (hw:1,0)", 0, 2), ("USB: in (hw:2,0)", 1, 0))
    assert chosen(library, "usb", "usb") == [(1, 0)]
    with pytest.raises(AudioError, match=r"No loudspeaker called '1' was found.*audio\.output"):
        chosen(library, "usb", "1")


def test_a_device_whose_name_is_no_text_hides_no_other():
    assert chosen(Library((b"\xff", 2, 2), JABRA), "", "") == [(1, 1)]


class Starting(Library):
    """Starts only while the sound system `works`, and cannot end unless it has started."""

    def __init__(self) -> None:
        super().__init__()
        self.works, self.started = True, True

    def _terminate(self) -> None:
        if not self.started:
            raise PortAudioError("PortAudio not initialized")
        self.started = False

    def _initialize(self) -> None:
        if not self.works:
            raise PortAudioError("Error initializing PortAudio: Unanticipated host error\nand its details")
        self.started = True


def test_a_sound_system_that_did_not_start_once_may_start_later():
    library = Starting()
    library.works = False
    for _ in range(2):
        with pytest.raises(
            AudioError, match=r"does not start \(Error initializing PortAudio: Unanticipated host error\):"
        ):
            renew_list(library)
    library.works = True
    renew_list(library)
    assert library.started


def test_a_library_that_does_not_start_as_it_is_loaded_is_a_sentence(tmp_path, monkeypatch):
    (tmp_path / "sounddevice.py").write_text("raise RuntimeError('Error initializing PortAudio')")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "sounddevice", raising=False)
    with pytest.raises(AudioError, match=r"does not start \(Error initializing PortAudio\)"):
        portaudio()


def test_without_listening_the_loudspeaker_is_chosen_alone_at_its_own_rate():
    library = Library(("Speaker (hw:1,0)", 0, 2), ("Loud (hw:2,0)", 0, 2), broken=(0,))
    [alone] = cards(library, "a microphone that is gone", "", listening=False)
    assert alone == Pair(name="Loud (hw:2,0)", indices=(None, 1), channels=(0, 2), rate_hz=48_000)
    with pytest.raises(AudioError, match="No microphone was found"):
        list(cards(library, "", ""))
    with pytest.raises(AudioError, match=r"Speaker \(hw:1,0\) takes no sample rate that is known: "):
        list(cards(library, "", "speaker", listening=False))


def test_a_card_that_only_plays_is_opened_while_muted(monkeypatch):
    library, opened = Library(("Loud (hw:2,0)", 0, 2)), []

    class Stream:
        latency, time = 0.02, 0.0

        def __init__(self, **options: object) -> None:
            opened.append((options["device"], options["channels"], options["samplerate"]))

        def start(self) -> None:
            pass

    library.OutputStream = Stream
    monkeypatch.setattr(audio_portaudio, "portaudio", lambda: library)
    monkeypatch.setattr(audio_portaudio, "renew_list", lambda _: None)
    device = audio_portaudio.PortAudioDevice("gone")
    device.open(lambda captured, out: None, lambda reason: None, listening=False)
    device.close()
    assert opened == [(0, 2, 48_000)]
