"""Measurements of the whole agent, by the words of its users: how long an answer takes, and who is cut off.

`session` speaks clips to an agent and `figures` reads from it what each utterance waited for; `corpus` makes the
clips; `turn` replays the endpointing alone, without a language model. What a measurement means stands in these
modules, what is asked on the command line in `device.cli`.
"""
