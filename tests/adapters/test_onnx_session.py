"""ONNX Runtime notes nothing of its user and sends nothing, whoever imports it first."""

import os
import subprocess
import sys

import pytest

PROGRAM = """
import os
import sys
import {module}
before = len(os.listdir("/proc/self/task"))
import {package}
assert "onnxruntime" in sys.modules
print(len(os.listdir("/proc/self/task")) - before)
"""


@pytest.mark.parametrize("package", ["onnxruntime", "piper"])
@pytest.mark.parametrize("module", ["device.adapters.onnx_session", "device.adapters.phonemes_espeak"])
def test_it_leaves_no_trace_in_the_home_directory_and_has_no_thread_to_send_with(tmp_path, module, package):
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("XDG_", "ORT_"))}
    environment = kept | {"HOME": str(tmp_path), "OPENBLAS_NUM_THREADS": "1"}
    command = [sys.executable, "-c", PROGRAM.format(module=module, package=package)]
    found = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    assert list(tmp_path.rglob("*")) == []
    assert (found.stdout.strip(), found.stderr) == ("0", "")
