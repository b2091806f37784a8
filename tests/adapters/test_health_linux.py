"""Health, read from files as the boards have them."""

from pathlib import Path

import pytest

from device.adapters.health_linux import LinuxHealth, network_address

MEMINFO = (
    "MemTotal:        8245236 kB\nMemFree:          600000 kB\nMemAvailable:    3145728 kB\nHugePages_Total:       0\n"
)


@pytest.fixture
def write(tmp_path):
    def write(**files: str) -> None:
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    return write


def read(root: Path, **more) -> dict:
    found = dict(LinuxHealth(root, root=root, address=lambda: "10.0.0.7", **more).read())
    found.pop("disk_free_bytes")
    found.pop("disk_total_bytes")
    return found


def test_a_raspberry_pi(tmp_path, write):
    write(**{
        "sys/class/thermal/thermal_zone0/type": "cpu-thermal\n",
        "sys/class/thermal/thermal_zone0/temp": "52300\n",
        "sys/devices/platform/soc/soc:firmware/get_throttled": "50005\n",
        "proc/meminfo": MEMINFO,
        "proc/uptime": "11000.52 40000.00\n",
    })  # fmt: skip
    assert read(tmp_path) == {
        "temperature_celsius": 52.3,
        "throttled": "under-voltage, throttling",
        "memory_free_bytes": 3 * 2**30,
        "memory_total_bytes": 8245236 * 1024,
        "uptime_seconds": 11000.52,
        "address": "10.0.0.7",
    }


@pytest.mark.parametrize(
    ("bits", "trouble"),
    [("0", "no"), ("0x0", "no"), ("50000", "under-voltage, throttling since the start"), ("80008", "a temperature near its limit"), ("x", None)],
)  # fmt: skip
def test_the_bits_of_the_firmware(tmp_path, write, bits, trouble):
    write(**{"sys/devices/platform/soc/soc:firmware/get_throttled": bits})
    assert read(tmp_path).get("throttled") == trouble


@pytest.mark.parametrize(("alarm", "trouble"), [("1", "under-voltage"), ("0", "no")])
def test_without_the_firmware_s_file_the_voltage_monitor_tells(tmp_path, write, alarm, trouble):
    write(**{"sys/class/hwmon/hwmon0/name": "cpu_thermal\n", "sys/class/hwmon/hwmon1/name": "rpi_volt\n",
             "sys/class/hwmon/hwmon1/in0_lcrit_alarm": alarm})  # fmt: skip
    assert read(tmp_path)["throttled"] == trouble


@pytest.mark.parametrize(("count", "trouble"), [("0", "no"), ("3", "over-current 4 times since the start")])
def test_a_jetson(tmp_path, write, count, trouble):
    write(**{
        "sys/class/thermal/thermal_zone0/type": "cpu-thermal\n",
        "sys/class/thermal/thermal_zone0/temp": "48000\n",
        "sys/class/thermal/thermal_zone1/type": "gpu-thermal\n",
        "sys/class/thermal/thermal_zone1/temp": "99000\n",
        "sys/class/thermal/thermal_zone2/type": "cv0-thermal\n",
        "sys/class/hwmon/hwmon2/name": "soctherm_oc\n",
        "sys/class/hwmon/hwmon2/oc1_event_cnt": "1" if count != "0" else "0",
        "sys/class/hwmon/hwmon2/oc3_event_cnt": count,
    })  # fmt: skip
    assert read(tmp_path) == {"temperature_celsius": 48.0, "throttled": trouble, "address": "10.0.0.7"}


def test_without_a_processor_s_zone_the_hottest_counts(tmp_path, write):
    for number, millis in enumerate(["31000", "47500", "nonsense"]):
        write(**{f"sys/class/thermal/thermal_zone{number}/type": "acpitz", f"sys/class/thermal/thermal_zone{number}/temp": millis})  # fmt: skip
    assert read(tmp_path)["temperature_celsius"] == 47.5


def test_what_is_not_there_is_left_out(tmp_path):
    assert read(tmp_path) == {"address": "10.0.0.7"}
    assert LinuxHealth(tmp_path / "missing", root=tmp_path, address=lambda: "").read() == {"address": ""}


def test_this_computer_can_be_read(tmp_path):
    found = LinuxHealth(tmp_path).read()
    assert found["memory_total_bytes"] > found["memory_free_bytes"] > 0
    assert found["disk_total_bytes"] >= found["disk_free_bytes"] > 0
    assert found["uptime_seconds"] > 0
    assert network_address() == "" or network_address().count(".") == 3
