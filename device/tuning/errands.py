"""Tools of the day's business, and how one asks for them."""

TOOLS = """
flight_status check_flight flightInfo | Tell whether a flight is on time | Look up a flight by its number
flight! text LH 440=LH 440, BA 12=BA 12, KL 1023=KL 1023, AF 7=AF 7 | the flight's number
- Is flight {flight} on time? / When does {flight} land? / Any delay on {flight}? / Check flight {flight} for me.
= {flight} is on time.

tide_times tides highTide | Tell when high and low tide are | Tide table of a place
place! text Brighton, Cuxhaven, Saint Malo, Whitby
day day
- When is high tide in {place}? / Tides at {place} {day}? / How is the water in {place} {day}, high or low? / tide times {place}
= high tide at 14:20 > High tide is at 14:20.

pollen_count pollen | Tell how strong pollen is | Pollen forecast of a plant
plant! enum birch, grass, hazel, ragweed
- How bad is the {plant} pollen? / Is there {plant} pollen about? / My nose itches, what does {plant} pollen say?
= moderate > It is moderate today.

ferry_times next_ferry | Tell when the next ferry leaves | Ferry timetable
harbor! text Rosslare, Piraeus, Kiel, Oban | where it leaves
- When's the next ferry out of {harbor}? / Ferries leaving {harbor}? / I want to catch a ferry in {harbor}, when?
= at 17:45 > The next one leaves at 17:45.

rent_bike bikeShare unlock_bike | Unlock a rental bike | Rent a bike of the bike share
bike! int 101..899 7 | the bike's number
- Unlock bike {bike}. / I'm standing by bike {bike}, rent it. / I'd like to take bike number {bike}.
= Bike {bike} is unlocked.

find_parking parking_near | Find a free parking space | Look for somewhere to park
near! text the opera, the old town, the zoo, the university
- Where can I park near {near}? / I'm driving to {near}, find me a parking space. / Any free parking by {near}?
= 12 spaces in the garage on Mill Lane > There are 12 spaces in the garage on Mill Lane.

fuel_price cheapest_gas | Tell where fuel is cheapest | Compare petrol stations
fuel! enum diesel, petrol, premium
- Where is {fuel} cheapest? / I have to fill up on {fuel}, where do I go? / {fuel} prices around here?
= 1.59 at the station on Canal Road > It is cheapest on Canal Road, at 1.59.

car_tires tire_pressure | Tell the pressure of the car's tires | Read the car's tire sensors
- How's the pressure of my tires? / Do the tires need air? / Check the tires of the car.
= all at 2.4 bar > All tires are at 2.4 bar.

preheat_car warm_car | Warm the car before a drive | Start the car's heating
at! clock | when it is to be warm
- Warm the car for {at}. / I drive off at {at}, have the car warm. / The windshield will be frozen, preheat the car for {at}.
= The car is warm at {at}.

log_mileage drive_log noteTrip | Note a drive in the mileage log | Record how far was driven
kilometers! num 3..240
purpose enum business, private
- I drove {kilometers} kilometers, log it. / Put {kilometers} kilometers in the mileage log as {purpose}. / That was a {purpose} drive of {kilometers} kilometers, note it. / mileage log {kilometers} kilometers
= {kilometers} kilometers are logged.

order_groceries reorder buy_online | Order something from the grocery store | Order food for delivery
item! text cat litter, oat milk, sparkling water, tomatoes
quantity! int 1..12
- Order {quantity} packs of {item}. / We want {quantity} of the {item} delivered. / Get us {quantity} {item} from the store online.
= {quantity} {item} are ordered.

library_loans borrowed_books | Tell which books are borrowed and when they are due | List the library's loans
- Which books do I have to bring back? / What have I borrowed? / When are my library books due?
= two books, due on Monday > You have two books, and they are due on Monday.

renew_loan extendBook | Renew a borrowed book | Extend a library loan
title! text Middlemarch, The Hobbit, Dune, Emma
- Renew {title}. / I need {title} for longer. / I'm not done with {title}, extend it at the library.
= {title} is due three weeks later.

doctor_slot free_appointment | Find the next free appointment of a doctor | Look for a free slot
field! enum dentist=dentist, eyes=eye doctor, skin=skin doctor
- When could I see the {field}? / Find me a slot with the {field}. / The {field}, when is the next opening?
= on the ninth at 10:15 > The next one is on the ninth at 10:15.

log_medicine took_pill medDiary | Note that a medicine was taken | Record a dose
medicine! text ibuprofen, vitamin D, my antibiotic, the iron tablet
- I took {medicine}. / Note that I've had {medicine}. / {medicine} taken, write it in the medicine diary.
= Noted.

drink_log log_water | Note how much water was drunk | Count glasses of water
glasses! int 1..6
- I drank {glasses} glasses of water. / {glasses} more glasses of water for the log. / Count {glasses} glasses for me.
= {glasses} glasses were added.

log_weight weighIn | Note the body weight | Record what the scales say
kilograms! num 48..96
- I weigh {kilograms} kilos today. / The scales say {kilograms} kilograms, note that. / Weight is {kilograms}.
= {kilograms} kilograms are noted.

assign_chore give_chore choreFor | Give a chore to somebody of the family | Assign housework
person! text Mia, Paul, Dad, Grandpa
chore! text sweeping the stairs, the windows, walking the dog, ironing
- {person} is to do {chore}. / Give {chore} to {person}. / Put {person} down for {chore}. / Who does {chore}? Let it be {person}.
= {person} has {chore}.

pay_allowance pocket_money | Pay pocket money to a child | Transfer the allowance
child! text Lea, Noah, Finn
amount! num 2..20 | in euros
- Pay {child} {amount} euros of pocket money. / {child} gets {amount} euros allowance. / Send {child}'s allowance, {amount} euros.
= {child} got {amount} euros.

gift_idea save_gift | Remember a gift idea for a person | Note what somebody might like
person! text my wife, Jonas, Grandma, Emil
idea! text a telescope, warm slippers, a pottery course, concert tickets
- A gift idea for {person}: {idea}. / {person} would love {idea}, remember that as a present. / Keep {idea} in mind as a gift for {person}.
= The idea is saved.

school_menu canteen lunch_at_school | Tell what the canteen serves | School lunch of a day
day! day
- What's for lunch at school {day}? / What does the canteen have {day}? / Do the kids get anything nice {day} at the canteen?
= lasagna > They have lasagna.

birthday_of lookup_birthday | Look up when somebody has their birthday | Birthday of a contact
name! text Uncle Henry, Theresa, my boss, Oskar
- When's {name}'s birthday? / Which day was {name} born? / I always forget the birthday of {name}.
= on the second of June > It is on the second of June.

print_file start_print printDoc | Print a document | Send a file to the printer
document! text boarding pass, tax form, invoice, shopping coupon
copies int 2..9
- Print the {document}. / {copies} copies of the {document}, please. / I need the {document} on paper. / Print my {document}, {copies} times.
= The {document} is being printed.

scan_page scanner | Scan what is on the scanner and keep it under a name | Digitize a sheet
name! text contract, recipe card, certificate, receipt
- Scan this and call it {name}. / There's a sheet on the scanner, save it as {name}. / Digitize the page, name it {name}.
= It is saved as {name}.

backup_now start_backup | Back up the computers at home | Save everything to the backup disk
machine text laptop, server, office computer
- Make a backup. / Back the {machine} up. / Save everything to the backup disk. / I want the {machine} backed up now.
= The backup is running.

internet_speed speedTest | Measure how fast the internet is | Run a speed test
- How fast is our internet? / The internet is sluggish, measure it. / Run a speed test.
= 92 megabits per second > It makes 92 megabits per second.

block_site parental_block | Block or allow a website for the children | Set the parental control
site! text YouTube, TikTok, Roblox
blocked! flag blocked, allowed
- I want {site} {blocked} for the kids. / Get {site} {blocked}. / {site} is to be {blocked}.
= {site} is {blocked}.

queue_number take_ticket | Draw a waiting number at an office | Get in line
office! text town hall, post office, tax office
- Get me a number at the {office}. / Put me in line at the {office}. / I have to go to the {office}, draw a number.
= Your number is 57.

rent_due utility_bill next_bill | Tell which bill is due next | Look up open bills
- Which bill comes next? / Do I owe anybody anything? / Are there open bills?
= the water bill, 48 euros, on Friday > The water bill comes next, 48 euros on Friday.

hire_sitter ask_sitter | Ask a babysitter for an evening | Request a babysitter
day! day
from! clock | when the evening begins
- We need a babysitter {day} from {from}. / Ask the sitter for {day} at {from}. / Who watches the kids {day}? Get a sitter for {from}.
= The sitter was asked.

schedule_repair call_technician | Arrange a repair | Have something fixed by a technician
thing! text boiler, dryer, elevator, satellite dish
day day
- The {thing} is broken, get someone to fix it. / Arrange for the {thing} to be repaired {day}. / Somebody has to look at the {thing}.
= A technician comes for the {thing}.
"""
