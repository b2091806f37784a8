"""`device eval protocol`: how robust the asynchronous ChatML is, before and after what protects it.

`written` is what the model writes for requests, with and without grammar and repair; `spoken` what reaches the user
of hostile messages, through the whole agent; `injected` whether text that others wrote can become part of the
protocol; `arriving` whether results that come out of order, late or twice are told once. `plan` puts it together.
"""
