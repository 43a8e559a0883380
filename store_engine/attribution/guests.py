"""Weight that is nobody's goods and goes again: a pressing hand, a bag set down, a leaning arm.

Its coming and going are two steps of the same mass on one plate, soon after each other, with the
same person near. Told apart, each looks like an unlikely nudge, or like goods.
"""

import math
from typing import NamedTuple

from store_engine.attribution.clusters import Part
from store_engine.attribution.mass import HANDLING_STD_G, Unit, log_units
from store_engine.units import PlateId, TrackId, seconds_between

GUEST_FROM_G = 5.0  # lighter changes are drift
GOES_AGAIN = math.log(0.5)  # what came goes again by itself (guess)
STAYS_S = 30.0  # ... within about this time (guess: hands press for seconds, bags lie for longer)
OTHERS = math.log(0.05)  # ... while nobody is near who was near when it came (guess)


class Guest(NamedTuple):
    """A weight on a plate that is nobody's goods."""

    plate: PlateId
    unit: Unit
    since_us: int
    tracks: tuple[TrackId, ...]  # who was near


def arriving(part: Part) -> Guest | None:
    """Return the guest that a part's gain may be."""
    if len(part.evidence) > 1 or part.change_g < GUEST_FROM_G:
        return None
    step = part.evidence[0].step
    unit = Unit(part.change_g, part.var_g2 + HANDLING_STD_G**2)
    return Guest(step.plate, unit, step.moment_us, _near(part))


def log_leaving(part: Part, guest: Guest) -> float:
    """Return the log weight of a part's loss being a guest that goes again.

    Who takes their hand or bag away was near when it came, and has a hand there now.
    """
    if part.plates != (guest.plate,):
        return -math.inf
    stayed_s = seconds_between(guest.since_us, part.evidence[0].step.moment_us)
    same = [reach.log_ratio for reach in part.reach if reach.track in guest.tracks]
    nearest = max(same, default=0.0)
    who = nearest if nearest > 0.0 else OTHERS
    mass = log_units(-part.change_g, part.var_g2, (guest.unit,))
    return GOES_AGAIN - stayed_s / STAYS_S + who + mass


def _near(part: Part) -> tuple[TrackId, ...]:
    """Return who is likelier to have reached the part than not."""
    return tuple(reach.track for reach in part.reach if reach.log_ratio > 0.0)
