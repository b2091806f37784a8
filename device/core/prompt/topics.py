"""What people say when they want what a tool is for: a small thesaurus of everyday topics.

A tool's schema says "weather" where its user says "umbrella". Each line is `a tool's words | a user's words`: a tool
whose name or description has one of the first is spoken for by any of the second. The list knows subjects, not tools;
a tool that is in none of its topics is still found by the words of its own schema.
"""

TOPICS = """
    time date clock calendar day | time, date, weekday, o'clock, day of the week, which day, what day, how late
    timer countdown stopwatch | timer, countdown, stopwatch, minute, second, hour, ring, count down, time left
    alarm wake | alarm, wake, get up, clock, morning
    remind reminder | remind, forget, remember, warn, reminder
    calculate calculator arithmetic math | plus, minus, times, multiply, divided, percent, square, root, squared
    calculate calculator arithmetic math | cubed, sum, half of, add up, math, subtract
    convert conversion unit | mile, kilometer, meter, foot, feet, inch, yard, centimeter, pound, kilo, kilogram
    convert conversion unit | gram, ounce, stone, liter, gallon, pint, cup, celsius, fahrenheit, convert
    currency exchange | dollar, euro, pound, yen, franc, currency, exchange
    list shopping grocery groceries todo | list, buy, grocery, groceries, shopping, out of, run out, bought
    note notes memo | note, notes, write down, wrote down, jot, memo, dictate
    volume loudness | loud, louder, quiet, quieter, volume, mute, softer, turn up, turn down, turn it up
    volume loudness | turn it down, hear you
    speed fast rate | fast, faster, slow, slower, slowly, speed, quickly
    weather forecast | weather, forecast, rain, raining, sunny, sun, snow, umbrella, cold, warm, hot, wind, windy
    weather forecast | storm, degrees, outside, jacket, coat, temperature
    music song album artist playlist media track | music, song, album, band, artist, listen, hear, play, playlist
    music song album artist playlist media track | tune, track, jazz, rock, pop
    radio podcast station | radio, podcast, station, listen, episode
    light lights lamp brightness | light, lamp, bright, brighter, dark, dim, see
    thermostat heating heat temperature climate | heating, heat, warm, warmer, cold, colder, hot, degrees, freezing
    thermostat heating heat temperature climate | temperature, chilly, thermostat
    heater fan air | heater, fan, hot, cold, warm, air
    door lock garage gate | lock, unlock, door, gate, open, close, shut, garage
    window blind curtain shutter shade | window, blind, blinds, curtain, shutter, shade, open, close, sun
    vacuum clean robot | vacuum, clean, dirty, dust, floor, hoover, sweep, robot
    message text sms email mail | message, text, email, mail, tell, send, let know, saying, write
    call phone dial | call, phone, ring, dial, speak to, talk to
    calendar event meeting appointment schedule | meeting, appointment, schedule, calendar, event, free, busy, plan
    calendar event meeting appointment schedule | agenda
    news headline | news, headline, happening, latest
    stock share market price | stock, share, trading, market, price, worth, trade
    train bus transit departure flight travel | train, bus, flight, station, get to, departure, leave, next, tram
    train bus transit departure flight travel | airport, fly
    route direction navigate map distance traffic | way, directions, route, drive, far, distance, traffic, get to
    route direction navigate map distance traffic | navigate
    restaurant reserve book table reservation hotel | book, reserve, table, restaurant, room, reservation, hotel
    restaurant reserve book table reservation hotel | dinner
    order food pizza delivery | order, hungry, pizza, eat, deliver, food
    recipe cook ingredient | recipe, cook, bake, ingredient, dish
    translate translation language | translate, translation, how do you say, language
    translate translation language | french, german, spanish, italian, japanese
    translate translation language | chinese, russian, dutch, portuguese, korean, greek, arabic, turkish, polish
    translate translation language | swedish
    define definition dictionary spell | mean, meaning, definition, define, spell
    coffee tea brew espresso | coffee, tea, espresso, brew, cup, cappuccino
    oven dishwasher washing laundry | oven, dishwasher, wash, washing, laundry, dryer, preheat
    tv television channel film movie video | tv, television, channel, film, movie, watch, show, series
    picture photo camera | photo, picture, camera, look
    status battery memory disk processor system uptime | battery, memory, disk, processor, storage, charge
    status battery memory disk processor system uptime | uptime, status, cpu, you been running
    search web internet lookup | search, look up, google, internet, web, find out
    sport score match game team | score, match, game, team, won, win, playing
    package parcel shipment tracking | package, parcel, delivery, shipment, arrive
    car vehicle | car, drive, park, charge, tire
    garden plant lawn sprinkler water | water, plant, lawn, sprinkler, garden, grass
    pet feed | feed, pet, cat, dog, food
    task background job | task, working on, background, job
    think research analyze investigate | think, research, thoroughly, carefully, investigate, background, find out
    temperature sensor humidity | temperature, humidity, warm, cold, degrees
    money account balance bank payment transfer | money, account, balance, bank, pay, transfer, spent
    birthday contact address | birthday, contact, number, address
    sleep step heart health workout weight | sleep, slept, steps, heart, workout, exercise, calories, weigh, run
    joke fun | joke, funny, laugh
    story poem | story, poem, tale
    fact wikipedia knowledge encyclopedia | fact, who, know
    cancel remove delete stop clear | cancel, remove, delete, stop, don't need, no longer, forget about, forget the
    cancel remove delete stop clear | take off, off the list, clear, erase, get rid, abort, can go
    coin dice random | coin, dice, die, roll, flip, random, pick
"""
"""One topic a line; a user's word may be several."""

TALK = """
    hello, hi, hey, bye, goodbye, good morning, good night, good evening, see you, thanks, thank you, sorry, please
    repeat, how are you, who are you, your name, are you, do you like, do you think, what do you, can you do, i
    love, i feel, i am, i'm, my name, you are, you're, i had, i like, i hate, guess, joke, story, poem, sing,
    riddle, something interesting, fun fact, advice, recommend, suggest, idea, explain, who wrote, who was, who is,
    who painted, who invented, who discovered, why, capital of, how do, how does, how tall, how old, how big, how
    many legs, when did, when was, what does, what are, mean, difference between, largest,
    biggest, tallest, planet, world war, invented, never mind, happy, congratulations, wrong, okay, ok, yes, no,
    bed, tired
"""
"""How people begin when they only want to talk. What a tool's own description mentions does not count as talk."""
