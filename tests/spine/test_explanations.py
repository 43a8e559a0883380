"""What an explanation means to those who show it."""

from store_engine.explanations import concerns, in_words, name_of, names_of
from tests.tiny_explanation import ADA, BEA, a_cluster, told
from tests.tiny_store import COLA, WATER, tiny_catalog


def test_a_line_is_explained_by_the_clusters_that_may_have_moved_its_product():
    water, cola = (a_cluster(explanations=[told(gtin, ADA, 0.99)]) for gtin in (WATER, COLA))
    found = concerns((water, cola), ADA, [COLA])
    assert found[0].clusters == (cola,)


def test_what_others_did_with_the_same_product_explains_no_line_of_this_visit():
    mine, theirs = (a_cluster(explanations=[told(WATER, who, 0.99)]) for who in (ADA, BEA))
    assert [one.clusters for one in concerns((mine, theirs), ADA, [WATER])] == [(mine,)]


def test_far_fetched_explanations_do_not_make_a_line():
    cluster = a_cluster(explanations=[told(WATER, ADA, 0.9995), told(COLA, ADA, 0.0005)])
    assert concerns((cluster,), ADA, [COLA])[0].clusters == ()


def test_what_a_visit_did_without_a_line_is_told_once_and_what_others_did_is_not():
    mine, theirs = (a_cluster(explanations=[told(WATER, who, 0.99)]) for who in (ADA, BEA))
    assert [one.clusters for one in concerns((mine, theirs), ADA, [])] == [(mine,)]


def test_only_the_closest_approach_of_each_person_counts():
    reach = a_cluster().distances[0]
    near, far = {"distance_m": 0.1}, {"distance_m": 0.7}
    cluster = a_cluster(
        distances=[
            {name: getattr(reach, name) for name in reach.__struct_fields__} | change
            for change in (far, near, near | {"track": "t9", "distance_m": 0.3})
        ]
    )
    assert [(one.track, one.distance_m) for one in cluster.nearest] == [("t1", 0.1), ("t9", 0.3)]


def test_people_are_called_by_account_and_numbered_within_a_visit():
    assert name_of("track:t7", {}) == "somebody without a visit"
    assert names_of([ADA, BEA, ADA], {ADA: "ada"}) == [
        "ada (door.0.1), person 1",
        "door.0.2",
        "ada (door.0.1), person 2",
    ]


def test_a_product_the_catalog_lost_is_called_by_its_number():
    cluster = a_cluster(explanations=[told("99", ADA, 1.0)])
    (move,) = cluster.explanations[0].moves
    assert in_words(move, tiny_catalog(), who="ada") == "ada took 1 x 99"
