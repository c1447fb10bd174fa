"""A seismic catalogue with known truth: background, aftershocks, phases, incomplete detection."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import brentq
from scipy.special import log_ndtr, ndtr

from precursor_lib.errors import InputError
from precursor_lib.simulate import faulting
from precursor_lib.simulate.activity import Phase, SigmoidRate
from precursor_lib.simulate.etas import Aftershocks, Etas, draw_magnitudes
from precursor_lib.simulate.faulting import Faults, Mainshock
from precursor_lib.simulate.settings import (
    DEFAULTS,
    Epicentre,
    PhaseSettings,
    configure,
    require,
    whole_seed,
)
from precursor_lib.times import utc

# Streams of random numbers, so that no part changes another.
_STREAMS = ("faults", "background", "phases", "aftershocks", "detection")
_DAY = pd.Timedelta(days=1)


def seismic_catalogue(
    *,
    seed: int,
    epicentre: Mapping[str, Any],
    start: str,
    end: str,
    box_half_width: float = 7.0,
    rate: float = 40.0,
    b: float | Sequence[Sequence[float]] = 0.9,
    minimum: float = 0.0,
    maximum: float = 6.5,
    completeness: float = 0.7,
    detection_width: float = 0.2,
    mainshock: Mapping[str, Any] | None = DEFAULTS,
    aftershocks: Mapping[str, Any] | None = DEFAULTS,
    phases: Sequence[Mapping[str, Any]] = (),
    phase_width: float = 30.0,
    faults: Mapping[str, Any] = DEFAULTS,
    depth: float = 10.0,
    depth_scatter: float = 4.0,
    burn_in: float = 100.0,
) -> pd.DataFrame:
    """Simulate a catalogue: a Poisson background, a mainshock, and aftershocks of every event.

    The background and the phases' events are Poisson processes; every event has aftershocks (ETAS).
    Magnitudes follow Gutenberg and Richter between `minimum` and `maximum`. An event of magnitude M
    is detected with probability ``Phi((M - m) / detection_width)``; m is set so that the density of
    detected magnitudes peaks at `completeness`, which is what maximum curvature estimates. The
    brief incompleteness right after large shocks is left out.

    Parameters
    ----------
    seed : int
        0 or more.
    epicentre : mapping
        ``latitude longitude time`` of the mainshock (degrees, UTC); days count from its time.
    start, end : str
        First and last time (UTC).
    box_half_width : float
        Half width of the region in degrees of latitude and longitude; aftershocks beyond it are
        dropped.
    rate : float
        Background events of at least `minimum` a day in the region, detected or not.
    b : float or sequence of (day, b)
        b-value, or its knots in time, linear between them and constant beyond.
    minimum, maximum : float
        Bounds of the magnitudes; the mainshock is not bound.
    completeness, detection_width : float
        See above, in units of magnitude.
    mainshock : mapping or None
        `faulting.Mainshock`; ``{}`` takes its defaults, None leaves it out.
    aftershocks : mapping or None
        `etas.Aftershocks`; None: no event has any.
    phases : sequence of mappings
        ``number centre width``: extra events about the rupture, at a sigmoid's rate (days).
    phase_width : float
        Their scatter about the rupture in km (1 sigma).
    faults : mapping
        `faulting.Faults`.
    depth, depth_scatter : float
        Mean and 1 sigma of the depths in km.
    burn_in : float
        Days simulated before `start`, whose aftershocks may fall into the catalogue.

    Returns
    -------
    pandas.DataFrame
        ``time latitude longitude depth magnitude`` sorted by time, magnitudes rounded to 0.1, and
        the truth: ``event`` and ``parent`` (numbers; -1 for none; a parent may be undetected),
        ``kind`` (``background``, ``phase``, ``mainshock``, ``aftershock``). ``attrs`` hold
        ``origin``, ``seed``, ``b``, ``completeness``, ``phases``, ``branching_ratio``,
        ``simulated`` (events before detection, within time and region) and ``report``.

    Raises
    ------
    InputError
        If a setting is unknown or out of range, or the branching ratio is 1 or more.
    """
    centre = require(Epicentre, epicentre, "epicentre")
    origin = utc(centre.time, "epicentre.time")
    days = tuple((utc(v, k) - origin) / _DAY for k, v in (("start", start), ("end", end)))
    _check(seed, days, box_half_width, rate, minimum, maximum, detection_width)
    if not (np.isfinite(burn_in) and burn_in >= 0):
        raise InputError(f"burn_in {burn_in}: expected 0 or more days")
    knots = _knots(b)
    shock = configure(Mainshock, mainshock, "mainshock")
    after = configure(Aftershocks, aftershocks, "aftershocks")
    places = require(Faults, faults, "faults")
    steps = [require(PhaseSettings, p, f"phases[{i}]") for i, p in enumerate(phases)]
    half_detected = detection_middle(completeness, detection_width, float(knots[:, 1].mean()))
    if half_detected - 2.5 * detection_width < minimum:
        raise InputError(
            f"minimum {minimum:g}: expected at most {half_detected - 2.5 * detection_width:.2f}, "
            "or the cut itself shapes the detected magnitudes"
        )
    rngs = {
        name: np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(i,)))
        for i, name in enumerate(_STREAMS)
    }

    def magnitudes(t: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        return draw_magnitudes(np.interp(t, *knots.T), minimum, maximum, rng)

    span = (days[0] - burn_in, days[1])
    middle = (centre.latitude, centre.longitude)
    t = SigmoidRate(rate).sample(span[0], span[1], rngs["background"])
    x, y = faulting.background_places(
        places, middle, box_half_width, t.size, rngs["faults"], rngs["background"]
    )
    z = faulting.depths(t.size, depth, depth_scatter, rngs["background"])
    found = [_events("background", t, x, y, z, magnitudes(t, rngs["background"]))]
    if steps:
        rise = SigmoidRate(0.0, tuple(Phase(p.number, p.centre, p.width) for p in steps))
        t = rise.sample(days[0], days[1], rngs["phases"])
        x, y = faulting.rupture_places(shock or Mainshock(), t.size, phase_width, rngs["phases"])
        z = faulting.depths(t.size, depth, depth_scatter, rngs["phases"])
        found.append(_events("phase", t, x, y, z, magnitudes(t, rngs["phases"])))
    if shock is not None and span[0] < 0 <= span[1]:
        one = np.zeros(1)
        found.append(_events("mainshock", one, one, one, one + shock.depth, one + shock.magnitude))
    table = pd.concat(found, ignore_index=True).assign(parent=-1)
    ratio = 0.0
    if after is not None:
        etas = Etas(
            after.productivity,
            after.alpha,
            after.c,
            after.p,
            float(knots[:, 1].min()),
            minimum,
            maximum,
        )
        ratio = etas.branching_ratio
        table = _with_aftershocks(
            table, etas, shock, span[1], magnitudes, (depth, depth_scatter), rngs["aftershocks"]
        )
    table["latitude"], table["longitude"] = faulting.degrees(
        table["x"].to_numpy(), table["y"].to_numpy(), *middle
    )
    table["event"] = np.arange(len(table))
    inside = (
        (table["t"] >= days[0])
        & ((table["latitude"] - centre.latitude).abs() <= box_half_width)
        & ((table["longitude"] - centre.longitude).abs() <= box_half_width)
    )
    chance = ndtr((table["magnitude"].to_numpy() - half_detected) / detection_width)
    seen = rngs["detection"].random(len(table)) < chance
    out = table[inside & seen].sort_values("t", kind="stable")
    out["time"] = origin + pd.to_timedelta((out["t"] * 86_400_000).round(), unit="ms").dt.as_unit(
        "ns"
    )
    out["magnitude"] = out["magnitude"].round(1)
    columns = ["time", "latitude", "longitude", "depth", "magnitude", "event", "parent", "kind"]
    out = out[columns].reset_index(drop=True)
    out.attrs = {
        "origin": "simulated",
        "seed": seed,
        "b": knots.tolist() if len(knots) > 1 else float(knots[0, 1]),
        "completeness": completeness,
        "detection_middle": half_detected,
        "phases": [p.model_dump() for p in steps],
        "branching_ratio": ratio,
        "simulated": int(inside.sum()),
        "report": [
            f"simulated from seed {seed}: {len(out)} of {int(inside.sum())} events detected"
        ],
    }
    return out


def detection_middle(completeness: float, width: float, b: float) -> float:
    """Magnitude detected in half of the cases that puts the most frequent one at `completeness`.

    The density ``10 ** (-b M) Phi((M - m) / w)`` peaks where the hazard
    ``phi(z) / Phi(z) = b ln(10) w`` with ``z = (M - m) / w``.
    """
    target = b * np.log(10.0) * width

    def hazard(z: float) -> float:
        return float(np.exp(-0.5 * z**2 - log_ndtr(z))) / np.sqrt(2 * np.pi) - target

    return completeness - width * float(brentq(hazard, -30.0, 10.0))


def _events(
    kind: str, t: np.ndarray, x: np.ndarray, y: np.ndarray, depth: np.ndarray, magnitude: np.ndarray
) -> pd.DataFrame:
    return pd.DataFrame(
        {"kind": kind, "t": t, "x": x, "y": y, "depth": depth, "magnitude": magnitude}
    )


def _with_aftershocks(
    first: pd.DataFrame,
    etas: Etas,
    shock: Mainshock | None,
    end: float,
    magnitudes: Callable[[np.ndarray, np.random.Generator], np.ndarray],
    depth: tuple[float, float],
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Add the offspring of every event, generation by generation."""
    generations, total = [first], len(first)
    parents, offset = first, 0
    while len(parents):
        at, t = etas.offspring(parents["t"].to_numpy(), parents["magnitude"].to_numpy(), end, rng)
        offset, total = total - len(parents), total + t.size
        large = parents["magnitude"].to_numpy()[at]
        main = parents["kind"].to_numpy()[at] == "mainshock"
        # The mainshock's own aftershocks start anywhere on its rupture, not about its centre.
        dx, dy = faulting.about(np.where(main, 0.0, large), rng)
        if shock is not None and main.any():
            along = faulting.rupture_places(shock, int(main.sum()), 0.0, rng)
            dx[main] += along[0]
            dy[main] += along[1]
        children = _events(
            "aftershock",
            t,
            parents["x"].to_numpy()[at] + dx,
            parents["y"].to_numpy()[at] + dy,
            faulting.depths(t.size, *depth, rng),
            magnitudes(t, rng),
        ).assign(parent=at + offset)
        generations.append(children)
        parents = children
    return pd.concat([g for g in generations if len(g)], ignore_index=True)


def _knots(b: float | Sequence[Sequence[float]]) -> np.ndarray:
    """Days and b-values, shape (knot, 2)."""
    values = np.array([[0.0, b]]) if np.isscalar(b) else np.asarray(b, dtype=float)
    if values.ndim != 2 or values.shape[1] != 2 or not len(values):
        raise InputError("b: expected a number or pairs (day, b)")
    if not (np.isfinite(values).all() and (values[:, 1] > 0).all()):
        raise InputError("b: expected finite days and b-values above 0")
    if not (np.diff(values[:, 0]) > 0).all():
        raise InputError("b: expected ascending days")
    return values.astype(float)


def _check(
    seed: int,
    days: tuple[float, ...],
    half_width: float,
    rate: float,
    minimum: float,
    maximum: float,
    width: float,
) -> None:
    whole_seed(seed)
    if not days[0] < days[1]:
        raise InputError(f"start, end: expected the start before the end, not {days} days")
    if not (0 < half_width <= 30):
        raise InputError(f"box_half_width {half_width}: expected above 0 and at most 30 degrees")
    if not (np.isfinite(rate) and rate >= 0):
        raise InputError(f"rate {rate}: expected 0 or more events a day")
    if not (np.isfinite(minimum) and np.isfinite(maximum) and minimum < maximum):
        raise InputError(f"minimum {minimum}, maximum {maximum}: expected minimum < maximum")
    if not (np.isfinite(width) and width > 0):
        raise InputError(f"detection_width {width}: expected above 0")
