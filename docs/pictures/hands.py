"""Two people near one step: how far their palms were, and what that says of who did it."""

import dataclasses
import math
from collections.abc import Mapping

from docs.pictures.sessions import Played
from docs.pictures.style import standalone
from store_engine.attribution.history import Moves
from store_engine.attribution.reach import TIME_STD_S, Judge, Reach
from store_engine.signals import TrackMoved, WeightStep
from store_engine.svg import Plot, Point
from store_engine.units import US_PER_S, TrackId, to_us

WIDTH, HEIGHT, MIDDLE = 860.0, 470.0, 236.0
SHOWN_S = 1.1  # before and after the moment
RATIOS = (-3.0, 1.7)  # log10
COLOURS = ("ca", "cb", "cc")


def hands_picture(
    game: Played, step: WeightStep, names: Mapping[TrackId, str], *, title: str
) -> str:
    """Return the picture of everybody near a step; `names`: of the tracks that are drawn."""
    upper = Plot(width=WIDTH, height=HEIGHT, x=(-SHOWN_S, SHOWN_S), y=(-0.02, 0.62), left=70.0,
        right=190.0, top=50.0, bottom=HEIGHT - MIDDLE)  # fmt: skip
    lower = Plot(width=WIDTH, height=HEIGHT, x=upper.x, y=RATIOS, left=70.0, right=190.0,
        top=MIDDLE + 32.0, bottom=50.0, parts=upper.parts)  # fmt: skip
    upper.text(upper.x[0], upper.y[1], title, css="title", dx=-52.0, dy=-24.0)
    upper.text(upper.x[0], upper.y[1], "palm to the space above the plate", css="soft", dy=-6.0)
    lower.text(lower.x[0], lower.y[1], "what one frame alone would say: p(seen | did it) / "
        "p(seen | only there)", css="soft", dy=-6.0)  # fmt: skip
    _axes(upper, lower)
    for track, css in zip(names, COLOURS, strict=False):
        own = (moved for moved in game.seen.moves if moved.track == track)
        judged = ((moved, _alone(game, step, moved)) for moved in own)
        frames = [(moved, alone) for moved, alone in judged if alone is not None]
        _person(upper, lower, step, frames, css)
    _sums(lower, game, step, names)
    return standalone(upper, describes=title)


def _alone(game: Played, step: WeightStep, moved: TrackMoved) -> Reach | None:
    """Return what one frame would say if it were the moment of the step."""
    if abs(moved.time_us - step.moment_us) > to_us(SHOWN_S):
        return None
    moves = Moves()
    moves.add(moved)
    at_once = dataclasses.replace(step, moment_us=moved.time_us)
    plate = game.session.store.map.plates[step.plate]
    return next(iter(Judge(at_once, plate).reaches(moves, moved.time_us)), None)


def _axes(upper: Plot, lower: Plot) -> None:
    ticks = [at / 4 for at in range(-4, 5)]
    for tick in ticks:
        upper.line([(tick, upper.y[0]), (tick, upper.y[1])], "grid")
    upper.y_axis([0.0, 0.2, 0.4, 0.6], lambda metres: f"{metres:.1f} m")
    lower.x_axis(ticks, lambda s: f"{s:+.2f} s" if s else "the step", "time from the step")
    lower.y_axis([-3.0, -2.0, -1.0, 0.0, 1.0], lambda power: f"{10.0**power:g}")
    lower.line([(lower.x[0], 0.0), (lower.x[1], 0.0)], "dash")
    bell: list[Point] = []
    for at in range(-60, 61):
        time = SHOWN_S * at / 60
        share = math.exp(-0.5 * (time / TIME_STD_S) ** 2)
        bell.append((time, RATIOS[0] + share * (RATIOS[1] - RATIOS[0])))
    lower.band(bell, [(bell[0][0], RATIOS[0]), (bell[-1][0], RATIOS[0])], "wash")
    lower.text(0.38, 0.5, "shaded: what a frame counts for", css="soft")


def _person(
    upper: Plot, lower: Plot, step: WeightStep, frames: list[tuple[TrackMoved, Reach]], css: str
) -> None:
    def time(moved: TrackMoved) -> float:
        return (moved.time_us - step.moment_us) / US_PER_S

    upper.curve(
        [(time(m), one.distance_m) for m, one in frames if one.distance_m <= upper.y[1]],
        f"wide {css}",
    )
    for moved, one in frames:
        if one.distance_m <= upper.y[1]:
            upper.dot(time(moved), one.distance_m, css, radius=2.6)
    lower.curve(
        [(time(m), max(RATIOS[0], one.log_ratio / math.log(10))) for m, one in frames],
        f"wide {css}",
    )


def _sums(lower: Plot, game: Played, step: WeightStep, names: Mapping[TrackId, str]) -> None:
    """Write, beside the ratios, what the window as a whole says of everybody."""
    moves = Moves()
    for moved in game.seen.moves:
        moves.add(moved)
    plate = game.session.store.map.plates[step.plate]
    found = {one.track: one for one in Judge(step, plate).reaches(moves, to_us(1e12))}
    lower.text(lower.x[1], lower.y[1], "the window as a whole:", css="soft", dx=16.0, dy=8.0)
    for row, (track, css) in enumerate(zip(names, COLOURS, strict=False)):
        one = found.get(track)
        says = "out of reach" if one is None else f"ratio {math.exp(one.log_ratio):.3g}"
        down = 34.0 + 44.0 * row
        lower.text(lower.x[1], lower.y[1], names[track], css=f"{css} strong", dx=16.0, dy=down)
        lower.text(lower.x[1], lower.y[1], says, css=css, dx=16.0, dy=down + 18.0)
