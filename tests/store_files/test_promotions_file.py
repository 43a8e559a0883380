"""promotions.toml, and the columns of products.csv that prices depend on."""

import shutil
from pathlib import Path

import pytest

from store_engine.errors import ConfigError
from store_engine.promotions import PayFewer, PercentOff, SetPrice
from store_engine.store_files import load_accounts, load_store

NANOSTORE = Path(__file__).parents[2] / "configs" / "nanostore"
WATER = "071142008582"
PROMOTIONS = f"""
[[promotions]]
promotion = "three-waters"
name = "3 for 2"
products = ["{WATER}"]
take = 3
pay = 2

[[promotions]]
promotion = "two-drinks"
name = "2 for 3.00"
tax_classes = ["sweet_drink"]
take = 2
price = 3.00
members_only = true

[[promotions]]
promotion = "opening"
name = "5 % off"
percent = 5
from = 2026-11-01T08:00:00Z
until = 2026-11-02T20:00:00+01:00
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = shutil.copytree(NANOSTORE, tmp_path / "store")
    (folder / "promotions.toml").write_text(PROMOTIONS)
    return folder


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def with_column(folder: Path, column: str, cell: str, *, price: str = "1.29") -> None:
    """Add a column to products.csv, filled in for the water alone."""
    path = folder / "products.csv"
    lines = [line for line in path.read_text().splitlines() if not line.startswith("#")]
    rows = [f"{lines[0]},{column}"]
    rows += [
        f"{line.replace(',1.29,', f',{price},')},{cell}" if line.startswith(WATER) else f"{line},"
        for line in lines[1:]
    ]
    path.write_text("\n".join(rows))


def test_a_store_without_the_file_has_no_promotions(folder: Path):
    (folder / "promotions.toml").unlink()
    assert load_store(folder).catalog.promotions == ()


def test_promotions_are_read_in_minor_units_and_event_time(folder: Path):
    waters, drinks, opening = load_store(folder).catalog.promotions
    assert (waters.offer, waters.products) == (PayFewer(take=3, pay=2), {WATER})
    assert (drinks.offer, drinks.tax_classes) == (SetPrice(take=2, price=300), {"sweet_drink"})
    assert (drinks.members_only, waters.members_only) == (True, False)
    assert opening.offer == PercentOff(rate_ppm=50_000)
    assert (opening.from_us, opening.until_us) == (1_793_520_000_000_000, 1_793_646_000_000_000)


def test_the_version_names_the_prices(folder: Path):
    before = load_store(folder).catalog.version
    assert load_store(folder).catalog.version == before
    edit(folder / "promotions.toml", "pay = 2", "pay = 1")
    assert load_store(folder).catalog.version != before


SLIPS = [
    ("pay = 2", "pay = 3", 'promotion "three-waters": take 3, pay 3: pay must be below take'),
    ("pay = 2", "", 'promotion "three-waters": either percent, or take and pay, or take and price'),
    ("pay = 2", "pay = 0", 'promotion "three-waters", pay: Input should be greater than or'),
    ("take = 3", "take = 1", 'promotion "three-waters", take: Input should be greater than or'),
    ("price = 3.00", "price = 3.001", 'promotion "two-drinks": price 3.001 has more than 2 decim'),
    ("percent = 5", "percent = 500", 'promotion "opening", percent: Input should be less than or'),
    ("percent = 5", "percent = 0", 'promotion "opening", percent: Input should be greater than 0'),
    ("20:00:00+01:00", "20:00:00", 'promotion "opening", until: Input should have timezone info'),
    ("2026-11-02T20", "2026-10-02T20", 'promotion "opening": until 2026-10-02 20:00:00+01:00 must'),
    ("members_only", "member_only", 'promotion "two-drinks", member_only: Extra inputs are not'),
    ("two-drinks", "three-waters", 'promotion "three-waters": this name is already taken'),
    ("two-drinks", "member_price", 'promotion "member_price": this name is already taken'),
    (WATER, "036000291452", 'promotion "three-waters": product 036000291452 is not in the catal'),
    (WATER, "071142008583", 'promotion "three-waters", products 1: Invalid GTIN check digit'),
    ('"sweet_drink"', '"sweets"', "promotion \"two-drinks\": tax class 'sweets' is unknown; there"),
    ('"sweet_drink"', '"food"', f"product {WATER} is already in multi-buy"),
]


@pytest.mark.parametrize(("old", "new", "limit"), SLIPS)
def test_a_slip_is_named_with_its_promotion_and_limit(folder: Path, old: str, new: str, limit: str):
    edit(folder / "promotions.toml", old, new)
    with pytest.raises(ConfigError) as caught:
        load_store(folder)
    assert str(caught.value).startswith("promotions.toml promotion")
    assert limit in str(caught.value)


def test_what_has_a_price_per_kg_is_sold_by_weight(folder: Path):
    (folder / "promotions.toml").unlink()
    with_column(folder, "price_per_kg", "4.99", price="")
    water = load_store(folder).catalog.products[WATER]
    assert (water.price_per_kg, water.price) == (499, 310)  # a bottle weighs 622 g


@pytest.mark.parametrize(
    ("column", "cell", "price", "limit"),
    [
        ("price_per_kg", "4.99", "1.29", "either a price or a price_per_kg is expected"),
        ("price_per_kg", "", "", "either a price or a price_per_kg is expected"),
        ("price_per_kg", "4.999", "", "price_per_kg 4.999 has more than 2 decimals"),
        ("member_price", "1.30", "1.29", "member_price 1.30 is above 1.29"),
        ("member_price", "free", "1.29", "member_price: Input should be a valid decimal"),
        ("minimum_age", "grown-up", "1.29", "minimum_age: Input should be a valid integer"),
        ("minimum_age", "180", "1.29", "minimum_age: Input should be less than or equal to 99"),
    ],
)
def test_a_slip_in_a_price_is_named(folder: Path, column: str, cell: str, price: str, limit: str):
    with_column(folder, column, cell, price=price)
    with pytest.raises(ConfigError) as caught:
        load_store(folder)
    assert str(caught.value).startswith("products.csv line")
    assert limit in str(caught.value)


def test_what_is_sold_by_weight_is_not_in_a_set_by_name(folder: Path):
    with_column(folder, "price_per_kg", "4.99", price="")
    with pytest.raises(ConfigError, match=f"product {WATER} is sold by weight, not in sets"):
        load_store(folder)


def test_member_prices_and_ages_are_optional_columns(folder: Path):
    with_column(folder, "member_price", "0.99")
    assert load_store(folder).catalog.products[WATER].member_price == 99
    assert load_store(NANOSTORE).catalog.products[WATER].member_price is None
    assert load_store(NANOSTORE).catalog.products[WATER].minimum_age == 0


def test_a_tax_class_may_differ_in_whether_prices_contain_the_tax(folder: Path):
    edit(folder / "store.toml", "[policy]", "[tax_included]\ncandy = true\n\n[policy]")
    catalog = load_store(folder).catalog
    assert (catalog.includes_tax("candy"), catalog.includes_tax("food")) == (True, False)


def test_a_tax_class_that_is_not_there_cannot_differ(folder: Path):
    edit(folder / "store.toml", "[policy]", "[tax_included]\nsweets = true\n\n[policy]")
    with pytest.raises(ConfigError, match="tax_included, sweets: unknown tax class; tax_percent"):
        load_store(folder)


def test_accounts_may_be_members_and_known_to_be_grown_up(folder: Path):
    edit(folder / "accounts.toml", '"tok_bea"', '"tok_bea"\nmember = true\nadult = true')
    accounts = load_accounts(folder)
    bea, ada = (accounts.admit(code, time_us=0).shopper for code in ("demo-bea", "demo-ada"))
    assert ((bea.member, bea.adult), (ada.member, ada.adult)) == ((True, True), (False, False))
