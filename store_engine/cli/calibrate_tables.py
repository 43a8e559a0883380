"""What `store-engine calibrate` found, as people read it."""

import math
from collections.abc import Mapping

from rich.table import Table

from store_engine.units import CameraId
from store_engine.vision.calibration_fit import FITS_MEDIAN_M, FITS_P90_M, Fit
from store_engine.vision.calibration_people import OWN_MAX_M, PAIR_MAX_M, Agreement
from store_engine.vision.calibration_refine import Refinement


def landmarks_table(refined: Refinement) -> Table:
    """Return every landmark's miss: before, after, and when it was left out."""
    table = _table("Landmarks", "point", "before", "after", "after", "left out", "left out")
    doubtful = {miss.landmark for miss in refined.doubtful}
    for before, after, alone in zip(
        refined.before.misses, refined.after.misses, refined.left_out, strict=True
    ):
        table.add_row(
            after.landmark.point,
            f"{before.px:.1f} px" if math.isfinite(before.across_m) else "not seen",
            f"{after.px:.1f} px",
            _cm(after.across_m),
            f"{alone.px:.1f} px",
            _cm(alone.across_m) + (" doubtful" if after.landmark in doubtful else ""),
        )
    table.add_section()
    median = ("median", *_medians(refined.before)[:1], *_medians(refined.after))
    table.add_row(*median, *_medians(refined.check))
    return table


def certainty(refined: Refinement) -> str:
    """Return how far to believe the result, in a few lines."""
    x, y, z = (f"{std * 100:.1f}" for std in refined.position_std_m)
    turn = ", ".join(f"{std:.2f}" for std in refined.rotation_std_deg)
    share = refined.focal_std
    lines = [
        f"one standard deviation, for misses of {refined.std_px:.1f} px:",
        f"  position {x}, {y}, {z} cm (x, y, z of the store)",
        f"  aim {turn} degrees (about the camera's x, y, z)",
        f"  focal length {refined.camera.K[0, 0]:.1f} px, "
        + (f"held: {refined.focal_note}" if share is None else f"{share:.1%}"),
    ]
    lines += [
        f"doubtful: {miss.landmark.point}, which the others miss by {miss.px:.0f} px: misnamed?"
        for miss in refined.doubtful
    ]
    if not refined.is_sound:
        lines.append(
            "[red]not to be believed[/]: the landmarks do not agree on any camera. Several "
            "misnamed ones, a wrong focal length or distortion in cameras.toml, or shelves that do "
            "not stand where gondolas.toml says"
        )
    return "\n".join(lines)


def fits_table(fits: Mapping[CameraId, Fit]) -> Table:
    """Return whether each camera fits its landmarks."""
    table = _table("Landmarks", "camera", "landmarks", "median", "median", "90 %", "fits")
    table.caption = (
        f"fits: at most {_cm(FITS_MEDIAN_M)} in the median, and {_cm(FITS_P90_M)} for 90 %"
    )
    for camera, fit in fits.items():
        table.add_row(
            camera, str(len(fit.misses)), *_medians(fit), _cm(fit.p90_m), _yes(yes=fit.fits)
        )
    return table


def pairs_table(found: Agreement) -> Table:
    """Return how far apart any two cameras put the same people."""
    table = _table("People seen by two cameras", "cameras", "meetings", "median", "fits")
    for pair in found.pairs:
        compared = not math.isnan(pair.median_m)
        table.add_row(
            " and ".join(pair.cameras),
            str(pair.meetings),
            _cm(pair.median_m) if compared else "too few",
            _yes(yes=pair.median_m <= PAIR_MAX_M) if compared else "-",
        )
    return table


def shares_table(found: Agreement) -> Table:
    """Return each camera's part in it."""
    table = _table("Cameras", "camera", "feet seen", "off the floor", "own error", "fits")
    table.caption = (
        f"fits: at most {_cm(OWN_MAX_M)} of its own in the median, {_cm(PAIR_MAX_M)} for a pair"
    )
    for share in found.shares:
        off = share.off_floor / share.feet if share.feet else 0.0
        told = share.own_m is not None
        table.add_row(
            share.camera,
            str(share.feet),
            f"{off:.0%}",
            "cannot be told" if share.own_m is None else _cm(share.own_m),
            _yes(yes=not share.is_off) if told else "-",
        )
    return table


def _table(title: str, first: str, *others: str) -> Table:
    table = Table(title=title, header_style="bold")
    table.add_column(first)
    for heading in others:
        table.add_column(heading, justify="right")
    return table


def _medians(fit: Fit) -> tuple[str, str]:
    seen = math.isfinite(fit.median_m)
    return f"{fit.median_px:.1f} px" if seen else "not seen", _cm(fit.median_m)


def _cm(metres: float) -> str:
    return f"{metres * 100:.1f} cm" if math.isfinite(metres) else "not seen"


def _yes(*, yes: bool) -> str:
    return "yes" if yes else "[red]no[/]"
