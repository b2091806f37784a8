"""Tools of a house, and how one asks for them."""

TOOLS = """
set_lamp_color lampColor color_light | Change the color of a lamp | Sets the colour a lamp shines in
lamp! text desk lamp, floor lamp, reading light, lamp by the piano | which lamp
color! text blue, red, warm white, green, violet | a color's name
- Make the {lamp} {color}. / I want the {lamp} to shine {color}. / Can the {lamp} be {color}? / {color} for the {lamp}, please.
= The {lamp} is {color} now.

heat_sauna sauna_on start_sauna | Heat the sauna to a temperature | Switch on the sauna heater
celsius! int 60..95 5 | target temperature
- Heat the sauna to {celsius} degrees. / I'd love to sweat at {celsius} degrees, get the sauna ready. / Sauna at {celsius} please.
= The sauna reaches {celsius} degrees in forty minutes.

set_fan_speed ceilingFan fan_level | Set how fast the ceiling fan turns | Control the speed of a ceiling fan
level! enum slow, medium, fast=fast, off | how fast
room text nursery, dining room, attic, bedroom | where
- Put the ceiling fan on {level}. / The ceiling fan in the {room} should run {level}. / ceiling fan {level} / I'd like the fan in the {room} on {level}.
= The fan is on {level}.

garage_gate move_garage_door garageDoor | Open or close the garage | Drives the garage door up or down
open! flag open, shut | true to open it
- Please get the garage {open}. / Is the garage still like that? I want it {open}. / Garage {open}, please. / I need the garage door {open}.
= The garage is {open}.

run_dishwasher start_dishes dishwasher | Start the dishwasher with a program | Begin washing the dishes
program! enum eco=eco, glass=glass, intensive=intensive, rinse=rinse | which program
delay_minutes minutes 10..50 5 | how long to wait first
- Do the dishes on {program}. / Start the dishwasher, {program} program. / Let the dishwasher run {program} in {delay_minutes}. / The plates are filthy, wash them on {program}.
= The dishwasher runs the {program} program.

humidify set_humidity air_humidity | Set the humidity that a room is to have | Control the humidifier
percent! int 35..60 5 | target humidity
- Keep the humidity at {percent} percent. / The air is so dry, humidify to {percent} percent. / I want {percent} percent humidity in here.
= The humidifier is set to {percent} percent.

solar_output read_solar pvPower | Tell how much power the solar panels give now | Read the power of the roof's panels
- What are the solar panels giving? / How is the roof doing, power-wise? / Are we making any solar power? / solar power now
= 2.4 kilowatts > The panels give 2.4 kilowatts.

electricity_price power_price | Look up what a kilowatt hour costs now or on a day | Current price of electricity
day day | which day
- What does electricity cost at the moment? / How dear is power {day}? / Is power cheap {day}?
= 21 cents > A kilowatt hour costs 21 cents.

water_meter read_water waterUse | Tell how much water was used | Read the water meter
period! enum today, week=this week, month=this month | over what time
- How much water have we used {period}? / Water use {period}? / Did we waste a lot of water {period}?
= 140 liters > It was 140 liters.

open_window moveWindow tilt_skylight | Open or close a roof window | Moves a window by its motor
window! text skylight, bathroom window, window on the landing | which window
open! flag open, closed
- I'd like the {window} {open}. / Get the {window} {open}. / The {window} should be {open}, please.
= The {window} is {open}.

extend_awning set_awning | Extend or retract the awning over the terrace | Control the terrace's awning
extended! flag out, in | true is out
- Roll the awning {extended}. / Awning {extended} please. / The terrace is in full glare or not, anyway get the awning {extended}.
= The awning is {extended}.

boil_kettle heatWater kettle_on | Heat water in the kettle | Start the electric kettle
celsius int 70..100 5 | how hot
- Put the kettle on. / I need hot water at {celsius} degrees. / Boil some water for me. / Kettle to {celsius}.
= The water is hot in two minutes.

cook_rice rice_cooker start_rice | Start the rice cooker | Cook rice
cups! int 1..6 | how many cups of dry rice
keep_warm always | whether to keep it warm afterwards
- Cook {cups} cups of rice. / We're having curry, make {cups} cups of rice. / Rice for us, {cups} cups. / {cups} cups of rice and keep it warm{keep_warm}, would you?
= The rice is cooking and is done in 25 minutes.

bake_bread breadMaker | Have the bread maker bake a loaf | Start baking bread
loaf! enum white, rye, wholegrain | what kind
ready_at clock | when it should be ready
- Bake a {loaf} loaf. / I want {loaf} bread by {ready_at}. / Fresh {loaf} bread would be lovely, start the bread maker. / A {loaf} loaf for {ready_at} please.
= The {loaf} loaf is in the works.

check_fridge fridge_has inFridge | Tell whether something is in the fridge | Look into the fridge's inventory
item! text yogurt, mustard, feta, orange juice, spring onions | what to look for
- Is there any {item} left? / Do we still have {item}? / Have a look whether there's {item} in the fridge. / {item}, do we have any?
= Yes, there is some {item}.

defrost_freezer freezer_temperature | Tell how cold the freezer is | Read the freezer's thermometer
- How cold is the freezer? / Is the freezer still cold enough? / Check on the freezer.
= minus 18 degrees > It is minus 18 degrees in there.

purify_air airPurifier run_purifier | Run the air purifier for some time | Clean the air with the purifier
minutes minutes 10..50 5
- It smells of smoke, clean the air. / Run the purifier for {minutes}. / Purify the air for {minutes}, would you? / Get the purifier going.
= The purifier is running.

ring_doorbell_video show_door doorCamera | Show who is at the door on the display | Stream the camera above the front door
- Who's at the door? / Somebody rang, let me see. / Show me the front door. / Is anybody outside?
= The picture is on the display.

announce intercom_say broadcast | Say something through the loudspeakers of a room | Announce a message in the house
message! text lunch is served, we leave in 10 minutes=we leave in ten minutes, it's time for homework, the game begins | what to say
room text garage, kids' room, workshop, upstairs
- Announce that {message}. / Let everyone at home hear that {message}. / Call out in the {room} that {message}. / Broadcast to the {room}: {message}.
= It was announced.

visitor_code make_code guestCode | Make a code for the front gate that a visitor may use once | Create a one-time code
name! text the plumber, Aunt Rosa, the cleaner, Viktor | who it is for
- Make a gate code for {name}. / {name} is coming by and needs a code. / Create a one-time code for {name}.
= The code for {name} is 4 4 1 9.

fireplace light_fire set_flame | Light or put out the gas fireplace | Control the fireplace
burning! flag lit, out | whether it burns
- I want the fireplace {burning}. / Get the fire {burning}. / Fireplace {burning} please. / It's a cozy evening or it isn't, fire {burning}!
= The fire is {burning}.

hot_tub heat_tub warm_pool | Warm the hot tub for a time of day | Get the tub warm
ready_at! clock | when it should be warm
- The tub should be warm by {ready_at}. / We want to soak at {ready_at}, heat the hot tub. / Hot tub for {ready_at}.
= The tub is warm at {ready_at}.

blanket electricBlanket warm_bed | Set the heat of the electric blanket | Warm the bed
level! int 1..5 | from 1 to 5
- Warm my bed on level {level}. / Blanket on {level}. / My feet are like ice, electric blanket to {level}.
= The blanket is on level {level}.

coop_door chicken_door | Open or close the door of the chicken coop | Lets the hens out or shuts them in
open! flag open, shut
- Get the hens' door {open}. / Chicken coop {open} please. / I want the coop {open}.
= The coop is {open}.

soil_moisture plant_thirst checkPlant | Tell how moist the soil of a plant is | Read a plant's moisture sensor
plant! text basil, fern, lemon tree, orchid, cactus
- Is the {plant} thirsty? / How moist is the {plant}? / Does the {plant} need anything? / How's my {plant} doing?
= 22 percent > Its soil is at 22 percent.

greenhouse_vent ventGreenhouse | Set how far the greenhouse's roof is open | Ventilate the greenhouse
percent! int 0..100 10 | 0 is shut
- Open the greenhouse to {percent} percent. / Greenhouse vent at {percent}. / It's stuffy for the cucumbers, vent the greenhouse {percent} percent.
= The vent is at {percent} percent.

mailbox_check anyMail | Tell whether there are letters in the mailbox | Read the mailbox's sensor
- Any letters? / Did the postman come? / Is there something in the mailbox? / Have we got post?
= two letters > There are two letters.

trash_day garbage_pickup | Tell when a bin is collected next | Look up the collection calendar
bin enum paper, glass, organic=compost, plastic | which bin
- When do they collect the {bin}? / Which day does the rubbish go? / Next {bin} collection? / When is the garbage picked up?
= on Thursday morning > They come on Thursday morning.

leak_check find_leaks | Check the water sensors for leaks | Look whether there is water where there should be none
- Is anything leaking? / I hear dripping, check for leaks. / Are the pipes all right?
= All sensors are dry.

wake_light sunriseLamp | Brighten the bedroom slowly in the morning | Wake somebody with light
at! clock | when it is to be bright
- Let it get light in the bedroom by {at}. / Wake me with light at {at}. / Sunrise lamp for {at}.
= It will be bright at {at}.

baby_monitor listen_nursery | Switch the baby monitor on or off | Listen for the baby
active! flag on, off
- Baby monitor {active}. / The little one is in bed or up again, baby monitor {active}. / I want the baby monitor {active}.
= The baby monitor is {active}.

set_scene activate_scene lighting_mood | Set a lighting scene | Change the mood of the lights
scene! enum movie=movie, dinner=dinner, party=party, focus=focus
- Make it a {scene} mood. / Activate the {scene} scene. / {scene} scene please. / We need {scene} lighting.
= The {scene} scene is on.

ice_maker make_ice | Make ice cubes | Start the ice machine
amount enum small=a small batch, large=a large batch
- We need ice cubes. / Make {amount} of ice. / Start the ice machine with {amount}. / Ice, please, the guests are coming.
= The ice is ready in twenty minutes.
"""
