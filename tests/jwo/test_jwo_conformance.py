"""Every published case that this side of the connectors can show."""

from pathlib import Path

import pytest

from tests.jwo.cases import CASES, SETTINGS
from tests.jwo.retailer import Retailer, served
from tests.jwo.shop import STORE_ID, Shop
from tests.jwo.table import markdown

DOC = Path(__file__).parents[2] / "docs" / "jwo-connectors.md"
SHOWN = [case for case in CASES if case.show]


@pytest.fixture(scope="module")
def open_all_day(tmp_path_factory):
    """One shop for all cases, and its retailer."""
    retailer = Retailer(STORE_ID)
    with served(retailer) as url:
        shop = Shop(tmp_path_factory.mktemp("shop"), url)
        yield shop, retailer
        shop.close()


@pytest.mark.parametrize(
    "case", [case for case in SHOWN if case.id not in SETTINGS], ids=lambda case: case.id
)
def test_the_case_goes_as_published(case, open_all_day):
    shop, retailer = open_all_day
    retailer.__init__(STORE_ID)
    shop.begin_case()
    case.show(shop, retailer)


@pytest.mark.parametrize(
    "case", [case for case in SHOWN if case.id in SETTINGS], ids=lambda case: case.id
)
def test_the_case_goes_as_published_in_another_shop(case, new_shop, retailer):
    case.show(new_shop(**SETTINGS[case.id]), retailer)


def test_every_row_of_the_facts_has_its_cases():
    assert {case.fact for case in CASES} == set(range(1, 46))
    assert len({case.id for case in CASES}) == len(CASES)


def test_what_is_not_shown_says_why():
    assert all(bool(case.show) != bool(case.why_not) for case in CASES)


def test_the_document_has_the_same_table():
    assert markdown() in DOC.read_text()
