"""Where a wrist is, from the rays along which cameras saw it.

Linear Gaussian estimation: a wrist lies about an arm's reach around the body (the prior), and
each ray pins the two directions across it. Two good rays triangulate (Hartley & Zisserman 2004,
section 12.2, in its linear mid-point form); one ray leaves the reach prior along it, and says so
in its uncertainty.
"""

import math
from collections.abc import Sequence

from store_engine.signals import Hand

# An outstretched arm is 0.7 m, two standard deviations; wrists are between a bottom shelf and
# a top shelf, most often at waist height (anthropometric tables; guess).
REACH_STD_M = 0.35
WRIST_HEIGHT_M = 1.05
WRIST_HEIGHT_STD_M = 0.40
HAND_SPEED_M_S = 0.6  # how far a hand strays from the body's own motion while it ages (guess)
_SITE_STD_M = 0.05  # calibration and the joint's own definition, across a ray (guess)
_DISAGREE = 13.8  # squared distance of a ray from the answer: chi-square, 2 dof, 99.9 %


# Plain tuples, as thousands are made a second: a struct takes four times as long to take apart.
# Where a camera saw a body from, carried along with the body since, and how well it saw:
# x, y, z, metres, and 1 / variance across a ray at the body, 1/m^2.
Standpoint = tuple[float, float, float, float]
# A ray that saw the wrist: a standpoint, and a direction of any length.
Sightline = tuple[Standpoint, tuple[float, float, float]]


def standpoint(
    at: tuple[float, float, float],
    body: tuple[float, float],
    velocity: tuple[float, float],
    *,
    angle_std: float,
    age_s: float,
) -> Standpoint:
    """Return how a camera at `at` saw a body `age_s` seconds ago.

    Args:
        at: camera centre, metres.
        body: where the person stands now, metres.
        velocity: of the body, m/s.
        angle_std: pixel noise as an angle, radians.
        age_s: seconds since the frame.
    """
    x, y, z = at
    away_x, away_y, away_z = body[0] - x, body[1] - y, WRIST_HEIGHT_M - z
    square_m2 = away_x * away_x + away_y * away_y + away_z * away_z
    strayed_m = HAND_SPEED_M_S * age_s
    var = angle_std * angle_std * square_m2 + _SITE_STD_M**2 + strayed_m * strayed_m
    return x + velocity[0] * age_s, y + velocity[1] * age_s, z, 1.0 / var


def locate_wrist(body: tuple[float, float], lines: Sequence[Sightline]) -> Hand:
    """Return the most likely wrist given the lines, freshest first; outliers are left out.

    `std_m` is the standard deviation in the worst direction.
    """
    used = list(lines)
    while True:
        hand = _solve(body, used)
        if len(used) == 1:
            return hand
        misses = _misses(used, hand)
        worst = max(misses)
        if worst <= _DISAGREE:
            return hand
        del used[len(misses) - 1 - misses[::-1].index(worst)]  # of equals, the oldest


def _solve(body: tuple[float, float], lines: Sequence[Sightline]) -> Hand:
    """Solve A p = b, with A the information of prior and lines, by cofactors.

    A line at p along d adds w (I - d d' / d'd) to A, and that times p to b.
    """
    axx = ayy = 1.0 / REACH_STD_M**2
    azz = 1.0 / WRIST_HEIGHT_STD_M**2
    bx, by, bz = axx * body[0], ayy * body[1], azz * WRIST_HEIGHT_M
    axy = axz = ayz = 0.0
    for (px, py, pz, weight), (dx, dy, dz) in lines:
        share = weight / (dx * dx + dy * dy + dz * dz)
        sx, sy, sz = share * dx, share * dy, share * dz
        along = px * sx + py * sy + pz * sz
        axx += weight - sx * dx
        ayy += weight - sy * dy
        azz += weight - sz * dz
        axy -= sx * dy
        axz -= sx * dz
        ayz -= sy * dz
        bx += weight * px - along * dx
        by += weight * py - along * dy
        bz += weight * pz - along * dz
    cxx, cxy, cxz = ayy * azz - ayz * ayz, axz * ayz - axy * azz, axy * ayz - axz * ayy
    cyy, cyz, czz = axx * azz - axz * axz, axy * axz - axx * ayz, axx * ayy - axy * axy
    det = axx * cxx + axy * cxy + axz * cxz
    return Hand(
        (cxx * bx + cxy * by + cxz * bz) / det,
        (cxy * bx + cyy * by + cyz * bz) / det,
        (cxz * bx + cyz * by + czz * bz) / det,
        math.sqrt(_largest_eigenvalue(cxx, cyy, czz, cxy, cxz, cyz) / det),
    )


def _largest_eigenvalue(xx: float, yy: float, zz: float, xy: float, xz: float, yz: float) -> float:
    """The largest eigenvalue of a symmetric 3 x 3 matrix, in closed form (Smith 1961)."""
    mean = (xx + yy + zz) / 3.0
    ux, uy, uz = xx - mean, yy - mean, zz - mean
    off = xy * xy + xz * xz + yz * yz
    spread = math.sqrt((ux * ux + uy * uy + uz * uz + 2.0 * off) / 6.0)
    if spread <= 1e-12 * mean:
        return mean
    det = ux * (uy * uz - yz * yz) - xy * (xy * uz - yz * xz) + xz * (xy * yz - uy * xz)
    cosine = max(-1.0, min(1.0, det / (2.0 * spread**3)))
    return mean + 2.0 * spread * math.cos(math.acos(cosine) / 3.0)


def _misses(lines: Sequence[Sightline], hand: Hand) -> list[float]:
    """The squared distances of the hand from the lines, in their standard deviations."""
    hand_x, hand_y, hand_z, _ = hand
    misses = []
    for (px, py, pz, weight), (dx, dy, dz) in lines:
        x, y, z = hand_x - px, hand_y - py, hand_z - pz
        along = x * dx + y * dy + z * dz
        aside = x * x + y * y + z * z - along * along / (dx * dx + dy * dy + dz * dz)
        misses.append(weight * aside)
    return misses
