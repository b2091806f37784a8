"""Makes a Moonshine model loadable: its binary vocabulary becomes a list of tokens."""

import base64
import shutil
from pathlib import Path

from device.errors import ModelError

GRAPHS = ("encoder_model.ort", "decoder_model_merged.ort")


def convert(source: Path, target: Path) -> None:
    """Fill `target` with the two graphs and tokens.txt. Raises ModelError if tokenizer.bin is not a vocabulary."""
    for name in GRAPHS:
        shutil.copyfile(source / name, target / name)
    tokens = parse_vocabulary((source / "tokenizer.bin").read_bytes())
    lines = (f"{base64.b64encode(token).decode()} {number}\n" for number, token in enumerate(tokens))
    (target / "tokens.txt").write_text("".join(lines), encoding="ascii")


def parse_vocabulary(content: bytes) -> list[bytes]:
    """The tokens of a tokenizer.bin, in order of their ids.

    Each is its length and its bytes. The length is one byte, or two if the first is 128 or more: then it is
    first - 128 + second * 128. Raises ModelError if the content ends within a token.
    """
    tokens: list[bytes] = []
    at = 0
    while at < len(content):
        length = content[at]
        at += 1
        if length >= 128:
            if at >= len(content):
                raise ModelError("The vocabulary tokenizer.bin ends within a token: fetch the model again.")
            length = length - 128 + content[at] * 128
            at += 1
        if at + length > len(content):
            raise ModelError("The vocabulary tokenizer.bin ends within a token: fetch the model again.")
        tokens.append(content[at : at + length])
        at += length
    return tokens
