"""What the people of the study are asked to get done: two sets of the same difficulty, each task with its goal; pure.

Everybody does one set with either agent, so that nobody does a task twice. What is handed out describes an end, not
the words to say.
"""

from dataclasses import dataclass

from device.bench.tool_choice import Calls


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One task: what stands on the card, and the calls that must have been made in the end."""

    card: str
    wanted: Calls


SETS: dict[str, tuple[Task, ...]] = {
    "A": (
        Task(
            card="You put a cake into the oven. It needs 25 minutes.",
            wanted=(("set_timer", {"duration": "25 minutes"}),),
        ),
        Task(
            card="You are out of coffee and soap. Both belong on the shopping list.",
            wanted=(
                ("add_to_list", {"list": "shopping", "item": "coffee"}),
                ("add_to_list", {"list": "shopping", "item": "soap"}),
            ),
        ),
        Task(
            card="You want to know how many kilometers 26 miles are. While you wait for the answer, find out what time "
            "it is.",
            wanted=(("convert", {"amount": 26, "from_unit": "miles", "to_unit": "kilometers"}), ("get_time", {})),
        ),
        Task(
            card="Ask for a timer of 10 minutes. As soon as the agent begins to answer, change your mind: it should be "
            "12 minutes.",
            wanted=(("set_timer", {"duration": "12 minutes"}),),
        ),
    ),
    "B": (
        Task(
            card="You boil potatoes. They need 18 minutes.",
            wanted=(("set_timer", {"duration": "18 minutes"}),),
        ),
        Task(
            card="You are out of rice and bread. Both belong on the shopping list.",
            wanted=(
                ("add_to_list", {"list": "shopping", "item": "rice"}),
                ("add_to_list", {"list": "shopping", "item": "bread"}),
            ),
        ),
        Task(
            card="You want to know how many kilograms 14 pounds are. While you wait for the answer, find out what time "
            "it is.",
            wanted=(("convert", {"amount": 14, "from_unit": "pounds", "to_unit": "kilograms"}), ("get_time", {})),
        ),
        Task(
            card="Ask for a timer of 7 minutes. As soon as the agent begins to answer, change your mind: it should be "
            "9 minutes.",
            wanted=(("set_timer", {"duration": "9 minutes"}),),
        ),
    ),
}
