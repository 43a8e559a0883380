"""`store-engine calibrate`: does a camera's calibration fit, and one that does."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import Annotated

import typer

from store_engine.adapters.recordings import McapRecording
from store_engine.cli import calibrate_tables as tables
from store_engine.cli.shared import NANOSTORE, StoreFolder, console, out
from store_engine.cli.shared import says_what_is_wrong as clearly
from store_engine.errors import ConfigError
from store_engine.intake import FrontDoor
from store_engine.messages import Arrival, CameraFrame
from store_engine.store import Store
from store_engine.store_files import load_store
from store_engine.store_map import Camera, StoreMap
from store_engine.units import CameraId
from store_engine.vision.calibration_fit import Fit, fit_of
from store_engine.vision.calibration_landmarks import landmarks_of, read_landmarks
from store_engine.vision.calibration_people import MEETINGS_MIN, agreement
from store_engine.vision.calibration_refine import Focal, refine
from store_engine.vision.calibration_text import entry_text, write_entry

DOES_NOT_FIT = 3  # exit status; 1 is an error, 2 a mistyped command

Name = Annotated[str, typer.Argument(help="The camera, as cameras.toml calls it.")]
Frame = Annotated[
    Path | None, typer.Option(help="An image or a video of this camera to draw on.", exists=True)
]
Second = Annotated[float, typer.Option("--at", help="Of a video: which second.", min=0.0)]

app = typer.Typer(help="Calibrate cameras, and check calibrations.", no_args_is_help=True)


@app.command("refine")
@clearly
def refine_camera(
    name: Name,
    landmarks: Annotated[Path, typer.Argument(help="CSV: camera,x_px,y_px,point.")],
    store: StoreFolder = NANOSTORE,
    focal: Annotated[
        Focal, typer.Option(help="auto: refined where landmarks determine it; free; held.")
    ] = "auto",
    frame: Frame = None,
    at_s: Second = 0.0,
    picture: Annotated[
        Path | None, typer.Option(help="Draw store and landmarks into the frame, to this file.")
    ] = None,
    write: Annotated[
        bool, typer.Option("--write", help="Put the result into the store's cameras.toml.")
    ] = False,
) -> None:
    """Refine a camera's pose and focal length from landmarks; print its new entry.

    Exit status 3: the landmarks do not agree on any camera; nothing is printed or written.
    """
    store_map = load_store(store).map
    camera = _camera(store_map, name)
    found = landmarks_of(camera.camera, read_landmarks(landmarks, store_map), file=landmarks.name)
    refined = refine(camera, found, focal=focal)
    console.print(tables.landmarks_table(refined))
    console.print(tables.certainty(refined), highlight=False)
    if picture is not None:
        _draw(refined.camera, store_map, picture, frame, at_s, refined.after)
    if not refined.is_sound:
        raise typer.Exit(DOES_NOT_FIT)
    if write:
        console.print(f"{write_entry(store, refined.camera)}: {name} is written")
    else:
        out.print(entry_text(refined.camera), end="", markup=False, highlight=False, soft_wrap=True)


@app.command("check")
@clearly
def check(
    landmarks: Annotated[
        Path | None, typer.Argument(help="CSV: camera,x_px,y_px,point; of one camera or more.")
    ] = None,
    store: StoreFolder = NANOSTORE,
    recording: Annotated[
        list[Path] | None,
        typer.Option(help="Without landmarks: a session with camera frames; may be repeated."),
    ] = None,
) -> None:
    """Say whether calibrations fit: landmarks, or each other. Exit status 3: one does not."""
    if (landmarks is None) == (not recording):
        raise ConfigError("check against what? Either a landmarks file, or --recording s.mcap")
    described = load_store(store)
    fits = (
        _check_landmarks(landmarks, described.map)
        if landmarks is not None
        else _check_people(recording or [], described)
    )
    if not fits:
        raise typer.Exit(DOES_NOT_FIT)


@app.command("draw")
@clearly
def draw(
    name: Name,
    picture: Annotated[Path, typer.Argument(help="The image file to write.")],
    store: StoreFolder = NANOSTORE,
    frame: Frame = None,
    at_s: Second = 0.0,
) -> None:
    """Draw the store's geometry as a camera should see it; needs the extra `vision`."""
    store_map = load_store(store).map
    _draw(_camera(store_map, name), store_map, picture, frame, at_s, None)


@app.command("click")
@clearly
def click(
    name: Name,
    frame: Annotated[Path, typer.Argument(help="An image or a video of it.", exists=True)],
    page: Annotated[Path, typer.Argument(help="The HTML file to write.")],
    store: StoreFolder = NANOSTORE,
    at_s: Second = 0.0,
) -> None:
    """Write a page to click landmarks on, in any browser; needs the extra `vision`."""
    parts = _vision()
    store_map = load_store(store).map
    camera = _camera(store_map, name)
    image = parts.frame_at(frame, camera, second=at_s)
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(parts.clicking_page(camera, store_map, image), "utf-8")
    console.print(f"{page}: open it in a browser")


def _check_landmarks(landmarks: Path, store_map: StoreMap) -> bool:
    fits = {
        camera: fit_of(store_map.cameras[camera], found)
        for camera, found in read_landmarks(landmarks, store_map).items()
    }
    if not fits:
        raise ConfigError(f"{landmarks.name}: no landmark in it")
    out.print(tables.fits_table(fits))
    return all(fit.fits for fit in fits.values())


def _check_people(recordings: Sequence[Path], store: Store) -> bool:
    found = agreement(store.map, (frame for one in recordings for frame in _frames(one, store)))
    if len(found.alone) == len(found.shares):
        raise ConfigError(
            f"{', '.join(one.name for one in recordings)}: no two cameras see the same people at "
            f"{MEETINGS_MIN} moments or more, so that they cannot be compared"
        )
    out.print(tables.pairs_table(found))
    out.print(tables.shares_table(found))
    if found.alone:
        out.print(
            f"nothing is said about {', '.join(found.alone)}: no feet seen together with another "
            "camera, or a calibration so far off that none could be; check with landmarks"
        )
    return found.fits


def _frames(recording: Path, store: Store) -> Iterator[CameraFrame]:
    door = FrontDoor(store)
    for raw in McapRecording(recording):
        accepted = door.accept(raw)
        if isinstance(accepted, Arrival) and isinstance(accepted.message, CameraFrame):
            yield accepted.message


def _draw(
    camera: Camera,
    store_map: StoreMap,
    picture: Path,
    frame: Path | None,
    at_s: float,
    fit: Fit | None,
) -> None:
    parts = _vision()
    image = None if frame is None else parts.frame_at(frame, camera, second=at_s)
    misses = () if fit is None else fit.misses
    drawn = parts.picture(camera, store_map, frame=image, misses=misses)
    parts.save_picture(picture, drawn)
    console.print(f"{picture}: the store as {camera.camera} should see it")


def _vision() -> ModuleType:
    try:
        from store_engine.cli import calibrate_parts  # noqa: PLC0415 - an extra, and 0.5 s
    except ModuleNotFoundError as error:
        raise ConfigError(
            f"pictures need {error.name}: pip install 'store-engine[vision]'"
        ) from error
    return calibrate_parts


def _camera(store_map: StoreMap, name: str) -> Camera:
    camera = store_map.cameras.get(CameraId(name))
    if camera is None:
        known = ", ".join(store_map.cameras) or "none"
        raise ConfigError(f"store {store_map.store!r} has no camera {name!r}; it has: {known}")
    return camera
