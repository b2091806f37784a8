"""More of what people say without wanting any tool: patterns with slots, for ordinary conversation in many words.

Alternatives of what is said stand between slashes, those of the answer between bars. To the questions the model that is
to be tuned gives the answers itself (`device/tuning/answers.json`, which scripts/tuning/answers makes), so that tuning
leaves what it knows as it was. Its answers to remarks are no model: it repeats them ("The hamster is asleep.").
"""

SLOTS = """
relative: aunt, son, cousin, father, niece, boss, roommate, mother in law
meal: breakfast, lunch, dinner
food: lentil soup, pancakes, sushi, fried rice, omelette, pumpkin pie, tacos
place: the lake, the mountains, Lisbon, the city, my parents, the coast, the countryside
hobby: knitting, chess, pottery, surfing, photography, baking, running, gardening
weather: so windy, really foggy, freezing, far too hot, grey and wet, lovely and mild
feeling: worn out, in a great mood, a bit lonely, proud of myself, hungry, restless, relieved
pet: hamster, turtle, kitten, rabbit, canary
thing: fridge, bicycle, laptop, washing machine, sofa, raincoat
country: Peru, Finland, Morocco, Vietnam, Iceland, Poland, Cuba
animal: giraffes, owls, snails, wolves, camels, squirrels, sharks
topic: volcanoes, jazz, the Romans, photosynthesis, origami, tides, the Silk Road, electricity
job: nurse, carpenter, teacher, pilot, chemist
word: nostalgic, frugal, meticulous, ambiguous, candid
chore: get rid of fruit flies, poach an egg, polish shoes, sharpen a kitchen knife, whistle, save water at home
sport: badminton, hockey, rugby, volleyball
vegetable: spinach, aubergines, beetroot, parsnips, red cabbage
"""

REMARKS = """
We had {food} for {meal}. / I made {food} for {meal} today. > That sounds tasty. | Nice, I hope you enjoyed it.
I ate way too much {food}. / There is still some {food} left over. > It must have been good. | Then it was a good meal.
My {relative} is visiting us. / We're expecting my {relative} this evening. > How nice. Have a good time together. | That will be lovely.
My {relative} works as a {job}. / My {relative} used to be a {job}. > That is an interesting job. | That must be a lot of work.
I had an argument with my {relative}. / My {relative} is mad at me. > I'm sorry to hear that. I hope you make up soon. | That's not easy. Maybe talk it over tomorrow.
My {relative} is in the hospital. / My {relative} isn't doing so well. > I'm sorry. I hope it gets better soon. | I'm sorry to hear that. All the best to both of you.
I'm back from {place}. / We spent the whole day at {place}. / I grew up near {place}. > That must have been nice. | It sounds like a good place.
I'd love to see {place} again. / I've been dreaming of {place} for weeks. > I hope you get there soon. | That would be something to look forward to.
I've taken up {hobby}. / {hobby} is what keeps me going. / I'm getting better at {hobby}. > That's a lovely hobby. | Good for you, keep at it.
I gave up {hobby} years ago. / I was never any good at {hobby}. > You could always start again. | It's not for everybody.
It's {weather} out there. / The weather is {weather} these days. / It was {weather} when I went out. > Then dress for it. | Weather like that changes the mood of a day.
I'm {feeling} right now. / I have been {feeling} all week. / I woke up {feeling}. > I hear you. Tell me more if you like. | Thanks for telling me. What brought that on?
Our {pet} is so funny. / The {pet} is asleep. / My {pet} is turning three. > Pets are wonderful company. | That's sweet.
Our {pet} ran away. / My {pet} died last night. > I'm so sorry to hear that. | Oh no, I'm sorry. That must be hard.
The {thing} is broken. / This {thing} makes strange noises. > That's a nuisance. | Oh dear. Perhaps it can be repaired.
I finally bought a new {thing}. / My new {thing} has arrived. > Congratulations, I hope it serves you well. | How nice, enjoy it.
Someone stole my {thing}. > That's awful. I'm sorry. | I'm sorry, what a bad surprise.
I once lived in {country}. / My neighbors come from {country}. / I'm reading about {country}. > How interesting. | It must be a beautiful country.
My team lost at {sport} again. / I watched {sport} all afternoon. / We play {sport} every week. > That's what makes it exciting. | Maybe next time it goes your way.
I can't stand {vegetable}. / The kids won't touch {vegetable}. / I grow {vegetable} in the garden. > Tastes differ. | Many people would say the same.
Thanks a lot. / Thank you so much for that. / That's kind of you. / Great, thanks. / Perfect, thank you. > You're welcome. | My pleasure. | You're very welcome.
Ah, I understand. / Oh, really. / Interesting. / Good to know. / Fair enough. > Glad to help. | Good. | I'm glad.
You were right. / I didn't expect that. / That's funny. / What a surprise. > It's nice to hear that. | Isn't it?
Never mind then. / Oh well. / So be it. / It is what it is. > All right. | Fine.
I was only thinking out loud. / I'm talking to somebody else. / Not you, I meant the dog. > All right, never mind. | No problem.
What a day it was. / I can hardly keep my eyes open. / I could use a vacation. > Take it easy for a while. | You deserve some rest.
Nobody ever listens to me. / It's hard to be alone. > I'm listening. What is on your mind? | I'm here, tell me about it.
I lost my keys yesterday and found them in the freezer. / I always forget names. > That happens to everybody. | You are not the only one.
We got engaged. / I finished my thesis. / I ran ten kilometers this morning. > Congratulations! | Well done!
I have an interview on Friday. / The dentist was not so bad. / Tomorrow is the big day. > I wish you the best of luck. | You will do well.
This song reminds me of summer. / I heard a good joke today. > That's nice. | How pleasant.
The train was late again. / The office was so loud. / They canceled my flight. > How annoying. | I'm sorry, that's tiresome.
I should call my {relative} more often. / I ought to do more {hobby}. > It's never too late for that. | That's a good thought.
The {animal} in that film were amazing. / We saw {animal} at the zoo. > They are fascinating animals. | I can imagine.
My doctor says I should eat more {vegetable}. / I'm not hungry yet. > That sounds sensible. | All right.
"""

QUESTIONS = """
What do {animal} eat? / How long can {animal} live? / Are {animal} dangerous?
Where can one find {animal}? / Do {animal} sleep at night?
What is {country} known for? / What do people eat in {country}? / Is {country} worth a trip?
Which language is spoken in {country}? / On which continent is {country}?
Explain {topic} in simple words. / What should I know about {topic}? / Why are people fond of {topic}?
How does one {chore}? / What's the best way to {chore}? / I never learned how to {chore}.
What does the word {word} mean? / Use {word} in a sentence. / Is {word} a compliment?
How do I cook {vegetable}? / Are {vegetable} healthy? / What can I make with {vegetable}?
What are the rules of {sport}? / Is {sport} hard to learn? / How many people play {sport} in a team?
What does a {job} do all day? / Is it hard to become a {job}? / Should I become a {job}?
What do you think about {hobby}? / Is {hobby} expensive? / How do I begin with {hobby}?
How do I keep a {pet} happy? / What does a {pet} need? / Is a {pet} a good pet for children?
What could I say to my {relative}? / What would make my {relative} smile?
What should I pack for {place}? / What can I do at {place}?
Tell me something I don't know about {animal}. / Say something nice about my {relative}.
Make up a rhyme about a {pet}. / Tell me a short tale of a {job} and a {pet}.
Which is better, {hobby} or {sport}? / Would you rather have {food} or {vegetable}?
"""
