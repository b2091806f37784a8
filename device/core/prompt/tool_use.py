"""What makes a model use some tools rightly, in one place: for the agent's replies and for measuring them.

For each reply to a user the runtime takes the `grammar`, the `forms` and the `leaning` of the user's words into its
sampling; each call that comes of it is `grounded` before it is recorded and carried out.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from device.core.grounding import grounded
from device.core.prompt.choice import Choice, Leaning
from device.core.prompt.forced import Forms
from device.core.prompt.grammar import grammar_for
from device.core.prompt.messages import ToolSpec
from device.core.repairs import repaired


class ToolUse:
    """How some tools are chosen and called."""

    def __init__(self, tools: Sequence[ToolSpec], style: str) -> None:
        """`style` is the renderer's name. Raises ValueError for a schema that the grammar cannot express."""
        self._tools = {tool.name: tool for tool in tools}
        self._choice = Choice(tools)
        self.grammar = grammar_for(tools, style)
        self.forms = Forms(tools, style)

    @property
    def names(self) -> frozenset[str]:
        """The names of the tools."""
        return frozenset(self._tools)

    def leaning(self, said: str) -> Leaning:
        """How the choice of the next reply leans after the user's words."""
        return self._choice.leaning(repaired(said))

    def grounded(
        self, name: str, arguments: Mapping[str, Any], said: str, *, earlier: str = "", results: str = ""
    ) -> dict[str, Any]:
        """The arguments of a call as the user's words support them; `earlier` is what the user said before.

        `results` are what the calls yielded that this one follows from.
        """
        tool = self._tools.get(name)
        if tool is None:
            return dict(arguments)
        meant = repaired(said)
        around, own = self._choice.own_words(meant, tool, arguments)
        return grounded(tool, arguments, meant, own=own, around=around, earlier=earlier, results=results)
