"""Strict turns (`conversation.synchronous`), which the asynchronous agent is compared with."""

import asyncio

from device.core.entries import CallEnded, ReplyEnded, ReplyStarted
from device.core.events import TextTyped
from device.core.fsm import State
from device.core.toolspec import spec_of
from device.toolkit import FunctionTool
from tests.runtime.agent import answers, scene

STRICT = ("conversation.synchronous=true",)


class Errands:
    """A tool whose calls end when they are told to, and what its calls did."""

    def __init__(self) -> None:
        self.release = asyncio.Semaphore(0)
        self.log: list[str] = []

    async def errand(self, context, what: str) -> str:
        """Run an errand."""
        self.log.append(f"{what} begins")
        await self.release.acquire()
        self.log.append(f"{what} ends")
        return f"{what} is done"

    def tools(self) -> dict[str, FunctionTool]:
        return {"errand": FunctionTool(spec=spec_of(self.errand), function=self.errand)}


def errand(what: str) -> str:
    return f'{{"name": "errand", "arguments": {{"what": "{what}"}}}}'


async def sound_passes(it) -> None:
    """Two seconds of it; a strict agent counts as at work while its calls run, so there is no resting for it."""
    for _ in range(64):
        it.audio.step()
        await asyncio.sleep(0.001)


SCRIPT = answers(
    ("both", f"One moment.\n{errand('washing')}\n{errand('baking')}"),
    ("is done", "Washing is done. Baking is done."),
    ("hello", "Hi."),
)


async def test_a_strict_reply_ends_only_when_its_calls_have():
    errands = Errands()
    async with scene(SCRIPT, tools=errands.tools(), options=STRICT) as it:
        it.post(TextTyped(text="Do both."))
        await sound_passes(it)
        await sound_passes(it)  # all that it said has long been heard
        assert it.state is State.EMITTING
        assert it.entries(ReplyEnded) == []
        errands.release.release()
        await sound_passes(it)
        assert it.entries(ReplyEnded) == []
        errands.release.release()
        await it.until_idle()
        ends = [type(entry) for entry in it.entries((CallEnded, ReplyEnded))]
        assert ends == [CallEnded, CallEnded, ReplyEnded, ReplyEnded]


async def test_strict_calls_run_one_after_another_in_their_order():
    errands = Errands()
    async with scene(SCRIPT, tools=errands.tools(), options=STRICT) as it:
        it.post(TextTyped(text="Do both."))
        await sound_passes(it)
        assert errands.log == ["washing begins"]
        errands.release.release()
        await sound_passes(it)
        assert errands.log == ["washing begins", "washing ends", "baking begins"]
        errands.release.release()
        await it.until_idle()


async def test_one_reply_tells_all_results_of_a_strict_turn():
    errands = Errands()
    async with scene(SCRIPT, tools=errands.tools(), options=STRICT) as it:
        errands.release.release()
        errands.release.release()
        it.post(TextTyped(text="Do both."))
        await it.until_idle()
        assert [reply.call_ids for reply in it.entries(ReplyStarted)] == [(), ("c1", "c2")]
        assert [reply.heard for reply in it.entries(ReplyEnded)][-1] == "Washing is done. Baking is done."


async def test_without_strict_turns_the_calls_overlap_and_the_reply_ends_before_them():
    errands = Errands()
    async with scene(SCRIPT, tools=errands.tools()) as it:
        it.post(TextTyped(text="Do both."))
        await it.until(lambda: it.state is State.IDLE and bool(it.entries(ReplyEnded)))
        assert errands.log == ["washing begins", "baking begins"]
        assert it.entries(CallEnded) == []


async def test_the_user_may_still_interrupt_a_strict_turn_and_its_calls_go_on():
    errands = Errands()
    async with scene(SCRIPT, tools=errands.tools(), options=STRICT) as it:
        it.post(TextTyped(text="Do both."))
        await sound_passes(it)
        it.post(TextTyped(text="hello"))
        await sound_passes(it)
        assert len(it.entries(ReplyStarted)) == 2
        errands.release.release()
        errands.release.release()
        await it.until_idle()
        assert [entry.status for entry in it.entries(CallEnded)] == ["done", "done"]
        assert "Hi." in [reply.heard for reply in it.entries(ReplyEnded)]
