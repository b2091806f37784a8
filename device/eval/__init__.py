"""`device eval`: experiments that anybody can repeat, from what the asynchronous agent claims to what it does.

An experiment is a `Plan`: steps made from a seed, what performs a step with the real agent or a real part of it, and
the tables that its cases amount to. `conduct` goes through the steps and keeps each as it comes; `report` makes one
page of all results. Each experiment is a package or module of its own name; what is asked on the command line is in
`device.cli.eval`.
"""
