"""The tokens that a reply must go on with, from `device.core.prompt.forced`."""

from device.adapters.llm_vocabulary import Vocabulary
from device.core.prompt.forced import Forms


class Forcing:
    """One reply's way through the forms of its calls."""

    def __init__(self, forms: Forms, vocabulary: Vocabulary) -> None:
        self._forms = forms
        self._vocabulary = vocabulary
        self._bytes = b""

    def accept(self, token: int) -> None:
        """The token was taken."""
        self._bytes += self._vocabulary.piece(token)

    def tokens(self) -> list[int]:
        """What must follow now, in the tokens that it is usually written with; empty where there is a choice."""
        written = self._bytes.decode("utf-8", "ignore")
        # Speech holds no brace, and a call after another begins behind the other's last one.
        start = written.rfind('{"name": "') if '{"name": "' in written else written.rfind("{")
        if start < 0 or not (forced := self._forms.after(written[start:])):
            return []
        return self._vocabulary.encode(forced, special=False)
