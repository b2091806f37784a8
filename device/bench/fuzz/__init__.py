"""Fuzzing the control socket of a live agent."""
