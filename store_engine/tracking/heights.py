"""How high a person carries their head: one number per track, learned while feet are visible."""

import math

import msgspec

from store_engine.units import seconds_between

# The middle of eyes, ears and nose is at 0.936 of the stature (Drillis & Contini 1966); adults
# are 1.68 m tall with a spread of 0.1 m (anthropometric tables, men and women together).
HEAD_M = 1.57
HEAD_STD_M = 0.10
_HEAD_VAR_M2 = HEAD_STD_M**2
STATURE_ABOVE_HEAD_M = 0.11
# A stoop or a crouch at a shelf is forgotten within seconds (guess).
_FORGET_S = 5.0


class Height(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Belief about the present height of the head above the floor."""

    mean_m: float = HEAD_M
    var_m2: float = _HEAD_VAR_M2
    time_us: int = 0

    def at(self, time_us: int) -> "Height":
        """Return the belief at a later time: it reverts to what people are in general.

        An Ornstein-Uhlenbeck process: mean and variance relax exponentially.
        """
        if time_us <= self.time_us:
            return self
        kept = math.exp(-seconds_between(self.time_us, time_us) / _FORGET_S)
        return Height(
            HEAD_M + (self.mean_m - HEAD_M) * kept,
            _HEAD_VAR_M2 + (self.var_m2 - _HEAD_VAR_M2) * kept * kept,
            time_us,
        )

    def measured(self, height_m: float, var_m2: float, time_us: int) -> "Height":
        """Return the belief after the height was measured: a scalar Kalman update."""
        now = self.at(time_us)
        gain = now.var_m2 / (now.var_m2 + var_m2)
        mean_m = now.mean_m + gain * (height_m - now.mean_m)
        return Height(mean_m, now.var_m2 * (1.0 - gain), now.time_us)
