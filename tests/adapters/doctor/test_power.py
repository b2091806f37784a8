"""Power, throttling and temperature, on boards that tell of them and on others."""

import pytest

from device.adapters.doctor.power import power, temperature, throttling
from tests.adapters.doctor.judging import has_failed, is_absent, is_not_known, is_well, warns

FIRMWARE = "sys/devices/platform/soc/soc:firmware/get_throttled"


@pytest.mark.parametrize(
    ("bits", "supply", "limits"),
    [
        ("0", is_well, is_well),
        ("50000", warns, warns),
        ("50005", has_failed, has_failed),
        ("1", has_failed, is_well),
        ("8", is_well, has_failed),
        ("20000", is_well, warns),
    ],
)
def test_a_raspberry_pis_firmware_is_believed(device, bits, supply, limits):
    patient = device({FIRMWARE: bits})
    assert supply(power(patient))
    assert limits(throttling(patient))


def test_its_voltage_monitor_is_believed_where_there_is_no_such_file(device):
    monitor = {"sys/class/hwmon/hwmon1/name": "rpi_volt\n"}
    assert has_failed(power(device(monitor | {"sys/class/hwmon/hwmon1/in0_lcrit_alarm": "1\n"})), "supply")
    assert is_well(power(device(monitor | {"sys/class/hwmon/hwmon1/in0_lcrit_alarm": "0\n"})))


def test_a_jetsons_over_current_is_counted(device):
    monitor = {"sys/class/hwmon/hwmon2/name": "soctherm_oc\n", "sys/class/hwmon/hwmon2/oc1_event_cnt": "0\n"}
    assert is_well(power(device(monitor)))
    assert warns(power(device(monitor | {"sys/class/hwmon/hwmon2/oc3_event_cnt": "4\n"})), "4 times")


def test_other_computers_do_not_tell(device):
    assert is_absent(power(device()))
    assert is_absent(throttling(device()))
    assert is_not_known(temperature(device()))


@pytest.mark.parametrize(("millis", "verdict"), [("48000", is_well), ("76000", warns), ("85500", has_failed)])
def test_heat_is_told_in_degrees(device, millis, verdict):
    zone = {"sys/class/thermal/thermal_zone0/type": "cpu-thermal\n", "sys/class/thermal/thermal_zone0/temp": millis}
    finding = temperature(device(zone))
    assert verdict(finding)
    assert f"{int(millis) / 1000:.0f} °C" in finding.says
