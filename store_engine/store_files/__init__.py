"""A store's folder of files, read into the words the engine is built from.

store.toml       name, money, taxes, policy, floor, gates, upstream trackers
gondolas.toml    gondola > shelf > plate, and the device that reports each plate
cameras.toml     cameras with their calibration
products.csv     what is sold: code, price, tax class, mass
planogram.csv    what stands where
accounts.toml    who may come in
"""

from collections.abc import Mapping
from pathlib import Path

from store_engine.catalog import Catalog
from store_engine.errors import ConfigError
from store_engine.store import Store
from store_engine.store_files.cameras import FILE as CAMERAS
from store_engine.store_files.cameras import read_cameras
from store_engine.store_files.gondolas import FILE as GONDOLAS
from store_engine.store_files.gondolas import Furniture, read_gondolas
from store_engine.store_files.goods import read_planogram, read_products
from store_engine.store_files.people import load_accounts
from store_engine.store_files.shop import FILE as SHOP
from store_engine.store_files.shop import Shop, read_shop
from store_engine.store_map import Camera, StoreMap
from store_engine.units import CameraId, DeviceId, StoreId

__all__ = ["load_accounts", "load_store"]

EDGE_DEVICES = ("accounts", "clock", "payments")  # the edge speaks under these names itself


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
    catalog = Catalog(
        products=products,
        tax_rates=shop.tax_rates,
        currency=shop.file.currency,
        currency_exponent=shop.file.currency_exponent,
        prices_include_tax=shop.file.prices_include_tax,
    )
    return Store(store_map, catalog, shop.policy)


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
