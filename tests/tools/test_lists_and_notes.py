"""Lists and notes, which several contexts may change at once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.adapters.fakes.values import MemoryValues
from device.errors import Conflict, ToolError
from device.toolkit import MOST_TRIES, update
from device.tools.lists import list_name
from tests.tools.surroundings import call, tool_context


@pytest.fixture
def context():
    return tool_context()


async def test_things_are_put_on_a_list_told_and_taken_off(context):
    assert await call(context, "read_list", list="shopping") == "The shopping list is empty."
    assert await call(context, "add_to_list", list="the shopping list", item="milk") == "milk is on the shopping list."
    assert await call(context, "add_to_list", list="Shopping", item="eggs, bread and salt") == (
        "eggs, bread and salt are on the shopping list."
    )
    assert await call(context, "read_list", list="my shopping list") == (
        "On the shopping list: milk, eggs, bread and salt."
    )
    assert await call(context, "remove_from_list", list="shopping", item="the egg") == "eggs is off the shopping list."
    assert await call(context, "read_list", list="shopping") == "On the shopping list: milk, bread and salt."
    assert await call(context, "read_list", list="the to-do list") == "The to do list is empty."
    await call(context, "remove_from_list", list="shopping", item="everything")
    assert await call(context, "read_list", list="shopping") == "The shopping list is empty."


@pytest.mark.parametrize(
    ("item", "left"),
    [
        ("everything except milk", "milk"),
        ("all items but the eggs", "eggs"),
        ("everything on the shopping list apart from salt and pepper and the milk", "milk and salt and pepper"),
        ("everything, excluding bread", "brown bread and white bread"),
        ("bread other than the brown one", "milk, eggs, brown bread and salt and pepper"),
    ],
)
async def test_what_is_excepted_stays_on_the_list(context, item, left):
    context.values.overwrite("list shopping", ["milk", "eggs", "brown bread", "white bread", "salt and pepper"])
    await call(context, "remove_from_list", list="shopping", item=item)
    assert await call(context, "read_list", list="shopping") == f"On the shopping list: {left}."


@pytest.mark.parametrize(
    ("item", "left"),
    [
        ("milk and eggs", "oat milk, brown bread and salt and pepper"),
        ("the milk", "oat milk, eggs, brown bread and salt and pepper"),
        ("salt and pepper", "milk, oat milk, eggs and brown bread"),
        ("eggs from the shopping list", "milk, oat milk, brown bread and salt and pepper"),
        ("milk, eggs and the bread", "oat milk and salt and pepper"),
    ],
)
async def test_what_is_named_is_taken_off_and_no_more(context, item, left):
    context.values.overwrite("list shopping", ["milk", "oat milk", "eggs", "brown bread", "salt and pepper"])
    await call(context, "remove_from_list", list="shopping", item=item)
    assert await call(context, "read_list", list="shopping") == f"On the shopping list: {left}."


@pytest.mark.parametrize("item", ["the list", "every item", "all of it", "the shopping list"])
async def test_the_list_itself_is_everything_on_it(context, item):
    context.values.overwrite("list shopping", ["milk", "eggs"])
    await call(context, "remove_from_list", list="shopping", item=item)
    assert await call(context, "read_list", list="shopping") == "The shopping list is empty."


async def test_a_list_is_one_whatever_it_is_called_and_its_items_do_not_name_it(context):
    await call(context, "add_to_list", list="todo", item="1,000 screws on my to do list")
    assert await call(context, "read_list", list="things to do") == "On the to do list: 1,000 screws."


async def test_a_thing_that_is_called_like_an_exception_is_one(context):
    context.values.overwrite("list songs", ["Nothing but thieves", "Everything but the girl"])
    await call(context, "remove_from_list", list="songs", item="everything but the girl")
    assert await call(context, "read_list", list="songs") == "On the songs list: Nothing but thieves."


async def test_what_is_on_it_already_is_not_put_there_again(context):
    for item in ("milk", "Milk"):
        await call(context, "add_to_list", list="shopping", item=item)
    assert await call(context, "read_list", list="shopping") == "On the shopping list: milk."


@pytest.mark.parametrize(
    ("name", "list_", "item", "problem"),
    [
        ("add_to_list", "the list", "milk", "which list"),
        ("add_to_list", "shopping", " , ", "what to put"),
        ("remove_from_list", "garden", "milk", "garden list is empty"),
        ("remove_from_list", "shopping", "beer", "not on the shopping list, which has red paint, red wine and soap"),
        (
            "remove_from_list",
            "shopping",
            "everything but beer and soap",
            "not on the shopping list, which has red paint",
        ),
        ("remove_from_list", "shopping", "soap but the soap", "nothing else on the shopping list"),
        ("remove_from_list", "shopping", "the red one", "which: red paint and red wine"),
    ],
)
async def test_what_cannot_be_done_is_a_sentence(context, name, list_, item, problem):
    await call(context, "add_to_list", list="shopping", item="red paint, red wine, soap")
    with pytest.raises(ToolError, match=rf"{problem}.*\.$"):
        await call(context, name, list=list_, item=item)
    assert context.values.get("list shopping").value == ["red paint", "red wine", "soap"]


async def test_a_list_has_an_end_and_so_has_an_item(context):
    for number in range(100):
        await call(context, "add_to_list", list="shopping", item=f"{number} " + "x" * 500)
    with pytest.raises(ToolError, match="full"):
        await call(context, "add_to_list", list="shopping", item="milk")
    assert max(map(len, context.values.get("list shopping").value)) == 100


@given(st.text(max_size=60))
def test_every_name_of_a_list_is_its_own_name(said):
    try:
        name = list_name(said)
    except ToolError:
        return
    assert name
    assert len(name) <= 40


async def test_what_another_context_writes_meanwhile_is_kept():
    def meddle(values: MemoryValues) -> None:
        values.meddle = None
        values.overwrite("list shopping", ["milk"])

    context = tool_context(values=MemoryValues(meddle))
    await call(context, "add_to_list", list="shopping", item="eggs")
    assert context.values.get("list shopping").value == ["milk", "eggs"]


async def test_if_others_never_rest_it_is_given_up():
    values = MemoryValues(lambda values: values.overwrite("x", 0))
    asked = []
    with pytest.raises(Conflict):
        await update(values, "x", asked.append)
    assert len(asked) == MOST_TRIES


@pytest.mark.parametrize("nonsense", [7, "milk", {"milk": 1}, [1, None, {"text": 5}], {"at": "x"}])
async def test_what_others_wrote_there_is_no_trouble(context, nonsense):
    context.values.overwrite("list shopping", nonsense)
    context.values.overwrite("notes", nonsense)
    assert "empty" in await call(context, "read_list", list="shopping")
    assert await call(context, "read_notes") == "There are no notes."
    await call(context, "add_to_list", list="shopping", item="milk")
    await call(context, "take_note", text="hello")


async def test_notes_are_taken_and_read_with_their_days(context):
    assert await call(context, "read_notes") == "There are no notes."
    await call(context, "take_note", text="the code is  1234")
    context.clock.advance(86_400)
    await call(context, "take_note", text="buy paint")
    assert await call(context, "read_notes") == "2 notes. on May 4: the code is 1234; today: buy paint"
    with pytest.raises(ToolError, match="what to note"):
        await call(context, "take_note", text="  ")


async def test_the_newest_notes_are_kept_and_fewer_are_read(context):
    for number in range(60):
        await call(context, "take_note", text=f"note {number}")
    assert len(context.values.get("notes").value) == 50
    told = await call(context, "read_notes")
    assert told.startswith("50 notes, the last ones.")
    assert "note 59" in told
    assert "note 51" not in told
