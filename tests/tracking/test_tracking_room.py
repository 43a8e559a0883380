import math

import pytest
from tracking_world import (
    CAMERAS,
    START_US,
    detection,
    filmed,
    frame,
    line,
    moves,
    names,
    people,
    person,
    shop,
    watch,
    worst_m,
)

from store_engine.errors import InvariantError
from store_engine.messages import CameraFrame, PersonDetection
from store_engine.signals import TrackEnded
from store_engine.tracking import Tracking

ACROSS = line((1.0, 2.0), (5.0, 2.0), 4.0)
SECOND_US = 1_000_000


def at(seconds):
    return START_US + round(seconds * SECOND_US)


def ends(said):
    return [word for word in said if isinstance(word, TrackEnded)]


def gone_between(path, start_s, end_s):
    return lambda time_s: None if start_s < time_s < end_s else path(time_s)


def test_a_walker_is_one_track_close_to_the_truth():
    said = watch(Tracking(shop()), filmed([ACROSS], 5.0))
    assert names(said) == ["t1"]
    assert worst_m(said, "t1", ACROSS) < 0.15


def test_a_walker_whose_feet_are_hidden_is_still_found():
    said = watch(Tracking(shop()), filmed([ACROSS], 5.0, hidden=(13, 14, 15, 16)))
    assert names(said) == ["t1"]
    assert worst_m(said, "t1", ACROSS) < 0.25


def test_the_stated_uncertainty_covers_the_error():
    inside = 0
    words = moves(watch(Tracking(shop()), filmed([ACROSS], 5.0)))
    for word in words:
        x, y = ACROSS((word.time_us - START_US) / 1e6)
        det = word.var_xx * word.var_yy - word.var_xy**2
        dx, dy = word.x - x, word.y - y
        square = word.var_yy * dx * dx - 2 * word.var_xy * dx * dy + word.var_xx * dy * dy
        inside += square / det < 9.21  # chi-square, 2 dof, 99 %
    assert inside > 0.97 * len(words)


def test_more_cameras_make_a_place_more_certain():
    one = moves(watch(Tracking(shop(CAMERAS[:1])), filmed([ACROSS], 3.0, cameras=CAMERAS[:1])))
    four = moves(watch(Tracking(shop()), filmed([ACROSS], 3.0)))
    assert four[-1].var_xx + four[-1].var_yy < one[-1].var_xx + one[-1].var_yy


@pytest.mark.parametrize("seed", range(4))
def test_walkers_who_cross_keep_their_names(seed):
    paths = [line((1.0, 1.7), (5.0, 1.7), 4.0), line((5.0, 2.3), (1.0, 2.3), 4.0)]
    said = watch(Tracking(shop()), filmed(paths, 5.0, seed=seed))
    assert sorted(names(said)) == ["t1", "t2"]
    errors = [min(worst_m(said, name, path) for path in paths) for name in ("t1", "t2")]
    assert max(errors) < 0.25


def test_side_by_side_shoppers_are_two_people():
    paths = [line((1.0, 2.0), (4.0, 2.0), 4.0), line((1.0, 2.6), (4.0, 2.6), 4.0)]
    assert len(names(watch(Tracking(shop()), filmed(paths, 5.0)))) == 2


def test_somebody_briefly_hidden_keeps_their_name_without_an_end():
    said = watch(Tracking(shop()), filmed([gone_between(ACROSS, 2.0, 3.0)], 5.0))
    assert names(said) == ["t1"]
    assert ends(said) == []


def test_somebody_unseen_for_long_is_ended_where_they_were_last_seen():
    tracking = Tracking(shop())
    watch(tracking, filmed([ACROSS], 2.0))
    [end] = tracking.pass_time(at(5.0))
    assert end.track == "t1"
    assert (end.x, end.y) == pytest.approx(ACROSS(2.0), abs=0.2)
    assert at(1.8) < end.time_us < at(2.0)
    assert tracking.pass_time(at(6.0)) == []


def test_somebody_lost_inside_is_the_same_when_they_turn_up_nearby():
    walk = line((3.0, 2.0), (4.0, 2.5), 3.0, begin_s=2.5)
    said = watch(Tracking(shop()), filmed([gone_between(walk, 2.0, 6.0)], 8.0))
    assert names(said) == ["t1"]
    assert len(ends(said)) == 1


def test_somebody_lost_is_not_taken_for_who_comes_in_by_the_gate():
    inside = gone_between(line((1.0, 2.0), (1.0, 2.0), 1.0), 2.0, 99.0)
    entering = gone_between(line((-0.8, 2.0), (1.0, 2.0), 1.5, begin_s=5.0), -1.0, 5.0)
    assert names(watch(Tracking(shop()), filmed([inside, entering], 8.0))) == ["t1", "t2"]


def test_two_who_were_lost_at_one_spot_are_not_guessed_apart():
    stands = [line((3.0, y), (3.0, y), 1.0) for y in (1.7, 2.3)]
    said = watch(Tracking(shop()), filmed([gone_between(path, 2.0, 5.0) for path in stands], 7.0))
    assert len(names(said)) == 4


def test_two_seen_as_one_for_a_while_keep_their_names():
    def merged(time_us, sequence, camera, both):
        spots = [(3.0, 2.0), (3.0, 2.6)] if both else [(3.0, 2.3)]
        return frame(camera, time_us, [detection(camera, spot) for spot in spots], sequence)

    film = [merged(at(i / 40), i, CAMERAS[i % 4], both=not 60 <= i < 100) for i in range(160)]
    said = watch(Tracking(shop()), film)
    assert names(said) == ["t1", "t2"]
    assert moves(said)[-2].x == pytest.approx(3.0, abs=0.1)


def test_a_false_box_now_and_then_is_nobody():
    box = PersonDetection(box=(280.0, 120.0, 340.0, 260.0), score=0.4)
    film = [frame(CAMERAS[i % 4], at(i / 40), [box] if i % 36 == 0 else [], i) for i in range(400)]
    assert watch(Tracking(shop()), film) == []


def test_people_behind_the_glass_are_nobody():
    outside = line((3.0, 5.2), (5.0, 5.2), 4.0)
    assert watch(Tracking(shop()), filmed([outside], 4.0)) == []


def test_wrists_seen_by_several_cameras_become_hands():
    word = moves(watch(Tracking(shop()), filmed([ACROSS], 4.5)))[-1]
    x, y = ACROSS(4.5)
    assert len(word.hands) == 2
    for hand, side in zip(word.hands, (0.2, -0.2), strict=True):
        assert math.dist(hand[:3], (x + 0.3, y + side, 1.05)) < 0.12
        assert hand.std_m < 0.15


def test_cameras_speak_of_nobody_more_than_ten_times_a_second():
    words = moves(watch(Tracking(shop()), filmed([ACROSS], 5.0)))
    seconds = (words[-1].time_us - words[0].time_us) / 1e6
    assert 9.3 * seconds < len(words) <= 10.0 * seconds + 2


def test_products_in_hand_are_passed_on_once_with_their_best_score():
    tracking, said = Tracking(shop()), []
    for i in range(40):
        score = {"4006381333931": 0.5 + 0.01 * (i % 4)} if i == 21 else {}
        seen = detection(CAMERAS[i % 4], (3.0, 2.0), in_hand=score)
        said += watch(tracking, [frame(CAMERAS[i % 4], at(i / 40), [seen], i)])
    assert [word.in_hand for word in moves(said) if word.in_hand] == [(("4006381333931", 0.51),)]


def test_appearance_tells_apart_who_met_and_turned_back():
    def there_and_back(start_x, turn_x):
        out = line((start_x, 2.0), (turn_x, 2.0), 1.5)
        return lambda s: out(min(s, 5.0 - s))

    paths, looks = [there_and_back(1.5, 2.95), there_and_back(4.5, 3.05)], [(1.0, 0.0), (0.0, 1.0)]
    film = []
    for i in range(200):
        camera = CAMERAS[i % 4]
        seen = [
            detection(camera, path(i / 40), appearance=look)
            for path, look in zip(paths, looks, strict=True)
        ]
        film.append(frame(camera, at(i / 40), seen, i))
    words = moves(watch(Tracking(shop()), film))
    first = {word.track: word.x < 3.0 for word in reversed(words)}
    last = {word.track: word.x < 3.0 for word in words}
    assert first == last == {"t1": True, "t2": False}


@pytest.mark.parametrize("looks", [(math.nan, 1.0), (0.0, 0.0), (math.inf, 0.0), (1.0,) * 3])
def test_an_appearance_that_says_nothing_does_no_harm(looks):
    tracking, said = Tracking(shop()), []
    for i in range(40):
        look = looks if i % 2 else (0.6, 0.8)
        seen = detection(CAMERAS[i % 4], (3.0, 2.0), appearance=look)
        said += watch(tracking, [frame(CAMERAS[i % 4], at(i / 40), [seen], i)])
    assert names(said) == ["t1"]


def test_cameras_and_an_upstream_tracker_follow_the_same_people():
    upstream = [people(at(i / 15), person("u1", *ACROSS(i / 15)), sequence=i) for i in range(75)]
    both = sorted([*filmed([ACROSS], 5.0), *upstream], key=lambda message: message.time_us)
    said = watch(Tracking(shop()), both)
    assert names(said) == ["t1"]
    assert worst_m(said, "t1", ACROSS) < 0.1


def test_quiet_time_changes_nothing_but_ends():
    film = list(filmed([ACROSS], 3.0))
    plain, ticked, said = Tracking(shop()), Tracking(shop()), []
    for message in film:
        said += [*watch(ticked, [message]), *ticked.pass_time(message.time_us)]
    assert said == watch(plain, film)


def test_a_camera_that_is_not_on_the_map_breaks_a_promise():
    with pytest.raises(InvariantError, match="camera c9"):
        Tracking(shop()).see_frame(CameraFrame(device="c9", sequence=0, time_us=0, people=()), 0)
