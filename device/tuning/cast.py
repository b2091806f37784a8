"""Who plays in a scene: the tools that are offered, what may be asked for, and what may be talked about.

The rule it owns: what belongs to which split. A tool, a way of asking and a piece of talk is either for training or
for testing, always the same, decided by a digest of its own words; so nothing that is tested was ever learnt from.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from random import Random

from device.core.prompt.messages import ToolSpec
from device.tuning.catalogue import Purpose, own_purposes, purposes, small_talk
from device.tuning.conversation import conversation
from device.tuning.phrasing import as_heard, is_command, uncapitalized
from device.tuning.rehearsal import Call
from device.tuning.talk import REFUSALS, UNABLE

SPLITS = ("train", "test")
_TEST_SHARE = 0.12
_CORRECTED_SHARE = 0.3
_WITH_OWN_SHARE, _ALL_OWN_SHARE = 0.4, 0.1
"""So often are the agent's own tools among those that are offered, and then all of them."""
_SAME_TOOL_SHARE = 0.2
"""Of the wishes in one breath, so many are for the same tool as the one before."""
_UNLINKED = ". {}"
_LINKS = (", and {}", ", then {}", " and {}", ". Also {}", ". And {}", ". And also {}", _UNLINKED, _UNLINKED)
"""Between two wishes; who speaks on before the answer says the second one without anything."""
_MADE_SHARE = 0.7
"""So much of the talk is made of patterns, with the answers of the model that is tuned."""
_LISTENING = ("Mhm.", "mhm", "Mm hm.", "Uh huh.", "Aha.", "I see.", "Got it.", "Okay.", "Right.", "okay")
"""What only says that somebody listens; of these nothing is tested, for silence has but one form."""
_NOTING = ("note", "remember", "keep", "wake", "remind", "log", "list")
"""Wishes with these words could be fulfilled by a tool for notes, alarms or lists."""


def split_of(words: str) -> str:
    """Whether something with these words is for training or for testing."""
    share = int.from_bytes(blake2b(words.casefold().encode(), digest_size=4).digest()) / 2**32
    return "test" if share < _TEST_SHARE else "train"


def requests_of(purpose: Purpose, split: str, *, own: bool = False) -> tuple[str, ...]:
    """The ways of asking that the split may use; a tool that is held out has all of its ways in the test."""
    if not own and split_of(purpose.key) == "test":
        return purpose.requests if split == "test" else ()
    return tuple(request for request in purpose.requests if split_of(request) == split)


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """A tool that is offered, and the ways in which it may be asked for."""

    purpose: Purpose
    spec: ToolSpec
    requests: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A wish in words, the call that fulfils it, and what then comes of it."""

    said: str
    call: Call
    result: str
    told: str
    plain: str


class Cast:
    """Draws what a scene needs."""

    def __init__(
        self, random: Random, split: str, own: Sequence[ToolSpec], *, most_tools: int = 24, as_installed: bool = False
    ) -> None:
        """`own` are the agent's own tools, offered in a part of the casts; at most `most_tools` are offered in all.
        `as_installed` offers all of the agent's own, in their order, and nothing else.
        """
        self._most_tools = most_tools
        self.random = random
        self.split = split
        if as_installed:
            self.offered = [self._own(spec) for spec in own]
            self._absent = _beyond_own(self._usable())
        else:
            self.offered, self._absent = self._draw_tools(own)
        self._talk = [pair for pair in small_talk() if split_of(pair[0]) == split]
        self._made = [one for one in conversation() if split_of(one.pattern) == split]

    @property
    def specs(self) -> tuple[ToolSpec, ...]:
        """The tools as they are declared."""
        return tuple(one.spec for one in self.offered)

    @property
    def names(self) -> Collection[str]:
        """What they are called."""
        return {spec.name for spec in self.specs}

    def _draw_tools(self, own: Sequence[ToolSpec]) -> tuple[list[Offered], list[Purpose]]:
        """What is offered, and what is not."""
        random, found = self.random, list[Offered]()
        with_own = bool(own) and random.random() < _WITH_OWN_SHARE
        if with_own:
            most = min(self._most_tools, len(own))
            if most < len(own) or random.random() > _ALL_OWN_SHARE:
                own = random.sample(own, random.randint(min(4, most), most))
            found = [self._own(spec) for spec in own]
        usable = self._usable()
        room = self._most_tools - len(found)
        count = min(random.randint(0, 3) if with_own else random.choice((3, 4, 5, 6, 7, 8, 10, 13)), room)
        names = {one.spec.name for one in found}
        for purpose in usable[:count]:
            spec = purpose.spec(random)
            if spec.name not in names:
                names.add(spec.name)
                found.append(Offered(purpose=purpose, spec=spec, requests=requests_of(purpose, self.split)))
        random.shuffle(found)
        absent = usable[count:]
        return found, _beyond_own(absent) if with_own else absent

    def _usable(self) -> list[Purpose]:
        """The purposes that the split may ask for, in any order."""
        usable = [purpose for purpose in purposes() if requests_of(purpose, self.split)]
        if self.split == "test":  # tools that nobody has learnt from, as far as they go
            usable.sort(key=lambda purpose: (split_of(purpose.key) != "test", self.random.random()))
            usable = usable[:24]
        self.random.shuffle(usable)
        return usable

    def _own(self, spec: ToolSpec) -> Offered:
        """One of the agent's own tools."""
        purpose = next((one for one in own_purposes() if one.key == spec.name), _NOBODYS)
        return Offered(purpose=purpose, spec=spec, requests=requests_of(purpose, self.split, own=True))

    # --- wishes --------------------------------------------------------------------------------------------------

    def wish(self, *, unlike: Collection[str] = (), plain: bool = False) -> Asked:
        """A wish for one of the tools, but none of those called `unlike`."""
        choices = [one for one in self.offered if one.requests and one.spec.name not in unlike]
        return self._wish_for(self.random.choice(choices), plain=plain)

    def _wish_for(self, one: Offered, *, plain: bool) -> Asked:
        wish = one.purpose.ask(self.random, self.random.choice(one.requests))
        sentence = wish.said
        if not plain and wish.corrected and self.random.random() < _CORRECTED_SHARE:
            sentence = wish.corrected
        return Asked(
            said=sentence if plain else as_heard(sentence, self.random),
            call=Call(name=one.spec.name, arguments=wish.arguments),
            result=wish.result,
            told=_sentence(wish.told),
            plain=sentence,
        )

    def wishes(self, count: int) -> tuple[str, list[Asked]]:
        """So many wishes in one breath: for different tools, or now and then for the same one with other arguments."""
        wanted = [self.wish(plain=True)]
        while len(wanted) < min(count, self.can_wish):
            again = self._again(wanted[-1]) if self.random.random() < _SAME_TOOL_SHARE else None
            wanted.append(again or self.wish(plain=True, unlike={one.call.name for one in wanted}))
        said = wanted[0].plain
        for one in wanted[1:]:
            link = self.random.choice(_LINKS)
            following = one.plain if link == _UNLINKED else uncapitalized(one.plain)
            said = said.rstrip(".?!") + link.format(following)
        return as_heard(said, self.random), wanted

    def _again(self, asked: Asked) -> Asked | None:
        """A wish for the same tool with other arguments; None where there was none to be found."""
        (one,) = (one for one in self.offered if one.spec.name == asked.call.name)
        for _ in range(4):
            other = self._wish_for(one, plain=True)
            if other.call.arguments != asked.call.arguments:
                return other
        return None

    @property
    def can_wish(self) -> int:
        """For how many of the tools there is a wish."""
        return sum(bool(one.requests) for one in self.offered)

    def talk(self) -> tuple[str, str]:
        """Something said without a wish, and its answer."""
        if self.random.random() < _MADE_SHARE:
            made = self.random.choice(self._made)
            return as_heard(made.said, self.random), self.random.choice(made.answers)
        said, answer = self.random.choice(self._talk)
        return as_heard(said, self.random), answer

    def listening(self) -> str:
        """A sign that somebody listens, and no more."""
        return self.random.choice(_LISTENING)

    def refusal(self) -> tuple[str, str] | None:
        """Somebody asks for something not to be done; None if nothing here could be said so."""
        for _ in range(8):
            wish = self.wish(plain=True)
            if is_command(wish.plain):
                ways, _, answer = REFUSALS.strip().partition(" > ")
                said = self.random.choice(ways.split(" / ")).format(wish=uncapitalized(wish.plain))
                return as_heard(said, self.random), answer
        return None

    def unknown_wish(self) -> tuple[str, str] | None:
        """A wish for a tool that is not offered, and what is answered."""
        if not self._absent:
            return None
        purpose = self.random.choice(self._absent)
        wish = purpose.ask(self.random, self.random.choice(requests_of(purpose, self.split)))
        return as_heard(wish.said, self.random), self.random.choice(UNABLE.strip().splitlines())


_NOBODYS = Purpose(names=("",), descriptions=(), kinds={}, told={}, required=(), requests=(), results=())
"""Of a tool that is offered and never asked for."""


def _beyond_own(purposes: Sequence[Purpose]) -> list[Purpose]:
    """Those that none of the agent's own tools could fulfil, either."""
    return [one for one in purposes if not any(word in " ".join(one.requests) for word in _NOTING)]


def _sentence(text: str) -> str:
    text = text.strip()
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?")) else ".")
