"""One person or two? Tracks close together tell by whether one frame ever shows them both.

Two people side by side are seen together by most frames that see either. Two tracks of one person
take turns: a detection can only be given to one of them.
"""

from collections.abc import Sequence

from store_engine.tracking.lifecycle import Track

NEAR_M = 0.8  # farther apart along either axis, two tracks are two people (guess)
# Frames that saw one of two close tracks, before they are judged, and how many of them must have
# seen each: one who is only hidden is no double. Two who both have a name may be people whom a
# camera sees as one for a while, so that takes five times as long (guesses).
_TURNS, _EACH = 12, 3
_TURNS_NAMED, _EACH_NAMED = 60, 15
_TOGETHER_SHARE = 0.1  # frames that show both, of those that show either: fewer is a double (guess)
_TWO_SHARE = 0.3  # ... and more than this are two people (guess)
_WITNESSES = 4  # frames that show both, before a newcomer beside somebody is a person (guess)


def note_neighbours(seen: Sequence[Track], everybody: Sequence[Track]) -> None:
    """Count, for each track just seen, who was close by and whether the frame showed them too."""
    others = [(one, one.key, one.belief.x, one.belief.y, one in seen) for one in everybody]
    for track in seen:
        x, y, beside = track.belief.x, track.belief.y, track.beside
        left, right, below, above = x - NEAR_M, x + NEAR_M, y - NEAR_M, y + NEAR_M
        for other, key, other_x, other_y, shown in others:
            if not (left <= other_x <= right and below <= other_y <= above):
                if key in beside:
                    del beside[key]
            elif other is not track:
                alone, together = beside.get(key, _NOTHING)
                beside[key] = (alone, together + 1) if shown else (alone + 1, together)


def are_one(track: Track, other: Track) -> bool:
    """Whether two tracks take turns, as only two tracks of one person do."""
    mine, together = track.beside.get(other.key, _NOTHING)
    theirs, _ = other.beside.get(track.key, _NOTHING)
    if mine < _EACH or theirs < _EACH:
        return False
    turns = mine + theirs
    named = track.name is not None and other.name is not None
    least_turns, least_each = (_TURNS_NAMED, _EACH_NAMED) if named else (_TURNS, _EACH)
    if min(mine, theirs) < least_each or turns < least_turns:
        return False
    return together < _TOGETHER_SHARE * (turns + together)


def are_two(track: Track, other: Track) -> bool:
    """Whether two tracks are surely two people: apart, or often seen together."""
    return other.key not in track.beside or seen_together(track, other)


def seen_together(track: Track, other: Track) -> bool:
    """Whether frames that show either of two tracks often show both."""
    mine, together = track.beside.get(other.key, _NOTHING)
    theirs, _ = other.beside.get(track.key, _NOTHING)
    return together >= _WITNESSES and together >= _TWO_SHARE * (mine + theirs + together)


_NOTHING = (0, 0)
