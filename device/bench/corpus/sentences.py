"""What is said to a voice agent: questions, commands and statements from templates; pure.

A bar in a template is a place where people pause inside a sentence. An utterance is fluent, pauses at one of the
bars (at all of them in a list), or hesitates there with an "um".
"""

import random
from collections.abc import Mapping
from dataclasses import dataclass, replace

QUESTIONS = """What is the capital of {country}?
What's the weather like in {city} | {day}?
How far is it | from {city} to {other_city}?
How many {unit} are there | in a {bigger}?
If I leave {city} at {hour}, | when do I get to {other_city}?
Which is bigger, | {country} or {other_country}?
Who wrote the book | about the {animal}?
What is {number} times {other_number}?
What is {number} plus {other_number}, | minus {small}?
Can you tell me | how long I should boil {food}?
Is it going to rain {day}, | or can I leave the {thing} outside?
Why does my {thing} | make that noise | when I switch it on?
What time is it | in {city} right now?
Do you know | whether the {shop} is open | {day}?
How do I get {food} | out of a {garment}?
Could you explain | how a {machine} works?
When was the {machine} invented?
What should I cook | with {food}, | {other_food} | and {third_food}?"""

COMMANDS = """Set a timer | for {minutes} minutes.
Set a timer for the {food} | for {minutes} minutes, | and another one for the {other_food}.
Remind me to {chore} | at {hour}.
Remind me | {day} morning | to {chore}.
Turn on the {room} light.
Turn off the {thing} | in the {room}, | please.
Add {food}, | {other_food}, | and {third_food} | to the shopping list.
Tell me a joke | about a {animal}.
Play something | by the {animal} orchestra.
Wake me up | at {hour} | {day}.
Call my {relative} | and say that I'll be late.
Write down | that the {thing} needs a new battery.
Count from {small} | to {number}.
Spell the word {animal}.
Tell me about {country}, | but keep it short.
Cancel the timer | for the {food}.
Read me the news | from {city}.
Translate good morning | into {language}."""

STATEMENTS = """I think I left my {thing} | in the {room}.
My {relative} is coming over {day}, | so I need to {chore}.
I would like to know more | about the {animal}.
It is too warm | in the {room}.
I'm making {food} soup | with {other_food} | and I forgot how much salt goes in.
We had {number} guests, | and only {small} of them liked the {food}.
The {thing} in the {room} | is broken again.
I was born in {city}, | but I grew up in {country}.
Actually, | I meant the {room}, | not the {other_room}.
Good morning, | I slept really well.
I have to be in {city} | before {hour}, | because my {relative} is waiting.
That's enough for now, | thank you.
I can't find the recipe | for {food} bread.
My favourite animal | is the {animal}."""

WORDS = {
    "country": "France|Norway|Japan|Brazil|Kenya|Canada|Portugal|India|Chile|Iceland|Egypt|Vietnam",
    "city": "Oslo|Berlin|Lisbon|Boston|Madrid|Dublin|Vienna|Toronto|Athens|Chicago|Prague|Denver",
    "day": "today|tomorrow|on Monday|on Tuesday|on Friday|this weekend|next Sunday",
    "hour": "seven o'clock|half past eight|nine thirty|noon|quarter to six|ten in the evening|five fifteen",
    "unit": "days|minutes|seconds|hours|inches|grams|cups",
    "bigger": "week|year|mile|pound|gallon|fortnight|century",
    "animal": "dragon|penguin|camel|hedgehog|whale|sparrow|tiger|octopus",
    "number": "twelve|forty|nineteen|sixty three|eight|thirty two|a hundred|seventeen",
    "small": "two|three|five|six|four",
    "minutes": "forty|thirty five|ninety|fifty|sixty|forty five",
    "food": "potatoes|eggs|rice|tomatoes|onions|beetroot|pasta|lentils|mushrooms|carrots|green tea|garlic",
    "thing": "heater|bicycle|phone|washing machine|radio|umbrella|fan|printer|kettle|glasses",
    "shop": "bakery|library|pharmacy|post office|swimming pool|museum",
    "garment": "white shirt|carpet|wool sweater|tablecloth",
    "machine": "microwave|steam engine|heat pump|telephone|jet engine|camera|transistor",
    "room": "kitchen|bedroom|living room|garage|bathroom|hallway|attic",
    "chore": "buy milk|water the plants|call the dentist|take out the trash|feed the cat|pay the rent|clean the oven",
    "relative": "mother|brother|neighbour|grandmother|boss|sister|uncle",
    "language": "German|Spanish|Italian|Greek|Welsh|Finnish",
}
"""What fills a template's blanks; `other_` and `third_` ask for another one of the same kind. Timers are long, so
that none rings while others are measured.
"""


LISTED = frozenset({"food", "fruit"})
"""Of these there may be three in a template."""

KEEPS_UP = 0.6
"""How often who pauses between two stretches said apart keeps the voice up before."""


@dataclass(frozen=True, kw_only=True)
class Templates:
    """What sentences are made of: the templates of each kind, one a line; how often each is; what fills the blanks.

    So large a share of the utterances is `spoken_apart`: what stands between two pauses is said by itself, with the
    melody of an end as likely as not, as people do who think on. In the others a voice pauses at a comma of its own.
    """

    name: str
    kinds: Mapping[str, str]
    weights: tuple[int, ...]
    words: Mapping[str, str]
    hesitations: tuple[str, ...]
    spoken_apart: float = 0.0


USUAL = Templates(
    name="",
    kinds={"question": QUESTIONS, "command": COMMANDS, "statement": STATEMENTS},
    weights=(40, 40, 20),
    words=WORDS,
    hesitations=("um", "uh", "um", "er", "let me think"),
)
FITTED = replace(USUAL, name="fitted", spoken_apart=0.55)
"""What the weights of the endpointing are fitted on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """What is said, in clauses: after each but the last there is a pause of so many milliseconds, 0 for none."""

    kind: str
    manner: str
    clauses: tuple[str, ...]
    pauses_ms: tuple[int, ...]
    apart: bool = False
    """Whether what stands between two pauses is said by itself."""

    @property
    def text(self) -> str:
        """The words, as one would write them."""
        return " ".join(self.clauses)


def sentence(seed: str, templates: Templates = USUAL) -> Sentence:
    """The sentence of a seed, always the same."""
    chance = random.Random(seed)  # noqa: S311 - a choice of words
    kind = chance.choices(list(templates.kinds), weights=templates.weights)[0]
    clauses = _clauses(chance.choice(templates.kinds[kind].splitlines()), templates.words, chance)
    manner = chance.choices(("fluent", "pausing", "hesitant"), weights=(55, 33, 12))[0]
    places = len(clauses) - 1
    if not places:
        manner = "fluent"
    paused = _paused_places(manner, places, chance)
    if manner == "hesitant":
        for place in paused:
            clauses[place] = f"{clauses[place].rstrip(',')}, {chance.choice(templates.hesitations)},"
    pauses = [chance.randrange(200, 701, 20) if place in paused else 0 for place in range(places)]
    apart = templates.spoken_apart > 0 and chance.random() < templates.spoken_apart
    keeps_up = not apart or chance.random() < KEEPS_UP
    for place in paused:
        # A comma keeps the voice up, as a speaker does who goes on.
        clauses[place] = clauses[place].rstrip(",") + ("," if keeps_up else "")
    return Sentence(kind=kind, manner=manner, clauses=tuple(clauses), pauses_ms=tuple(pauses), apart=apart)


def _clauses(template: str, words: Mapping[str, str], chance: random.Random) -> list[str]:
    filled = template
    for blank, choices in words.items():
        several = chance.sample(choices.split("|"), 3 if blank in LISTED else 2)
        for name, word in zip((blank, f"other_{blank}", f"third_{blank}"), several, strict=False):
            filled = filled.replace(f"{{{name}}}", word)
    return [clause.strip() for clause in filled.split("|")]


def _paused_places(manner: str, places: int, chance: random.Random) -> frozenset[int]:
    """Mostly one place; now and then, as in a list that is made up while it is said, all of them."""
    if manner == "fluent":
        return frozenset()
    if manner == "pausing" and chance.random() < 0.3:
        return frozenset(range(places))
    return frozenset({chance.randrange(places)})
