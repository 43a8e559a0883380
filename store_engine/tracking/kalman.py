"""One person's motion: a constant-velocity Kalman filter in the floor frame.

Model: continuous white-noise acceleration, Bar-Shalom, Li & Kirubarajan (2001), section 6.2.2.
It is the discretisation that composes: two short predictions equal one long one, so frames may
come at any moment from any camera.

Written out in plain floats. A camera frame holds a handful of people, and there numpy spends its
time on calls: predicting 8 people takes 6 us this way and 15 us batched, correcting 5 takes 10 us
and 25 us (measured, Python 3.11, numpy 2.4). Drawn out, those lines cross at about 50 people, which
nobody has measured: docs/decisions/0004-plain-float-kalman.md.
"""

import msgspec

from store_engine.tracking.cameras import Fix

# m^2/s^3: velocity changes by about 1 m/s within a second, as people stop and turn (guess).
ACCELERATION_PSD = 1.0
BIRTH_SPEED_STD_M_S = 1.0  # people walk at 0 to 1.5 m/s in any direction (guess)


class Belief(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A Gaussian over position (x, y) and velocity (u, v), metres and m/s.

    The mean, then the upper triangle of the covariance: `xu` is cov(x, u).
    """

    x: float
    y: float
    u: float
    v: float
    xx: float
    xy: float
    xu: float
    xv: float
    yy: float
    yu: float
    yv: float
    uu: float
    uv: float
    vv: float


def born(fix: Fix) -> Belief:
    """Return the belief about somebody seen for the first time."""
    var = BIRTH_SPEED_STD_M_S**2
    return Belief(fix.x, fix.y, 0.0, 0.0, fix.xx, fix.xy, 0.0, 0.0, fix.yy, 0.0, 0.0, var, 0.0, var)


def predict(belief: Belief, dt_s: float, *, psd: float = ACCELERATION_PSD) -> Belief:
    """Return N(F m, F P F' + Q), the belief `dt_s` seconds later.

    F = [[I, dt I], [0, I]]; Q = psd [[dt^3/3 I, dt^2/2 I], [dt^2/2 I, dt I]].

    Args:
        belief: the belief now.
        dt_s: seconds, >= 0.
        psd: power spectral density of the acceleration, m^2/s^3.
    """
    xx, xy, xu, xv = belief.xx, belief.xy, belief.xu, belief.xv
    yy, yu, yv = belief.yy, belief.yu, belief.yv
    uu, uv, vv = belief.uu, belief.uv, belief.vv
    speed = psd * dt_s
    cross = 0.5 * speed * dt_s
    place = cross * dt_s * (2.0 / 3.0)
    xu_later, xv_later = xu + dt_s * uu, xv + dt_s * uv
    yu_later, yv_later = yu + dt_s * uv, yv + dt_s * vv
    return Belief(
        belief.x + dt_s * belief.u,
        belief.y + dt_s * belief.v,
        belief.u,
        belief.v,
        xx + dt_s * (xu + xu_later) + place,
        xy + dt_s * (yu + xv_later),
        xu_later + cross,
        xv_later,
        yy + dt_s * (yv + yv_later) + place,
        yu_later,
        yv_later + cross,
        uu + speed,
        uv,
        vv + speed,
    )


Place = tuple[float, float, float, float, float]  # x, y; covariance xx, xy, yy: metres, m^2


def expected_place(belief: Belief, dt_s: float, *, psd: float = ACCELERATION_PSD) -> Place:
    """Return where `predict` says the person is, without what it says about their velocity.

    Deciding whose a sighting is takes no more, and most people are asked about in vain: those
    whom a camera does not see.
    """
    place = 0.5 * (psd * dt_s) * dt_s * dt_s * (2.0 / 3.0)
    xu, yv = belief.xu, belief.yv
    return (
        belief.x + dt_s * belief.u,
        belief.y + dt_s * belief.v,
        belief.xx + dt_s * (xu + (xu + dt_s * belief.uu)) + place,
        belief.xy + dt_s * (belief.yu + (belief.xv + dt_s * belief.uv)),
        belief.yy + dt_s * (yv + (yv + dt_s * belief.vv)) + place,
    )


def update(belief: Belief, fix: Fix) -> Belief:
    """Return the belief after the position was measured.

    K = P H' S^-1 with S = H P H' + R; then m + K (z - H m) and P - K H P. Only one triangle of P
    is kept, so it stays symmetric; R is never small against P, so it stays positive definite
    without the longer Joseph form. Bar-Shalom et al. (2001), section 5.2.
    """
    xx, xy, xu, xv = belief.xx, belief.xy, belief.xu, belief.xv
    yy, yu, yv = belief.yy, belief.yu, belief.yv
    uu, uv, vv = belief.uu, belief.uv, belief.vv
    sxx, sxy, syy = xx + fix.xx, xy + fix.xy, yy + fix.yy
    det = sxx * syy - sxy * sxy
    ixx, ixy, iyy = syy / det, -sxy / det, sxx / det
    kxx, kxy = xx * ixx + xy * ixy, xx * ixy + xy * iyy
    kyx, kyy = xy * ixx + yy * ixy, xy * ixy + yy * iyy
    kux, kuy = xu * ixx + yu * ixy, xu * ixy + yu * iyy
    kvx, kvy = xv * ixx + yv * ixy, xv * ixy + yv * iyy
    dx, dy = fix.x - belief.x, fix.y - belief.y
    return Belief(
        belief.x + kxx * dx + kxy * dy,
        belief.y + kyx * dx + kyy * dy,
        belief.u + kux * dx + kuy * dy,
        belief.v + kvx * dx + kvy * dy,
        xx - kxx * xx - kxy * xy,
        xy - kxx * xy - kxy * yy,
        xu - kxx * xu - kxy * yu,
        xv - kxx * xv - kxy * yv,
        yy - kyx * xy - kyy * yy,
        yu - kyx * xu - kyy * yu,
        yv - kyx * xv - kyy * yv,
        uu - kux * xu - kuy * yu,
        uv - kux * xv - kuy * yv,
        vv - kvx * xv - kvy * yv,
    )
