"""The whole measurement of the turns: all settings over all clips, what is best, what is in force now."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from typing import Any

from device.bench import machine
from device.bench.clips import Clip
from device.bench.turn.replay import Judge, Outcome, Pace, replay
from device.bench.turn.sweep import Point, frontier, recommended, score, settings, silences
from device.bench.turn.traces import Trace, traces
from device.config import Config
from device.core.endpointing import EndpointingOptions
from device.core.turn_end import Signs, judge_of
from device.ports import RECOGNITION_HZ

WAITS = ("p50", "p90", "p95", "mean")


def measure(
    config: Config,
    clips: Sequence[Clip],
    *,
    answer_ms: float | None,
    share_ms: float | None,
    reply_ms: float,
    most_cut_off: float,
    tell: Callable[[str], None],
) -> dict[str, Any]:
    """Score every setting on the clips. Raises ModelError."""
    now = config.endpointing()
    with traces(config, clips) as (found, asked):
        tell(f"asking the models about {len(found)} utterances")
        if answer_ms is None:
            answer_ms = asked.answer_ms(max(clips, key=lambda it: len(it.samples)).samples[-4 * RECOGNITION_HZ :])
        if share_ms is None:
            share_ms = asked.share_ms()
        windows = -(-config.hearing.preroll_ms * RECOGNITION_HZ // 1000 // found[0].window_samples) + 1
        pace = Pace(answer_ms=answer_ms, share_ms=share_ms, reply_ms=reply_ms, preroll_windows=windows)
        run = _Run(found, now, pace, judge_of(config.models.turn))
        current = score(now, run(now))
        every = list(settings(now))
        points = []
        for number, options in enumerate(every):
            if number % 100 == 0:
                tell(f"setting {number} of {len(every)}")
            points.append(score(options, run(options)))
        alone = [score(options, run.silence_alone(options)) for options in silences(now)]
    best = recommended([*points, current], most_cut_off)
    return {
        "n": len(clips),
        "with_pauses": sum(clip.pauses > 0 for clip in clips),
        "answer_ms": answer_ms,
        "share_ms": share_ms,
        "reply_ms": reply_ms,
        "most_cut_off": most_cut_off,
        "recommended": asdict(best),
        "in_force": asdict(current),
        "frontier": [asdict(point) for point in frontier(points)],
        "silence_alone": [asdict(point) for point in frontier(alone)],
        "points": [asdict(point) for point in points],
        "models": {role: getattr(config.models, role) for role in ("vad", "turn", "asr", "llm")},
        "machine": machine.description(),
        "cut_off": _cut_off(run, best),
    }


class _Run:
    """Replays of all traces with given options."""

    def __init__(self, found: Sequence[Trace], base: EndpointingOptions, pace: Pace, judge: Judge) -> None:
        self._traces = found
        self._base = base
        self._pace = pace
        self._judge = judge

    def __call__(self, options: EndpointingOptions) -> list[tuple[bool, Outcome]]:
        return [(trace.pauses > 0, self._replay(trace, options)) for trace in self._traces]

    def silence_alone(self, options: EndpointingOptions) -> list[tuple[bool, Outcome]]:
        """The same without asking anybody: both timeouts are one."""
        return [(trace.pauses > 0, self._replay(_Unasked(trace), options)) for trace in self._traces]

    def early(self, point: Point) -> list[Trace]:
        """The traces that a setting cuts off."""
        options = replace(
            self._base,
            pause_ms=point.pause_ms,
            end_silence_ms=point.end_silence_ms,
            end_silence_max_ms=point.end_silence_max_ms,
            unfinished_below=point.unfinished_below,
            finished_above=point.finished_above,
        )
        return [trace for trace in self._traces if self._replay(trace, options).early]

    def _replay(self, trace: "Trace | _Unasked", options: EndpointingOptions) -> Outcome:
        return replay(trace, options, self._pace, self._judge)


class _Unasked:
    """A trace of which only the voice probabilities are looked at."""

    def __init__(self, trace: Trace) -> None:
        self.end_sample, self.window_samples = trace.end_sample, trace.window_samples
        self.probabilities: Sequence[float] = trace.probabilities
        self.levels_db: Sequence[float] = trace.levels_db

    def signs(self, first_window: int, last_window: int) -> Signs:
        """Nothing is known."""
        del first_window, last_window
        return Signs(text="", sound=0.0)


def _cut_off(run: _Run, point: Point) -> list[dict[str, str]]:
    """Which utterances the setting cuts off, to look into."""
    return [{"name": trace.name, "text": trace.text} for trace in run.early(point)]


def as_text(found: dict[str, Any]) -> str:
    """The result as a person reads it."""
    lines = [
        f"{found['n']} utterances, {found['with_pauses']} of them with pauses inside",
        f"the models answer in {found['answer_ms']:.0f} ms, the language model {found['share_ms']:.0f} ms later",
        f"a reply follows its endpoint in {found['reply_ms']:.0f} ms",
        "",
        f"{'':14}{'pause':>7}{'end':>6}{'max':>6}{'unfinished':>12}{'finished':>10}{'cut off':>9}"
        + "".join(f"{name:>7}" for name in WAITS),
        _row("in force", found["in_force"]),
        _row("recommended", found["recommended"]),
        *(_row("", point) for point in found["frontier"]),
        "silence alone",
        *(_row("", point) for point in found["silence_alone"]),
    ]
    return "\n".join(lines)


def _row(name: str, point: dict[str, Any]) -> str:
    wait = "".join(f"{point['delay_ms'][key]:>7.0f}" for key in WAITS)
    options = f"{point['pause_ms']:>7}{point['end_silence_ms']:>6}{point['end_silence_max_ms']:>6}"
    sure = f"{point['unfinished_below']:>12.2f}{point['finished_above']:>10.2f}"
    return f"{name:14}{options}{sure}{100 * point['cut_off_rate']:>7.1f} %{wait}"
