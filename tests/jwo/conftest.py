"""Fixtures: a shop and its retailer, talking over a loopback port."""

import pytest

pytest.importorskip("botocore", reason="the Just Walk Out connectors sign with botocore")

from tests.jwo.retailer import Retailer, served
from tests.jwo.shop import STORE_ID, Shop


@pytest.fixture
def retailer():
    return Retailer(STORE_ID)


@pytest.fixture
def new_shop(retailer, tmp_path):
    """Makes the shop, with settings of its own if wanted."""
    opened = []
    with served(retailer) as url:

        def make(**how):
            opened.append(Shop(tmp_path, url, **how))
            return opened[-1]

        yield make
        for shop in opened:
            shop.close()


@pytest.fixture
def shop(new_shop):
    return new_shop()
