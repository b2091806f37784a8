"""An offline voice agent for a small computer: one process, one event loop, one state machine."""

__version__ = "0.1.0"
