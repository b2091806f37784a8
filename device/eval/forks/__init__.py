"""`device eval forks`: thinking in parallel up to its limits and past them.

`limits` begins more tasks than there may be, and deeper ones; `deadlocks` lets calls wait for each other; `storms`
cancels everything at once; `foreground` measures what the user notices of it. `errands` are the tools that all of that
is done with.
"""
