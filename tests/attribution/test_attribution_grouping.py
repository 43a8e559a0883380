"""Steps are grouped again only where they changed, with the same result as all at once."""

from attribution_shop import Story, hear, heard_us, new_room, shop_map, step
from hypothesis import given
from hypothesis import strategies as st

from store_engine.attribution.clusters import Evidence
from store_engine.attribution.grouping import Clusters, Grouping, agreeing

PLATES = ("A0", "A1", "A2", "A3", "C0", "C1")


def order(one: Evidence) -> tuple[int, str, int]:
    return one.order


def evidence(places: dict[tuple[str, int], float]) -> list[Evidence]:
    """Steps that nobody was near: (plate, tenths of a second) -> how long they took."""
    steps = [step(plate, 10 + at / 10, -100.0, gap_s=took) for (plate, at), took in places.items()]
    return sorted((Evidence(one, ()) for one in steps), key=order)


spots = st.tuples(st.sampled_from(PLATES), st.integers(0, 400))
crowds = st.dictionaries(spots, st.sampled_from((0.0, 3.0)), max_size=25).map(evidence)


@given(crowd=crowds, data=st.data())
def test_grouping_step_by_step_is_grouping_at_once(
    crowd: list[Evidence], data: st.DataObject
) -> None:
    make = Clusters(shop_map())
    grouping = Grouping(make)
    for _ in range(4):
        some = [one for one in crowd if data.draw(st.booleans())]
        assert grouping.clusters(some) == Grouping(make).clusters(some)


@given(crowd=crowds)
def test_every_step_is_in_one_cluster(crowd: list[Evidence]) -> None:
    clusters = Grouping(Clusters(shop_map())).clusters(crowd)
    assert sorted((one for c in clusters for one in c.evidence), key=order) == crowd
    assert [c.order for c in clusters] == sorted(c.order for c in clusters)


def test_clusters_before_a_changed_step_stay_the_same_objects() -> None:
    grouping = Grouping(Clusters(shop_map()))
    first, second = evidence({("A0", 0): 0.0, ("A0", 300): 0.0})
    before = grouping.clusters([first, second])
    after = grouping.clusters([first, Evidence(second.step, ())])
    assert agreeing(before, after) == 1


def test_a_step_judged_again_without_new_moves_keeps_its_evidence() -> None:
    room = new_room()
    story = Story().enters("t", "v").stands("t", 4.0, 5.1, (0.0, -0.6), (0.0, -0.1, 1.15))
    people, shelves = story.weighs("A0", 5.0, -530.0).ordered()
    for signal in (*people, *shelves):
        hear(room, signal)
    (before,) = room._steps.all()
    room.pass_time(people_us=heard_us(shelves[0]), shelves_us=heard_us(shelves[0]))
    (after,) = room._steps.all()
    assert after is before
    assert after.reach
