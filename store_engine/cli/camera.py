"""`store-engine camera`: the node beside a camera; frames in, detections out, never an image."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from store_engine.cli.shared import NANOSTORE, StoreFolder
from store_engine.cli.shared import says_what_is_wrong as clearly
from store_engine.errors import ConfigError
from store_engine.units import to_us

US_PER_MS = 1_000


@clearly
def camera(
    name: Annotated[str, typer.Argument(help="The camera, as the store's cameras.toml calls it.")],
    source: Annotated[
        str, typer.Argument(help="A video file, a folder of images, or a URL (rtsp://...).")
    ],
    store: StoreFolder = NANOSTORE,
    broker: Annotated[
        str | None, typer.Option(help="Publish to this broker (host:port), as time passes.")
    ] = None,
    to: Annotated[
        Path | None, typer.Option(help="Write a recording instead; of a file, every frame.")
    ] = None,
    model: Annotated[
        Path | None, typer.Option(help="An ONNX pose model; left out: background subtraction.")
    ] = None,
    score: Annotated[
        float | None, typer.Option(help="With --model: least score of a person.", min=0.0, max=1.0)
    ] = None,
    threads: Annotated[int, typer.Option(help="Cores the detector may use.", min=1)] = 1,
    learn_first: Annotated[
        bool, typer.Option("--learn-first", help="Learn the background from the whole file first.")
    ] = False,
    begin: Annotated[
        datetime | None,
        typer.Option(
            help="With --to: when a file's first frame was taken, UTC; else now.",
            formats=["%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S.%f"],
        ),
    ] = None,
    rate_hz: Annotated[
        float, typer.Option(help="Images a second, of a folder.", min=0.01, max=1_000.0)
    ] = 10.0,
    delay_ms: Annotated[
        int, typer.Option(help="What a stream's camera takes from light to network.", min=0)
    ] = 0,
    certificate: Annotated[
        Path | None,
        typer.Option(help="With --broker: folder of the camera's certificate.", exists=True),
    ] = None,
) -> None:
    """Watch through one camera: detect people and say where in the image they are.

    Where the detector is slower than the source, frames are dropped and counted, never kept
    waiting. Needs the extra `vision`.
    """
    if (broker is None) == (to is None):
        raise ConfigError("where to? Either --broker host:port, or --to recording.mcap")
    try:
        from store_engine.cli import camera_parts as parts  # noqa: PLC0415 - an extra, and 0.5 s
    except ModuleNotFoundError as error:
        raise ConfigError(
            f"the camera node needs {error.name}: pip install 'store-engine[vision]'"
        ) from error
    site = parts.Site.of(store, name, source, rate_hz=rate_hz, delay_us=delay_ms * US_PER_MS)
    detector = site.detector(model, score_min=score, threads=threads)
    if learn_first:
        site.learn(detector)
    if broker is not None:
        parts.publish(site, detector, broker, certificate)
    elif to is not None:
        begin_us = None if begin is None else to_us(begin.replace(tzinfo=UTC).timestamp())
        parts.record(site, detector, to, begin_us=begin_us)
