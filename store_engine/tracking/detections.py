"""One camera detection -> where on the floor that person stands.

The feet say it best. Where they are hidden or cut off, the highest reliable part of the body
does, at the height this person is believed to carry it.
"""

from collections.abc import Sequence

import msgspec

from store_engine.messages import Keypoint, PersonDetection
from store_engine.tracking.cameras import CameraView, Fix, Ray
from store_engine.tracking.heights import HEAD_M, STATURE_ABOVE_HEAD_M, Height

JOINT_SCORE = 0.3  # keypoints below this are guesses of the network (its authors' usual cut)
COCO_JOINTS = 17
WRISTS = slice(9, 11)  # left and right, in COCO order
_FACE_JOINTS = 2  # of eyes, ears and nose must be visible, as a single one may be a mistake (guess)
_BORDER_SHARE = 0.01  # a box that ends this close to the border (share of height) is cut (guess)
# With feet where the box ends, the head must be at a height heads can have: a low shelf's
# crouch to a tall man's hat (guess). Otherwise the feet are hidden and the box ends at a shelf.
_HEAD_LOWEST_M, _HEAD_HIGHEST_M = 0.9, 2.1
_LEAST_SURE_M2 = 1.0  # positions less certain than 1 m say nothing in a shop (guess)


class Anchor(msgspec.Struct, frozen=True):
    """A visible part of the body: its height is `share` of the head's, plus `offset_m`."""

    joints: slice  # in COCO order
    share: float
    offset_m: float
    std_m: float  # of that height, person to person and within a stride
    lean_m: float  # how far it strays from above the feet, per axis

    def height(self, head: Height) -> tuple[float, float]:
        """Return mean and variance of this part's height above the floor."""
        var = self.share * self.share * head.var_m2 + self.std_m * self.std_m
        return self.share * head.mean_m + self.offset_m, var


# Shares of stature from Drillis & Contini (1966), divided by the head's 0.936: shoulders 0.818,
# hips 0.530; ankles swing a few centimetres around 0.08 m. A shopper who bends to a shelf carries
# the head a forearm in front of the feet (spreads are guesses).
ANKLES = Anchor(slice(15, 17), 0.0, 0.08, 0.05, 0.0)
HEAD = Anchor(slice(0, 5), 1.0, 0.0, 0.03, 0.15)
SHOULDERS = Anchor(slice(5, 7), 0.874, 0.0, 0.05, 0.12)
HIPS = Anchor(slice(11, 13), 0.566, 0.0, 0.05, 0.05)
BOX_BOTTOM = Anchor(slice(0), 0.0, 0.0, 0.06, 0.05)
BOX_TOP = Anchor(slice(0), 1.0, STATURE_ABOVE_HEAD_M, 0.05, 0.15)


class Sighting(msgspec.Struct, frozen=True, gc=False):
    """One person as one camera placed them."""

    fix: Fix
    anchor: Anchor  # what the position rests on
    ray: Ray
    head_seen: bool
    head_m: float | None  # how high the head is, when the feet say where they stand
    head_var_m2: float


_Part = tuple[Anchor, Ray]  # where it is seen


def locate(view: CameraView, detection: PersonDetection) -> Sighting | None:
    """Return where the detected person stands, or None when nothing reliable is visible."""
    feet, top = _visible_parts(view, detection)
    standing = None if feet is None else _from_feet(view, feet, top)
    if standing is not None or top is None:
        return standing
    anchor, ray = top
    fix = _meet(view, ray, anchor, _ANYONE)
    if fix is None or fix.xx + fix.yy > _LEAST_SURE_M2:
        return None
    return Sighting(fix, anchor, ray, anchor.share == 1.0, None, 0.0)


def refine(view: CameraView, sighting: Sighting, head: Height, time_us: int) -> Fix:
    """Return the position again, now that it is known whose head it is."""
    if sighting.anchor.share == 0.0:
        return sighting.fix
    return _meet(view, sighting.ray, sighting.anchor, head.at(time_us)) or sighting.fix


def _meet(view: CameraView, ray: Ray, anchor: Anchor, head: Height) -> Fix | None:
    """Return where somebody stands whose anchor lies on the ray."""
    height_m, var_m2 = anchor.height(head)
    return view.meet(ray, height_m, var_m2, anchor.lean_m * anchor.lean_m)


def _from_feet(view: CameraView, feet: _Part, top: _Part | None) -> Sighting | None:
    """Stand the person on their feet, unless that puts their head where no head can be."""
    footing, feet_ray = feet
    fix = _meet(view, feet_ray, footing, _ANYONE)
    if fix is None or fix.xx + fix.yy > _LEAST_SURE_M2:
        return None
    if top is None:
        return Sighting(fix, footing, feet_ray, False, None, 0.0)
    anchor, ray = top
    head_m = (view.height_at(ray, fix.x, fix.y) - anchor.offset_m) / anchor.share
    if not _HEAD_LOWEST_M < head_m < _HEAD_HIGHEST_M:
        return None
    slope = ray.dz * ray.dz / (ray.dx * ray.dx + ray.dy * ray.dy + 1e-9)
    var = slope * (0.5 * (fix.xx + fix.yy) + anchor.lean_m**2) + anchor.std_m**2
    return Sighting(fix, footing, feet_ray, anchor.share == 1.0, head_m, var)


def _visible_parts(
    view: CameraView, detection: PersonDetection
) -> tuple[_Part | None, _Part | None]:
    """Return the feet and the highest part above them; each None where hidden or cut off."""
    joints = detection.keypoints
    if len(joints) == COCO_JOINTS:
        top = _face(view, joints) or _pair(view, joints, SHOULDERS) or _pair(view, joints, HIPS)
        return _pair(view, joints, ANKLES), top
    return _box_ends(view, detection)


def _box_ends(view: CameraView, detection: PersonDetection) -> tuple[_Part | None, _Part | None]:
    """Return bottom and top of the box; each None where the image's border cuts it."""
    left, top_px, right, bottom_px = detection.box
    border = _BORDER_SHARE * view.height_px
    middle = 0.5 * (left + right)
    below = view.ray(middle, bottom_px) if bottom_px < view.height_px - border else None
    above = view.ray(middle, top_px) if top_px > border else None
    return (
        None if below is None else (BOX_BOTTOM, below),
        None if above is None else (BOX_TOP, above),
    )


def _face(view: CameraView, joints: Sequence[Keypoint]) -> _Part | None:
    """Return the middle of the head's visible joints."""
    count, x, y = 0, 0.0, 0.0
    for joint_x, joint_y, score in joints[HEAD.joints]:
        if score >= JOINT_SCORE:
            count += 1
            x += joint_x
            y += joint_y
    if count < _FACE_JOINTS:
        return None
    ray = view.ray(x / count, y / count)
    return None if ray is None else (HEAD, ray)


def _pair(view: CameraView, joints: Sequence[Keypoint], anchor: Anchor) -> _Part | None:
    """Return the middle of an anchor with a left and a right joint, both of them visible."""
    (left_x, left_y, left_score), (right_x, right_y, right_score) = joints[anchor.joints]
    visible = left_score >= JOINT_SCORE and right_score >= JOINT_SCORE
    ray = view.ray((left_x + right_x) / 2, (left_y + right_y) / 2) if visible else None
    return None if ray is None else (anchor, ray)


_ANYONE = Height(HEAD_M)
