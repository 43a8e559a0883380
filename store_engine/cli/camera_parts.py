"""What `store-engine camera` is put together from; imports the packages of the extra `vision`."""

import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import cv2
import msgspec

from store_engine.adapters.broker_security.client_files import ClientFiles
from store_engine.adapters.mqtt import BrokerAddress, LastWill, MqttLink
from store_engine.adapters.recording_publisher import RecordingPublisher
from store_engine.adapters.recordings import McapRecorder
from store_engine.cli.shared import console, out, progress
from store_engine.cli.simulate import broker_at
from store_engine.errors import ConfigError
from store_engine.messages import DeviceStatus
from store_engine.ports import Publisher
from store_engine.store_files import load_store
from store_engine.store_map import Camera, StoreMap
from store_engine.topics import heard_topic, topic_for
from store_engine.units import CameraId
from store_engine.vision.background import BackgroundDetector
from store_engine.vision.feed import Feed
from store_engine.vision.models import open_model
from store_engine.vision.node import CameraNode, status_of
from store_engine.vision.ports import Detector, Frame, Source
from store_engine.vision.sources import Fitted, ImageFolder, Paced, VideoFile
from store_engine.vision.stream import Stream
from store_engine.vision.watching import watch

LEARN_EVERY = 5  # frames: neighbours show the same (guess)


class Site(NamedTuple):
    """One camera of a store, and where its frames come from."""

    store: StoreMap
    camera: Camera
    source: str
    rate_hz: float
    delay_us: int

    @classmethod
    def of(cls, folder: Path, name: str, source: str, *, rate_hz: float, delay_us: int) -> "Site":
        """Return the named camera of the store in `folder`. Raises `ConfigError` for another."""
        store = load_store(folder).map
        camera = store.cameras.get(CameraId(name))
        if camera is None:
            known = ", ".join(store.cameras) or "none"
            raise ConfigError(f"store {store.store!r} has no camera {name!r}; it has: {known}")
        return cls(store, camera, source, rate_hz, delay_us)

    @property
    def is_stream(self) -> bool:
        """Whether the source goes on by itself, and has no beginning to go back to."""
        return "://" in self.source

    def recorded(self, *, begin_us: int) -> Source:
        """Open a file or folder whose first frame was taken at `begin_us`."""
        path = Path(self.source)
        if path.is_dir():
            return self._fitted(ImageFolder(path, begin_us=begin_us, rate_hz=self.rate_hz))
        return self._fitted(VideoFile(path, begin_us=begin_us))

    def live(self) -> Source:
        """Open a stream, or a file that plays from now on as if it were one."""
        if self.is_stream:
            return self._fitted(Stream(self.source, clock_us=_now_us, delay_us=self.delay_us))
        return Paced(self.recorded(begin_us=_now_us()), clock_us=_now_us, sleep=time.sleep)

    def detector(self, model: Path | None, *, score_min: float | None, threads: int) -> Detector:
        """Return the detector in a model file, or background subtraction."""
        cv2.setNumThreads(threads)
        if model is not None:
            return open_model(model, threads=threads, score_min=score_min)
        if score_min is not None:
            raise ConfigError("--score goes with --model: background subtraction has no limit")
        return BackgroundDetector(self.camera, self.store.floor)

    def learn(self, detector: Detector) -> None:
        """Show the detector the whole file, before it has to find anybody."""
        if self.is_stream:
            raise ConfigError("--learn-first: a stream has no beginning to go back to")
        if not isinstance(detector, BackgroundDetector):
            raise ConfigError("--learn-first is for background subtraction, not for a --model")
        frames = _frames(self.recorded(begin_us=0))
        detector.learn(frame for count, frame in enumerate(frames) if count % LEARN_EVERY == 0)

    def node(self, detector: Detector, publisher: Publisher, boot: int) -> CameraNode:
        """Return the camera's voice."""
        return CameraNode(
            self.camera.camera,
            store=self.store.store,
            detector=detector,
            publisher=publisher,
            boot=boot,
        )

    def _fitted(self, source: Source) -> Source:
        wide, high = self.camera.width_px, self.camera.height_px
        return Fitted(source, name=self.camera.camera, width_px=wide, height_px=high)


def publish(site: Site, detector: Detector, broker: str, certificate: Path | None) -> None:
    """Say over MQTT what the camera sees, until Ctrl-C or the end of a file."""
    boot = _new_boot()
    will = status_of(site.camera.camera, "offline", "", boot=boot, said=0, time_us=_now_us())
    how = topic_for(DeviceStatus)
    link = MqttLink(
        _address(site, broker, certificate),
        subscriptions=(),
        last_will=LastWill(
            heard_topic(site.store.store, will), msgspec.json.encode(will), how.qos, how.retain
        ),
    )
    link.start()
    try:
        _watch(site, site.node(detector, link, boot))
    finally:
        link.close()


def record(site: Site, detector: Detector, to: Path, *, begin_us: int | None) -> None:
    """Write what the camera sees to a recording: of a file, every frame, as fast as it goes."""
    begin_us = _now_us() if begin_us is None else begin_us
    to.parent.mkdir(parents=True, exist_ok=True)
    source = None if site.is_stream else site.recorded(begin_us=begin_us)
    with McapRecorder(to, store=site.store.store, notes={"camera": site.camera.camera}) as recorder:
        publisher = RecordingPublisher(recorder, store=site.store.store)
        # Of a file, the same frames give the same bytes: its life is named by its first frame.
        boot = _new_boot() if source is None else begin_us // 1_000
        node = site.node(detector, publisher, boot)
        if source is None:
            _watch(site, node)
        else:
            _see_all(source, node, site.camera.camera)
    out.print(f"{to}: {recorder.written} messages")


def _see_all(source: Source, node: CameraNode, name: str) -> None:
    with progress() as bar:
        task = bar.add_task(name, total=None)
        for frame in _frames(source):
            node.see(frame)
            bar.update(task, description=f"{name}: {node.said} frames")


def _watch(site: Site, node: CameraNode) -> None:
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    feed = Feed(site.live, endless=site.is_stream)
    watch(feed, node, stop=stop, now_us=_now_us, on_report=_show)


def _show(status: DeviceStatus) -> None:
    console.print(
        f"{status.device} {status.state}: {status.detail}",
        highlight=False,
        markup=False,
        soft_wrap=True,
    )


def _frames(source: Source) -> Iterator[Frame]:
    """Yield every frame, then close the source."""
    try:
        while (frame := source.read()) is not None:
            yield frame
    finally:
        source.close()


def _address(site: Site, broker: str, certificate: Path | None) -> BrokerAddress:
    at = broker_at(broker)
    name = f"{site.store.store}-{site.camera.camera}"
    if certificate is None:
        return BrokerAddress(host=at.host, port=at.port, client_id=name)
    files = ClientFiles.within(certificate)._asdict()
    return BrokerAddress(host=at.host, port=at.port, client_id=name, tls=True, **files)


def _new_boot() -> int:
    """Return a number that no earlier life of this camera had."""
    return time.time_ns() // 1_000_000


def _now_us() -> int:
    return time.time_ns() // 1_000
