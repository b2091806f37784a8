"""What the words of an utterance add to the model's own choice."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.core.prompt.choice import Choice, Leaning, is_begun, passage
from device.core.prompt.clauses import clauses, verbs_of
from device.core.prompt.evidence import Evidence
from device.core.prompt.messages import ToolSpec
from device.core.prompt.stems import stem, stems_of, words_of


def tool(name: str, description: str, **properties) -> ToolSpec:
    return ToolSpec(name=name, description=description, parameters={"type": "object", "properties": properties})


TOOLS = (
    tool("play_track", "Play a piece of music", title={"type": "string"}),
    tool("get_forecast", "Get the weather forecast", place={"type": "string"}),
    tool("lockDoor", "Lock a door", door={"type": "string", "enum": ["front", "back"]}),
    tool("set_alarm", "Set an alarm", time={"type": "string"}),
    tool("list_alarms", "List the alarms"),
)


def best(utterance: str) -> str:
    return max(Choice(TOOLS).leaning(utterance).names, key=lambda pair: pair[1])[0]


def test_forms_of_a_word_have_one_stem_and_names_are_taken_apart():
    assert {stem("lights"), stem("lighting"), stem("light")} == {"light"}
    assert words_of("lockDoor set_alarm 5% what's") == ["lock", "door", "set", "alarm", "5", "percent", "what", "is"]
    assert stems_of("What is the weather like?") == {"weather"}


@pytest.mark.parametrize(
    ("utterance", "name"),
    [
        ("lock the front door", "lockDoor"),
        ("I'd like to listen to that new album", "play_track"),
        ("do I need an umbrella", "get_forecast"),
        ("set an alarm for six", "set_alarm"),
        ("which alarms are there", "list_alarms"),
    ],
)
def test_words_speak_for_the_tool_that_they_are_about(utterance, name):
    assert best(utterance) == name


def test_requests_lean_to_a_call_and_talk_to_speech():
    choice = Choice(TOOLS)
    assert choice.leaning("lock the door").opening > 0
    assert choice.leaning("thank you, good night").opening < 0
    assert choice.leaning("the wug flubs").opening < 0 < choice.leaning("flub the wug").opening < 1


def test_talk_that_a_tool_is_for_is_no_talk():
    joker = Evidence((tool("tell_joke", "Tell a joke"),))
    assert joker.for_talk("tell me a joke") == 0
    assert joker.for_tools("tell me a joke")[0] > 0
    assert Evidence(TOOLS).for_talk("tell me a joke") == 1


def test_without_tools_nothing_leans():
    assert Choice(()).leaning("lock the door") == Leaning()


def test_several_wishes_take_turns_until_each_is_met():
    leaning = Choice(TOOLS).leaning("Lock the front door and play some music.")
    assert [max(wish.names, key=lambda pair: pair[1])[0] for wish in leaning.wishes] == ["lockDoor", "play_track"]
    first = '{"name": "lockDoor", "arguments": {"door": "front"}}'
    second = '\n{"name": "play_track", "arguments": {"title": "music"}}'
    assert leaning.names_after("") == leaning.wishes[0].names
    assert leaning.names_after(first) == leaning.wishes[1].names
    assert leaning.more_after(first) > 0
    assert leaning.more_after(first + second) < 0


def test_a_wish_whose_words_went_into_a_call_is_met():
    notes = Choice((tool("take_note", "Write down a note"), TOOLS[2]))
    leaning = notes.leaning("Take a note: lunch at noon, and lock the back door.")
    assert len(leaning.wishes) == 2
    assert leaning.more_after('{"name": "take_note", "arguments": {"text": "lunch, lock the back door"}}') < 0


def call(name, **arguments):
    return json.dumps({"name": name, "arguments": arguments})


@pytest.mark.parametrize(
    ("said", "first", "second"),
    [
        ("What's the forecast for Rome and Oslo?", {"place": "Rome"}, {"place": "Oslo"}),
        ("tell me the forecast for rome and also for oslo", {"place": "rome"}, {"place": "oslo"}),
        ("What is the forecast for Rome, and what is it for Oslo?", {"place": "Rome"}, {"place": "Oslo"}),
        ("Will it rain in Rome, and how about Oslo?", {"place": "Rome"}, {"place": "Oslo"}),
        ("Get the forecast for Rome and do the same for Oslo.", {"place": "Rome"}, {"place": "Oslo"}),
        ("Get the forecast for 3 days and another for 5.", {"place": "3 days"}, {"place": "5 days"}),
    ],
)
def test_a_wish_for_two_things_is_met_by_two_calls(said, first, second):
    leaning = Choice(TOOLS).leaning(said)
    one, other = call("get_forecast", **first), call("get_forecast", **second)
    assert leaning.more_after(one) > 0
    assert leaning.more_after(f"{one}, {other}") < 0
    assert leaning.more_after(call("get_forecast", place=f"{first['place']} and {second['place']}")) <= 0


def test_each_call_takes_its_words_from_the_next_thing():
    leaning = Choice(TOOLS).leaning("Set an alarm for 7 am tomorrow and one for 9 am on Saturday.")
    assert leaning.said_to("set_alarm", "") == "set an alarm for 7 am tomorrow"
    assert leaning.said_to("set_alarm", call("set_alarm", time="7 am")) == "one for 9 am on saturday."
    leaning = Choice(TOOLS).leaning("Set an alarm at 6:30 and at 7.")
    assert leaning.more_after(call("set_alarm", time="6:30")) > 0


@pytest.mark.parametrize("closing", ["}}", "}", "}}\n", ""])
def test_a_model_that_says_the_same_again_is_done(closing):
    leaning = Choice(TOOLS).leaning("Set an alarm for 7 and one for 9 and one for 10.")
    one = call("set_alarm", time="7")
    assert leaning.more_after(one) > 0
    assert leaning.more_after(f"{one}, {one.removesuffix('}}')}{closing}") < 0


def test_the_first_thing_may_be_called_for_last():
    leaning = Choice(TOOLS).leaning("What's the forecast for Rome and Oslo?")
    assert leaning.more_after(call("get_forecast", place="Oslo")) > 0
    assert leaning.said_to("get_forecast", call("get_forecast", place="Oslo")).endswith("rome")


def test_a_tool_without_arguments_is_called_once():
    assert Choice(TOOLS).leaning("which alarms are there for Monday and for Tuesday").wishes == ()


@pytest.mark.parametrize(
    "said",
    [
        "play some jazz please and thank you",
        "play some jazz and be quick about it",
        "play something for cooking and dinner",
        "set an alarm between 7 and 8",
        "set an alarm in 2 weeks and 3 days",
        "set an alarm in 2 and a half hours",
        "play 5 feet and 10 inches",
        "play 20 euros and 50 cents",
        "play Simon and Garfunkel",
        "PLAY SIMON AND GARFUNKEL",
    ],
)
def test_an_and_alone_forces_nothing(said):
    for wish in (leaning := Choice(TOOLS).leaning(said)).wishes:
        assert leaning.more_after(call(wish.best, title="some jazz")) <= 0


def test_what_is_said_once_for_all_things_belongs_to_each():
    items = tool("add_item", "Add an item", list={"type": "string"}, item={"type": "string"})
    leaning = Choice((*TOOLS, items)).leaning("add 2 apples and 3 pears to the shopping list")
    assert leaning.said_to("add_item", "") == "add 2 apples to the shopping list"


@pytest.mark.parametrize(
    ("said", "arguments"),
    [
        ("Play rock and roll.", {"title": "rock and roll"}),
        ("Play Simon and Garfunkel's Bridge over troubled water.", {"title": "Simon and Garfunkel"}),
        ("Play the 3 best songs of 1990 and 1991.", {"title": "3 best songs of 1990 and 1991"}),
    ],
)
def test_one_thing_never_asks_for_more(said, arguments):
    assert Choice(TOOLS).leaning(said).more_after(call("play_track", **arguments)) <= 0


@pytest.mark.parametrize("said", ["set an alarm in an hour and 20 minutes", "set an alarm in an hour and a half"])
def test_a_duration_is_one_thing(said):
    assert Choice(TOOLS).leaning(said).wishes == ()


def test_a_call_is_about_its_own_thing():
    switch = tool("switch", "Switch an output", output={"enum": ["lamp", "fan"]}, on={"type": "boolean"})
    choice = Choice((switch, *TOOLS))
    said = "switch the lamp on and the fan off, and play jazz"
    assert choice.own_words(said, switch, {"output": "lamp"})[1] == "switch the lamp on"
    assert choice.own_words(said, switch, {"output": "fan"})[1] == "the fan off"
    assert choice.own_words(said, switch, {"output": "lamp and fan"})[1] == "switch the lamp on and the fan off"


def test_what_somebody_is_to_be_told_stays_whole():
    text = tool("send_text", "Send a text message", to={"type": "string"}, text={"type": "string"})
    choice, said = Choice((text, *TOOLS)), "text Ann that Tom comes at 5 and Eve comes at 6"
    assert choice.own_words(said, text, {"to": "Ann", "text": "Tom comes at 5"})[1] == said


def test_a_remark_before_a_request_is_no_wish():
    assert Choice(TOOLS).leaning("The music is nice, lock the door.").wishes == ()


def test_a_text_is_a_passage_of_what_was_said():
    said = "text ann that i'll be late, i promise"
    assert is_begun("I'll be la", said)
    assert not is_begun("be I'll", said)
    assert not is_begun("ate", said)
    assert passage("Hello Ann", said) == "Ann"
    assert passage("I'll be", said) == "I'll be"
    assert passage("jazz", said) == ""


def test_the_texts_of_a_call_are_passages_of_its_own_wish():
    leaning = Choice(TOOLS).leaning("Lock the front door and play some music.")
    assert leaning.said_to("lockDoor", "") == "lock the front door"
    assert leaning.said_to("set_alarm", "") == leaning.said == "lock the front door and play some music."


@pytest.mark.parametrize("said", ["don't lock the door", "no please don't play any music", "do not set an alarm"])
def test_what_is_not_to_be_done_is_not_called(said):
    assert Choice(TOOLS).leaning(said).opening < -8


@pytest.mark.parametrize("said", ["don't let me forget to lock the door", "don't play music, lock the door"])
def test_a_refusal_is_not_all_that_begins_with_dont(said):
    assert Choice(TOOLS).leaning(said).opening > 0


def test_units_and_words_that_sound_alike_say_little():
    trains = tool("log_training", "Log a training", after_hours={"type": "integer"})
    evidence = Evidence((trains, *TOOLS))
    assert evidence.for_tools("two hours")[0] < 0.3
    assert evidence.for_tools("when does the bus leave")[0] == 0


@given(st.text(), st.text())
def test_any_utterance_is_weighed(utterance, written):
    leaning = Choice(TOOLS).leaning(utterance)
    assert all(0 <= weight <= 12 for _, weight in leaning.names)
    assert -13 <= leaning.opening <= 11
    assert written.endswith(passage(written, leaning.said))


def test_light_verbs_are_no_evidence_by_themselves():
    evidence = Evidence((tool("set_heat", "Set the heat"), tool("list_jobs", "List the jobs"), *TOOLS))
    assert evidence.for_tools("set the table")[0] == 0
    assert evidence.for_tools("set the heat")[0] > 1
    assert evidence.for_tools("what is on my list")[1] == 0


def test_a_verb_among_the_choices_of_an_argument_is_a_thing():
    log = tool("log_sport", "Log a sport", kind={"type": "string", "enum": ["running", "rowing"]})
    assert Evidence((log, *TOOLS)).for_tools("log half an hour of running")[0] > 0.7


@pytest.mark.parametrize(
    ("said", "parts"),
    [
        ("lock the door and play some music", ["lock the door", "play some music"]),
        ("add milk, bread and eggs to the list, then lock up", ["add milk, bread and eggs to the list", "lock up"]),
        ("set an alarm in an hour and twenty minutes", ["set an alarm in an hour and twenty minutes"]),
        ("add milk and water to the list", ["add milk and water to the list"]),
        ("lock up and wake me at 7", ["lock up", "wake me at 7"]),
        ("lock up, and in an hour play jazz", ["lock up", "in an hour play jazz"]),
        ("lock up. Some jazz please", ["lock up", "Some jazz please"]),
        ("lock up, I want to hear jazz", ["lock up", "I want to hear jazz"]),
        ("", [""]),
    ],
)
def test_a_clause_begins_like_one(said, parts):
    assert clauses(said, verbs_of(TOOLS)) == parts


def test_an_and_within_a_wish_makes_no_second_one():
    lists = tool("add_to_list", "Put an item on a list", item={"type": "string"})
    choice = Choice((*TOOLS, lists))
    leaning = choice.leaning("put an alarm clock and a music box on the list")
    assert leaning.more_after(call("add_to_list", item="alarm clock and music box")) < 0
    assert len(choice.leaning("put milk and music on the list, and set an alarm for six").wishes) == 2


@pytest.mark.parametrize(
    ("said", "form"),
    [("Will alarms ring", 1), ("Should I set an alarm", 1), ("Can we have music", 0), ("some music", -1)],
)
def test_a_question_a_wish_and_a_command_are_told_apart(said, form):
    reads, acts = (tool(name, "Alarms music", x={"type": "string"}) for name in ("show_it", "move_it"))
    read, act = Evidence((reads, acts)).for_tools(said)
    assert (read > act) - (read < act) == form


@pytest.mark.parametrize(
    "before", ["hello ", "Good morning, ", "okay so ", "hi there, ", "I want to know ", "thanks, and then ", "oh well "]
)
def test_a_greeting_changes_neither_a_question_nor_a_command(before):
    evidence = Evidence(TOOLS)
    for said in ("what alarms are set", "lock the door", "can you lock the door", "check my alarms"):
        assert evidence.for_tools(before + said) == evidence.for_tools(said)
        assert evidence.is_request(before + said)
    assert not evidence.is_request(before + "it's cold")


@pytest.mark.parametrize("said", ["tell me the alarms", "check the alarms", "show me my alarms", "give me the alarms"])
def test_what_is_to_be_told_is_asked_for(said):
    assert best(said) == "list_alarms"


def test_a_greeting_alone_may_be_what_a_tool_is_for():
    scenes = Evidence((tool("run_scene", "Run a scene", scene={"type": "string", "enum": ["good night"]}), *TOOLS))
    assert scenes.for_tools("good night")[0] > 0


@pytest.mark.parametrize("said", ["what's on my shopping list", "what do I still have to buy", "what's on the list"])
def test_a_tool_that_lists_something_is_not_about_lists(said):
    lists = tool("read_list", "Tell what is on a list", which={"type": "string"})
    of_lists, *_, of_alarms = Evidence((lists, *TOOLS)).for_tools(said)
    assert 2 * of_alarms < of_lists
