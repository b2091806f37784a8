"""`device eval ablation`: what each mechanism is worth, by leaving it out.

`choosing` leaves out what helps the model to call the right tool, and the words that it was trained on; `thinking`
lets a question be answered by a fork, a spawn, or neither. `plan` puts it together.
"""
