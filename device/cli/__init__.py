"""The command line: the only user interface."""
