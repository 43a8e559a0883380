"""What a shopkeeper reads after a slip in one of the files: file, entry and limit."""

import shutil
from pathlib import Path

import pytest

from store_engine.errors import ConfigError
from store_engine.store_files import load_accounts, load_store

NANOSTORE = Path(__file__).parents[2] / "configs" / "nanostore"

# file, what was there, what was written instead, what the shopkeeper reads
SLIPS = [
    ("planogram.csv", "1-5,11,12,", "1-5,11,13,",
     "line 24: plate 1-5-13: shelf 1-5 has plates 1 to 12"),
    ("planogram.csv", "1-5,11,12,", "1-5,0,12,", "plate 1-5-0: shelf 1-5 has plates 1 to 12"),
    ("planogram.csv", "1-5,11,12,", "1-5,12,11,", "line 24: first plate 12 is beyond last 11"),
    ("planogram.csv", "1-5,11,12,", "1-7,11,12,", "line 24: shelf 1-7 is not in gondolas.toml"),
    ("planogram.csv", "1-5,11,12,", "1-5,x,12,", "line 24: first_plate: Input should be a valid"),
    ("planogram.csv", "1-5,11,12,071142008582", "1-5,11,12,036000291452",
     "line 24: product 036000291452 is not in products.csv"),
    ("planogram.csv", "1-5,11,12,071142008582", "1-5,9,12,632565000012",
     "plate 1-5-9: 632565000012 is already there on line 23"),
    ("planogram.csv", "1-5,11,12,", "1-5,11,", "line 24: 4 columns expected, 3 found"),
    ("planogram.csv", "last_plate", "end_plate", "line 4: missing column 'last_plate'"),
    ("products.csv", "071142008582,", "071142008583,",
     "gtin: Invalid GTIN check digit for '071142008583': Expected 2, got 3"),
    ("products.csv", "071142008582,", "71142008582,", "did a spreadsheet drop leading zeros?"),
    ("products.csv", "071142008582,", "071142000012,", "already on line 57"),
    ("products.csv", "071142008582,", "00071142000012,", "already on line 57"),
    ("products.csv", ",1.29,food,621.67", ",-1.29,food,621.67",
     "price: Input should be greater than or equal to 0"),
    ("products.csv", ",1.29,food,621.67", ",1.295,food,621.67",
     "071142008582: price 1.295 has more than 2 decimals"),
    ("products.csv", ",1.29,food,621.67", ",1.29,fodo,621.67",
     "tax class 'fodo' is unknown; store.toml has food, sweet_drink, candy, prepared"),
    ("products.csv", ",1.29,food,621.67", ",1.29,food,0", "mass_g: Input should be greater than 0"),
    ("products.csv", ",1.29,food,621.67", ",1.29,food,nan", "mass_g: Input should be a finite"),
    ("gondolas.toml", "plates = 12", "plates = 13",
     'gondola "1", shelves 1: 13 plates are 1.3208 m wide, the gondola 1.2192 m'),
    ("gondolas.toml", "plates = 12", "plates = 0", 'gondola "1", shelves 1, plates: Input should'),
    ("gondolas.toml", "width = 1.2192", "wide = 1.2192", 'gondola "1", width: Field required'),
    ("gondolas.toml", 'device = "gondola-2"', 'device = "gondola-1"',
     'gondola "2": "gondola-1" is already the name of another gondola or device'),
    ("gondolas.toml", 'device = "gondola-2"', 'device = "camera-1"',
     'camera "camera-1": device name "camera-1" belongs to gondolas.toml device "camera-1"'),
    ("gondolas.toml", 'device = "gondola-2"', 'device = "clock"', "belongs to the engine itself"),
    ("gondolas.toml", "width = 1.2192", "width = ", "gondolas.toml: Invalid value"),
    ("cameras.toml", "[-0.486708160,", "[-0.386708160,",
     'camera "camera-1", R: rotation is not orthonormal'),
    ("cameras.toml", "K = [[511.455,", "K = [[-511.455,", 'camera "camera-1", K: focal lengths'),
    ("cameras.toml", "[0.000, 0.000, 1.000]]", "[0.000, 0.000, 0.000]]", "row 3 must be 0, 0, 1"),
    ("cameras.toml", '"camera-2"', '"camera-1"', 'camera "camera-1": this name is already taken'),
    ("store.toml", "[policy]", "[policy]\ncharge_abov = 0.9",
     "policy, charge_abov: unknown; policies are charge_above"),
    ("store.toml", "[policy]", "[policy]\ncharge_above = 80", "a probability above 0, up to 1"),
    ("store.toml", "[policy]", "[policy]\nwatermark_ms = -1", "0 or more milliseconds"),
    ("store.toml", "[policy]", '[policy]\nwatermark_ms = "soon"', "policy, watermark_ms: Input"),
    ("store.toml", "candy = 6.5", "candy = 650.0", "tax_percent, candy: Input should be less"),
    ("store.toml", "candy = 6.5", "candy = 6.50001", "has more than 4 decimals"),
    ("store.toml", "inward = [1.0, 0.0]", "inward = [0.0, 0.0]", "points nowhere"),
    ("store.toml", "inward = [1.0, 0.0]", "inward = [0.0, 1.0]", "must point across the line"),
    ("store.toml", "[-0.3, -0.8]", "[-0.3, -2.0]", 'gate "door-1", ends: two different points'),
    ("store.toml", 'currency = "USD"', 'currency = "dollars"', "store.toml currency: String"),
]  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return shutil.copytree(NANOSTORE, tmp_path / "store")


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


@pytest.mark.parametrize(("file", "old", "new", "limit"), SLIPS)
def test_a_slip_is_named_with_its_file_entry_and_limit(folder, file, old, new, limit):
    edit(folder / file, old, new)
    with pytest.raises(ConfigError) as caught:
        load_store(folder)
    assert limit in str(caught.value)
    assert str(caught.value).startswith((file, "cameras.toml" if "camera-1" in new else file))


def test_all_slips_of_a_file_come_together(folder):
    edit(folder / "products.csv", ",1.29,food,621.67", ",-1,food,621.67")
    edit(folder / "products.csv", "009800570034,", "009800570035,")
    edit(folder / "products.csv", ",candy,70.7,", ",sweets,70.7,")
    with pytest.raises(ConfigError) as caught:
        load_store(folder)
    assert len(str(caught.value).splitlines()) == 3


@pytest.mark.parametrize(
    "file", ["store.toml", "gondolas.toml", "cameras.toml", "products.csv", "planogram.csv"]
)
def test_a_missing_file_is_named(folder, file):
    (folder / file).unlink()
    with pytest.raises(ConfigError, match=f"{file}: No such file"):
        load_store(folder)


def test_an_empty_table_lacks_its_header(folder):
    (folder / "planogram.csv").write_text("# nothing yet\n")
    with pytest.raises(ConfigError, match=r"planogram\.csv: no header line"):
        load_store(folder)


def test_a_file_that_is_not_text_is_refused(folder):
    (folder / "products.csv").write_bytes(b"gtin\xff")
    with pytest.raises(ConfigError, match=r"products\.csv: not UTF-8 text at byte 4"):
        load_store(folder)


def test_a_table_saved_by_a_spreadsheet_still_loads(folder):
    path = folder / "planogram.csv"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    assert load_store(folder).map.facings == load_store(NANOSTORE).map.facings


def test_policy_overrides_reach_the_engine(folder):
    edit(folder / "store.toml", "[policy]", "[policy]\ncharge_above = 0.95")
    assert load_store(folder).policy.charge_above == 0.95


@pytest.mark.parametrize(
    ("old", "new", "limit"),
    [
        ('"demo-bea"', '"demo-ada"', 'account "bea": credential "demo-ada" is ada\'s'),
        ('account = "bea"', 'account = "ada"', 'account "ada": this account is already above'),
        ("2019-12-31T23:59:59Z", "2019-12-31T23:59:59", 'account "expira", expires: Input should'),
        ('payment = "tok_bea"', 'payment = ""', 'account "bea": payment is missing'),
        ('"tok_bea"', '"4111 1111 1111 1111"', 'account "bea": payment: looks like a card number'),
        ('"demo-bea"', '"4111111111111111"', 'account "bea": credentials: looks like a card'),
        ('role = "restocker"', 'role = "boss"', 'account "rob", role: Input should'),
    ],
)
def test_a_slip_among_the_accounts_is_named(folder, old, new, limit):
    edit(folder / "accounts.toml", old, new)
    with pytest.raises(ConfigError) as caught:
        load_accounts(folder)
    assert f"accounts.toml {limit}" in str(caught.value)
