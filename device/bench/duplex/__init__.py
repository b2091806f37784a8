"""Listening while speaking, measured: an agent whose loudspeaker stands beside its microphone, in simulated rooms."""
