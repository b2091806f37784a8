"""The outside world behind the ports.

ONNX Runtime, as it comes, gives its user an identifier in the home directory, notes events beside it, and has a thread
that sends them to its maker; from its import on, which some other package may do before us. It is forbidden here, which
runs before any adapter's imports.
"""

import os

os.environ["ORT_DISABLE_TELEMETRY"] = "1"
