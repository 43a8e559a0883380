"""A store's folder of files, read into the words the engine is built from.

store.toml       name, money, taxes, policy, floor, gates, upstream trackers
gondolas.toml    gondola > shelf > plate, and the device that reports each plate
cameras.toml     cameras with their calibration
products.csv     what is sold: code, price, tax class, mass, age
promotions.toml  what is cheaper, for whom and when; may be missing
planogram.csv    what stands where
accounts.toml    who may come in
"""

import dataclasses
import hashlib
from collections.abc import Mapping
from pathlib import Path

import msgspec

from store_engine.catalog import Catalog, Product
from store_engine.errors import ConfigError
from store_engine.price_book import mistakes
from store_engine.store import Store
from store_engine.store_files.cameras import FILE as CAMERAS
from store_engine.store_files.cameras import read_cameras
from store_engine.store_files.gondolas import FILE as GONDOLAS
from store_engine.store_files.gondolas import Furniture, read_gondolas
from store_engine.store_files.goods import read_planogram, read_products
from store_engine.store_files.people import FILE as ACCOUNTS_FILE
from store_engine.store_files.people import load_accounts
from store_engine.store_files.promotions import FILE as PROMOTIONS
from store_engine.store_files.promotions import read_promotions
from store_engine.store_files.reading import Problems
from store_engine.store_files.shop import FILE as SHOP
from store_engine.store_files.shop import Shop, read_shop
from store_engine.store_map import Camera, StoreMap
from store_engine.units import CameraId, DeviceId, Gtin, StoreId

__all__ = ["ACCOUNTS_FILE", "load_accounts", "load_store"]

EDGE_DEVICES = (
    "accounts",
    "catalog",
    "clock",
    "payments",
)  # the edge speaks under these names itself
VERSION_DIGITS = 12  # of a price book: 48 bits tell any two states of the prices apart


def load_store(folder: Path) -> Store:
    """Return the store in `folder`.

    Raises:
        ConfigError: a file is missing or wrong; names file, entry and limit, and lists every
            mistake of that file.
    """
    shop = read_shop(folder)
    furniture = read_gondolas(folder)
    products = read_products(
        folder, tax_classes=shop.tax_rates, currency_exponent=shop.file.currency_exponent
    )
    cameras = read_cameras(folder)
    _check_device_names(shop, furniture, cameras)
    store_map = StoreMap(
        store=StoreId(shop.file.store),
        floor=shop.file.floor,
        gates={gate.gate: gate for gate in shop.gates},
        cameras=cameras,
        trackers=tuple(DeviceId(name) for name in shop.file.trackers),
        plates=furniture.plates,
        cells=furniture.cells,
        facings=read_planogram(folder, products=products, shelves=furniture.shelves),
        obstacles=furniture.obstacles,
    )
    return Store(store_map, _price_book(folder, shop, products), shop.policy)


def _price_book(folder: Path, shop: Shop, products: Mapping[Gtin, Product]) -> Catalog:
    """Return the prices as the files have them; the same prices always are the same version."""
    exponent = shop.file.currency_exponent
    book = Catalog(
        products=products,
        tax_rates=shop.tax_rates,
        currency=shop.file.currency,
        currency_exponent=exponent,
        prices_include_tax=shop.file.prices_include_tax,
        tax_included=shop.file.tax_included,
        promotions=read_promotions(folder, currency_exponent=exponent),
    )
    problems = Problems(PROMOTIONS)
    for promotion, limit in mistakes(book):
        problems.add(f'promotion "{promotion}"', limit)
    problems.raise_if_any()
    digest = hashlib.sha256(msgspec.json.encode(book, order="deterministic")).hexdigest()
    return dataclasses.replace(book, version=digest[:VERSION_DIGITS])


def _check_device_names(
    shop: Shop, furniture: Furniture, cameras: Mapping[CameraId, Camera]
) -> None:
    """Every device speaks under a name of its own, whatever file it is written in."""
    named = [
        *((SHOP, f'gate "{gate.gate}"', str(gate.gate)) for gate in shop.gates),
        *((SHOP, "trackers", name) for name in shop.file.trackers),
        *((GONDOLAS, f'device "{device}"', str(device)) for device in furniture.cells),
        *((CAMERAS, f'camera "{camera}"', str(camera)) for camera in cameras),
    ]
    owners = dict.fromkeys(EDGE_DEVICES, "the engine itself")
    for file, entry, name in named:
        if name in owners:
            raise ConfigError(f'{file} {entry}: device name "{name}" belongs to {owners[name]}')
        owners[name] = f"{file} {entry}"
