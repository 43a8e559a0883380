"""Conservation: what is put back, by whom, and where it lies then."""

import pytest
from attribution_shop import Story, cart, finals, new_room, posterior, run


def test_what_is_put_back_is_not_charged() -> None:
    story = Story().enters("t", "v").takes("t", "A0", 5.0, 531.0).returns("t", "A0", 9.0, 531.0)
    belief = finals(run(story.leaves("v", 15.0)))["v"]
    assert cart(belief) == {}


def test_one_of_two_put_back_leaves_one() -> None:
    story = Story().enters("t", "v").takes("t", "A0", 5.0, 531.0).takes("t", "A1", 7.0, 529.0)
    story.returns("t", "A0", 10.0, 530.0)
    assert cart(finals(run(story.leaves("v", 15.0)))["v"]) == {"cola": 1}


def test_put_back_twice_at_once_takes_two_out() -> None:
    story = Story().enters("t", "v").takes("t", "A0", 5.0, 1590.0).returns("t", "A0", 9.0, 1060.0)
    assert cart(finals(run(story.leaves("v", 15.0)))["v"]) == {"cola": 1}


def test_put_back_in_a_wrong_place_is_not_charged() -> None:
    story = Story().enters("t", "v").takes("t", "A0", 5.0, 531.0).returns("t", "C2", 9.0, 531.0)
    assert cart(finals(run(story.leaves("v", 15.0)))["v"]) == {}


def test_who_holds_nothing_cannot_return() -> None:
    room = new_room()
    story = Story().enters("t", "v").returns("t", "A0", 5.0, 400.0).takes("t", "A0", 9.0, 530.0)
    belief = finals(run(story.leaves("v", 15.0), room))["v"]
    assert cart(belief) == {"cola": 1}
    assert room.explain("v")[0]["explanations"][0]["moves"] == []


def test_a_return_by_somebody_else_does_not_empty_a_cart() -> None:
    story = Story().enters("a", "va").enters("b", "vb").takes("a", "A0", 5.0, 530.0)
    story.stands("a", 6.0, 12.0, (3.0, -2.0)).returns("b", "A0", 9.0, 530.0)
    beliefs = finals(run(story.leaves("va", 15.0).leaves("vb", 15.0)))
    assert cart(beliefs["va"]) == {"cola": 1}
    assert cart(beliefs["vb"]) == {}


def test_a_return_tells_who_took_it_in_the_first_place() -> None:
    story = Story().enters("a", "va").enters("b", "vb").takes("a", "A0", 5.0, 530.0)
    story.reaches("b", "A0", 5.0).returns("b", "A0", 12.0, 530.0)
    beliefs = finals(run(story.leaves("va", 18.0).leaves("vb", 18.0)))
    assert (cart(beliefs["va"]), cart(beliefs["vb"])) == ({}, {})


def test_a_misplaced_item_taken_again_is_charged_as_what_it_is() -> None:
    story = Story().enters("a", "va").enters("b", "vb").takes("a", "C0", 5.0, 181.0)
    story.returns("a", "A4", 12.0, 181.0).takes("b", "A4", 20.0, 181.0)
    beliefs = finals(run(story.leaves("va", 25.0).leaves("vb", 25.0)))
    assert cart(beliefs["va"]) == {}
    assert cart(beliefs["vb"]) == {"chips": 1}


def test_a_misplaced_look_alike_leaves_doubt_about_which_was_taken() -> None:
    story = Story().enters("a", "va").enters("b", "vb").takes("a", "C2", 5.0, 402.0)
    story.returns("a", "A4", 12.0, 402.0).takes("b", "A4", 20.0, 401.0)
    belief = finals(run(story.leaves("va", 25.0).leaves("vb", 25.0)))["vb"]
    assert {line.gtin for line in (*belief.lines, *belief.doubts)} == {"soap", "lotion"}
    assert all(0.05 < posterior(belief, gtin) < 0.95 for gtin in ("soap", "lotion"))


def test_a_stray_is_remembered_after_who_left_it_is_gone() -> None:
    room = new_room()
    story = Story().enters("a", "va").takes("a", "C0", 5.0, 181.0).returns("a", "A4", 12.0, 181.0)
    run(story.leaves("va", 15.0), room)
    room.pass_time(people_us=300_000_000, shelves_us=300_000_000)
    assert room.snapshot()["steps"]["known"] == []
    later = Story().enters("b", "vb", 400.0).takes("b", "A4", 410.0, 181.0).leaves("vb", 420.0)
    assert cart(finals(run(later, room))["vb"]) == {"chips": 1}


def test_a_moved_item_is_neither_bought_nor_bought_twice() -> None:
    story = Story().enters("t", "v").takes("t", "A2", 5.0, 1061.0).returns("t", "A5", 7.0, 1061.0)
    story.takes("t", "A5", 14.0, 1061.0)
    assert cart(finals(run(story.leaves("v", 20.0)))["v"]) == {"big_cola": 1}


def test_a_rapid_series_of_retakes_ends_with_what_is_held() -> None:
    story = Story().enters("t", "v")
    for pair in range(6):
        story.takes("t", "A0", 5.0 + 4 * pair, 530.0).returns("t", "A0", 7.0 + 4 * pair, 530.0)
    story.takes("t", "A0", 40.0, 530.0)
    belief = finals(run(story.leaves("v", 45.0)))["v"]
    assert cart(belief) == {"cola": 1}
    assert posterior(belief, "cola") == pytest.approx(1.0, abs=0.05)


def test_what_presses_on_a_plate_and_lets_go_is_not_goods() -> None:
    story = Story().enters("t", "v").returns("t", "A6", 5.0, 121.0).takes("t", "A6", 8.0, 120.0)
    assert cart(finals(run(story.leaves("v", 15.0)))["v"]) == {}


def test_a_phantom_pair_does_not_change_who_took_something() -> None:
    story = Story().enters("a", "va").enters("b", "vb").takes("a", "A6", 5.0, 30.0)
    story.stands("b", 4.0, 6.0, (1.2, -0.6), (1.2, -0.3, 1.1))
    story.stands("a", 6.0, 20.0, (3.0, -2.0)).returns("b", "C4", 10.0, 27.0)
    story.takes("b", "C4", 15.0, 26.0).leaves("va", 20.0).leaves("vb", 20.0)
    beliefs = finals(run(story))
    assert (cart(beliefs["va"]), cart(beliefs["vb"])) == ({"gum": 1}, {})


def test_goods_put_on_a_plate_by_staff_can_be_bought() -> None:
    story = Story().enters("s", None).enters("t", "v").returns("s", "A0", 5.0, 530.0)
    story.stands("s", 6.0, 12.0, (3.0, -2.0)).takes("t", "A0", 15.0, 530.0)
    assert cart(finals(run(story.leaves("v", 20.0)))["v"]) == {"cola": 1}
