"""How good the sensors of a store are: every figure with its unit and its origin.

"measured" means: on the AiFi BENCHMARK-1 recording (17.2 s of a real store, 2020-04-22).
Pairs are (low, high) of a uniform draw unless the comment says otherwise.
"""

from typing import Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict

Range = tuple[float, float]
RATE_LIMIT = 0.58  # noise makes no mistake more frequent than this: something must come through


class _Plan(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    sizes: ClassVar[tuple[str, ...]] = ()  # of errors: noise multiplies them
    rates: ClassVar[tuple[str, ...]] = ()  # of mistakes: the same, up to `RATE_LIMIT`
    jitters: ClassVar[tuple[str, ...]] = ()  # ranges whose width it multiplies

    def scaled(self, factor: float) -> Self:
        """Return a plan with all noise `factor` times as large; 1.0 changes nothing."""
        if factor == 1.0:
            return self
        changed: dict[str, Any] = {}
        for name in self.sizes:
            size = getattr(self, name)
            is_range = isinstance(size, tuple)
            changed[name] = tuple(factor * end for end in size) if is_range else factor * size
        for name in self.rates:
            rate = getattr(self, name)
            changed[name] = min(rate * factor, max(rate, RATE_LIMIT))
        for name in self.jitters:
            low, high = getattr(self, name)
            changed[name] = (low, low + factor * (high - low))
        return self.model_copy(update=changed)


class WeightsPlan(_Plan):
    """Load cells and the shelves they carry."""

    sizes = (
        "noise_g", "plate_noise_g", "drift_g", "step_swing_g", "shake_share", "tremor", "crosstalk",
    )  # fmt: skip

    rate_hz: float = 60.0  # datasheet: organisers' FAQ
    batch: int = 12  # samples per message; datasheet: organisers' FAQ
    latency_ms: Range = (10.0, 100.0)  # after the last sample; guess (measured: about 98 +- 10)
    offset_g: Range = (-6000.0, 10000.0)  # arbitrary zero of a plate; measured -5556 .. 9498
    noise_g: Range = (0.3, 5.0)  # per-shelf sd, log-uniform; measured medians 0.36 .. 1.9
    plate_noise_spread: float = 0.4  # sd of log noise over a shelf's plates; measured 0.3 .. 0.6
    plate_noise_g: Range = (0.25, 8.0)  # limits per plate; measured 0.3 .. 6.2
    hum_hz: float = 24.4  # a line in every quiet shelf; measured
    hum_share: float = 0.5  # of the noise variance; measured 0.3 .. 0.7 on stiff plates
    drift_g: float = 1.0  # sd of the random walk after one minute; guess
    quantum_g: float = 0.241  # step of the converter; measured on every plate
    repeat_rate: float = 0.08  # samples that repeat the last conversion; measured 0.02 .. 0.24
    rated_g: float = 20_000.0  # datasheet: organisers' FAQ
    crosstalk: Range = (-0.005, 0.016)  # lasting share on a neighbour; measured +1.4 %, +0.9 %
    # Vibration. A footstep one metre away swings a shelf's plates by about this many grams,
    # log-uniform over shelves: measured sd while walking 1.2 g (stiff) .. 17 g (flexible).
    step_swing_g: Range = (1.5, 60.0)
    step_reach_m: float = 1.2  # distance at which it has halved; guess (measured: 2 m, a tenth)
    floor_mode_hz: Range = (6.0, 9.0)  # shared by a gondola; measured 7.5
    shelf_mode_hz: Range = (4.0, 18.0)  # measured 13 and 17
    plate_mode_hz: Range = (4.0, 27.0)  # measured 4.9 .. 27, lower when loaded
    mode_decay_s: Range = (0.12, 0.5)  # to 1/e; measured: swings die within 0.3 .. 1 s
    # Handling. What a hand does to one plate shakes the others of its shelf, by this share of
    # the force: measured neighbours swing 30 .. 60 g while 622 g are lifted.
    shake_share: Range = (0.01, 0.06)
    put_overshoot: Range = (0.15, 0.5)  # of the mass put down; guess
    put_ring_hz: Range = (8.0, 15.0)  # guess
    put_decay_s: Range = (0.07, 0.2)  # to 1/e: gone in 0.2 .. 0.6 s; guess
    lift_press: Range = (0.0, 0.1)  # of the mass, pressed just before lifting; measured 8 %
    tremor: float = 0.15  # sd of a resting hand's force over its mean; guess


class CameraPlan(_Plan):
    """Cameras with a pose estimator behind them."""

    sizes = ("pixel_noise", "relative_noise", "box_noise")
    rates = ("dropped_frames", "miss_rate", "merge_rate", "ghost_rate", "in_hand_wrong")
    jitters = ("latency_ms",)

    rate_hz: float = 10.0
    latency_ms: Range = (60.0, 200.0)  # capture to arrival; guess
    dropped_frames: float = 0.005  # share of frames never sent; guess
    reach_m: float = 12.0  # further people are not seen; guess
    least_height_px: float = 24.0  # smaller people are not seen; guess
    least_joints: int = 4  # visible joints without which nobody is seen; guess
    miss_rate: float = 0.04  # of person-frames, in bursts; guess
    miss_burst_s: float = 0.3  # guess
    pixel_noise: float = 1.5  # px, sd of a joint; guess
    relative_noise: float = 0.012  # of the box height, added to it; guess (COCO joint sigmas)
    wrist_noise: float = 2.0  # wrists and ankles are this much worse; guess
    hidden_noise: float = 8.0  # a joint that is not seen is guessed this much worse; guess
    box_noise: float = 0.02  # of the box size, sd per side; guess
    score: float = 0.85  # mean score of a fully seen person; guess
    merge_overlap: float = 0.55  # share of the smaller box covered, above which two may merge
    merge_rate: float = 0.4  # ... how often they do; guess
    ghost_rate: float = 0.004  # false people per frame; guess
    in_hand_rate: float = 0.35  # seen wrist holding something: how often it is named; guess
    in_hand_wrong: float = 0.15  # ... and wrongly; guess
    appearance: int = 0  # length of the appearance vector, 0: none


class TrackerPlan(_Plan):
    """An upstream 3-D tracker."""

    sizes = ("slow_noise_m", "white_noise_m", "id_changes_per_min")
    rates = ("wrist_dropout", "person_dropout")
    jitters = ("latency_ms",)

    rate_hz: float = 15.0  # measured
    latency_ms: Range = (50.0, 150.0)  # guess
    slow_noise_m: float = 0.02  # sd of an error that lasts `slow_s`; guess
    slow_s: float = 0.5  # guess
    white_noise_m: float = 0.008  # sd from frame to frame; measured 0.003 .. 0.015
    wrist_noise: float = 1.4  # wrists are this much worse; measured 1.3 .. 3
    wrist_dropout: float = 0.08  # of the time, in bursts; measured 0.01 for one lone shopper
    wrist_burst_s: float = 0.35  # guess (measured 0.13)
    person_dropout: float = 0.01  # of the time, in bursts; measured 0.01
    person_burst_s: float = 0.25  # guess (measured 0.13)
    id_changes_per_min: float = 0.05  # per person; guess


class GatePlan(_Plan):
    """Gates."""

    sizes = ("position_noise_m",)

    latency_ms: Range = (10.0, 50.0)  # guess
    position: bool = False  # whether the gate can tell where somebody passed
    position_noise_m: float = 0.05  # guess


class SensorPlan(_Plan):
    """The sensors that are fitted, and how good they are. None: not fitted."""

    weights: WeightsPlan | None = WeightsPlan()
    cameras: CameraPlan | None = CameraPlan()
    tracker: TrackerPlan | None = TrackerPlan()
    gates: GatePlan = GatePlan()

    def scaled(self, factor: float) -> "SensorPlan":
        """Return these sensors with all their noise `factor` times as large.

        What a sensor is stays as it is: its rate, its converter, the ringing of what lands on it.
        """
        if factor == 1.0:
            return self
        return SensorPlan(
            weights=self.weights and self.weights.scaled(factor),
            cameras=self.cameras and self.cameras.scaled(factor),
            tracker=self.tracker and self.tracker.scaled(factor),
            gates=self.gates.scaled(factor),
        )
