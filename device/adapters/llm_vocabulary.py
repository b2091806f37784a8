"""A language model's vocabulary: text to token ids and back.

The rule it owns: tokens carry bytes, never partial text. It only reads what llama.cpp never changes after loading, so
any thread may use it.
"""

import ctypes
import re
from collections.abc import Iterable, Sequence

import llama_cpp.llama_cpp as llama

_HIDDEN = llama.LLAMA_TOKEN_ATTR_UNKNOWN | llama.LLAMA_TOKEN_ATTR_UNUSED | llama.LLAMA_TOKEN_ATTR_CONTROL
_SPECIAL = llama.LLAMA_TOKEN_ATTR_CONTROL | llama.LLAMA_TOKEN_ATTR_USER_DEFINED
_PIECE_BYTES = 64
_OPENERS = (b"{", b"<tool_call>")
_CLOSES = re.compile(rb"\s*[.?!](?!\.)")  # what begins with two dots goes on


class Vocabulary:
    """The tokens of a loaded model, whose pointer must stay valid as long as this is used."""

    def __init__(self, model: int) -> None:
        self.pointer = llama.llama_model_get_vocab(model)
        self.size: int = llama.llama_vocab_n_tokens(self.pointer)
        self._pieces: dict[int, bytes] = {}
        attributes = [llama.llama_vocab_get_attr(self.pointer, token) for token in range(self.size)]
        special = [token for token, attribute in enumerate(attributes) if attribute & _SPECIAL]
        self.end_tokens = frozenset(t for t in special if llama.llama_vocab_is_eog(self.pointer, t))
        """Those that end a message; llama.cpp makes control tokens of all of them."""
        self.hidden_tokens = frozenset(t for t, attribute in enumerate(attributes) if attribute & _HIDDEN)
        """Those that have no bytes."""
        pieces = [self._raw_piece(token, special=True) for token in range(self.size)]
        self.control_texts = frozenset(_texts(pieces[token] for token in special))
        self.byte_tokens = tuple(token for token, piece in enumerate(pieces) if len(piece) == 1)
        """One-byte tokens: any text can begin with one of them."""
        self.call_openers = tuple(token for token, piece in enumerate(pieces) if piece.startswith(_OPENERS))
        """Tokens that can only open a tool call, since speech holds no brace."""
        self.closing_tokens = self.end_tokens | {token for token, piece in enumerate(pieces) if _CLOSES.match(piece)}
        """Tokens that may follow a sentence's last word."""

    def encode(self, text: str, *, special: bool) -> list[int]:
        """Token ids of `text`; no BOS is added. Lone surrogates become question marks."""
        data = text.encode("utf-8", "replace")
        room = len(data) + 8
        while True:
            tokens = (llama.llama_token * room)()
            count = llama.llama_tokenize(self.pointer, data, len(data), tokens, room, False, special)  # noqa: FBT003 - C
            if count >= 0:
                return list(tokens[:count])
            room = -count

    def decode(self, tokens: Sequence[int]) -> bytes:
        """The bytes of `tokens`, control tokens left out."""
        return b"".join(map(self.piece, tokens))

    def piece(self, token: int) -> bytes:
        """The bytes of one token, none for a control token. Raises ValueError for an id outside the vocabulary."""
        found = self._pieces.get(token)
        if found is None:
            if not 0 <= token < self.size:
                raise ValueError(f"token {token} is outside the vocabulary of {self.size}")
            found = self._pieces[token] = self._raw_piece(token, special=False)
        return found

    def _raw_piece(self, token: int, *, special: bool) -> bytes:
        room = _PIECE_BYTES
        while True:
            buffer = ctypes.create_string_buffer(room)
            count: int = llama.llama_token_to_piece(self.pointer, token, buffer, room, 0, special)
            if count >= 0:
                return buffer.raw[:count]
            room = -count


def _texts(pieces: Iterable[bytes]) -> Iterable[str]:
    """What could be written to forge a token; some vocabularies define runs of blanks, which forge nothing."""
    for piece in pieces:
        text = piece.decode("utf-8", "ignore")
        if text.strip():
            yield text
