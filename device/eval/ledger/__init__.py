"""`device eval ledger`: whether what parallel writers see of the ledger is what one after another would have seen.

The real store on a real disk, and the values that lists and notes are kept in. `writers` lets many work at once,
`crashes` kills the process at random points and lets another go on, `torn` cuts the write-ahead log short;
`linearizability` judges each history. `plan` puts it together.
"""
