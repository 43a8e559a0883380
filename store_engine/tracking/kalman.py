"""Everybody's motion at once: a constant-velocity Kalman filter, batched over people.

Model: continuous white-noise acceleration, Bar-Shalom, Li & Kirubarajan (2001), section 6.2.2.
It is the discretisation that composes: two short predictions equal one long one, so frames may
come at any moment from any camera.
"""

from typing import NamedTuple

import numpy as np

from store_engine.store_map import FloatArray

# m^2/s^3: velocity changes by about 1 m/s within a second, as people stop and turn (guess).
ACCELERATION_PSD = 1.0


class Beliefs(NamedTuple):
    """What is believed about n people; floor frame, state (px, py, vx, vy)."""

    mean: FloatArray  # (n, 4)    metres, m/s
    cov: FloatArray  # (n, 4, 4) positive definite


def nobody() -> Beliefs:
    """Return beliefs about no one."""
    return Beliefs(np.zeros((0, 4)), np.zeros((0, 4, 4)))


def predict(beliefs: Beliefs, *, dt_s: float, psd: float = ACCELERATION_PSD) -> Beliefs:
    """Return N(F m, F P F' + Q) for each, the beliefs `dt_s` seconds later.

    All covariances go through one matrix product: vec(F P F') = (F kron F) vec(P).

    Args:
        beliefs: about n people.
        dt_s: seconds, >= 0.
        psd: power spectral density of the acceleration, m^2/s^3.
    """
    count = len(beliefs.mean)
    transition = _I4 + dt_s * _SHIFT
    twice = _I16 + dt_s * _SHIFT_ONE + dt_s * dt_s * _SHIFT_BOTH
    noise = psd * (dt_s * _NOISE_1 + dt_s**2 / 2 * _NOISE_2 + dt_s**3 / 3 * _NOISE_3)
    cov = beliefs.cov.reshape(count, 16) @ twice.T + noise
    return Beliefs(beliefs.mean @ transition.T, cov.reshape(count, 4, 4))


def update(beliefs: Beliefs, seen: FloatArray, noise: FloatArray) -> Beliefs:
    """Return the beliefs after each person's position was measured once.

    K = P H' S^-1, m + K (z - H m), P - K H P, symmetrised: Bar-Shalom et al. (2001), section 5.2.
    The position noise is never small against P here, so the longer Joseph form buys nothing.

    Args:
        beliefs: about n people.
        seen: (n, 2) measured positions, metres.
        noise: (n, 2, 2) their covariances, m^2.
    """
    mean, cov = beliefs
    cross = cov[:, :, :2]  # P H'
    gain = cross @ _inverse_2x2(cov[:, :2, :2] + noise)
    mean = mean + (gain @ (seen - mean[:, :2])[:, :, None])[:, :, 0]
    cov = cov - gain @ cross.transpose(0, 2, 1)
    return Beliefs(mean, (cov + cov.transpose(0, 2, 1)) * 0.5)


def _inverse_2x2(s: FloatArray) -> FloatArray:
    """Return the inverses of (n, 2, 2) symmetric matrices."""
    a, b, d = s[:, 0, 0], s[:, 0, 1], s[:, 1, 1]
    inverse = np.empty_like(s)
    inverse[:, 0, 0], inverse[:, 1, 1] = d, a
    inverse[:, 0, 1] = inverse[:, 1, 0] = -b
    inverse /= (a * d - b * b)[:, None, None]
    return inverse


# F = I + dt N, so F kron F = I + dt (N kron I + I kron N) + dt^2 (N kron N).
_I4 = np.eye(4)
_I16 = np.eye(16)
_SHIFT = np.kron([[0.0, 1.0], [0.0, 0.0]], np.eye(2))
_SHIFT_ONE = np.kron(_SHIFT, _I4) + np.kron(_I4, _SHIFT)
_SHIFT_BOTH = np.kron(_SHIFT, _SHIFT)
# Q = psd [[dt^3/3, dt^2/2], [dt^2/2, dt]] kron I, flattened.
_NOISE_1 = np.kron([[0.0, 0.0], [0.0, 1.0]], np.eye(2)).reshape(16)
_NOISE_2 = np.kron([[0.0, 1.0], [1.0, 0.0]], np.eye(2)).reshape(16)
_NOISE_3 = np.kron([[1.0, 0.0], [0.0, 0.0]], np.eye(2)).reshape(16)
