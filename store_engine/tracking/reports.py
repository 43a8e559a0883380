"""A track -> the words said about it: body, head and hands at one moment."""

from collections.abc import Mapping, Sequence
from typing import Literal

from store_engine.signals import Hand, TrackMoved
from store_engine.tracking.cameras import CameraView
from store_engine.tracking.lifecycle import Joint3, Track
from store_engine.tracking.wrists import HAND_SPEED_M_S, locate_wrist, sightline
from store_engine.units import Gtin, MessageRef, TrackId, seconds_between, to_us

PERIOD_US = to_us(1 / 15)  # fifteen words a second about each person: what real trackers give
HAND_AGE_US = to_us(0.3)  # a wrist seen longer ago may be anywhere (guess)
HEAD_AGE_US = to_us(0.5)  # heads stay with the body (guess)
MOST_LINES = (
    4  # cameras per wrist, the freshest: three are a fifth worse, more no better (measured)
)


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
    *,
    time_us: int,
    views: Mapping[str, CameraView],
    cause: MessageRef,
) -> TrackMoved:
    """Return what is known of a person now.

    Args:
        track: of the person, seen just now; its in-hand scores are handed over.
        name: its name.
        time_us: now.
        views: every camera.
        cause: the message that moved it.
    """
    in_hand = tuple((Gtin(gtin), score) for gtin, score in sorted(track.in_hand.items()))
    track.in_hand = {}
    recent = sorted(
        (time_us - seen.time_us, camera)
        for camera, seen in track.wrist_views.items()
        if time_us - seen.time_us <= HAND_AGE_US
    )
    hands = (_hand(track, side, recent, views, time_us) for side in ("left", "right"))
    return TrackMoved(
        track=name,
        time_us=time_us,
        x=track.belief.x,
        y=track.belief.y,
        var_xx=track.belief.xx,
        var_xy=track.belief.xy,
        var_yy=track.belief.yy,
        head=_head(track, time_us),
        hands=tuple(hand for hand in hands if hand is not None),
        in_hand=in_hand,
        cause=cause,
    )


def _head(track: Track, time_us: int) -> tuple[float, float, float] | None:
    if track.head is not None and time_us - track.head.time_us <= HAND_AGE_US:
        return track.head.x, track.head.y, track.head.z
    if track.head_us >= 0 and time_us - track.head_us <= HEAD_AGE_US:
        return track.belief.x, track.belief.y, track.height.at(time_us).mean_m
    return None


def _hand(
    track: Track,
    side: Literal["left", "right"],
    recent: Sequence[tuple[int, str]],
    views: Mapping[str, CameraView],
    time_us: int,
) -> Hand | None:
    """Return a wrist as far as it was seen lately; `recent` is (age in us, camera), sorted."""
    joint = track.wrists.get(side)
    if joint is not None and time_us - joint.time_us <= HAND_AGE_US:
        return _aged(joint, time_us)
    body, velocity = track.belief[:2], track.belief[2:4]
    lines = []
    for age_us, camera in recent:
        seen, view = track.wrist_views[camera], views[camera]
        pixel = seen.left if side == "left" else seen.right
        ray = None if pixel is None else view.ray(*pixel)
        if ray is None:
            continue
        lines.append(
            sightline(
                view.at,
                ray[:3],
                body=body,
                angle_std=view.angle_std,
                age_s=seconds_between(0, age_us),
                velocity=velocity,
            )
        )
        if len(lines) == MOST_LINES:
            break
    return locate_wrist(body, lines) if lines else None


def _aged(joint: Joint3, time_us: int) -> Hand:
    """A 3-D wrist, a little less certain for its age."""
    strayed = HAND_SPEED_M_S * seconds_between(joint.time_us, time_us)
    return Hand(joint.x, joint.y, joint.z, (joint.std_m**2 + strayed**2) ** 0.5)
