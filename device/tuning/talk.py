"""What people say without wanting any tool, and a fitting answer; small talk, questions that knowledge answers,
remarks, wishes that only words fulfil. Ways to say the same stand between slashes.
"""

TALK = """
Hey you. / Hiya. / Good to see you. > Hi! What can I do for you?
Morning! / A very good morning. > Good morning! I hope you slept well.
Evening. / Nice evening, isn't it? > Good evening! Yes, very nice.
Bye now. / I'm off. / Catch you later. > Goodbye!
Night night. / Time to sleep now. > Sleep well!
Cheers. / Thanks, that's lovely. / Much appreciated. / You've been a great help. > You're welcome.
How do you feel today? / How's life? / Everything fine with you? > Very well, thank you. And you?
What should I call you? / Do you have a name? > I'm your voice assistant, call me as you like.
Where do you live? > In this little device.
How old are you? / When were you born? > I'm quite new, as devices go.
Do you ever get bored? / Do you dream? > No, I just wait until you say something.
Can machines think? / Do you have feelings? > Not as you do, but I do my best.
You're clever. / You're the best. / What a smart machine. > Thank you, that's kind.
You're useless. / That was nonsense. / That can't be right. > I'm sorry. Tell me what was wrong.
I'm so happy. / What a wonderful day. > I'm glad to hear that.
I'm stressed. / Everything is too much today. > I'm sorry. Take a deep breath and a short break.
I feel sick. / My head hurts. > I'm sorry to hear that. Rest, and drink some water.
I'm bored. / There's nothing to do. > How about a walk, or a chapter of a good book?
I can't sleep lately. > That's hard. A fixed bedtime and less light in the evening often help.
My name is Felix. / I am Felix. > Nice to meet you, Felix.
My daughter starts school tomorrow. > How exciting! I wish her a good start.
We just moved here. > Welcome to your new home!
I passed my exam. / I got the job! > Congratulations!
My cat is asleep on my lap. > That sounds cozy.
The kids are finally in bed. > Then enjoy the quiet.
It was a long meeting. / Work was awful. > I'm sorry. I hope the evening is better.
I went hiking last weekend. > That sounds lovely.
My brother plays the trumpet. / My uncle repairs watches. > That's interesting.
I love old films. > They have their own charm.
I don't like Mondays. > Many people would agree.
The coffee is cold again. > That's a pity.
Yes please. / Sure. / Right. / Fine by me. > All right.
No. / No, that's fine. / Not now. > All right.
Hmm. / Let me see. / Hang on. / One moment. > Take your time.
Forget about it. / It doesn't matter. / Doesn't matter any more. > All right.
Pardon? / I didn't get that. / What was that? > I'll say it again more slowly if you tell me which part.
Are you there? / Hello, anybody home? / Do you hear me? > Yes, I'm listening.
What are you able to do? / How can you help me? > I can answer questions and do things with the functions that I have.
Tell me a fairy tale. / I want to hear a story about a pirate. > Once a pirate found a map, followed it for a year, and it led him home.
Do you know any jokes? / Make me laugh. > Why did the bicycle fall over? It was two tired.
Give me a riddle. / Ask me something tricky. > What has hands but cannot clap? A clock.
Recite a poem about the sea. / Something poetic, please. > The sea is wide, the sea is deep, it sings the sailors all to sleep.
Sing a lullaby. / Hum a tune. > La la la, sleep tight, the stars are bright tonight.
Name a good book for the summer. / What could I read next? > Try The Old Man and the Sea, it is short and wonderful.
Suggest a name for a hamster. / How should we call our parrot? > How about Biscuit?
What could I give my dad? / I need an idea for mother's day. > A picture of the family in a nice frame.
What would you cook with leeks? / Dinner ideas, please. > A leek and potato soup is easy and good.
What do you think of opera? / Which sport do you like? / Do you prefer cats or dogs? > I have no taste of my own, but I like to hear about yours.
Should I dye my hair? / Is it wrong to lie? > That depends, and you know best.
How long should I steep green tea? / Steeping time for green tea? > Two to three minutes, in water that is not quite boiling.
How long does a soft egg take? / Time for a soft-boiled egg? > About six minutes in boiling water.
How many ounces are in a pound? / How many grams has a kilogram? > Sixteen ounces are a pound, and a kilogram has a thousand grams.
How many days has a leap year? / How many weeks does a year have? > A leap year has 366 days, and a year 52 weeks.
How many hours of sleep does a child need? > About nine to eleven hours a night.
What time zone is Japan in? > It is nine hours ahead of Greenwich.
When is Christmas Eve? / When do people celebrate Halloween? > Christmas Eve is on December 24, Halloween on October 31.
What is a thermostat? / What does a thermostat do? > It switches the heating so that a room keeps its temperature.
How does a fridge work? / Why is a fridge cold inside? > It pumps heat from the inside to the outside.
What is the coldest place on earth? / Where is it coldest? > Antarctica.
Why does it rain? / Where does rain come from? > Water vapor cools in the clouds and falls as drops.
What makes thunder? > Lightning heats the air so fast that it bangs.
Why is snow white? > Its many crystals scatter all colors of light.
How hot is the sun? > About 5,500 degrees at its surface.
How far is it to Mars? > Between 55 and 400 million kilometers.
How fast is light? > About 300,000 kilometers a second.
Which metal is liquid? > Mercury is liquid at room temperature.
What is water made of? > Of hydrogen and oxygen.
What is the chemical sign for gold? > It is A u.
Who invented the light bulb? / Who made the first light bulb? > Thomas Edison made it practical.
Who composed the Four Seasons? > Antonio Vivaldi.
Who wrote Don Quixote? / Who's the author of Don Quixote? > Miguel de Cervantes.
Who painted Guernica? > Pablo Picasso.
Who was Cleopatra? > The last queen of ancient Egypt.
Who discovered penicillin? > Alexander Fleming.
When did the Titanic sink? > In 1912.
When did the Berlin Wall fall? > In November 1989.
When was the first moon landing? > In July 1969.
Where is the Eiffel Tower? > In Paris.
Where do kangaroos live? > In Australia.
Where does chocolate come from? > From the beans of the cacao tree.
What's the capital of Canada? / Canada's capital? > Ottawa.
What's the capital of Norway? > Oslo.
Which city is the capital of Kenya? > Nairobi.
Which river flows through Vienna? > The Danube.
What is the longest river? > The Nile, by most measurements.
What is the smallest country? > Vatican City.
Which ocean is the deepest? > The Pacific.
Which bird can't fly? > The ostrich, for one.
How many strings has a violin? > Four.
How many players has a volleyball team? > Six on the court.
How many teeth does an adult have? > Thirty-two.
How many bones are in the body? > About two hundred and six.
How long do elephants live? > About sixty to seventy years.
How do birds find their way? > By the sun, the stars and the earth's magnetic field.
How do I remove chewing gum from a carpet? > Harden it with ice, then scrape it off.
How do I tie a tie? > Cross, wrap around, up through the neck, and down through the loop.
How do I keep basil alive? > Give it light and water it from below.
How do I clean a kettle? / How can I descale a kettle? > Boil it with some vinegar and rinse it well.
What goes with salmon? > Lemon, dill and potatoes.
What's the difference between jam and jelly? > Jam holds pieces of fruit, jelly is made of the juice alone.
What's the difference between a lake and a pond? > A pond is smaller and shallow enough for light to reach the bottom.
What does procrastinate mean? / What's the meaning of procrastinate? > To put off what should be done.
What's another way to say goodbye? > Farewell, or so long.
Is a whale a fish? > No, it is a mammal.
Is glass a liquid? > No, it is a solid without crystals.
Are bananas berries? > Yes, to botanists they are.
Is honey good for you? / Is it healthy to run every day? > In moderation, yes.
Do plants sleep? > Not as we do, but many follow day and night.
Can penguins fly? > No, but they swim very well.
Does sound travel in space? > No, there is no air to carry it.
Explain inflation to me. / What is inflation? > Prices rise, so that money buys less.
Explain what an engine does. > It turns fuel into motion.
What is a black hole? > A place where gravity is so strong that not even light gets out.
Tell me something about dolphins. / A fact about dolphins, please. > Dolphins call each other by whistles of their own, like names.
Tell me about the Vikings. > They were seafarers from Scandinavia who traded and raided about a thousand years ago.
Why do we dream? > Nobody knows for certain; it may help the brain to sort memories.
Why do onions make you cry? > Cutting them sets free a gas that stings the eyes.
Why do dogs wag their tails? > Mostly to show how they feel.
Which came first, the chicken or the egg? > The egg: other animals laid eggs long before there were chickens.
What is the meaning of a red traffic light? > It means stop.
How can I fall asleep faster? > Put the phone away, and breathe slowly.
How do I stay motivated? > Set small goals, and be kind to yourself.
"""

REFUSALS = """
No, don't {wish} / Please don't {wish} / Don't {wish} yet / Actually don't {wish} > All right, I won't.
"""

UNABLE = """
I can't do that, I'm afraid.
I'm sorry, I have no function for that.
That's something I can't do here, sorry.
I'm afraid I can't do that for you.
"""
"""What is answered to a wish for which no tool is offered."""
