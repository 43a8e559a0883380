"""A track -> the words said about it: body, head and hands at one moment."""

from collections.abc import Mapping, Sequence

from store_engine.signals import Hand, TrackMoved
from store_engine.tracking.cameras import CameraView
from store_engine.tracking.lifecycle import Joint3, Track
from store_engine.tracking.wrists import HAND_SPEED_M_S, Sightline, locate_wrist, sightline
from store_engine.units import Gtin, MessageRef, TrackId, seconds_between, to_us

PERIOD_US = to_us(1 / 15)  # fifteen words a second about each person: what real trackers give
HAND_AGE_US = to_us(0.3)  # a wrist seen longer ago may be anywhere (guess)
HEAD_AGE_US = to_us(0.5)  # heads stay with the body (guess)


def is_due(track: Track, time_us: int) -> bool:
    """Whether to speak of the track now; moves its next turn if so.

    Turns come every `PERIOD_US`; one may be made up for, so jittering frames lose none.
    """
    if time_us < track.due_us:
        return False
    track.due_us = max(track.due_us + PERIOD_US, time_us)
    return True


def report(
    track: Track,
    name: TrackId,
    mean: Sequence[float],
    cov: Sequence[float],
    *,
    time_us: int,
    views: Mapping[str, CameraView],
    cause: MessageRef,
) -> TrackMoved:
    """Return what is known of a person now.

    Args:
        track: of the person; its in-hand scores are handed over.
        name: its name.
        mean: px, py, vx, vy; metres and m/s.
        cov: (x, y) covariance xx, xy, yx, yy; m^2.
        time_us: now.
        views: every camera.
        cause: the message that moved it.
    """
    x, y, vx, vy = mean
    in_hand = tuple((Gtin(gtin), score) for gtin, score in sorted(track.in_hand.items()))
    track.in_hand = {}
    return TrackMoved(
        track=name,
        time_us=time_us,
        x=x,
        y=y,
        var_xx=cov[0],
        var_xy=cov[1],
        var_yy=cov[3],
        head=_head(track, x, y, time_us),
        hands=_hands(track, (x, y), (vx, vy), time_us=time_us, views=views),
        in_hand=in_hand,
        cause=cause,
    )


def _head(track: Track, x: float, y: float, time_us: int) -> tuple[float, float, float] | None:
    if track.head is not None and time_us - track.head.time_us <= HAND_AGE_US:
        return track.head.x, track.head.y, track.head.z
    if track.head_us >= 0 and time_us - track.head_us <= HEAD_AGE_US:
        return x, y, track.height.at(time_us).mean_m
    return None


def _hands(
    track: Track,
    body: tuple[float, float],
    velocity: tuple[float, float],
    *,
    time_us: int,
    views: Mapping[str, CameraView],
) -> tuple[Hand, ...]:
    """Return the left and right wrist, as far as they were seen lately."""
    fresh = sorted(
        (time_us - seen.time_us, camera, seen)
        for camera, seen in track.wrist_views.items()
        if time_us - seen.time_us <= HAND_AGE_US
    )
    hands = []
    for side in ("left", "right"):
        joint = track.wrists.get(side)
        if joint is not None and time_us - joint.time_us <= HAND_AGE_US:
            hands.append(_aged(joint, time_us))
            continue
        lines: list[Sightline] = []
        for age_us, camera, seen in fresh:
            pixel = seen.left if side == "left" else seen.right
            ray = None if pixel is None else views[camera].ray(*pixel)
            if ray is not None:
                lines.append(
                    sightline(
                        views[camera].at,
                        ray[:3],
                        body=body,
                        angle_std=views[camera].angle_std,
                        age_s=age_us / 1e6,
                        velocity=velocity,
                    )
                )
        if lines:
            hands.append(locate_wrist(body, lines))
    return tuple(hands)


def _aged(joint: Joint3, time_us: int) -> Hand:
    """A 3-D wrist, a little less certain for its age."""
    strayed = HAND_SPEED_M_S * seconds_between(joint.time_us, time_us)
    return Hand(joint.x, joint.y, joint.z, (joint.std_m**2 + strayed**2) ** 0.5)
