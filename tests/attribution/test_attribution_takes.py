"""Who took what: single picks, neighbours, quantities, straddling, tailgaters."""

import pytest
from attribution_shop import Story, cart, finals, new_room, plate_centre, posterior, run


def test_one_shopper_takes_one_product() -> None:
    story = Story().enters("t", "v").takes("t", "C4", 5.0, 622.0).leaves("v", 9.0)
    belief = finals(run(story))["v"]
    assert cart(belief) == {"jam": 1}
    assert posterior(belief, "jam") > 0.99


def test_a_line_names_the_messages_behind_it() -> None:
    story = Story().enters("t", "v").takes("t", "C4", 5.0, 622.0).leaves("v", 9.0)
    (line,) = finals(run(story))["v"].lines
    assert "shelf-C/0/5.00" in line.causes
    assert any(cause.startswith("tracker/0/t-") for cause in line.causes)


def test_of_two_neighbours_the_one_who_reaches_is_charged() -> None:
    story = Story().enters("a", "va").enters("b", "vb").takes("a", "A0", 5.0, 529.0)
    story.stands("b", 4.0, 6.0, (0.5, -0.5), (0.5, -0.3, 1.1))
    beliefs = finals(run(story.leaves("va", 9.0).leaves("vb", 9.0)))
    assert cart(beliefs["va"]) == {"cola": 1}
    assert posterior(beliefs["va"], "cola") > 0.95
    assert cart(beliefs["vb"]) == {}


def test_two_who_reach_alike_are_equally_likely_and_nobody_is_sure() -> None:
    story = Story().enters("a", "va").enters("b", "vb")
    story.takes("a", "A0", 5.0, 529.0).reaches("b", "A0", 5.0)
    beliefs = finals(run(story.leaves("va", 9.0).leaves("vb", 9.0)))
    assert posterior(beliefs["va"], "cola") == pytest.approx(posterior(beliefs["vb"], "cola"))
    assert posterior(beliefs["va"], "cola") < 0.6


def test_two_pieces_gone_from_under_two_hands_are_one_each() -> None:
    story = Story().enters("a", "va").enters("b", "vb").reaches("a", "A0", 5.0)
    story.reaches("b", "A1", 5.1).weighs("A0", 5.0, -640.0).weighs("A1", 5.1, -418.0)
    beliefs = finals(run(story.leaves("va", 9.0).leaves("vb", 9.0)))
    assert posterior(beliefs["va"], "cola") > 0.8
    assert cart(beliefs["va"]) == cart(beliefs["vb"]) == {"cola": 1}


def test_two_pieces_gone_from_under_one_hand_are_that_ones() -> None:
    story = Story().enters("a", "va").enters("b", "vb").reaches("a", "A0", 5.0)
    story.stands("b", 4.0, 6.0, (0.5, -0.6), (0.5, -0.3, 1.1))
    story.weighs("A0", 5.0, -640.0).weighs("A1", 5.1, -418.0)
    beliefs = finals(run(story.leaves("va", 9.0).leaves("vb", 9.0)))
    assert cart(beliefs["va"]) == {"cola": 2}
    assert posterior(beliefs["va"], "cola") > 0.9


def test_two_small_bottles_are_told_from_a_big_one_by_where_they_stood() -> None:
    small = Story().enters("t", "v").takes("t", "A0", 5.0, 1060.0).leaves("v", 9.0)
    big = Story().enters("t", "v").takes("t", "A3", 5.0, 1060.0).leaves("v", 9.0)
    assert cart(finals(run(small))["v"]) == {"cola": 2}
    assert cart(finals(run(big))["v"]) == {"big_cola": 1}


@pytest.mark.parametrize("quantity", range(1, 9))
def test_a_grab_of_several_explains_the_whole_change(quantity: int) -> None:
    story = Story().enters("t", "v").takes("t", "C4", 5.0, quantity * 621.0).leaves("v", 9.0)
    assert cart(finals(run(story))["v"]) == {"jam": quantity}


def test_an_item_on_two_plates_is_one_item() -> None:
    story = Story().enters("t", "v").reaches("t", "A2", 5.0)
    story.weighs("A2", 5.0, -700.0).weighs("A3", 5.1, -362.0).leaves("v", 9.0)
    assert cart(finals(run(story))["v"]) == {"big_cola": 1}


def test_two_neighbouring_products_at_once_are_two_items() -> None:
    story = Story().enters("t", "v").reaches("t", "A3", 5.0)
    story.weighs("A3", 5.0, -1058.0).weighs("A4", 5.1, -401.0).leaves("v", 9.0)
    assert cart(finals(run(story))["v"]) == {"big_cola": 1, "soap": 1}


def test_two_different_products_off_one_plate_are_told_by_their_sum() -> None:
    story = Story().enters("t", "v").takes("t", "A5", 5.0, 430.0).leaves("v", 9.0)
    assert cart(finals(run(story))["v"]) == {"soap": 1, "gum": 1}


def test_the_shadow_of_a_big_change_on_the_next_plate_is_not_an_item() -> None:
    story = Story().enters("t", "v").reaches("t", "A5", 5.0)
    story.weighs("A5", 5.0, -2 * 400.0).weighs("A6", 5.0, -8.0).leaves("v", 9.0)
    assert cart(finals(run(story))["v"]) == {"soap": 2}


def test_goods_pushed_to_the_next_plate_are_nobodys() -> None:
    story = Story().enters("t", "v").reaches("t", "A0", 5.0)
    story.weighs("A0", 5.0, -530.0).weighs("A1", 5.1, 529.0).leaves("v", 9.0)
    assert cart(finals(run(story))["v"]) == {}


def test_a_light_product_is_seen_on_a_quiet_plate() -> None:
    story = Story().enters("t", "v").takes("t", "A6", 5.0, 30.0).leaves("v", 9.0)
    belief = finals(run(story))["v"]
    assert cart(belief) == {"gum": 1}
    assert posterior(belief, "gum") > 0.9


def test_touching_without_a_step_charges_nothing() -> None:
    story = Story().enters("t", "v").reaches("t", "A0", 5.0).touches("A0", 4.8, 5.5)
    belief = finals(run(story.leaves("v", 9.0)))["v"]
    assert (belief.lines, belief.doubts) == ((), ())


def test_nobody_near_means_nobody_charged() -> None:
    story = Story().enters("t", "v").stands("t", 3.0, 7.0, (3.0, -2.0)).weighs("A0", 5.0, -530.0)
    assert cart(finals(run(story.leaves("v", 9.0)))["v"]) == {}


def test_lost_wrists_leave_the_body_as_evidence() -> None:
    story = Story().enters("t", "v").stands("t", 3.0, 7.0, (0.0, -0.6)).weighs("A0", 5.0, -530.0)
    belief = finals(run(story.leaves("v", 9.0)))["v"]
    assert cart(belief) == {"cola": 1}


def test_a_body_behind_the_shelf_loses_against_one_in_front() -> None:
    story = Story().enters("a", "va").enters("b", "vb").weighs("A0", 5.0, -530.0)
    story.stands("a", 3.0, 7.0, (0.0, -0.7)).stands("b", 3.0, 7.0, (0.0, 0.6))
    beliefs = finals(run(story.leaves("va", 9.0).leaves("vb", 9.0)))
    assert cart(beliefs["va"]) == {"cola": 1}
    assert cart(beliefs["vb"]) == {}


def test_what_a_tailgater_takes_is_not_charged_to_others() -> None:
    story = Story().enters("t", "v").enters("x", None).takes("x", "A0", 5.0, 530.0)
    story.stands("t", 4.0, 6.0, (1.2, -0.8), (1.2, -0.6, 1.0))
    assert cart(finals(run(story.leaves("v", 9.0)))["v"]) == {}


def test_two_people_of_one_visit_fill_one_cart() -> None:
    story = Story().enters("a", "v").enters("b", "v")
    story.takes("a", "A0", 5.0, 530.0).takes("b", "C4", 5.0, 621.0).leaves("v", 9.0)
    assert cart(finals(run(story))["v"]) == {"cola": 1, "jam": 1}


def test_a_track_bound_only_later_brings_what_it_took() -> None:
    story = Story().takes("t", "A0", 5.0, 530.0).enters("t", "v", time_s=7.0).leaves("v", 9.0)
    beliefs = run(story)
    assert [cart(belief) for belief in beliefs] == [{"cola": 1}, {"cola": 1}]


def test_a_wrong_catalog_mass_does_not_unsell_the_only_product_there() -> None:
    story = Story().enters("t", "v").takes("t", "C4", 5.0, 621.0 * 1.1).leaves("v", 9.0)
    assert cart(finals(run(story))["v"]) == {"jam": 1}


@pytest.mark.parametrize("change_g", [-19_000.0, 19_000.0, 3_500.0])
def test_crates_and_restocking_are_not_goods_of_a_shopper(change_g: float) -> None:
    story = Story().enters("t", "v").reaches("t", "C4", 5.0).weighs("C4", 5.0, change_g)
    assert cart(finals(run(story.leaves("v", 9.0)))["v"]) == {}


def test_plates_without_products_and_unknown_plates_do_no_harm() -> None:
    story = Story().enters("t", "v").reaches("t", "C7", 5.0).weighs("C7", 5.0, -77.0)
    story.weighs("Z9", 5.0, -500.0)
    assert cart(finals(run(story.leaves("v", 9.0)))["v"]) == {}


def test_a_shelf_changing_with_nobody_in_the_store_is_nobodys() -> None:
    assert run(Story().weighs("A0", 5.0, -530.0)) == []


def test_more_noise_gives_less_certainty() -> None:
    def certainty(std_g: float) -> float:
        story = Story().enters("t", "v").reaches("t", "A0", 5.0)
        story.weighs("A0", 5.0, -530.0, std_g=std_g)
        return posterior(finals(run(story.leaves("v", 9.0)))["v"], "cola")

    certainties = [certainty(std_g) for std_g in (1.0, 30.0, 100.0, 300.0)]
    assert certainties == sorted(certainties, reverse=True)
    assert certainties[0] - certainties[-1] > 0.05


def test_an_explanation_tells_who_what_and_why() -> None:
    room = new_room()
    story = Story().enters("t", "v").takes("t", "C4", 5.0, 622.0)
    run(story, room)
    (cluster,) = room.explain("v")
    assert cluster["plates"] == ["C4"]
    assert cluster["explanations"][0]["moves"][0]["gtin"] == "jam"
    assert sum(one["posterior"] for one in cluster["explanations"]) == pytest.approx(1.0, abs=1e-3)
    assert cluster["distances"][0]["distance_m"] == 0.0
    assert plate_centre("C4")[0] == pytest.approx(6.4)


def test_a_step_across_a_gap_is_theirs_who_reached_within_it() -> None:
    story = Story().enters("a", "va").enters("b", "vb").reaches("a", "C4", 5.0)
    story.stands("a", 6.0, 12.0, (3.0, -2.0)).stands("b", 3.0, 12.0, (5.2, -1.8))
    story.weighs("C4", 8.0, -621.0, gap_s=4.0)
    beliefs = finals(run(story.leaves("va", 15.0).leaves("vb", 15.0)))
    assert cart(beliefs["va"]) == {"jam": 1}
    assert cart(beliefs["vb"]) == {}


def test_a_wrist_lost_for_a_moment_is_still_where_it_was_seen() -> None:
    story = Story().enters("a", "va").enters("b", "vb").takes("a", "A0", 5.0, 530.0)
    for since_s in (4.0, 4.6, 5.2, 5.8):
        story.stands("b", since_s, since_s + 0.5, (0.6, -0.5), (0.6, -0.5, 1.0))
        story.stands("b", since_s + 0.5, since_s + 0.6, (0.6, -0.5))
    beliefs = finals(run(story.leaves("va", 9.0).leaves("vb", 9.0)))
    assert posterior(beliefs["va"], "cola") > 0.9
