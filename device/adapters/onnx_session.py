"""Opening an ONNX file so that it shares the cores: one thread, and no spinning while it waits."""

from pathlib import Path
from typing import Any

from device.errors import ModelError


def open_session(path: Path, *, threads: int = 1) -> Any:
    """An onnxruntime session on the CPU. Raises ModelError, naming the command that mends the file."""
    import onnxruntime

    if not path.is_file():
        raise ModelError(f"The file {path} is missing: run `device models fetch {path.parent.name}`.")
    onnxruntime.disable_telemetry_events()  # on other systems the variable in this package's __init__ has no meaning
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 4
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime raises classes of its own without a common base
        raise ModelError(f"The file {path} is damaged: run `device models verify {path.parent.name}`.") from error
