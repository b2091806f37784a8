"""The pure part: values and decisions, without a clock, a thread, a file or a loop."""
