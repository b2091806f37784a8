"""A tokenizer of the Llama 3 kind with a vocabulary of bytes: what it does is what the true one does, in a moment."""

import json
from pathlib import Path

SPECIAL = (
    "<|begin_of_text|>", "<|end_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eom_id|>", "<|eot_id|>",
    "<|python_tag|>",
)  # fmt: skip


def byte_alphabet() -> list[str]:
    """The printable characters that stand for the 256 bytes, in the bytes' order, as byte-level BPE has them."""
    plain = [*range(ord("!"), ord("~") + 1), *range(0xA1, 0xAC + 1), *range(0xAE, 0xFF + 1)]
    others = iter(range(256, 512))
    return [chr(byte if byte in plain else next(others)) for byte in range(256)]


def write_tiny_tokenizer(directory: Path) -> Path:
    """Write tokenizer.json and tokenizer_config.json."""
    directory.mkdir(parents=True, exist_ok=True)
    alphabet = byte_alphabet()
    vocabulary = {text: number for number, text in enumerate([*alphabet, "he", "in"])}
    added = [{"id": len(vocabulary) + number, "content": text, "special": True} for number, text in enumerate(SPECIAL)]
    description = {"model": {"vocab": vocabulary, "merges": ["h e", "i n"]}, "added_tokens": added}
    (directory / "tokenizer.json").write_text(json.dumps(description))
    template = "{% for m in messages %}<|start_header_id|>{{ m.role }}<|end_header_id|>\n\n{{ m.content }}<|eot_id|>{% endfor %}"
    (directory / "tokenizer_config.json").write_text(json.dumps({"chat_template": template}))
    return directory
