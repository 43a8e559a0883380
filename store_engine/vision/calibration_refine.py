"""A camera's pose, and its focal length where the landmarks determine it.

Distortion and the principal point are kept: landmarks clicked in one image say little about them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from store_engine.errors import ConfigError
from store_engine.store_map import Camera, FloatArray
from store_engine.vision.calibration_fit import Fit, Miss, arrays, fit_of, misses, summary
from store_engine.vision.calibration_landmarks import Landmark
from store_engine.vision.calibration_pose import Solved, solve, solve_from_anywhere, step_between

Focal = Literal["auto", "free", "held"]

LANDMARKS_MIN = 5  # four points determine a pose; the fifth shows whether it fits
FOCAL_LANDMARKS_MIN = 6
THIN_M = 0.05  # points closer to one line or plane than this are on it: shelves are bent (guess)
# Errors of place and aim mostly cancel at the landmarks, but not elsewhere (guesses).
POSITION_STD_MAX_M = 0.20
ROTATION_STD_MAX_DEG = 3.0
FOCAL_STD_MAX = 0.04  # share (guess)
# More of them are no slips: focal length, distortion or the shelves' own places are wrong (guess).
DOUBTFUL_SHARE_MAX = 0.2
# Two answers differ when they are this far apart ...
_APART_M, _APART_RAD = 0.3, 0.17
_AS_LIKELY = 5.0  # ... and are as good when their costs, log-likelihoods, differ by less (guess)
_OUTLIER_STDS = 4.0  # a landmark that the others miss by more is surely misnamed (guess)


@dataclass(frozen=True, kw_only=True)
class Refinement:
    """A refined camera and how far to believe it."""

    camera: Camera
    before: Fit  # of the calibration that was refined
    after: Fit
    left_out: tuple[Miss, ...]  # each landmark by a camera refined from all others
    covariance: FloatArray  # see `calibration_pose.Solved`
    std_px: float  # of a landmark's miss per axis
    focal_note: str  # why the focal length was held; "" when it was refined

    @property
    def position_std_m(self) -> FloatArray:
        """(3,) standard deviations of the position, store frame."""
        return np.sqrt(np.diag(self.covariance)[3:6])

    @property
    def rotation_std_deg(self) -> FloatArray:
        """(3,) standard deviations of the rotation about the camera's x, y and z."""
        return np.degrees(np.sqrt(np.diag(self.covariance)[:3]))

    @property
    def focal_std(self) -> float | None:
        """Standard deviation of the focal length as a share of it; None when it was held."""
        return float(np.sqrt(self.covariance[6, 6])) if len(self.covariance) > 6 else None

    @property
    def check(self) -> Fit:
        """How well landmarks are predicted that the camera was not refined from."""
        return summary(self.left_out)

    @property
    def doubtful(self) -> tuple[Miss, ...]:
        """Landmarks that the others miss by far: misnamed, or clicked beside."""
        return tuple(miss for miss in self.left_out if miss.px > _OUTLIER_STDS * self.std_px)

    @property
    def is_sound(self) -> bool:
        """Whether the landmarks agree on this camera; if not, its covariance says nothing."""
        few = len(self.doubtful) <= DOUBTFUL_SHARE_MAX * len(self.left_out)
        return few and self.check.fits


def refine(camera: Camera, landmarks: Sequence[Landmark], *, focal: Focal = "auto") -> Refinement:
    """Return the camera that fits the landmarks best; distortion and principal point are kept.

    focal: "auto" refines the focal length when the landmarks determine it to `FOCAL_STD_MAX`.

    Raises:
        ConfigError: the landmarks do not determine the camera; says what is missing.
    """
    _check_enough(camera, landmarks)
    solved, note = _solve_focal(camera, landmarks, focal)
    _check_certain(solved, landmarks)
    free = not note
    return Refinement(
        camera=solved.camera,
        before=fit_of(camera, landmarks),
        after=fit_of(solved.camera, landmarks),
        left_out=tuple(_left_out(solved.camera, landmarks, focal=free)),
        covariance=solved.covariance,
        std_px=solved.std_px,
        focal_note=note,
    )


def _check_enough(camera: Camera, landmarks: Sequence[Landmark]) -> None:
    if len(landmarks) < LANDMARKS_MIN:
        raise ConfigError(
            f"{camera.camera}: {len(landmarks)} landmarks, at least {LANDMARKS_MIN} are needed: "
            "four determine a pose, the fifth shows whether it fits"
        )
    _, second, _ = _extent_m(landmarks)
    if second < THIN_M:
        raise ConfigError(
            f"{camera.camera}: all landmarks lie on one line (within {second * 100:.0f} cm, at "
            f"least {THIN_M * 100:.0f} cm are needed): add some beside it, best at other depths"
        )


def _solve_focal(camera: Camera, landmarks: Sequence[Landmark], focal: Focal) -> tuple[Solved, str]:
    """Return the answer, and why the focal length was held."""
    if focal == "held":
        return _only(_answers(camera, landmarks, focal=False), landmarks), "as asked"
    answers = _answers(camera, landmarks, focal=True)
    free = answers[0]
    why = _why_no_focal(free, landmarks)
    if not why:
        return _only(answers, landmarks), ""
    held = None if focal == "free" else _answers(camera, landmarks, focal=False)
    # A focal length that the landmarks contradict must not be kept, even if they name no better.
    if held is None or held[0].cost - free.cost > _AS_LIKELY:
        wrong = "" if held is None else "the one in cameras.toml does not fit, but "
        raise ConfigError(
            f"{camera.camera}: the focal length cannot be refined: {wrong}{why}; add landmarks "
            "both near to the camera and far from it, towards all borders of the image"
        )
    return _only(held, landmarks), why


def _why_no_focal(free: Solved, landmarks: Sequence[Landmark]) -> str:
    if len(landmarks) < FOCAL_LANDMARKS_MIN:
        return f"{len(landmarks)} landmarks, at least {FOCAL_LANDMARKS_MIN} are needed"
    thinnest = _extent_m(landmarks)[2]
    if thinnest < THIN_M:
        return f"all landmarks lie on one plane (within {thinnest * 100:.0f} cm)"
    share = float(np.sqrt(free.covariance[6, 6]))
    if share > FOCAL_STD_MAX:
        return f"the landmarks determine it to {share:.1%} only, {FOCAL_STD_MAX:.0%} are needed"
    return ""


def _answers(camera: Camera, landmarks: Sequence[Landmark], *, focal: bool) -> tuple[Solved, ...]:
    """Return answers from several starts, best first; refuse when there is none."""
    answers = solve_from_anywhere(camera, landmarks, focal=focal)
    if not answers:
        raise ConfigError(
            f"{camera.camera}: no pose shows every landmark in front of the lens: look for "
            "a misnamed landmark, and check K and distortion"
        )
    return answers


def _only(answers: Sequence[Solved], landmarks: Sequence[Landmark]) -> Solved:
    """Return the best answer; refuse when another one is as good."""
    best = answers[0]
    for other in answers[1:]:
        if other.cost - best.cost < _AS_LIKELY and _apart(best.camera, other.camera):
            raise ConfigError(
                f"{best.camera.camera}: two poses fit as well, at {_place(best.camera)} and at "
                f"{_place(other.camera)}: {_advice(landmarks)}"
            )
    return best


def _check_certain(solved: Solved, landmarks: Sequence[Landmark]) -> None:
    rotation_deg = np.degrees(_worst_std(solved.covariance[:3, :3]))
    position_m = _worst_std(solved.covariance[3:6, 3:6])
    if position_m > POSITION_STD_MAX_M or rotation_deg > ROTATION_STD_MAX_DEG:
        raise ConfigError(
            f"{solved.camera.camera}: landmarks determine its position to {position_m * 100:.0f} "
            f"cm and its aim to {rotation_deg:.1f} degrees, {POSITION_STD_MAX_M * 100:.0f} cm and "
            f"{ROTATION_STD_MAX_DEG:g} degrees are needed: {_advice(landmarks)}"
        )


def _left_out(camera: Camera, landmarks: Sequence[Landmark], *, focal: bool) -> list[Miss]:
    """Return every landmark's miss by a camera that was refined without it."""
    found: list[Miss] = []
    for index, landmark in enumerate(landmarks):
        others = [*landmarks[:index], *landmarks[index + 1 :]]
        found += misses(solve(camera, others, focal=focal).camera, [landmark])
    return found


def _advice(landmarks: Sequence[Landmark]) -> str:
    """Return what would help most."""
    if _extent_m(landmarks)[2] < THIN_M:
        return "all landmarks lie on one plane; add some well off it, such as at another height"
    return "add landmarks at other depths and towards the borders of the image"


def _extent_m(landmarks: Sequence[Landmark]) -> tuple[float, float, float]:
    """Return how far the points spread along their three main axes, standard deviations."""
    points, _ = arrays(landmarks)
    spread = np.linalg.svd(points - points.mean(axis=0), compute_uv=False) / np.sqrt(len(points))
    return float(spread[0]), float(spread[1]), float(spread[2])


def _apart(one: Camera, other: Camera) -> bool:
    step = step_between(one, other)
    return bool(np.linalg.norm(step[:3]) > _APART_RAD or np.linalg.norm(step[3:6]) > _APART_M)


def _worst_std(covariance: FloatArray) -> float:
    return float(np.sqrt(max(np.linalg.eigvalsh(covariance)[-1], 0.0)))


def _place(camera: Camera) -> str:
    x, y, z = camera.t
    return f"({x:.2f}, {y:.2f}, {z:.2f})"
