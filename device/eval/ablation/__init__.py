"""`device eval ablation`: what each mechanism is worth, by leaving it out.

`choosing` leaves out what helps the model to call the right tool, and the words that it was trained on; `forms` lets it
read late results in several forms; `thinking` lets a question be answered by a fork, a spawn, or neither; `history`
takes the prompt from a plain history instead of the ledger; `waiting` prepares no reply. `plan` puts it together.
"""
