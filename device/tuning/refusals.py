"""Tells a reply that refuses, or talks of itself as a program, from one that answers."""

import re

_REFUSAL = re.compile(
    r"""\b(?:can(?:'t|not|\ not)|could(?:n't|\ not)|unable|not\ able)\ (?:to\ )?
        (?:do|help|assist|answer|perform|provide|fulfil|fulfill|handle|access|execute|process|understand|offer|give|have|
           be|engage|respond|comply|directly|make|play|tell|find|see|hear|predict)\b
      | \bno\ (?:\w+\ )?(?:function|tool|way\ to)s?\b
      | \b(?:don't|do\ not)\ have\ (?:\w+\ ){0,4}(?:function|tool|capabilit|ability|feeling|emotion|access|information)
      | \bsomething\ I\ can't\b
      | \bas\ an?\ (?:\w+\ )?(?:ai|assistant|language\ model|artificial)\b
      | \b(?:an?\ ai\b|language\ model)
      | \bI\ (?:was\ not|wasn't|am\ not|'m\ not)\ (?:programmed|designed|trained)\b""",
    re.IGNORECASE | re.VERBOSE,
)


def is_refusal(reply: str) -> bool:
    """Whether it says that something cannot be done, or that a machine speaks, instead of answering."""
    return _REFUSAL.search(reply.replace("\u2019", "'")) is not None
