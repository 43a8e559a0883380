from hypothesis import given
from hypothesis.strategies import floats, lists, tuples

from benchmarks.scaling.sessions import fullest_window

stays = lists(
    tuples(floats(0.0, 200.0), floats(1.0, 200.0)).map(lambda s: (s[0], s[0] + s[1])), max_size=8
)


def inside(known, start_s, length_s):
    gone_s = start_s + length_s
    return sum(max(0.0, min(b, gone_s) - max(a, start_s)) for a, b in known) / length_s


def test_the_window_lies_where_everybody_is_inside():
    window = fullest_window([(5.0, 90.0), (20.0, 95.0), (25.0, 100.0)], length_s=60.0)
    assert (window.start_s, window.inside) == (25.0, 3.0)


def test_an_empty_shop_has_a_window_too():
    assert fullest_window([], length_s=60.0) == (0.0, 0.0)


@given(known=stays, start_s=floats(0.0, 400.0))
def test_no_other_window_has_more_people_inside(known, start_s):
    best = fullest_window(known, length_s=60.0)
    assert inside(known, start_s, 60.0) <= best.inside + 1e-9


@given(known=stays)
def test_the_window_has_as_many_inside_as_it_says(known):
    best = fullest_window(known, length_s=60.0)
    assert abs(inside(known, best.start_s, 60.0) - best.inside) < 1e-9
