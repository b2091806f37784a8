"""The asynchronous ChatML: messages, their renderers, the output parser and the grammar of calls."""
