"""What a sound card's measurement means, in plain words, and its picture; pure."""

from dataclasses import dataclass

from device.bench.sound_check import FRAME_SECONDS, Found
from device.core.svg import FAINT, GRID, INK, Drawing, ticks

SILENT_DB, NOISY_DB = -110.0, -45.0
QUIET_SPEECH_DB, LOUD_ECHO_DB = -45.0, -12.0
MOST_DELAY_MS = 400.0
CLIPPED = 0.99
LEAST_CANCELLED_DB = 12.0

WIDTH, HEIGHT = 860.0, 360.0
LEFT, RIGHT, TOP, BOTTOM = 60.0, 20.0, 80.0, 50.0
PLAYED, CAPTURED = "#f0b429", "#2680c2"
LOWEST_DB = -90.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether it will do, and why not or what would be better, a sentence each."""

    usable: bool
    sentences: tuple[str, ...]


def verdict(found: Found, *, cancels: bool) -> Verdict:
    """What `found` means where the echo is cancelled by the agent, or not (a headset)."""
    bad: list[str] = []
    better: list[str] = []
    if found.quiet_db <= SILENT_DB and (found.echo_db is None or found.echo_db <= SILENT_DB):
        bad.append("The microphone gives nothing but zeros: it is muted, or it is not the one that is meant.")
    elif found.quiet_db > NOISY_DB:
        better.append(f"The room or the microphone is noisy ({found.quiet_db:.0f} dB): lower its gain, or move it.")
    if found.loudest >= CLIPPED:
        better.append("The microphone is overdriven: lower its gain, or the loudspeaker's volume.")
    if found.speech_db is not None and found.speech_db < QUIET_SPEECH_DB:
        better.append(f"Your voice is faint ({found.speech_db:.0f} dB): come nearer, or raise the microphone's gain.")
    _judge_echo(found, bad, better, cancels=cancels)
    if found.xruns:
        better.append(
            f"Sound was lost {found.xruns} times within seconds: raise audio.block_ms, or free the processor."
        )
    if not bad and not better:
        better.append("All is well: talk to it.")
    return Verdict(not bad, (*bad, *better))


def _judge_echo(found: Found, bad: list[str], better: list[str], *, cancels: bool) -> None:
    if found.echo_db is None:
        if cancels:
            better.append(
                "The microphone does not hear the loudspeaker: with a headset that is right, and then "
                "audio.echo_cancellation may be false; else the loudspeaker is off, or not the one that is meant."
            )
        return
    if not cancels:
        bad.append(
            "The microphone hears the loudspeaker, and audio.echo_cancellation is off: it would interrupt itself."
        )
        return
    if found.delay_ms is not None and found.delay_ms > MOST_DELAY_MS:
        bad.append(f"From loudspeaker to microphone it takes {found.delay_ms:.0f} ms, more than echoes are looked for.")
    if found.echo_db > LOUD_ECHO_DB:
        better.append("The loudspeaker is very loud at the microphone: put them further apart, or turn it down.")
    if found.cancelled_db is not None and found.cancelled_db < LEAST_CANCELLED_DB:
        better.append(
            f"Only {found.cancelled_db:.0f} dB of the echo can be taken away: a small loudspeaker that rattles, or two "
            "cards with clocks of their own? One card for both is better."
        )


def as_text(found: Found, judged: Verdict) -> str:
    """The figures, then the verdict."""

    def row(name: str, value: float | None, unit: str, none: str = "–") -> str:
        return f"{name:38}{none if value is None else f'{value:.0f} {unit}'}"

    lines = [
        f"{found.name}, {found.rate_hz} Hz, {found.block_ms:g} ms a block",
        row("quiet room at the microphone", found.quiet_db, "dB"),
        row("your voice at the microphone", found.speech_db, "dB", "nobody spoke"),
        row("loudspeaker at the microphone", found.echo_db, "dB", "not heard"),
        row("echo return loss", found.echo_return_loss_db, "dB"),
        row("taken away by the echo canceller", found.cancelled_db, "dB"),
        row("from loudspeaker to microphone", found.delay_ms, "ms"),
        row("  as the card states it", found.device_delay_ms, "ms"),
        f"{'sound lost or missing':38}{found.xruns} times",
        f"{'longest wait for the interpreter':38}{found.worst_wait_ms:.1f} ms",
        f"{'longest work on a block':38}{found.worst_block_ms:.1f} ms",
        "",
        *judged.sentences,
    ]
    return "\n".join(lines)


def picture(found: Found, judged: Verdict) -> str:
    """The levels over time."""
    drawing = Drawing(WIDTH, HEIGHT)
    drawing.text(20, 28, found.name, size=18, bold=True)
    drawing.text(20, 48, " ".join(judged.sentences)[:140], size=11, colour=FAINT)
    seconds = max(len(found.captured_levels_db), 1) * FRAME_SECONDS
    right, bottom = WIDTH - RIGHT, HEIGHT - BOTTOM

    def at(number: float, level_db: float) -> tuple[float, float]:
        share = (max(level_db, LOWEST_DB) - LOWEST_DB) / -LOWEST_DB
        return LEFT + (right - LEFT) * number * FRAME_SECONDS / seconds, bottom - (bottom - TOP) * share

    for level in ticks(LOWEST_DB, 0.0, 7):
        drawing.line(LEFT, at(0, level)[1], right, at(0, level)[1], GRID)
        drawing.text(LEFT - 6, at(0, level)[1] + 4, f"{level:.0f} dB", size=11, colour=FAINT, anchor="end")
    for second in ticks(0.0, seconds, 10):
        x = at(second / FRAME_SECONDS, LOWEST_DB)[0]
        drawing.line(x, TOP, x, bottom, INK if second == 0 else GRID)
        drawing.text(x, bottom + 16, f"{second:g} s", size=11, colour=FAINT, anchor="middle")
    curves = ((found.played_levels_db, PLAYED, "loudspeaker"), (found.captured_levels_db, CAPTURED, "microphone"))
    for number, (levels, colour, words) in enumerate(curves):
        drawing.path([at(place + 0.5, level) for place, level in enumerate(levels)], colour)
        drawing.line(LEFT + 140 * number, 66, LEFT + 140 * number + 22, 66, colour, width=2.5)
        drawing.text(LEFT + 140 * number + 28, 70, words)
    return drawing.as_text()
