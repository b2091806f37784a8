"""How one asks for the agent's own tools; their declarations come from the tools themselves."""

TOOLS = """
set_timer | own
duration! span
label text tea, laundry, parking, dough
- Start a {duration} timer. / Let me know when {duration} are over. / {duration} for the {label}, on the timer. / I need a {label} timer, {duration}. / Count down {duration}. / Timer, {duration}, for the {label}. / Give the {label} {duration} and then ring.
= The timer is set for {duration}.

set_alarm | own
time! clock
label text gym, school run, medicine
- Ring at {time}. / I've got to be up by {time}. / Get me out of bed at {time}. / Put an alarm on {time} for the {label}. / {time} alarm. / Make sure I'm awake at {time}.
= The alarm is set for {time}.

remind | own
what! text buy stamps, feed the neighbor's cat, turn off the sprinkler, phone the landlord, stretch
when! span
- Don't let me forget to {what} in {when}. / In {when} I must {what}, tell me then. / Remind me in {when} that I have to {what}. / {what}, remind me of that in {when}.
= I'll remind you in {when}.

calculate | own
expression! text 17 * 3=17 times 3, 250 - 68=250 minus 68, 96 / 8=96 over 8, 15 / 100 * 60=15 percent of 60, sqrt(81)=the square root of 81, 19 + 23=19 plus 23, 45 * 12=45 multiplied by 12, 7 * 7 * 7=7 times 7 times 7
- Work out {expression}. / I can't do {expression} in my head. / {expression}? / Tell me the value of {expression}. / Please add it up: {expression}. / So what's {expression}?
= 51 > That makes 51.

get_time | own
- What's the hour? / Tell me how late it is. / Is it noon yet? / Which date is it? / What day are we on? / time please / Today is what weekday?
= 3:42 PM, Tuesday > It is 3:42 PM on Tuesday.

add_to_list | own
list! text shopping, packing, birthday party, garden center
item! text toothpaste, sunscreen, candles, flour, tomato seeds
- {item} goes on the {list} list. / Note {item} for the {list} list. / I need {item}, put that on the {list} list. / The {list} list needs {item}. / On the {list} list: {item}.
= {item} is on the {list} list.

read_list | own
list! text shopping, packing, birthday party, garden center
- What did we put on the {list} list? / Go through the {list} list with me. / {list} list? / Tell me everything on the {list} list.
= toothpaste and candles > There are toothpaste and candles on it.

remove_from_list | own
list! text shopping, packing, birthday party
item! text toothpaste, sunscreen, candles, flour
- Strike {item} from the {list} list. / {item} is bought, off the {list} list. / No more {item} on the {list} list.
= {item} is off the {list} list.

take_note | own
text! text the spare key is with Olga, the boiler was serviced in March, Ben is allergic to nuts, the parking pass is in the drawer, the wifi is slow upstairs
- Keep in mind that {text}. / For my notes, {text}. / Note to self: {text}. / Jot this down, {text}.
= Noted.

read_notes | own
- What notes do I have? / Go through my notes. / Is there anything in my notes? / Notes, please.
= The spare key is with Olga.

change_volume | own
to! text louder=louder, quieter=more quietly, max=at full volume, 30%=at 30 percent, 75%=at 75 percent
- Talk {to}. / From now on {to}, please. / I'd rather have you {to}. / Speak {to}.
= The volume is changed.

change_speed | own
to! enum slower=more slowly, faster=more quickly, normal=at your usual pace
- Say things {to}. / Please go on {to}. / I'd like you to talk {to}.
= The pace is changed.

device_status | own
- How are you holding up, technically? / Is your disk full? / What's your IP address? / Are you running hot? / State of the device, please.
= 48 degrees, 1.2 gigabytes free > I am at 48 degrees and have 1.2 gigabytes free.

list_timers | own
- What's still counting down? / When does my next alarm go off? / Which reminders have I set? / How much time does the timer have? / What alarms do I have?
= the tea timer, 2 minutes left > The tea timer has 2 minutes left.

cancel_timer | own
which text tea, laundry, dough, school run
- Turn the {which} timer off. / The {which} alarm isn't needed now, cancel it. / Delete my reminder. / Forget the {which} timer. / End the timer.
= It is cancelled.

convert | own
amount! num 2..180
from_unit! text miles, pounds, gallons, inches, ounces, feet
to_unit! text kilometers, kilograms, liters, centimeters, grams, meters
- {amount} {from_unit} in {to_unit}? / How much are {amount} {from_unit} in {to_unit}? / Turn {amount} {from_unit} into {to_unit}. / I need {amount} {from_unit} as {to_unit}.
= 12.6 {to_unit} > That is 12.6 {to_unit}.

list_tasks | own
- What are you busy with? / Anything still in progress? / How far are you with everything? / What's going on in the background?
= one task, half done > There is one task, and it is half done.

cancel_task | own
which! text the speech, the holiday plan, the comparison of phones, the letter
- Give up on {which}. / You needn't finish {which}. / Drop {which}, I don't want it any more. / Leave {which} now, cancel that task.
= It is cancelled.

weather | own
city! text Prague, Nairobi, Kyoto, Toronto, Seville, Bergen
- Will it be dry in {city}? / What's it like outside in {city}? / Do I take a scarf to {city}? / {city} weather, please. / How hot is it in {city}? / Is the sun out in {city}?
= 17 degrees, cloudy > It is 17 degrees and cloudy in {city}.
"""
