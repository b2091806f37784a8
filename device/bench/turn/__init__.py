"""Who is cut off and who waits: the endpointing replayed over recordings, without a clock.

`traces` asks the models once what they make of each recording and keeps it, `ends` asks the language model; `replay`
runs the real endpointing over that in simulated time; `sweep` does so for every setting and finds the ones that no
other beats.
"""
