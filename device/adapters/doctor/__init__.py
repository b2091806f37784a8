"""The checks of `device doctor`: each looks at one thing of the device and gives a verdict and a remedy.

`patient.py` is what is looked at, `examination.py` how: each check by itself, none longer than its time.
"""
