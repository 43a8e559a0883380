from functools import cache

import msgspec
from hypothesis import given, settings
from hypothesis.strategies import integers
from tracking_world import (
    CAMERAS,
    START_US,
    detection,
    filmed,
    frame,
    line,
    people,
    person,
    shop,
    watch,
)

from store_engine.tracking import Tracking

PATHS = [
    line((1.0, 1.7), (5.0, 1.7), 3.0),
    line((5.0, 2.3), (1.0, 2.3), 3.0),
    lambda s: (3.0, 3.2) if s < 0.8 or s > 3.2 else None,  # lost, then resumed
]


@cache
def session():
    """Cameras and an upstream tracker together, with products and looks on the way."""
    film = list(filmed(PATHS, 4.5, seed=5))
    film[50] = frame(
        CAMERAS[2],
        film[50].time_us,
        [
            detection(
                CAMERAS[2], PATHS[0](1.25), in_hand={"4006381333931": 0.7}, appearance=(0.6, 0.8)
            )
        ],
    )
    upstream = [
        people(START_US + i * 66_667, person("u1", *PATHS[0](i / 15)), sequence=i)
        for i in range(60)
    ]
    return tuple(sorted([*film, *upstream], key=lambda message: message.time_us))


@cache
def undisturbed():
    return watch(Tracking(shop()), session())


@settings(max_examples=15, deadline=None)
@given(cut=integers(0, len(session())))
def test_resuming_from_a_snapshot_changes_nothing(cut):
    first, second = Tracking(shop()), Tracking(shop())
    said = watch(first, session()[:cut])
    second.restore(msgspec.msgpack.decode(msgspec.msgpack.encode(first.snapshot())))
    assert said + watch(second, session()[cut:]) == undisturbed()
    assert watch(first, session()[cut:]) == undisturbed()[len(said) :]


def test_the_session_has_what_a_snapshot_must_keep():
    assert {word.track for word in undisturbed()} == {"t1", "t2", "t3"}
    assert any(type(word).__name__ == "TrackEnded" for word in undisturbed())


def test_the_same_messages_always_say_the_same():
    assert watch(Tracking(shop()), session()) == undisturbed()
