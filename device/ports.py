"""What the runtime needs from the world, as small protocols; adapters fulfil them and `device.app` connects them.

Arrays of samples are float32 in [-1, 1], mono, shape (samples,). Methods that say *blocking* are called from a worker
thread; the others must return at once.
"""

from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property
from pathlib import Path
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray

from device.core.entries import AnyEntry, Record
from device.core.indication import Colour, Lamp
from device.core.prompt.choice import Leaning
from device.core.prompt.forced import Forms
from device.core.wire import Answer, Request
from device.errors import LedgerError

Samples = NDArray[np.float32]

RECOGNITION_HZ = 16_000
"""The sample rate of everything that listens: VAD, recognition, turn detection."""


class Clock(Protocol):
    """Time, injected so that tests never sleep."""

    def monotonic_seconds(self) -> float:
        """Seconds of a clock that never jumps; only differences mean anything."""
        ...

    def boot_seconds(self) -> float:
        """Seconds since boot, suspend included."""
        ...

    def wall_seconds(self) -> float:
        """Unix time, which may jump."""
        ...

    def utc_offset_seconds(self, wall_seconds: float) -> float:
        """How far the local time is ahead of UTC at that Unix time, daylight saving included."""
        ...


# --- sound -------------------------------------------------------------------------------------------------------

Exchange = Callable[[Samples, Samples], None]
"""`exchange(captured, out)`: called on the device's thread once a block, at the pace of its clock.

`captured` (input_hz) is valid only during the call, and empty while the microphone is closed; `out` (output_hz) must be
filled, with zeros where nothing plays.
"""


class AudioDevice(Protocol):
    """A full-duplex sound device with one clock for both directions."""

    name: str
    input_hz: int
    output_hz: int
    delay_seconds: float
    """How long after a sample was handed out its sound is captured, as far as the device knows; 0 if it does not."""

    @property
    def xruns(self) -> int:
        """How many times samples were lost or missing since it was made, in either direction."""
        ...

    def open(self, exchange: Exchange, lost: Callable[[str], None], *, listening: bool = True) -> None:
        """Start calling `exchange`; call `lost(reason)` once if the device ends or vanishes by itself.

        `lost("")` asks to be opened anew when nobody speaks; until then it goes on. Blocking. Unless it is `listening`
        the microphone stays closed; opening an open device changes that. Raises AudioError if the device is missing
        or busy. A device that was lost may be opened again.
        """
        ...

    def close(self) -> None:
        """Stop; when it returns, `exchange` is not running and will not be called. Closing twice is harmless."""
        ...


class EchoCanceller(Protocol):
    """Takes what was played out of what was captured, `frame_samples` samples at 16 kHz at a time."""

    frame_samples: int

    def cancel(self, captured: Samples, played: Samples) -> Samples:
        """The captured frame without the echo of this and the earlier played frames; well under a millisecond."""
        ...

    def set_delay(self, seconds: float) -> None:
        """How long after it was handed out a sample comes back, as far as the device knows."""
        ...

    def reset(self) -> None:
        """Forget the room and its delay."""
        ...


# --- hearing -----------------------------------------------------------------------------------------------------


class VoiceDetector(Protocol):
    """Says how likely a window of sound is speech."""

    window_samples: int

    def probability(self, window: Samples) -> float:
        """Probability of speech in the next `window_samples` samples at 16 kHz; well under a millisecond."""
        ...

    def reset(self) -> None:
        """Forget what was heard before."""
        ...


class WakeDetector(Protocol):
    """Says how likely the wake word was just spoken; every method is blocking and called from one thread."""

    phrase: str
    lookback_samples: int
    """How much of what came before it can use."""

    def begin(self, before: Samples) -> None:
        """Somebody begins to speak; `before` is what was heard until now, at 16 kHz."""
        ...

    def hear(self, samples: Samples) -> float:
        """The highest probability that the wake word was said, judged wherever these next samples allow it."""
        ...


class Recognizer(Protocol):
    """Recognizes one utterance at a time; every method is blocking and called from one thread.

    begin → (feed | partial)* → finish → begin …; `finish` may be followed by more `feed` when the speaker goes on,
    which continues the same utterance.
    """

    name: str

    def begin(self) -> None:
        """Start a new utterance and forget the last one."""
        ...

    def feed(self, samples: Samples) -> None:
        """Hear the utterance's next samples at 16 kHz."""
        ...

    def partial(self) -> str:
        """What is recognized so far; may lag behind what was fed."""
        ...

    def finish(self) -> str:
        """The transcript of all that was fed, empty if there were no words."""
        ...


class TurnDetector(Protocol):
    """Says whether the speaker has finished."""

    def completeness(self, utterance: Samples) -> float:
        """Blocking. Probability that the turn is complete, from its sound so far (16 kHz)."""
        ...


# --- speaking ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class WordEnd:
    """Where a word ends: after `chars` characters of the text and after `samples` samples of the sound."""

    chars: int
    samples: int


@dataclass(kw_only=True, eq=False)
class Speech:
    """Synthesized sound of one piece of text, or of a part of it, and where each of the words that end in it ends.

    The piece's last part is `final`. `align` finds the word ends; it is called once, when they are first asked for,
    since they are needed only after the sound is on its way.
    """

    text: str
    samples: Samples
    sample_rate_hz: int
    align: Callable[[], tuple[WordEnd, ...]]
    final: bool = True

    @cached_property
    def words(self) -> tuple[WordEnd, ...]:
        """Where each word ends, in order; may take some milliseconds the first time."""
        return self.align()


class Synthesizer(Protocol):
    """Speaks one short piece at a time; every method is blocking and called from one thread."""

    name: str
    sample_rate_hz: int
    speed: float
    """How fast the pieces are that begin from now on: 1 is its `pace`. Any thread may set it."""
    pace: float
    """What a speed of 1 is: so many times the pace at which the voice was recorded. Any thread may set it."""

    def synthesize(self, text: str) -> Speech:
        """The piece as sound. Text without anything to say yields no samples and no words."""
        ...

    def stream(self, text: str) -> Iterator[Speech]:
        """The same in parts, the first as soon as can be; at least one, each made when it is asked for."""
        ...


class VariedVoices(Protocol):
    """Many speakers to measure with; leaving the context frees what they hold."""

    def speakers(self) -> tuple[tuple[str, str], ...]:
        """The engines that are there, each with the voices it has."""
        ...

    def say(self, text: str, *, engine: str, voice: str, tempo: float, pitch: float) -> Samples:
        """Blocking. `text` at 16 kHz; `tempo` and `pitch` 1 are the voice's own. Raises ModelError."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...


# --- thinking ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling:
    """How tokens are chosen: greedily at temperature 0. `grammar` is GBNF with the rule `root`, empty for none.

    `leaning` is what the user's words add to the choice between speech and the tools, None for the model's own choice.
    Where the `forms` of the calls leave no choice, the model is not asked for the tokens.
    """

    max_tokens: int = 256
    temperature: float = 0.0
    top_p: float = 0.95
    seed: int = 0
    grammar: str = ""
    leaning: Leaning | None = None
    forms: Forms | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """One generated token: its id and its bytes, which may end within a character. Control tokens have no bytes."""

    id: int
    piece: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelCard:
    """What a loaded language model says of itself."""

    name: str
    architecture: str
    chat_template: str
    context_tokens: int
    """How many tokens a prompt and its reply in the foreground may have: so much is kept for the dialogue."""
    task_tokens: int
    """How many all sequences that are not in the foreground may hold besides what they share with those that are."""
    end_tokens: frozenset[int]
    closing_tokens: frozenset[int]
    """Those that may follow a sentence's last word: the ends, and what begins with a full stop or its like."""
    control_texts: frozenset[str]
    """The texts of all control and user-defined tokens, which untrusted text must not be able to produce."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Likelihood:
    """Asks how likely one of `tokens` is to follow the first `position` tokens of a prompt, whatever follows there.

    `tell` gets the logarithm of that probability on the loop's thread as soon as it is known; never, if the work ends
    before.
    """

    position: int
    tokens: frozenset[int]
    tell: Callable[[float], None]


class Urgency(IntEnum):
    """Whose tokens come first; a lower number outranks a higher one."""

    FOREGROUND = 0
    """A reply that somebody is waiting for."""
    SPECULATIVE = 1
    """A reply to words that may still change."""
    BACKGROUND = 2
    """A task that thinks while the reply is heard or nobody speaks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counters:
    """What a language model did since it was loaded. `tokens_reused` were in the cache when a prompt needed them."""

    tokens_reused: int = 0
    tokens_computed: int = 0
    tokens_generated: int = 0
    steps: int = 0
    last_step_ms: float = 0.0
    last_fork_us: float = 0.0
    cells_used: int = 0


class LanguageModel(Protocol):
    """One set of weights, several sequences of tokens in one KV cache.

    The engine keeps for every sequence the tokens that its cache holds. `generate` takes the whole prompt and reuses
    the longest common prefix, so a prompt that only grows costs only its growth; so does one that lost a stretch in
    its middle, where the model can move what follows.

    The dialogue never fails because of the rest: what is not in the foreground is refused where it would take cells
    that are kept for the foreground, and failed where it has them all the same.
    """

    card: ModelCard
    sequences: int
    """How many there are, counted from 0."""

    def encode(self, text: str, *, special: bool) -> list[int]:
        """Token ids of `text`; `special` lets the texts of control tokens become those tokens. No BOS is added."""
        ...

    def decode(self, tokens: Sequence[int]) -> bytes:
        """The bytes of `tokens`, control tokens left out."""
        ...

    async def prefill(self, sequence: int, prompt: Sequence[int]) -> int:
        """Bring the sequence's cache to exactly `prompt`; returns how many tokens had to be computed."""
        ...

    def generate(
        self, sequence: int, prompt: Sequence[int], sampling: Sampling, likelihood: Likelihood | None = None
    ) -> AsyncGenerator[Token, None]:
        """Continue `prompt` until an end token (not yielded), `max_tokens` or the iterator is closed.

        A `likelihood` is told by the way, and the prompt computed anew from its position on. Closing the iterator, or
        cancelling the task that reads it, ends the work within one step. Raises GenerationError.
        """
        ...

    def set_busy(self, busy: bool) -> None:  # noqa: FBT001 - the one thing it says
        """Say whether another stage computes now: then the engine leaves it a core, from its next step on."""
        ...

    def set_urgency(self, sequence: int, urgency: Urgency) -> None:
        """Whose tokens come first, from the next step on; a sequence is in the foreground unless set."""
        ...

    def hold(self, urgency: Urgency | None) -> None:
        """Step nothing of this urgency or below it from the next step on; None lets everything run again."""
        ...

    def fork(self, parent: int, child: int) -> None:
        """Make `child`'s cache that of `parent`, sharing its cells; takes effect before any later call."""
        ...

    def release(self, sequence: int) -> None:
        """Empty the sequence's cache."""
        ...

    def counters(self) -> Counters:
        """What it did so far; cheap."""
        ...

    def pulse(self) -> "Future[None]":
        """Done as soon as the engine's thread has come round to it."""
        ...

    async def save_prefix(self, sequence: int, path: Path) -> None:
        """Keep the sequence's cache on disk, atomically. Raises OSError."""
        ...

    async def load_prefix(self, sequence: int, path: Path) -> bool:
        """Replace the sequence's cache by a saved one; False if it is missing, torn or another model's."""
        ...

    async def close(self) -> None:
        """End the engine's thread and free the weights."""
        ...


# --- remembering -------------------------------------------------------------------------------------------------


class Ledger(Protocol):
    """The append-only record; one writer, readers see consistent snapshots.

    Writes are durable when they are acknowledged. A snapshot may hold entries that are not on the disk yet and that a
    crash takes back (buffered durability, after Izraelevitz et al., 2016): a reader in this process does not survive
    the crash either, and whatever it appends comes later in the order, so nothing that is kept rests on what was
    lost. Only what leaves the process can tell: control clients and exports read what is on the disk, and who lets
    something out otherwise waits for `durable` first. The voice does not: to wait for an SD card's sync before every
    sentence would cost half a second, for a word that the user may hear twice after a power cut.
    """

    boot_id: str

    followers: set[Callable[[], None]]
    """Called on the loop whenever entries have got their places; they return at once and never fail."""

    def append(self, *entries: AnyEntry, context: str = "main") -> tuple[Record, ...]:
        """Give the entries their place in the order at once; they reach the disk soon after, together."""
        ...

    def records(self, after_id: int = 0) -> tuple[Record, ...]:
        """A snapshot of all records with an id above `after_id`, in order."""
        ...

    async def forget(self, keep: Callable[[Record], bool]) -> int:
        """Delete for good all records but those to `keep`; how many they were. Raises LedgerError if it cannot be.

        Records that are appended meanwhile stay.
        """
        ...

    async def durable(self) -> None:
        """Wait until all that was appended before the call is on the disk. Raises LedgerError if it cannot be."""
        ...

    def watch(self, watcher: Callable[[LedgerError | None], None]) -> None:
        """Call `watcher`, on any thread, when the disk begins to refuse (with what it said) and when it no longer does.

        Where it refuses already, that is told at once.
        """
        ...

    def pulse(self) -> "Future[None]":
        """Done as soon as whatever writes has come round to it, whether the disk takes entries or refuses."""
        ...

    async def close(self) -> None:
        """Write what is left and let go of the state directory. Raises LedgerError if something could not be kept."""
        ...


# --- control -----------------------------------------------------------------------------------------------------


class Send(Protocol):
    """The way to a client of the control socket."""

    async def __call__(self, answer: Answer, *, patience_seconds: float | None = None) -> None:
        """Tell it; wait as long as that, or as is usual, for one that does not read. Raises ConnectionError."""
        ...


class Answerer(Protocol):
    """Whoever answers one client of the control socket."""

    async def respond(self, request: Request, send: Send) -> None:
        """Answer one request; cancelled when the client has gone."""
        ...

    def close(self) -> None:
        """The client has gone."""
        ...


# --- being a service ---------------------------------------------------------------------------------------------


class Service(Protocol):
    """Whoever started the agent and wants to know how it fares; every method returns at once and never fails."""

    watchdog_seconds: float | None
    """The agent must say that it is `alive` more often than this; None if nobody waits for it."""

    def ready(self) -> None:
        """It is up."""
        ...

    def stopping(self) -> None:
        """It is about to end."""
        ...

    def status(self, text: str) -> None:
        """How it fares, in a few words."""
        ...

    def alive(self) -> None:
        """It gets on."""
        ...

    def extend(self, seconds: float) -> None:
        """Starting or stopping is to be waited for so many seconds from now."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class LogLines:
    """Which of the service's log lines are wanted: the last `count`, none older than `since` (as journalctl
    understands it), of this `priority` or a graver one, as `json` objects or as text.
    """

    count: int | None = None
    since: str = ""
    priority: str = ""
    json: bool = False


# --- the board ---------------------------------------------------------------------------------------------------


class Light(Protocol):
    """What shows how the agent fares."""

    lamp: Lamp

    def use(self, lamp: Lamp) -> bool:
        """Show with this brightness and these colours from now on; False, and no change, if it cannot without a
        restart.
        """
        ...

    def show(self, lights: Sequence[Colour]) -> None:
        """Light up, one colour for each LED; under a millisecond. Raises BoardError if it no longer answers."""
        ...

    def close(self) -> None:
        """Go dark."""
        ...


class Board(Protocol):
    """Buttons and a light, as far as there are any."""

    name: str
    light: Light | None

    @property
    def buttons(self) -> tuple[str, ...]:
        """The names of those that can be used: "button", "second_button"."""
        ...

    def watch(self, told: Callable[[str, bool], None]) -> None:
        """Call `told(button, closed)` whenever a contact closes or opens, on any thread."""
        ...

    def press(self, name: str, *, closed: bool) -> None:
        """Close or open the contact of a board that has its pins in memory. Raises BoardError on any other."""
        ...


# --- models on disk ----------------------------------------------------------------------------------------------


class ModelFiles(Protocol):
    """Where the files of a fetched model artifact are."""

    def path(self, artifact: str) -> Path:
        """The directory of the artifact's ready-to-load files. Raises ModelError if it is not fetched or damaged."""
        ...
