"""A track -> the words said about it: body, head and hands at one moment."""

from collections.abc import Mapping

from store_engine.signals import Hand, TrackMoved
from store_engine.tracking.cameras import CameraView
from store_engine.tracking.lifecycle import Joint3, Track
from store_engine.tracking.wrists import (
    HAND_SPEED_M_S,
    Sightline,
    locate_wrist,
    sightline,
    standpoint,
)
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
    joints = [track.wrists.get("left"), track.wrists.get("right")]
    recent = [joint is not None and time_us - joint.time_us <= HAND_AGE_US for joint in joints]
    lines = ([], []) if all(recent) else _wrist_lines(track, time_us, views)
    hands = []
    for joint, is_recent, seen in zip(joints, recent, lines, strict=True):
        if joint is not None and is_recent:
            hands.append(_aged(joint, time_us))
        elif seen:
            hands.append(locate_wrist(track.belief[:2], seen))
    return tuple(hands)


def _wrist_lines(
    track: Track, time_us: int, views: Mapping[str, CameraView]
) -> tuple[list[Sightline], list[Sightline]]:
    """Return the lines along which cameras lately saw the left and the right wrist."""
    left: list[Sightline] = []
    right: list[Sightline] = []
    ages = [(time_us - seen.time_us, camera) for camera, seen in track.wrist_views.items()]
    for age_us, camera in sorted(age for age in ages if age[0] <= HAND_AGE_US):
        view = views[camera]
        eye = standpoint(
            view.at,
            body=track.belief[:2],
            velocity=track.belief[2:4],
            angle_std=view.angle_std,
            age_s=seconds_between(0, age_us),
        )
        _, *pixels = track.wrist_views[camera]
        for pixel, lines in zip(pixels, (left, right), strict=True):
            if pixel is not None and len(lines) < MOST_LINES:
                ray = view.ray(*pixel)
                if ray is not None:
                    lines.append(sightline(eye, ray[:3]))
        if len(left) == len(right) == MOST_LINES:
            break
    return left, right


def _aged(joint: Joint3, time_us: int) -> Hand:
    """A 3-D wrist, a little less certain for its age."""
    strayed = HAND_SPEED_M_S * seconds_between(joint.time_us, time_us)
    return Hand(joint.x, joint.y, joint.z, (joint.std_m**2 + strayed**2) ** 0.5)
