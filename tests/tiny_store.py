"""A very small store for tests of the spine: one door, one camera, one tracker, two shelves."""

import numpy as np

from store_engine.catalog import Catalog, Product
from store_engine.store import Policy, Store
from store_engine.store_map import Camera, Facing, Gate, Plate, StoreMap
from store_engine.units import CameraId, DeviceId, GateId, Gtin, PlateId, ShelfId, StoreId

WATER = Gtin("071142008582")
COLA = Gtin("049000006346")


def tiny_store(policy: Policy | None = None) -> Store:
    """Two controllers with three cells each (the middle one absent), plates 10 cm wide."""
    plates = {
        plate.plate: plate
        for plate in (_plate(g, i, x=g + 0.1 * i) for g in (1, 2) for i in (1, 2))
    }
    gate = Gate(gate=GateId("door"), ends=((0.0, -2.0), (0.0, -1.0)), inward=(1.0, 0.0))
    camera = Camera(
        camera=CameraId("cam"),
        width_px=640,
        height_px=360,
        K=np.array([[400.0, 0, 320], [0, 400.0, 180], [0, 0, 1]]),
        distortion=np.zeros(5),
        R=np.array([[1.0, 0, 0], [0, 0, 1.0], [0, -1.0, 0]]),
        t=np.array([1.5, -4.0, 1.5]),
    )
    store_map = StoreMap(
        store=StoreId("tiny"),
        floor=((-1.0, -3.0), (4.0, -3.0), (4.0, 0.0), (-1.0, 0.0)),
        gates={gate.gate: gate},
        cameras={camera.camera: camera},
        trackers=(DeviceId("tracker"),),
        plates=plates,
        cells={
            DeviceId(f"shelf-{g}"): (PlateId(f"{g}-1-1"), None, PlateId(f"{g}-1-2")) for g in (1, 2)
        },
        facings=(
            Facing(gtin=WATER, plates=(PlateId("1-1-1"), PlateId("1-1-2"))),
            Facing(gtin=COLA, plates=(PlateId("2-1-1"), PlateId("2-1-2"))),
        ),
        obstacles=(),
    )
    return Store(store_map, tiny_catalog(), policy or Policy())


def tiny_catalog() -> Catalog:
    """Water and cola, prices without tax."""
    products = (
        Product(
            gtin=WATER, name="Water", price=129, tax_class="food", mass_g=621.0, mass_std_g=6.0
        ),
        Product(gtin=COLA, name="Cola", price=199, tax_class="soft", mass_g=371.0, mass_std_g=3.0),
    )
    return Catalog(
        products={product.gtin: product for product in products},
        tax_rates={"food": 0, "soft": 82_500},
        currency="USD",
        currency_exponent=2,
        prices_include_tax=False,
    )


def _plate(gondola: int, index: int, *, x: float) -> Plate:
    return Plate(
        plate=PlateId(f"{gondola}-1-{index}"),
        shelf=ShelfId(f"{gondola}-1"),
        device=DeviceId(f"shelf-{gondola}"),
        centre=(x, 0.25, 1.0),
        along=(1.0, 0.0),
        outward=(0.0, -1.0),
        width_m=0.1,
        depth_m=0.4,
        headroom_m=0.3,
    )
