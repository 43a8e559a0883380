"""What happens at one moment: two places, two products, one plate twice."""

from attribution_shop import Story, cart, finals, posterior, run


def test_two_who_act_at_one_moment_are_each_charged_for_their_own() -> None:
    story = Story().enters("a", "va").enters("b", "vb")
    story.takes("a", "A0", 5.0, 530.0).takes("b", "A7", 5.1, 30.0)
    beliefs = finals(run(story.leaves("va", 9.0).leaves("vb", 9.0)))
    assert (cart(beliefs["va"]), cart(beliefs["vb"])) == ({"cola": 1}, {"gum": 1})


def test_a_piece_put_down_where_another_is_taken_shows_as_their_difference() -> None:
    story = Story().enters("t", "v").takes("t", "A2", 5.0, 1060.0).takes("t", "C4", 15.0, -439.0)
    belief = finals(run(story.leaves("v", 20.0)))["v"]
    assert cart(belief) == {"jam": 1}
    assert posterior(belief, "jam") > 0.9


def test_without_a_piece_in_hand_a_difference_is_no_swap() -> None:
    story = Story().enters("t", "v").takes("t", "C4", 15.0, 221.0).leaves("v", 20.0)
    belief = finals(run(story))["v"]
    assert "jam" not in cart(belief) or posterior(belief, "jam") < 0.8


def test_two_that_straddle_one_after_the_other_are_told_by_their_sum() -> None:
    """The second plate steps first, the first one twice: 350 g, 180 g and 530 g of two bottles."""
    story = Story().enters("t", "v").takes("t", "A0", 5.0, 350.0)
    story.takes("t", "A1", 5.3, 530.0).takes("t", "A0", 5.7, 180.0).leaves("v", 12.0)
    assert cart(finals(run(story))["v"]) == {"cola": 2}
