"""Other sentences than those that anything was tuned on, of more styles: short answers, corrections, narrations, lists.

Nothing may be fitted to them: they tell how what was fitted to the usual ones does with the unknown.
"""

from device.bench.corpus.sentences import Templates

QUESTIONS = """Who discovered {element}?
Is {fruit} a fruit | or a vegetable?
Where did I put | my {object}?
How old was {person} | when she won the prize?
Do I need a coat | if I go out {time}?
Should we take the {vehicle}, | or would you rather walk?
What's the difference | between {element} and {other_element}?
Are there any {event}s | near the {place} {time}?
Whose turn is it | to wash the dishes?
If it takes {count} minutes | to fill the tub, | how many litres is that?
Have you ever heard | of a {beast} that can swim?
How much does a {vehicle} cost | these days?
What did {person} say | about the {event}?
Could I grow {fruit} | on my balcony?
Why is the sky blue?
Which planet has | the most moons?
What happens | if I mix {element} | with hot water?
Can you remind me what we talked about | {time}?"""

COMMANDS = """Dim the lamp | next to the {furniture}.
Start the vacuum cleaner | when I leave the house.
Put {fruit}, | {other_fruit}, | {third_fruit} | and some bread on the list.
Show me the way | to the {place}.
Open the blinds | in the study | {time}.
Send a message to {person} | saying we're on our way.
Make the music | a little quieter.
Skip this song.
Lock the front door | and switch on the alarm.
Read me the first page | of the book about the {beast}.
Schedule a {event} with {person} | for {time}, | and invite {other_person} as well.
Lower the temperature | by {count} degrees.
Find me a recipe | that uses {fruit} | but no butter.
Delete the reminder | about the {vehicle}.
Let me know | when the {event} starts.
Convert {count} miles | to kilometres."""

STATEMENTS = """Well, | I'm not sure | whether the {vehicle} will start.
Yes, please.
No, | not that one, | the other one.
Sorry, | I meant {person}, | not {other_person}.
{person} and {other_person} | are coming to dinner | {time}.
Last summer | we drove to the {place}, | and on the way back | the {vehicle} broke down.
When I was a child | we had a {beast} | that slept under the {furniture}.
I'd like {fruit}, | {other_fruit} | and maybe {third_fruit}.
The {event} was great, | but the food was terrible.
Next to the {furniture} | on the left.
Around {count}.
I've been trying to fix the {object} | since this morning | and nothing seems to work.
To be honest, | I don't really like {fruit}.
It's my birthday {time}.
My flight leaves in {count} minutes, | so please hurry.
The reason I'm asking | is that {person} wants to borrow the {object}.
Because I forgot my {object} | at the {place}.
You know, | the thing on the {furniture} | that looks like a {beast}.
We need more {fruit}.
Thank you very much.
Either the {place} | or the {other_place}, | whichever is closer."""

WORDS = {
    "element": "oxygen|helium|copper|silver|carbon|sulphur|iron",
    "fruit": "apples|bananas|cucumbers|grapes|lemons|peppers|peaches|spinach",
    "object": "keys|wallet|headphones|charger|notebook|raincoat|laptop",
    "person": "Emily|Daniel|Sophie|Robert|Hannah|Marcus|Olivia",
    "time": "tonight|in the morning|later on|on Wednesday|after lunch|next month|yesterday",
    "vehicle": "car|scooter|tram|van|motorbike|ferry",
    "event": "concert|meeting|festival|wedding|lecture|football match",
    "place": "harbour|train station|market|castle|airport|stadium|beach",
    "beast": "tortoise|fox|parrot|goat|dolphin|spider",
    "count": "twenty|fifteen|eleven|thirty|ninety|seventy five",
    "furniture": "sofa|bookshelf|wardrobe|desk|window|fireplace",
}

UNSEEN = Templates(
    name="unseen",
    kinds={"question": QUESTIONS, "command": COMMANDS, "statement": STATEMENTS},
    weights=(33, 33, 34),
    words=WORDS,
    hesitations=("um", "uh", "hmm", "you know", "I mean", "well"),
    spoken_apart=0.55,
)
