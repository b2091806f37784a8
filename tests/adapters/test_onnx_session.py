"""ONNX Runtime is imported so that it notes nothing of its user and sends nothing."""

import os
import subprocess
import sys
from pathlib import Path

DEVICE = Path(__file__).parents[2] / "device"

PROGRAM = """
import os
from device.adapters.onnx_session import import_onnxruntime
before = len(os.listdir("/proc/self/task"))
import_onnxruntime()
print(len(os.listdir("/proc/self/task")) - before)
"""


def test_it_leaves_no_trace_in_the_home_directory_says_nothing_and_has_no_thread_to_send_with(tmp_path):
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("XDG_", "ORT_"))}
    found = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        capture_output=True,
        text=True,
        check=True,
        env=environment | {"HOME": str(tmp_path)},
    )
    assert list(tmp_path.rglob("*")) == []
    assert found.stderr == ""
    threads = int(found.stdout)
    quiet = subprocess.run(
        [sys.executable, "-c", PROGRAM.replace("import_onnxruntime()", "import numpy")],
        capture_output=True,
        text=True,
        check=True,
    )
    assert threads <= int(quiet.stdout), "numpy's own, and no other"


def test_it_is_imported_nowhere_else():
    found = [path.name for path in DEVICE.rglob("*.py") if "import onnxruntime\n" in path.read_text()]
    assert found == ["onnx_session.py"]
