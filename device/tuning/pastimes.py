"""Tools for pleasure, learning and machines at hand, and how one asks for them."""

TOOLS = """
play_radio tune_in radioStation | Play a radio station | Tune the radio
station! text Radio Nova, Classic FM, Jazz 24, the farm report
- Put on {station}. / I feel like {station} on the radio. / Tune in to {station}. / Radio: {station}.
= {station} is on.

sleep_sound white_noise relaxing_sounds | Play a sound to fall asleep to | Calm noises for the night
sound! enum waves, rain=rain, forest, fireplace=a crackling fire
minutes minutes 10..50 5
- Play {sound} until I'm asleep. / I can't sleep, give me {sound} for {minutes}. / {sound} for {minutes} please. / The sound of {sound} would be nice.
= You hear {sound}.

next_chapter audiobook read_on | Go on with the audiobook | Continue an audiobook
title text Treasure Island, Dracula, The Time Machine
- Go on with my audiobook. / Read me more of {title}. / Where were we in {title}? Carry on. / continue the audiobook
= The book goes on.

play_podcast latest_episode podcast | Play the newest episode of a podcast | Start a podcast
show! text Stuff of Stars, The Daily Bean, History Bites
- The newest {show}, please. / Is there a new {show}? Play it. / Let me have the latest episode of {show}.
= The newest episode of {show} is on.

metronome start_beat | Start the metronome | Beat time
bpm! int 50..180 5 | beats per minute
- Metronome at {bpm}. / Give me {bpm} beats a minute. / I'm practicing, tick at {bpm}.
= The metronome ticks at {bpm}.

tune_string guitarTuner | Play the note of a string to tune by | Sound a string's note
string! enum low E=the low E, A=the A, D=the D, G=the G
- I need {string} to tune my guitar. / Play me {string}. / Sound {string} string for tuning.
= You hear it.

quiz_question ask_quiz trivia | Ask a quiz question | Start a quiz
topic! text sports, rivers, animals, the Romans
level enum easy, hard
- Quiz me on {topic}. / A {level} question about {topic}, go. / Test me, the topic is {topic}. / I want a {level} quiz question on {topic}.
= Here it comes.

flashcards practice_words | Practice vocabulary with flash cards | Learn words
deck! text Spanish verbs, chemistry, French food, capitals
cards int 5..40 5
- Let's practice {deck}. / Go through {cards} cards of {deck} with me. / I've got to learn {deck}, ask me {cards}.
= The first card is up.

find_rhyme rhymes_with | Find words that rhyme | Rhyming dictionary
word! text orange, heart, silver, kitten
- I need a rhyme for {word}. / What rhymes with {word}? / Find something that goes with {word} in a poem.
= a few were found > I found a few.

synonym_for other_word thesaurus | Find another word with the same meaning | Look up synonyms
word! text angry, quick, brave, tiny
- Another word for {word}? / I use {word} too often, what else is there? / Find me synonyms of {word}.
= several were found > I found several.

chess_move play_chess | Play a move on the chess board | Move a piece in the running game
move! text knight to f3, e4, queen takes d5, castle
- I play {move}. / My move is {move}. / {move}, your turn. / Chess: {move}.
= Black answers with a pawn.

lotto_numbers draw_lottery | Tell the last lottery numbers | Results of the lottery
game! enum saturday=Saturday's lottery, eurojackpot=the Eurojackpot
- What came up in {game}? / Numbers of {game}? / Did I win in {game}, what were the numbers?
= 4 11 23 30 41 49 > The numbers were 4, 11, 23, 30, 41 and 49.

match_result last_score | Tell how a team last played | Look up the result of a team
team! text Ajax, the Lakers, Celtic, the Tigers
- How did {team} play? / Did {team} win? / Score of the last {team} game? / What about {team}?
= They won 3 to 1.

point_telescope aim_scope | Point the telescope at something in the sky | Aim the telescope
target! text Saturn, the Orion nebula, Vega, Andromeda
- Point the telescope at {target}. / I want to see {target}. / {target}, please, the sky is clear, aim the scope.
= The telescope looks at {target}.

moon_phase moon_tonight | Tell the phase of the moon | What the moon looks like
day day
- What's the moon like? / Is it a full moon {day}? / How much of the moon will there be {day}?
= 80 percent, waxing > The moon is waxing, 80 percent of it is lit.

print_3d printer_status | Tell how far the 3D printer has come | State of the print job
- How far is the print? / Is the 3D printer done? / What is the 3D printer doing?
= 64 percent > It is 64 percent done.

cut_laser laser_job | Start a job of the laser cutter | Cut a file
file! text gear, coaster, name plate
material! enum plywood, acrylic, leather
- Cut the {file} in {material}. / Laser the {file} out of {material}. / I want a {file} made of {material}.
= The {file} is being cut.

fly_drone drone_home | Send the drone somewhere | Control the drone
where! enum home=home, up=up, follow me=after me
- Send the drone {where}. / The drone should come {where}. / Drone, {where}!
= The drone is on its way.

photo_frame show_album | Show an album on the picture frame | Choose the pictures on the frame
album! text wedding, Norway trip, puppies, last summer
- Show the pictures of the {album}. / Put the {album} album on the frame. / I want to see our {album} photos.
= The {album} album is showing.

take_photo snap selfTimer | Take a picture with the camera | Release the camera
in_seconds int 3..15
- Take a picture of us. / A photo in {in_seconds} seconds! / Snap a photo. / Get us all in a picture, in {in_seconds} seconds.
= The picture was taken.

tv_input switch_source | Switch the input of the television | Choose the television's source
source! enum console=the game console, dvd=the DVD player, antenna=the antenna
- Television to {source}. / I want to use {source} on the TV. / Switch to {source}.
= The television shows it.

projector projector_power | Switch the projector on or off | Power of the projector
power! flag on, off
- Projector {power}. / I want the projector {power}. / We're going to watch or we're done, projector {power}.
= The projector is {power}.

karaoke sing_along | Start a karaoke song | Show a song's lyrics and play it
song! text Dancing Queen, Yellow Submarine, Hallelujah
- We want to sing {song}. / Karaoke time, {song}! / Start {song} for karaoke.
= {song} starts.

dog_tracker find_dog where_is_pet | Tell where a pet is | Locate a pet by its collar
pet! text Rex, Luna, Bello, Minka
- Where is {pet}? / {pet} has run off, find out where. / I haven't seen {pet}, locate the collar.
= in the park, 300 meters away > In the park, 300 meters away.

cat_flap lock_flap | Lock or unlock the cat flap | Let the cat out or keep it in
locked! flag locked, unlocked
- I want the cat flap {locked}. / Cat flap {locked}. / The cat shall stay or go, get the flap {locked}.
= The flap is {locked}.

clean_litter litter_box | Clean the litter box | Run the self-cleaning litter box
- The litter box stinks, clean it. / Clean the litter box. / Do the cat's toilet, please.
= The litter box is clean in five minutes.

meditation breathe meditate | Guide a meditation | Start a guided meditation
minutes! minutes 5..30 5
- Guide me through {minutes} of meditation. / I need to calm down, let's meditate for {minutes}. / {minutes} of breathing exercises.
= The meditation begins.

start_treadmill treadmill run_belt | Start the treadmill at a speed | Set the treadmill
kmh! num 4..14
incline int 1..10 | in percent
- Treadmill at {kmh}. / I want to run at {kmh} with {incline} percent incline. / Set the belt to {kmh} kilometers per hour.
= The belt runs at {kmh}.

count_reps rep_counter | Count the repetitions of an exercise | Count aloud at training
exercise! text push-ups, squats, pull-ups, lunges
target! int 5..40
- Count my {exercise} up to {target}. / I'm doing {target} {exercise}, count along. / {target} {exercise} now, count!
= Counting begins.

save_quote keep_quote | Save a quotation | Keep a saying in the collection of quotes
text! text less is more, well begun is half done, time heals
author text Goethe, Churchill, my grandmother
- Save the quote {text}. / {author} said {text}, keep that quote. / For my quotes: {text}.
= The quote is saved.

suggest_wine pair_wine | Suggest a wine from the cellar | Which wine goes with a dish
dish! text duck, mushroom risotto, oysters, goulash
- Which of our wines goes with {dish}? / We're having {dish}, what do we drink? / Pick a bottle for {dish}.
= the Riesling of 2019 > Take the Riesling of 2019.

start_stream go_live | Start or stop the live stream | Control streaming
live! flag live, off air
- Get me {live}. / The stream should be {live}. / I want to be {live} now.
= You are {live}.
"""
