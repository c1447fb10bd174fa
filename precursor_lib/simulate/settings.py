"""What a simulated network is made of, as typed settings that a manifest can hold."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from precursor_lib.errors import InputError, unknown

# A part with its default settings.
DEFAULTS: Mapping[str, Any] = MappingProxyType({})

Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
NotNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Finite = Annotated[float, Field(allow_inf_nan=False)]


def _ordered(value: tuple[float, float]) -> tuple[float, float]:
    if value[0] > value[1]:
        raise ValueError(f"expected the smaller value first, not {list(value)}")
    return value


Range = Annotated[tuple[Positive, Positive], AfterValidator(_ordered)]


class Settings(BaseModel):
    """Base: frozen, and no key but the named ones."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Station(Settings):
    """A station: coordinates in degrees, distance from the epicentre in km (None: computed)."""

    id: str
    name: str = ""
    latitude: float = Field(ge=-90, le=90)
    longitude: float = Field(ge=-180, le=360)
    distance: Positive | None = None


class Epicentre(Settings):
    """Place (degrees) and time (UTC) of the shock from which days and distances count."""

    latitude: float = Field(ge=-90, le=90)
    longitude: float = Field(ge=-180, le=360)
    time: str


class PhaseSettings(Settings):
    """One phase of the source's activity: see :class:`precursor_lib.simulate.activity.Phase`."""

    number: NotNegative
    centre: Finite
    width: Positive


class Emission(Settings):
    """Transients from the epicentral region: the rate at which they come, and their sizes.

    Attributes
    ----------
    base, phases : float, tuple of PhaseSettings
        Transients a day outside the phases, and the phases.
    amplitude, reference : float
        Peak at `reference` km from the epicentre.
    exponent : float
        gamma in ``amplitude * (reference / distance) ** gamma``.
    scatter : float
        Standard deviation of the natural logarithm of an event's amplitude (median: `amplitude`).
    duration : tuple of float
        Range of the duration in s: the full width where the envelope is above 10 % of its peak.
    """

    base: NotNegative = 0.0
    phases: tuple[PhaseSettings, ...] = ()
    amplitude: NotNegative
    reference: Positive = 100.0
    exponent: Finite = 1.0
    scatter: NotNegative = 0.0
    duration: Range


class Source(Emission):
    """Packets of a geomagnetic network; `amplitude` in nT, durations drawn uniformly.

    The default phases have the paper's two inflection points (-73.3 and -29.3 days). Their widths
    make them run from 1 % to 99 % in the paper's 25 and 23 days. Their numbers give, with `base`,
    27 packets in 120 days, which is the paper's count of anomalies. The default amplitude gives the
    nearest of the paper's stations 0.23 nT; the paper reports 0.1 to 0.4 nT.

    Attributes
    ----------
    frequency : tuple of float
        Range of the carrier in Hz, drawn log-uniformly.
    cycles : float
        Fewest periods in a duration; the range of durations is cut where it would give fewer.
    """

    base: NotNegative = 0.025
    phases: tuple[PhaseSettings, ...] = (
        PhaseSettings(number=12, centre=-73.3, width=2.72),
        PhaseSettings(number=12, centre=-29.3, width=2.5),
    )
    amplitude: NotNegative = 0.4
    duration: Range = (60.0, 300.0)
    frequency: Range = (0.01, 0.05)
    cycles: NotNegative = 2.0


class Control(Settings):
    """Times of the packets from a process that has nothing to do with the earthquake.

    Attributes
    ----------
    kind : str
        ``"poisson"``, ``"clustered"`` (Neyman-Scott) or ``"kp"`` (rate follows Kp).
    rate : float or None
        Mean packets a day; None takes the mean of the source's own activity over the record.
    size, spread : float
        Mean cluster size and longest delay in days (``"clustered"``).
    sensitivity : float
        The rate is proportional to ``exp(sensitivity * Kp)`` (``"kp"``).
    """

    kind: Literal["poisson", "clustered", "kp"]
    rate: NotNegative | None = None
    size: Positive = 4.0
    spread: Positive = 5.0
    sensitivity: Finite = 0.7


class Background(Settings):
    """Red noise: power spectrum ``f ** -slope``, level by Kp, a share common to all stations.

    The defaults follow the 120 hours of observatory WIC that come with geomagpy (Kp 0 to 9), which
    the page "What the simulated records hold" compares with them.

    Attributes
    ----------
    level : float
        rms in nT in `band` at Kp 0.
    growth : float
        Growth of log10 of the level for one unit of Kp: the defaults give 0.025 nT at Kp 1 and
        0.1 nT at Kp 7.
    slope : float
        beta of the power spectrum up to Kp `storm_kp`.
    storm_kp, storm_slope : float
        What the level gains above this Kp comes with this steeper slope.
    coherent : float
        Part of the variance that is the same at every station, 0 to 1.
    band : tuple of float
        Band in Hz in which `level` is stated.
    floor : float
        Frequency in Hz below which the spectrum is flat; slower changes are Sq's and the storms'.
    """

    level: NotNegative = 0.02
    growth: NotNegative = 0.1
    slope: NotNegative = 2.0
    storm_kp: NotNegative = 3.0
    storm_slope: NotNegative = 3.5
    coherent: float = Field(default=0.6, ge=0, le=1)
    band: Range = (0.01, 0.05)
    floor: Positive = 1.0 / 3600.0


class Quiet(Settings):
    """Sq of Z: a daytime dip of `amplitude` nT at dip of its greatest effect (35 degrees)."""

    amplitude: NotNegative = 20.0
    season: float = Field(default=0.3, ge=0, le=1)


class Storms(Settings):
    """Ring current: a uniform field along the dipole axis from RC, with its induced part.

    `induction` is the ratio of the internal to the external coefficient of degree one.
    """

    induction: float = Field(default=0.27, ge=0, lt=0.5)


class Pi2(Settings):
    """Damped trains seen by the whole network.

    Attributes
    ----------
    rate, rate_growth : float
        Trains an hour are ``rate * (1 + rate_growth * Kp)``.
    amplitude : float
        Median peak in nT at Kp 0.
    growth : float
        Growth of log10 of the median amplitude for one unit of Kp.
    scatter : float
        Standard deviation of the natural logarithm of a train's amplitude.
    station_scatter : float
        The same for each station's factor to a train.
    period : tuple of float
        Range in s, drawn log-uniformly.
    cycles : tuple of float
        Range of the number of periods in the duration (envelope above 10 % of its peak).
    """

    rate: NotNegative = 0.4
    rate_growth: NotNegative = 0.5
    amplitude: NotNegative = 0.1
    growth: Finite = 0.1
    scatter: NotNegative = 0.5
    station_scatter: NotNegative = 0.1
    period: Range = (40.0, 150.0)
    cycles: Range = (3.0, 6.0)


class ManMade(Settings):
    """Disturbances of single stations: boxes (a step on, a step off) and spikes.

    Rates are events a station and night; amplitudes are medians in nT with a log-normal `scatter`
    and either sign; durations in s, drawn log-uniformly.
    """

    boxes: NotNegative = 0.5
    box_amplitude: NotNegative = 0.5
    box_duration: Range = (30.0, 3600.0)
    spikes: NotNegative = 2.0
    spike_amplitude: NotNegative = 1.0
    spike_duration: Range = (1.0, 3.0)
    scatter: NotNegative = 0.7


class Tone(Settings):
    """A steady line at one station: Hz and nT."""

    station: str
    frequency: Positive
    amplitude: NotNegative


class Gaps(Settings):
    """Missing samples: gaps a station and night, and their length in s (log-uniform)."""

    rate: NotNegative = 0.1
    duration: Range = (10.0, 600.0)


class Instrument(Settings):
    """White noise (nT rms) and the step in which the record is kept (nT; 0: none)."""

    noise: NotNegative = 0.01
    resolution: NotNegative = 0.001


S = TypeVar("S", bound=Settings)


def configure(model: type[S], value: Mapping[str, Any] | S | None, name: str) -> S | None:
    """Settings of one part from a mapping; None stays None, which leaves the part out.

    Raises
    ------
    InputError
        If a key is unknown (the nearest is named) or a value is not what it has to be.
    """
    if value is None or isinstance(value, model):
        return value
    if not isinstance(value, Mapping):
        raise InputError(f"{name}: expected a mapping of settings or None, not {value!r}")
    for key in value:
        if key not in model.model_fields:
            raise InputError(f"{name}: {unknown('setting', str(key), model.model_fields)}")
    try:
        return model(**value)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join([name, *map(str, first["loc"])])
        raise InputError(f"{place}: {first['msg']}, not {first['input']!r}") from error


def require(model: type[S], value: Mapping[str, Any] | S | None, name: str) -> S:
    """As :func:`configure`, for what cannot be left out."""
    settings = configure(model, value, name)
    if settings is None:
        raise InputError(f"{name}: expected a mapping of settings")
    return settings


def whole_seed(seed: int) -> int:
    """`seed`, if it is a whole number of 0 or more.

    Raises
    ------
    InputError
        Otherwise.
    """
    if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
        raise InputError(f"seed {seed!r}: expected a whole number, 0 or more")
    return seed
