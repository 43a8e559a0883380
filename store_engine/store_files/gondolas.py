"""gondolas.toml: where every load-cell plate is, and who reports it."""

import math
from pathlib import Path
from typing import Annotated, NamedTuple

from pydantic import Field

from store_engine.store_files.reading import Entry, Problems, read_toml
from store_engine.store_files.shop import Name
from store_engine.store_map import Obstacle, Plate
from store_engine.units import DeviceId, PlateId, ShelfId

FILE = "gondolas.toml"
SLACK_M = 1e-3  # written sizes are rounded to 0.1 mm; a dozen plates add up to 0.6 mm

Length = Annotated[float, Field(gt=0.0)]


class ShelfEntry(Entry):
    """One shelf: `plates` load-cell plates side by side from the left. Metres."""

    height: Annotated[float, Field(ge=0.0)]
    headroom: Length
    plates: Annotated[int, Field(ge=1)]
    plate_width: Length
    plate_depth: Length


class GondolaEntry(Entry):
    """One [[gondolas]] table. Metres and degrees."""

    gondola: Annotated[str, Field(pattern=r"^[^-/+#\x00]+$")]  # "-" joins it to its shelves
    device: Name
    position: tuple[float, float, float]
    rotation_deg: float
    width: Length
    depth: Length
    height: Length
    shelves: Annotated[tuple[ShelfEntry, ...], Field(min_length=1)]


class GondolasFile(Entry):
    """The whole of gondolas.toml."""

    gondolas: tuple[GondolaEntry, ...]


class Furniture(NamedTuple):
    """What gondolas.toml says, in the engine's words."""

    plates: dict[PlateId, Plate]
    cells: dict[DeviceId, tuple[PlateId | None, ...]]
    obstacles: tuple[Obstacle, ...]

    @property
    def shelves(self) -> dict[ShelfId, tuple[PlateId, ...]]:
        """Plates of each shelf, from the left."""
        shelves: dict[ShelfId, tuple[PlateId, ...]] = {}
        for plate in self.plates.values():
            shelves[plate.shelf] = (*shelves.get(plate.shelf, ()), plate.plate)
        return shelves


def read_gondolas(folder: Path) -> Furniture:
    """Return every plate and obstacle. Raises `ConfigError` with every mistake in the file."""
    entries = read_toml(folder / FILE, GondolasFile).gondolas
    _check(entries)
    plates = [plate for entry in entries for plate in _plates(entry)]
    return Furniture(
        plates={plate.plate: plate for plate in plates},
        cells={
            DeviceId(entry.device): tuple(p.plate for p in plates if p.device == entry.device)
            for entry in entries
        },
        obstacles=tuple(_obstacle(entry) for entry in entries),
    )


def _check(entries: tuple[GondolaEntry, ...]) -> None:
    problems = Problems(FILE)
    seen: set[str] = set()
    for entry in entries:
        where = f'gondola "{entry.gondola}"'
        for name in (entry.gondola, entry.device):
            if name in seen:
                problems.add(where, f'"{name}" is already the name of another gondola or device')
        seen.update((entry.gondola, entry.device))
        for number, shelf in enumerate(entry.shelves, 1):
            width = shelf.plates * shelf.plate_width
            if width > entry.width + SLACK_M:
                problems.add(
                    f"{where}, shelves {number}",
                    f"{shelf.plates} plates are {width:.4f} m wide, the gondola {entry.width} m",
                )
    problems.raise_if_any()


def _plates(entry: GondolaEntry) -> list[Plate]:
    """Return the plates of one gondola: shelf by shelf, from the left."""
    frame = _Frame.of(entry)
    return [
        Plate(
            plate=PlateId(f"{entry.gondola}-{number}-{index + 1}"),
            shelf=ShelfId(f"{entry.gondola}-{number}"),
            device=DeviceId(entry.device),
            centre=(
                *frame.to_floor((index + 0.5) * shelf.plate_width, -0.5 * shelf.plate_depth),
                entry.position[2] + shelf.height,
            ),
            along=(frame.cos, frame.sin),
            outward=(frame.sin, -frame.cos),
            width_m=shelf.plate_width,
            depth_m=shelf.plate_depth,
            headroom_m=shelf.headroom,
        )
        for number, shelf in enumerate(entry.shelves, 1)
        for index in range(shelf.plates)
    ]


def _obstacle(entry: GondolaEntry) -> Obstacle:
    """Return the floor under the back wall and the deepest shelf, counter-clockwise."""
    frame = _Frame.of(entry)
    front = -max(shelf.plate_depth for shelf in entry.shelves)
    corners = ((0.0, front), (entry.width, front), (entry.width, entry.depth), (0.0, entry.depth))
    return Obstacle(
        name=f"gondola {entry.gondola}",
        corners=tuple(frame.to_floor(x, y) for x, y in corners),
    )


class _Frame(NamedTuple):
    """A gondola's own axes: x along its shelves, -y towards the shopper."""

    x: float
    y: float
    cos: float
    sin: float

    @classmethod
    def of(cls, entry: GondolaEntry) -> "_Frame":
        angle = math.radians(entry.rotation_deg)
        # Rounded so that a right angle is one: cos(pi / 2) is 6e-17 in floating point.
        cos, sin = round(math.cos(angle), 12), round(math.sin(angle), 12)
        return cls(entry.position[0], entry.position[1], cos, sin)

    def to_floor(self, x: float, y: float) -> tuple[float, float]:
        return self.x + self.cos * x - self.sin * y, self.y + self.sin * x + self.cos * y
