"""A varied set of utterances that is made, not shipped: the same for the same seed and voices, kept once made.

`sentences` says what is said, `scenes` how (voice, pace, pauses, noise), `sound` is the arithmetic of samples, and
`making` puts them together. Synthetic speakers are no people: they hesitate where they are told to, and their noise is
stationary. What is measured on them compares two configurations; it does not foretell a room full of children. The
Piper voice breathes at random, so two makings of it differ by a hair; what is kept does not.
"""
