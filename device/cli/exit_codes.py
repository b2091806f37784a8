"""How a command ends: every exit code and what it means. The help, the manual and the man page are made from this."""

EXIT_CODES = {
    0: "done",
    1: "failed",
    2: "wrong command line",
    3: "configuration",
    4: "models",
    5: "sound",
    6: "board",
    7: "the conversation cannot be kept",
    8: "another instance has it",
    9: "the language model",
    10: "a tool",
    11: "no running agent",
    12: "warnings only",
    130: "interrupted",
}


WIDTH = 76


def listing() -> str:
    """All of them in a few indented lines that fit a terminal of 80 columns."""
    lines = [" "]
    for code, meaning in EXIT_CODES.items():
        item = f" {code} {meaning}"
        if len(lines[-1]) + len(item) > WIDTH:
            lines.append(" ")
        lines[-1] += item if lines[-1] == " " else f" ·{item}"
    return "\n".join(lines)
