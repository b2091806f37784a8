"""The scenes: every way in which speech, calls, results and interruptions interleave, as short scripts.

Each drives a rehearsal with what a cast draws. What the model is to learn is written with a kind; what the program
itself would say, or what a scene only needs as its past, is not learnt.
"""

from collections.abc import Callable, Mapping

from device.tuning.cast import Cast
from device.tuning.rehearsal import Rehearsal

Scene = Callable[[Rehearsal, Cast], None]

_FAILURES = {
    "no connection": "there is no connection",
    "the device does not answer": "the device does not answer",
    "not found": "it was not found",
}
_FACTS = (
    ("Find out how tall the lighthouse is", "The lighthouse of the town is 41 meters tall.", "It is 41 meters tall."),
    ("Sum up the letter", "The landlord writes that the rent stays the same.", "The rent stays the same."),
    ("Say which of the offers is cheaper", "Offer A: 230 euros. Offer B: 199 euros.", "Offer B is cheaper."),
    ("Tell when the museum opens", "Open Tuesday to Sunday from ten to five.", "It opens at ten, except on Mondays."),
)


def talk(it: Rehearsal, cast: Cast) -> None:
    """Nobody wants a tool."""
    said, answer = cast.talk()
    it.hears(said)
    it.writes(answer, kind="talk")


def refusal(it: Rehearsal, cast: Cast) -> None:
    """Something is not to be done."""
    if (refused := cast.refusal()) is not None:
        it.hears(refused[0])
        it.writes(refused[1], kind="refusal")


def unknown_wish(it: Rehearsal, cast: Cast) -> None:
    """A tool is wanted that there is not."""
    if (unknown := cast.unknown_wish()) is not None:
        it.hears(unknown[0])
        it.writes(unknown[1], kind="unknown wish")


def call(it: Rehearsal, cast: Cast) -> None:
    """One wish, one call."""
    asked = cast.wish()
    it.hears(asked.said)
    it.writes("", asked.call, kind="call")


def call_and_telling(it: Rehearsal, cast: Cast) -> None:
    """A call whose result is told as soon as it comes."""
    asked = cast.wish()
    it.hears(asked.said)
    (call_id,) = it.writes("", asked.call, kind="call")
    it.ends(call_id, asked.result)
    it.writes(asked.told, kind="telling")


def several_calls(it: Rehearsal, cast: Cast) -> None:
    """Two or three wishes in one breath; the results come together and are told together."""
    said, wanted = cast.wishes(cast.random.choice((2, 2, 3)))
    it.hears(said)
    ids = it.writes("", *(one.call for one in wanted), kind="several calls")
    it.all_end(dict(zip(ids, (one.result for one in wanted), strict=True)))
    it.writes(" ".join(one.told for one in wanted), kind="telling several")


def late_result(it: Rehearsal, cast: Cast) -> None:
    """The user talks on while a tool works; its result is told when the floor is free, once."""
    asked, (said, answer) = cast.wish(), cast.talk()
    it.hears(asked.said)
    (call_id,) = it.writes("One moment." if cast.random.random() < 1 / 3 else "", asked.call, kind="", learnt=False)
    it.hears(said)
    it.writes(answer, kind="talk beside a call", whole=False)
    it.ends(call_id, asked.result)
    it.post_end()
    it.writes(asked.told, kind="late result")
    said, answer = cast.talk()
    it.hears(said)
    it.writes(answer, kind="talk after a result")


def results_out_of_order(it: Rehearsal, cast: Cast) -> None:
    """Two calls of different turns; the later one ends first."""
    first = cast.wish()
    second = cast.wish(unlike={first.call.name})
    it.hears(first.said)
    (one,) = it.writes("", first.call, kind="", learnt=False)
    it.hears(second.said)
    (other,) = it.writes("", second.call, kind="call beside a call")
    it.ends(other, second.result)
    it.writes(second.told, kind="telling")
    it.ends(one, first.result)
    it.writes(first.told, kind="late result")


def coalesced_results(it: Rehearsal, cast: Cast) -> None:
    """Two calls of different turns end while the user is being answered: one reply tells both."""
    first = cast.wish()
    second = cast.wish(unlike={first.call.name})
    said, answer = cast.talk()
    it.hears(first.said)
    (one,) = it.writes("", first.call, kind="", learnt=False)
    it.hears(second.said)
    (other,) = it.writes("", second.call, kind="call beside a call")
    it.hears(said)
    it.writes(answer, kind="talk beside calls", whole=False)
    it.ends(other, second.result)
    it.ends(one, first.result)
    it.post_end()
    it.writes(f"{first.told} {second.told}", kind="telling several")


def listening(it: Rehearsal, cast: Cast) -> None:
    """A result was told, and the user shows that they heard it: there is nothing to say."""
    asked = cast.wish()
    it.hears(asked.said)
    (call_id,) = it.writes("", asked.call, kind="", learnt=False)
    it.ends(call_id, asked.result)
    it.writes(asked.told, kind="telling")
    it.shows_listening(cast.listening())
    it.writes("", kind="nothing to say")


def failure(it: Rehearsal, cast: Cast) -> None:
    """A call fails or takes too long; the user is told so."""
    asked = cast.wish()
    it.hears(asked.said)
    (call_id,) = it.writes("", asked.call, kind="call")
    if cast.random.random() < 1 / 3:
        it.ends(call_id, "", status="timed_out")
        it.writes("I'm sorry, that took too long.", kind="telling a time-out")
    else:
        text, told = cast.random.choice(list(_FAILURES.items()))
        it.ends(call_id, text, status="failed")
        it.writes(f"I'm sorry, that didn't work: {told}.", kind="telling a failure")


def cancelled(it: Rehearsal, cast: Cast) -> None:
    """A call was taken back; nothing is said of it, and what was asked meanwhile is answered."""
    asked, (said, answer) = cast.wish(), cast.talk()
    it.hears(asked.said)
    (call_id,) = it.writes("", asked.call, kind="", learnt=False)
    it.end(call_id, "", status="cancelled")
    it.hears(said)
    it.writes(answer, kind="nothing to say of a cancelled call")


def progress(it: Rehearsal, cast: Cast) -> None:
    """A call reports how far it is; the user says something else, and the call's end is told."""
    asked, (said, answer) = cast.wish(), cast.talk()
    it.hears(asked.said)
    (call_id,) = it.writes("", asked.call, kind="", learnt=False)
    it.progresses(call_id, f"{cast.random.choice((20, 50, 70))} percent")
    it.hears(said)
    it.writes(answer, kind="talk beside a call")
    it.ends(call_id, asked.result)
    it.writes(asked.told, kind="late result")


def interruption(it: Rehearsal, cast: Cast) -> None:
    """The user cuts an answer off with a wish."""
    said, answer = cast.talk()
    asked = cast.wish()
    words = answer.split()
    it.hears(said)
    it.writes(answer, kind="", learnt=False, whole=False)
    it.hears(asked.said, heard=" ".join(words[: cast.random.randint(1, len(words))]))
    it.writes("", asked.call, kind="call after an interruption")


def changed_mind(it: Rehearsal, cast: Cast) -> None:
    """The user cuts the news off and wants something else done instead."""
    first = cast.wish()
    second = cast.wish(unlike={first.call.name})
    it.hears(first.said)
    (call_id,) = it.writes("", first.call, kind="", learnt=False)
    it.ends(call_id, first.result)
    it.writes(first.told, kind="telling", whole=False)
    it.hears(second.said, heard=" ".join(first.told.split()[:2]))
    it.writes("", second.call, kind="call after an interruption")


def silenced(it: Rehearsal, cast: Cast) -> None:
    """The user only wants quiet; what they say next is answered as ever."""
    (said, answer), (then, other) = cast.talk(), cast.talk()
    it.hears(said)
    it.writes(answer, kind="", learnt=False, whole=False)
    it.is_silenced("Stop.", heard=answer.split()[0])
    it.hears(then)
    it.writes(other, kind="talk after an interruption")


def consent(it: Rehearsal, cast: Cast) -> None:
    """A call waits for a yes. The program asks, and says that it goes on; the model tells the result."""
    asked = cast.wish()
    it.hears(asked.said)
    (call_id,) = it.writes("", asked.call, kind="call")
    it.asks(call_id, "Shall I really do that?")
    it.writes("Shall I really do that?", kind="", learnt=False)
    it.is_confirmed(call_id)
    it.hears("Yes, please.")
    it.writes("All right.", kind="", learnt=False)
    it.ends(call_id, asked.result)
    it.writes(asked.told, kind="telling")


def alarm(it: Rehearsal, cast: Cast) -> None:
    """An alarm rings in the middle of it, which the program itself tells; the dialogue goes on."""
    (said, answer), asked = cast.talk(), cast.wish()
    it.hears(said)
    it.writes(answer, kind="talk")
    it.rings(cast.random.choice(("", "tea", "laundry")))
    it.writes("Your timer is over.", kind="", learnt=False)
    it.hears(asked.said)
    it.writes("", asked.call, kind="call after an alarm")


def child(it: Rehearsal, cast: Cast) -> None:
    """A context of its own, with a task and what it is given for it."""
    task, given, found = cast.random.choice(_FACTS)
    it.is_given(task, given)
    it.writes(found, kind="task")


def child_with_call(it: Rehearsal, cast: Cast) -> None:
    """A context of its own that needs a tool for its task."""
    asked = cast.wish(plain=True)
    it.is_given(asked.plain, "")
    (call_id,) = it.writes("", asked.call, kind="call of a task")
    it.ends(call_id, asked.result)
    it.writes(asked.told, kind="task")


def several_turns(it: Rehearsal, cast: Cast) -> None:
    """A conversation of wishes and talk, one after another."""
    for _ in range(cast.random.randint(2, 4)):
        cast.random.choice((call_and_telling, talk, talk, refusal))(it, cast)


def answer_and_call(it: Rehearsal, cast: Cast) -> None:
    """A remark and a wish in one breath: the wish is what counts."""
    remark, _ = cast.talk()
    asked = cast.wish(plain=True)
    if remark.endswith("?") or not remark.strip():
        return
    it.hears(f"{remark.rstrip('.!')}. {asked.plain}")
    it.writes("", asked.call, kind="call after a remark")


WEIGHTS: Mapping[Scene, float] = {
    call: 26,
    talk: 40,
    unknown_wish: 1.5,
    refusal: 3,
    call_and_telling: 6,
    several_calls: 11,
    late_result: 4,
    results_out_of_order: 2,
    coalesced_results: 2,
    listening: 2,
    failure: 2,
    cancelled: 1.5,
    progress: 1,
    interruption: 3,
    changed_mind: 2,
    silenced: 1,
    consent: 1,
    alarm: 1,
    child: 0.5,
    child_with_call: 0.5,
    several_turns: 4,
    answer_and_call: 2,
}
"""How often each is drawn."""
