"""One camera, prepared for speed: where each pixel looks, and which floor it sees.

Values made for every detection are msgspec structs: a named tuple takes four times as long to make
(measured: docs/decisions/0004-plain-float-kalman.md).
"""

import msgspec
import numpy as np

from store_engine.store_map import Camera, FloatArray
from store_engine.tracking.floor import Floor
from store_engine.tracking.projection import directions, project

# Directions are tabled on a grid and interpolated bilinearly: with 64 x 36 cells the error stays
# below 0.1 px at 640 px width on the widest lens we have (measured), a thirtieth of the noise.
_COLUMNS = 64
_ROWS = 36

# A joint found by a pose network jitters by about half a percent of the image width: 3 px at
# 640 px (guess, from looking at overlaid keypoints).
PIXEL_STD_SHARE = 0.005
# What no pixel noise explains: calibration, and the point found not being the body's axis. Three
# cameras put the same shopper 0.13 m apart in the median and 0.27 m at the 90th percentile
# (measured on real clips); two positions that far apart have 0.08 to 0.09 m per axis each.
SITE_STD_M = 0.09
TORSO_M = 1.2  # a person is in view where this height above the floor is (guess)
_SITE_VAR_M2 = SITE_STD_M**2
_FARTHEST_M = 30.0  # beyond this a ray meets its plane too flat to mean anything (guess)


class Ray(msgspec.Struct, frozen=True, gc=False):
    """Where a pixel looks, one unit deep along the optical axis, and how that turns per pixel.

    d: direction in the store frame; u, v: its derivative by the pixel's x and y, 1/pixel.
    """

    dx: float
    dy: float
    dz: float
    ux: float
    uy: float
    uz: float
    vx: float
    vy: float
    vz: float


class Fix(msgspec.Struct, frozen=True, gc=False):
    """A floor position, metres, and its covariance, m^2."""

    x: float
    y: float
    xx: float
    xy: float
    yy: float


class CameraView:
    """One camera, prepared."""

    def __init__(self, camera: Camera, floor: Floor) -> None:
        self.width_px = float(camera.width_px)
        self.height_px = float(camera.height_px)
        self.at = (float(camera.t[0]), float(camera.t[1]), float(camera.t[2]))
        self.pixel_var = (PIXEL_STD_SHARE * camera.width_px) ** 2  # pixels^2, per axis
        focal_px = 0.5 * float(camera.K[0, 0] + camera.K[1, 1])
        self.angle_std = PIXEL_STD_SHARE * camera.width_px / focal_px  # radians
        self.sees = _floor_in_view(camera, floor)
        self._cells = _tabulate(camera)
        self._cell_width = self.width_px / _COLUMNS
        self._cell_height = self.height_px / _ROWS
        # A hair less than one cell per width: the image's far border falls into the last cell.
        self._per_column = (1.0 - 1e-12) / self._cell_width
        self._per_row = (1.0 - 1e-12) / self._cell_height

    def direction(self, u: float, v: float) -> tuple[float, float, float] | None:
        """Return the direction of `ray`, for those who need no more."""
        if not (0.0 <= u <= self.width_px and 0.0 <= v <= self.height_px):
            return None
        i, j = int(u * self._per_column), int(v * self._per_row)
        cell = self._cells[j * _COLUMNS + i]
        if cell is None:
            return None
        x0, xu, xv, xuv, y0, yu, yv, yuv, z0, zu, zv, zuv = cell
        u -= i * self._cell_width
        v -= j * self._cell_height
        return (
            x0 + (xu + xuv * v) * u + xv * v,
            y0 + (yu + yuv * v) * u + yv * v,
            z0 + (zu + zuv * v) * u + zv * v,
        )

    def ray(self, u: float, v: float) -> Ray | None:
        """Return where pixel (u, v) looks; None outside the image or the lens model."""
        if not (0.0 <= u <= self.width_px and 0.0 <= v <= self.height_px):
            return None
        i, j = int(u * self._per_column), int(v * self._per_row)
        cell = self._cells[j * _COLUMNS + i]
        if cell is None:
            return None
        x0, xu, xv, xuv, y0, yu, yv, yuv, z0, zu, zv, zuv = cell
        u -= i * self._cell_width
        v -= j * self._cell_height
        xu += xuv * v
        yu += yuv * v
        zu += zuv * v
        return Ray(
            x0 + xu * u + xv * v, y0 + yu * u + yv * v, z0 + zu * u + zv * v,
            xu, yu, zu,
            xv + xuv * u, yv + yuv * u, zv + zuv * u,
        )  # fmt: skip

    def meet(
        self, ray: Ray, height_m: float, height_var_m2: float, plan_var_m2: float = 0.0
    ) -> Fix | None:
        """Return where the ray passes a height above the floor; None when it does not.

        Floor point p = c + s d with s = (height - c_z) / d_z. Its covariance is pixel noise and
        height uncertainty through the Jacobian of p, plus what calibration and posture leave in
        plan (`plan_var_m2`) (Hartley & Zisserman 2004, section 5.2).
        """
        dx, dy, dz, uz, vz = ray.dx, ray.dy, ray.dz, ray.uz, ray.vz
        if dz == 0.0:
            return None
        x, y, z = self.at
        s = (height_m - z) / dz
        if not 0.0 < s < _FARTHEST_M:
            return None
        gx, gy = dx / dz, dy / dz  # d p / d height
        xu, xv = s * (ray.ux - gx * uz), s * (ray.vx - gx * vz)
        yu, yv = s * (ray.uy - gy * uz), s * (ray.vy - gy * vz)
        noise, rest = self.pixel_var, _SITE_VAR_M2 + plan_var_m2
        return Fix(
            x + s * dx,
            y + s * dy,
            noise * (xu * xu + xv * xv) + height_var_m2 * gx * gx + rest,
            noise * (xu * yu + xv * yv) + height_var_m2 * gx * gy,
            noise * (yu * yu + yv * yv) + height_var_m2 * gy * gy + rest,
        )

    def height_at(self, ray: Ray, x: float, y: float) -> float:
        """Return how high above (x, y) the ray passes, where it comes closest in plan, metres."""
        flat = ray.dx * ray.dx + ray.dy * ray.dy
        along = (x - self.at[0]) * ray.dx + (y - self.at[1]) * ray.dy
        return self.at[2] + ray.dz * along / max(flat, 1e-9)


def _tabulate(camera: Camera) -> list[tuple[float, ...] | None]:
    """Bilinear coefficients of the direction in every cell, row by row; None where it has none.

    Within a cell d = d0 + du u + dv v + duv u v, with (u, v) pixels from the cell's corner.
    """
    u = np.linspace(0.0, camera.width_px, _COLUMNS + 1)
    v = np.linspace(0.0, camera.height_px, _ROWS + 1)
    pixels = np.stack(np.meshgrid(u, v), axis=-1).reshape(-1, 2)
    nodes = directions(camera, pixels).reshape(_ROWS + 1, _COLUMNS + 1, 3)
    width, height = camera.width_px / _COLUMNS, camera.height_px / _ROWS
    corner, right = nodes[:-1, :-1], nodes[:-1, 1:]
    below, across = nodes[1:, :-1], nodes[1:, 1:]
    table = np.stack(
        [
            corner,
            (right - corner) / width,
            (below - corner) / height,
            (across - right - below + corner) / (width * height),
        ],
        axis=-1,
    ).reshape(-1, 12)
    return [tuple(cell.tolist()) if np.isfinite(cell).all() else None for cell in table]


def _floor_in_view(camera: Camera, floor: Floor) -> bytes:
    """One byte per floor cell, 1 where the camera could see somebody's torso."""
    points: FloatArray = np.column_stack([floor.centres, np.full(len(floor.centres), TORSO_M)])
    pixels = project(camera, points)
    in_view = ((pixels >= 0.0) & (pixels <= [camera.width_px, camera.height_px])).all(axis=1)
    return in_view.astype(np.uint8).tobytes()
