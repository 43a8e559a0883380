"""A track -> the words said about it: body, head and hands at one moment."""

from collections.abc import Mapping
from typing import Literal

from store_engine.signals import Hand, TrackMoved
from store_engine.tracking.cameras import CameraView
from store_engine.tracking.lifecycle import Joint3, Track
from store_engine.tracking.wrists import (
    HAND_SPEED_M_S,
    Sightline,
    locate_wrist,
    standpoint,
)
from store_engine.units import US_PER_S, Gtin, MessageRef, TrackId, seconds_between, to_us

# How often to speak of a person. Real trackers give fifteen places a second, wrists included. From
# cameras each word costs two triangulations, and ten are worth as much as fifteen (measured: the
# same receipts in 12 simulated sessions of 40 shoppers).
TRACKER_PERIOD_US = to_us(1 / 15)
CAMERAS_PERIOD_US = to_us(1 / 10)
HAND_AGE_US = to_us(0.3)  # a wrist seen longer ago may be anywhere (guess)
HEAD_AGE_US = to_us(0.5)  # heads stay with the body (guess)
MOST_LINES = (
    4  # cameras per wrist, the freshest: three are a fifth worse, more no better (measured)
)


def is_due(track: Track, time_us: int, *, period_us: int) -> bool:
    """Whether to speak of the track now; moves its next turn if so.

    Turns come every `period_us`; one may be made up for, so jittering frames lose none.
    """
    if time_us < track.due_us:
        return False
    track.due_us = max(track.due_us + period_us, time_us)
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
    in_hand = tuple([(Gtin(gtin), score) for gtin, score in sorted(track.in_hand.items())])
    track.in_hand.clear()
    return TrackMoved(
        track=name,
        time_us=time_us,
        x=track.belief.x,
        y=track.belief.y,
        var_xx=track.belief.xx,
        var_xy=track.belief.xy,
        var_yy=track.belief.yy,
        head=_head(track, time_us),
        hands=_hands(track, time_us, views),
        in_hand=in_hand,
        cause=cause,
    )


def _head(track: Track, time_us: int) -> tuple[float, float, float] | None:
    if track.head is not None and time_us - track.head.time_us <= HAND_AGE_US:
        return track.head.x, track.head.y, track.head.z
    if track.head_us >= 0 and time_us - track.head_us <= HEAD_AGE_US:
        return track.belief.x, track.belief.y, track.height.at(time_us).mean_m
    return None


def _hands(track: Track, time_us: int, views: Mapping[str, CameraView]) -> tuple[Hand, ...]:
    """Return the left and the right wrist, as far as they were seen lately."""
    left, right = _recent(track, "left", time_us), _recent(track, "right", time_us)
    if left is not None and right is not None:
        return _aged(left, time_us), _aged(right, time_us)
    hands = []
    for joint, seen in zip((left, right), _wrist_lines(track, time_us, views), strict=True):
        if joint is not None:
            hands.append(_aged(joint, time_us))
        elif seen:
            hands.append(locate_wrist((track.belief.x, track.belief.y), seen))
    return tuple(hands)


def _recent(track: Track, side: Literal["left", "right"], time_us: int) -> Joint3 | None:
    """Return the wrist an upstream tracker placed, unless that was too long ago."""
    joint = track.wrists.get(side)
    return joint if joint is not None and time_us - joint.time_us <= HAND_AGE_US else None


def _wrist_lines(
    track: Track, time_us: int, views: Mapping[str, CameraView]
) -> tuple[list[Sightline], list[Sightline]]:
    """Return the lines along which cameras lately saw the left and the right wrist."""
    left: list[Sightline] = []
    right: list[Sightline] = []
    belief = track.belief
    body, velocity = (belief.x, belief.y), (belief.u, belief.v)
    fresh = [
        (age_us, camera, seen)
        for camera, seen in track.wrist_views.items()
        if (age_us := time_us - seen.time_us) <= HAND_AGE_US
        and not (seen.left is None and seen.right is None)
    ]
    fresh.sort()  # no two are of one camera, so it never comes to comparing what was seen
    for age_us, camera, seen in fresh:
        view = views[camera]
        eye = standpoint(view.at, body, velocity, angle_std=view.angle_std, age_s=age_us / US_PER_S)
        for pixel, lines in ((seen.left, left), (seen.right, right)):
            if pixel is not None and len(lines) < MOST_LINES:
                direction = view.direction(*pixel)
                if direction is not None:
                    lines.append((eye, direction))
        if len(left) == len(right) == MOST_LINES:
            break
    return left, right


def _aged(joint: Joint3, time_us: int) -> Hand:
    """A 3-D wrist, a little less certain for its age."""
    strayed = HAND_SPEED_M_S * seconds_between(joint.time_us, time_us)
    return Hand(joint.x, joint.y, joint.z, (joint.std_m**2 + strayed**2) ** 0.5)
