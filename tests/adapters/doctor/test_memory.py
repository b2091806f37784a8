"""Memory, swap, and programs that were ended for the lack of it."""

import pytest

from device.adapters.doctor.memory import ended, memory, swap
from tests.adapters.doctor.judging import has_failed, is_absent, is_not_known, is_well, warns


def meminfo(*, free_mb: int, swap_mb: int = 0, swap_free_mb: int = 0) -> dict[str, str]:
    lines = {
        "MemTotal": 4096,
        "MemFree": 10,
        "MemAvailable": free_mb,
        "SwapTotal": swap_mb,
        "SwapFree": swap_free_mb,
    }
    text = "".join(f"{name}:   {value * 1024} kB\n" for name, value in lines.items()) + "HugePages_Total:   0\n"
    return {"proc/meminfo": text}


@pytest.mark.parametrize(("free_mb", "verdict"), [(1000, is_well), (150, warns), (50, has_failed)])
def test_memory_that_is_left_is_told(device, free_mb, verdict):
    finding = memory(device(meminfo(free_mb=free_mb)))
    assert verdict(finding)
    assert finding.says == f"{free_mb} of 4096 MB of memory are free."


def test_much_that_is_swapped_out_warns(device):
    assert is_absent(swap(device(meminfo(free_mb=1000))))
    assert is_well(swap(device(meminfo(free_mb=1000, swap_mb=100, swap_free_mb=90))))
    assert warns(swap(device(meminfo(free_mb=1000, swap_mb=100, swap_free_mb=20))), "80 of 100 MB")


def test_what_the_kernel_ended_warns(device):
    assert is_well(ended(device({"proc/vmstat": "pgfault 12\noom_kill 0\n"})))
    assert warns(ended(device({"proc/vmstat": "pgfault 12\noom_kill 2\n"})), "2 times")


def test_a_system_that_tells_nothing_is_not_known(device, tmp_path):
    bare = device(root=tmp_path / "bare")
    assert is_not_known(memory(bare))
    assert is_not_known(ended(bare))
    assert is_absent(swap(bare))
