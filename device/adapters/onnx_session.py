"""ONNX Runtime without its telemetry, and files opened so that they share the cores: one thread, no spinning.

Imported as it comes, ONNX Runtime gives the user an identifier in the home directory, notes events beside it, and has a
thread that sends them to its maker. It is imported here only, with that forbidden before.
"""

import os
from pathlib import Path
from typing import Any

from device.errors import ModelError


def import_onnxruntime() -> Any:
    """The package, which will send and note nothing."""
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    import onnxruntime

    onnxruntime.disable_telemetry_events()
    return onnxruntime


def open_session(path: Path, *, threads: int = 1) -> Any:
    """An onnxruntime session on the CPU. Raises ModelError, naming the command that mends the file."""
    if not path.is_file():
        raise ModelError(f"The file {path} is missing: run `device models fetch {path.parent.name}`.")
    onnxruntime = import_onnxruntime()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 4
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime raises classes of its own without a common base
        raise ModelError(f"The file {path} is damaged: run `device models verify {path.parent.name}`.") from error
