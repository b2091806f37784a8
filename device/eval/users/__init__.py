"""`device eval users`: people of several tempers, played by rule, with things to get done by the agent's own tools.

`personas` are how they go about it, `goals` what they want and whether they got it, `session` one of them with one
agent. Each goes to the asynchronous agent and to its strict turns with the same wishes. `plan` puts it together.
"""
