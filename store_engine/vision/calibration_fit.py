"""How well a calibration fits landmarks, and when that is good enough."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from store_engine.store_map import Camera, FloatArray
from store_engine.vision.calibration_landmarks import Landmark
from store_engine.vision.calibration_lens import depths, project, project_anyhow

# What tracking grants every camera (`tracking.cameras.SITE_STD_M`): three cameras that fit put the
# same shopper 0.13 m apart, which is 0.09 m each (measured on recorded clips).
FITS_MEDIAN_M = 0.09
FITS_P90_M = 2.0 * FITS_MEDIAN_M  # one landmark in ten may be further off than twice that (guess)


class Miss(NamedTuple):
    """How far beside its landmark a calibration puts a point."""

    landmark: Landmark
    x_px: float  # projected minus found
    y_px: float
    depth_m: float  # of the point, along the optical axis
    across_m: float  # the miss as a distance at that depth; inf where the camera sees no such point

    @property
    def px(self) -> float:
        """The length of the miss."""
        return float(np.hypot(self.x_px, self.y_px))


class Fit(NamedTuple):
    """Whether a calibration fits landmarks."""

    misses: tuple[Miss, ...]
    median_px: float
    median_m: float
    p90_m: float

    @property
    def fits(self) -> bool:
        """Whether what the camera says about places can be believed."""
        return self.median_m <= FITS_MEDIAN_M and self.p90_m <= FITS_P90_M


def fit_of(camera: Camera, landmarks: Sequence[Landmark]) -> Fit:
    """Return how well a calibration fits one landmark or more."""
    return summary(misses(camera, landmarks))


def summary(found: Sequence[Miss]) -> Fit:
    """Return medians and the 90th percentile (the next larger miss) of one miss or more."""
    across = [miss.across_m for miss in found]
    return Fit(
        tuple(found),
        median_px=float(np.median([miss.px for miss in found])),
        median_m=float(np.quantile(across, 0.5, method="higher")),
        p90_m=float(np.quantile(across, 0.9, method="higher")),
    )


def misses(camera: Camera, landmarks: Sequence[Landmark]) -> tuple[Miss, ...]:
    """Return every landmark's miss, in their order."""
    points, pixels = arrays(landmarks)
    off = project_anyhow(camera, points) - pixels
    unseen = np.isnan(project(camera, points)).any(axis=1)
    deep = depths(camera, points)
    focal = np.array([camera.K[0, 0], camera.K[1, 1]])
    across = np.where(unseen, np.inf, np.hypot(*(off / focal).T) * deep)
    return tuple(
        Miss(landmark, float(x), float(y), float(depth), float(wide))
        for landmark, (x, y), depth, wide in zip(landmarks, off, deep, across, strict=True)
    )


def arrays(landmarks: Sequence[Landmark]) -> tuple[FloatArray, FloatArray]:
    """Return (n, 3) points in metres and (n, 2) pixels."""
    points = np.array([landmark.at for landmark in landmarks], dtype=np.float64)
    pixels = np.array([landmark.pixel for landmark in landmarks], dtype=np.float64)
    return points.reshape(-1, 3), pixels.reshape(-1, 2)
