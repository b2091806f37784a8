"""`device eval people`: a study with real people that anybody can run on a device, and its analysis.

`kit` writes what is needed: the script, the tasks and an empty sheet of answers. `answers` reads the sheet that was
filled in, `sessions` the ledgers' exports, `analysis` makes the table. Nobody has run it here.
"""
