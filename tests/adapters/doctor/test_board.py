"""Pins, and the groups that open them."""

import os

import pytest

from device.adapters.doctor.board import groups, pins
from tests.adapters.doctor.judging import has_failed, is_absent, is_well, warns

SERVICE = {"etc/systemd/system/device.service": "[Unit]\n"}
CHIP = {"dev/gpiochip0": "", "dev/gpiochip4": ""}
BUTTON = ("board.button=17",)
STRIP = ("board.led=strip",)


def group_file(**members: str) -> dict[str, str]:
    names = {"audio": 29, "gpio": 997, "spi": 996, "device": 998}
    return {"etc/group": "".join(f"{name}:x:{number}:{members.get(name, '')}\n" for name, number in names.items())}


ALL = group_file(audio="pulse,device", gpio="device", spi="device", device="maker")


def test_without_buttons_and_leds_pins_do_not_matter(device):
    assert is_absent(pins(device()))
    assert is_absent(pins(device(options=("board.kind=mock", *BUTTON))))
    assert is_absent(pins(device(config=None)))


def test_pins_that_can_be_reached_are_well(device):
    assert is_well(pins(device(CHIP, options=BUTTON, user=os.getuid())))


def test_a_computer_without_pins_has_failed(device):
    assert has_failed(pins(device(options=BUTTON)), "no pins")


def test_for_a_service_the_group_counts(device):
    patient = device(CHIP | SERVICE | ALL, options=BUTTON, user=0)
    chip = patient.at("dev/gpiochip0")
    chip.chmod(0o600)
    assert has_failed(pins(patient), "group gpio")
    about = chip.stat()
    mine = device({"etc/group": f"gpio:x:{about.st_gid}:device\n"}, options=BUTTON)
    chip.chmod(0o660)
    assert is_well(pins(mine))


def test_a_strip_needs_its_bus(device):
    assert has_failed(pins(device(CHIP, options=STRIP)), "/dev/spidev0.0 is not there")
    assert is_well(pins(device(CHIP | {"dev/spidev0.0": ""}, options=STRIP, user=os.getuid())))


def test_the_services_user_needs_its_groups(device):
    assert is_well(groups(device(SERVICE | ALL, user=0)))
    without = group_file(audio="device", device="maker")
    assert has_failed(groups(device(SERVICE | without, user=0)), "gpio (pins), spi (the LED strip)")


@pytest.mark.parametrize(("own", "verdict"), [({1000}, warns), ({1000, 998}, is_well)])
def test_you_need_its_group(device, own, verdict):
    assert verdict(groups(device(SERVICE | ALL, groups=frozenset(own))))


def test_without_a_service_groups_do_not_matter(device):
    assert is_absent(groups(device(ALL)))
