"""What of a reply was not heard because it was cut off, so that "go on" can continue it; pure.

Rule: the words that are known are told as they were. A reply that the model was still writing is continued in whole
sentences, after which the model goes on by itself.
"""

from dataclasses import dataclass, replace

from device.core.entries import ReplyEnded

MOST_REPLIES_SINCE = 3
"""After so many other replies, "go on" no longer means what was cut off before them."""

_SENTENCE_ENDS = (". ", "! ", "? ", "\n")


@dataclass(frozen=True, slots=True)
class CutOff:
    """The words not heard; whether the model had `more` to say; how many replies have ended since."""

    words: str
    more: bool
    replies_since: int = 0


def after_reply(earlier: CutOff | None, ended: ReplyEnded) -> CutOff | None:
    """What can be continued once this reply has ended, if `earlier` could before."""
    if ended.interrupted:
        left = ended.generated.removeprefix(ended.heard)
        words = _whole_sentences(left) if ended.unfinished else left
        return CutOff(words.strip(), more=ended.unfinished) if words.strip() else None
    if earlier is None or ended.generated.strip().startswith(earlier.words):
        return None  # it has been continued
    since = earlier.replies_since + 1
    return replace(earlier, replies_since=since) if since < MOST_REPLIES_SINCE else None


def _whole_sentences(text: str) -> str:
    return text[: max(text.rfind(end) for end in _SENTENCE_ENDS) + 1]
