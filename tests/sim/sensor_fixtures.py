"""A tiny store and a tiny scene for the tests of the sensors."""

from dataclasses import dataclass

import numpy as np

from sim.scene import Contact, FloatArray, Footstep, Load, Pass, Scan, Scene, Truth
from store_engine.catalog import Catalog, Product
from store_engine.store import Store
from store_engine.store_map import Camera, Facing, Gate, Obstacle, Plate, StoreMap
from store_engine.units import CameraId, DeviceId, GateId, Gtin, PlateId, ShelfId, StoreId

START_US = 1_700_000_000_000_000
COLA, SOUP = Gtin("4006381333931"), Gtin("5901234123457")
CELLS: tuple[PlateId | None, ...] = (
    *(PlateId(f"1-1-{n}") for n in (1, 2, 3)),
    None,
    *(PlateId(f"1-2-{n}") for n in (1, 2, 3)),
    None,
)


def camera_at(x: float, y: float, z: float, *, name: str = "camera-1", k1: float = -0.1) -> Camera:
    """A 1280 x 720 camera at (x, y, z) that looks along +y, tilted 30 degrees down."""
    tilt = np.deg2rad(30.0)
    forward = np.array([0.0, np.cos(tilt), -np.sin(tilt)])
    right = np.array([1.0, 0.0, 0.0])
    down = np.cross(forward, right)
    return Camera(
        camera=CameraId(name),
        width_px=1280,
        height_px=720,
        K=np.array([[800.0, 0.0, 640.0], [0.0, 800.0, 360.0], [0.0, 0.0, 1.0]]),
        distortion=np.array([k1, 0.0, 0.0, 0.0, 0.0]),
        R=np.stack([right, down, forward], axis=1),
        t=np.array([x, y, z]),
    )


def tiny_store(*, camera: Camera | None = None) -> Store:
    """One gondola of two shelves of three plates, one camera, one tracker, one gate."""
    camera = camera or camera_at(0.0, -3.0, 2.5)
    cells = {DeviceId("shelf-1"): CELLS}
    store_map = StoreMap(
        store=StoreId("tiny"),
        floor=((-3.0, -3.0), (3.0, -3.0), (3.0, 3.0), (-3.0, 3.0)),
        gates={
            GateId("gate-1"): Gate(
                gate=GateId("gate-1"), ends=((-0.5, -3.0), (0.5, -3.0)), inward=(0.0, 1.0)
            )
        },
        cameras={camera.camera: camera},
        trackers=(DeviceId("tracker-1"),),
        plates={plate: _plate(plate) for plate in CELLS if plate is not None},
        cells=cells,
        facings=(
            Facing(gtin=COLA, plates=(PlateId("1-1-1"),)),
            Facing(gtin=SOUP, plates=(PlateId("1-2-1"),)),
        ),
        obstacles=(Obstacle(name="1", corners=((-0.2, 2.0), (0.5, 2.0), (0.5, 2.5), (-0.2, 2.5))),),
    )
    products = {
        gtin: Product(
            gtin=gtin, name=gtin, price=100, tax_class="food", mass_g=500.0, mass_std_g=5.0
        )
        for gtin in (COLA, SOUP)
    }
    catalog = Catalog(
        products=products,
        tax_rates={"food": 0},
        currency="USD",
        currency_exponent=2,
        prices_include_tax=True,
    )
    return Store(store_map, catalog)


def _plate(plate: PlateId) -> Plate:
    _, shelf, place = plate.split("-")
    return Plate(
        plate=plate,
        shelf=ShelfId(f"1-{shelf}"),
        device=DeviceId("shelf-1"),
        centre=(0.1 * int(place), 2.2, 0.5 * int(shelf)),
        along=(1.0, 0.0),
        outward=(0.0, -1.0),
        width_m=0.1,
        depth_m=0.4,
        headroom_m=0.4,
    )


# Heights above the floor and offsets to the person's left, metres, in the order of `JOINTS`.
_STANDING = np.array(
    [
        (0.0, 1.62), (0.03, 1.65), (-0.03, 1.65), (0.07, 1.62), (-0.07, 1.62),
        (0.2, 1.45), (-0.2, 1.45), (0.25, 1.15), (-0.25, 1.15), (0.25, 0.9), (-0.25, 0.9),
        (0.12, 0.95), (-0.12, 0.95), (0.12, 0.5), (-0.12, 0.5), (0.12, 0.08), (-0.12, 0.08),
        (0.0, 1.48),
    ]
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Statue:
    """A person who stands still at (x, y), facing -y, and holds `held`."""

    person: str = "ann"
    x: float = 0.0
    y: float = 1.0
    entered_s: float = 0.0
    left_s: float = 10.0
    held: tuple[Gtin, ...] = ()

    def joints(self, times_s: FloatArray) -> FloatArray:
        pose = np.column_stack(
            [self.x + _STANDING[:, 0], np.full(len(_STANDING), self.y), _STANDING[:, 1]]
        )
        here = (times_s >= self.entered_s) & (times_s <= self.left_s)
        return np.where(here[:, None, None], pose, np.nan)

    def in_hand(self, time_s: float) -> tuple[Gtin, ...]:
        return self.held


def tiny_scene(
    *,
    people: tuple[Statue, ...] = (),
    loads: tuple[Load, ...] = (),
    contacts: tuple[Contact, ...] = (),
    scans: tuple[Scan, ...] = (),
    passes: tuple[Pass, ...] = (),
    footsteps: tuple[Footstep, ...] = (),
    duration_s: float = 10.0,
) -> Scene:
    """A scene with nothing in it but what is asked for."""
    truth = Truth(store="tiny", scenario="tiny", seed=0, start_us=START_US, visits=(), actions=())
    return Scene(
        start_us=START_US,
        duration_s=duration_s,
        people=people,
        loads=loads,
        contacts=contacts,
        scans=scans,
        passes=passes,
        footsteps=footsteps,
        initial_g={plate: 2000.0 for plate in CELLS if plate is not None},
        truth=truth,
    )
