"""Sound: cards, levels, other programs, sound servers."""

import pytest

from device.adapters.doctor.sound import busy, card, levels, server
from device.adapters.doctor.sound import device as sound_device
from device.adapters.programs import Finished
from device.errors import AudioError, ControlError
from device.runtime import assembly
from tests.adapters.doctor.judging import has_failed, is_absent, is_not_known, is_well, warns

CARDS = """ 0 [vc4hdmi0       ]: vc4-hdmi - vc4-hdmi-0
                      vc4-hdmi-0
 2 [Jabra          ]: USB-Audio - Jabra SPEAK 410 USB
                      a speakerphone
"""
JABRA = {
    "proc/asound/cards": CARDS,
    "proc/asound/card0/pcm0p/info": "",
    "proc/asound/card2/pcm0p/sub0/status": "closed\n",
    "proc/asound/card2/pcm0c/sub0/status": "closed\n",
}
NAMED = ("audio.input=Jabra", "audio.output=Jabra")

MIXER = """Simple mixer control 'Master',0
  Capabilities: pvolume pswitch
  Playback channels: Front Left - Front Right
  Limits: Playback 0 - 65536
  Front Left: Playback {volume} [{percent}%] [{master}]
  Front Right: Playback {volume} [{percent}%] [{master}]
Simple mixer control 'Headphone',0
  Capabilities: pvolume pswitch
  Mono: Playback 0 [0%] [-64.00dB] [off]
Simple mixer control 'Speaker',0
  Capabilities: pvolume pswitch
  Mono: Playback 30 [70%] [-12.00dB] [{speaker}]
Simple mixer control 'Mic',0
  Capabilities: pvolume pvolume-joined pswitch cvolume cswitch
  Mono: Playback 0 [0%] [0.00dB] [off] Capture 16 [{mic}%] [0.00dB] [{capture}]
"""
GOOD = {"volume": 40000, "percent": 61, "master": "on", "speaker": "on", "mic": 50, "capture": "on"}


def mixer(**changes) -> dict[str, Finished]:
    return {"amixer": Finished(code=0, out=MIXER.format(**GOOD | changes))}


def test_a_card_with_both_ways_is_well(device):
    finding = card(device(JABRA))
    assert is_well(finding)
    assert "Jabra" in finding.says


def test_an_agent_whose_sound_comes_from_a_server_needs_no_card(device):
    assert is_absent(card(device(agent={"troubles": []})))


def test_no_card_or_half_a_one_has_failed(device):
    assert has_failed(card(device()), "no sound card")
    assert has_failed(card(device({"proc/asound/cards": "--- no soundcards ---\n"})), "no sound card")
    assert has_failed(card(device(agent={"troubles": [assembly.NO_SOUND]})), "no sound card")
    only_loudspeaker = {"proc/asound/cards": CARDS, "proc/asound/card0/pcm0p/info": ""}
    assert has_failed(card(device(only_loudspeaker)), "microphone")


def test_a_microphone_alone_is_half_a_card(device):
    assert has_failed(card(device({"proc/asound/cards": CARDS, "proc/asound/card2/pcm0c/info": ""})), "loudspeaker")


def test_the_running_agent_knows_its_sound_device(device):
    assert is_well(sound_device(device(agent={"troubles": []})))
    assert has_failed(sound_device(device(agent={"troubles": [assembly.NO_SOUND]})), "waits")
    assert is_not_known(sound_device(device(agent={"state": "idle"})))


def test_without_an_agent_the_device_is_looked_at(device):
    assert is_well(sound_device(device(options=NAMED), probe=lambda *names: " ".join(names)))

    def missing(source, sink):
        raise AudioError(f"No microphone called {source!r} was found: plug it in, or choose another.")

    finding = sound_device(device(options=NAMED), probe=missing)
    assert has_failed(finding, "Jabra")
    assert finding.remedy == "Plug it in, or choose another."


def test_without_a_configuration_no_device_is_meant(device):
    assert is_not_known(sound_device(device(config=None)))


def test_a_mixer_that_lets_sound_through_is_well(device):
    assert is_well(levels(device(JABRA, programs=mixer(), options=NAMED)))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"master": "off"}, "Master of the sound card Jabra is muted"),
        ({"percent": 2}, "turned down to 2 %"),
        ({"capture": "off"}, "Mic of the sound card Jabra is muted"),
        ({"mic": 0}, "Mic of the sound card Jabra is turned down to 0 %"),
        ({"speaker": "off"}, "is muted"),
    ],
)
def test_what_keeps_sound_in_or_out_is_named(device, changes, words):
    finding = levels(device(JABRA, programs=mixer(**changes), options=NAMED))
    assert has_failed(finding, words)
    assert "amixer -c 2 sset" in finding.remedy


@pytest.mark.parametrize(
    "name",
    ["jabra", "Jabra SPEAK 410 USB", "speak usb", "Jabra SPEAK 410 USB: Audio (hw:2,0)", "hw:9,0 or so (hw:2,0)"],
)
def test_the_card_that_portaudio_would_take_by_a_name_is_meant(device, name):
    other = JABRA | {"proc/asound/cards": CARDS + " 3 [Elsewhere      ]: USB-Audio - USB Speak\n"}
    there = other | {"proc/asound/card3/pcm0c/sub0/status": "owner_pid   : 812\n"}
    assert is_well(busy(device(there, options=(f"audio.input={name}", f"audio.output={name}"))))
    assert warns(busy(device(there, options=("audio.input=elsewhere", "audio.output=elsewhere"))), "has Elsewhere")
    assert warns(busy(device(there, options=("audio.input=usb-audio", "audio.output=usb-audio"))), "has Elsewhere"), (
        "a driver's name means no card, so that all are looked at"
    )


def test_without_alsa_utils_the_mixer_is_not_known(device):
    assert is_not_known(levels(device(JABRA)), "alsa-utils")
    assert is_not_known(levels(device(JABRA, programs={"amixer": Finished(code=1)})))
    assert is_absent(levels(device({"proc/asound/cards": ""})))


def test_another_program_at_the_card_is_named(device):
    used = JABRA | {
        "proc/asound/card2/pcm0c/sub0/status": "state: RUNNING\nowner_pid   : 812\n",
        "proc/812/comm": "arecord\n",
    }
    assert is_well(busy(device(JABRA, options=NAMED)))
    assert warns(busy(device(used, options=NAMED)), "arecord (process 812) has Jabra")
    assert is_well(busy(device(used, options=NAMED, agent={"pid": 812}))), "it is the agent itself"
    thread = used | {"proc/700/task/812/comm": "sound"}
    assert is_well(busy(device(thread, options=NAMED, agent={"pid": 700}))), "it is a thread of the agent"


def test_nothing_is_in_use_without_a_card(device):
    assert is_absent(busy(device()))


def test_a_service_beside_a_sound_server_is_to_name_its_card(device):
    pipewire = {"proc/300/comm": "pipewire\n"}
    service = {"etc/systemd/system/device.service": "[Unit]\n"}
    assert is_absent(server(device(service)))
    assert warns(server(device(pipewire | service)), "audio.input")
    assert is_well(server(device(pipewire | service, options=NAMED)))


def test_a_user_may_share_the_sound_server(device):
    assert is_well(server(device({"proc/300/comm": "pulseaudio\n"})))


def test_an_agent_that_is_mute_leaves_the_device_not_known(device):
    with pytest.raises(ControlError):
        sound_device(device(agent=ControlError("The agent does not answer.")))
