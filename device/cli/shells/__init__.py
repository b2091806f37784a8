"""Completions for shells, made from the parser: one module a shell, and what values there are to choose from."""
