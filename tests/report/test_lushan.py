"""Arithmetic, open data and observed records of the Lushan pages."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pybtex.database
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from precursor_lib.context.borehole import areal_strain
from precursor_lib.errors import InputError
from precursor_lib.manifest import Manifest
from precursor_lib.report.claims import read_claims
from precursor_lib.report.lushan import ledger, observed, open_data, timeline
from precursor_lib.report.verdict import Verdict, computed_value, judge

ROOT = Path(__file__).parents[2]
CLAIMS = read_claims(ROOT / "claims")
STATIONS = pd.DataFrame(
    {
        "name": ["Chengdu", "Xichang", "Muli", "Kangding", "Xiaomiao"],
        "latitude": [30.91, 27.89, 27.932, 30.12, 27.91],
        "longitude": [103.76, 102.55, 101.272, 102.17, 102.22],
    }
)


def verdict(name, values):
    claim = CLAIMS[f"lushan-{name}"]
    return judge(claim, computed_value(claim, values[f"lushan-{name}"]))


def test_julian_dates_against_known_ones():
    assert ledger.julian_date(2451545.0) == pd.Timestamp("2000-01-01 12:00")
    assert ledger.julian_date(2456402.5) == pd.Timestamp("2013-04-20")
    assert f"{ledger.julian_date(2456256.76679):%Y-%m-%d}" == "2012-11-25"


@given(n=st.integers(6, 500), r2=st.floats(0.1, 0.999))
def test_points_of_a_fit_undo_the_adjustment(n, r2):
    adjusted = 1 - (1 - r2) * (n - 1) / (n - 4)
    assert ledger.points_of_fit(r2, adjusted) == pytest.approx(n, rel=1e-6)


def test_no_number_of_points_gives_an_adjusted_r2_above_r2():
    assert np.isnan(ledger.points_of_fit(0.99132, 0.99915))


def test_points_of_normal_residuals_against_a_sample():
    e = np.random.default_rng(1).normal(0, 2.5, 2_000_000)
    for factor in (2.0, 2.5, 3.0):
        share = np.mean(np.abs(e) > factor * np.mean(np.abs(e)))
        assert ledger.normal_points_a_day(factor) == pytest.approx(1440 * share, rel=0.02)


@given(st.floats(-1, 1), st.floats(-1, 1), st.floats(-1, 1), st.floats(0, 180))
def test_gauges_at_right_angles_sum_to_the_areal_strain(north, east, shear, azimuth):
    s = ledger.gauges(np.array([north, east, shear]), azimuth)
    assert s[0] + s[2] == pytest.approx(north + east, abs=1e-12)
    assert s[1] + s[3] == pytest.approx(north + east, abs=1e-12)


def test_areal_strain_of_the_library_is_that_of_the_gauges():
    s = ledger.gauges(np.array([0.7, -0.2, 0.4]), 51.0)
    data = xr.Dataset({f"S{i + 1}": ("time", [v], {"units": "1e-9"}) for i, v in enumerate(s)})
    assert float(areal_strain(data)[0]) == pytest.approx(0.5)


def test_values_of_arithmetic_claims_and_their_verdicts():
    values = ledger.arithmetic_values(CLAIMS, STATIONS)
    arithmetic = {
        name
        for name, claim in CLAIMS.items()
        if name.startswith("lushan-") and claim.kind.value == "arithmetic"
    }
    assert set(values) == arithmetic
    assert verdict("sec2-3-radius", values) is Verdict.HOLDS
    assert verdict("tab1-chengdu-distance", values) is Verdict.HOLDS
    assert verdict("tab1-xiaomiao-distance", values) is Verdict.FAILS
    assert verdict("fig6-better", values) is Verdict.INCONSISTENT
    assert verdict("eq3-plane-strain", values) is Verdict.AMBIGUOUS
    assert verdict("fig12-kangding-fit2-adjusted", values) is Verdict.FAILS
    assert verdict("fig12-kangding-fit1-adjusted", values) is Verdict.HOLDS
    assert verdict("fig12-kangding-peak", values) is Verdict.FAILS
    assert values["lushan-fig6-some-metrics"] == 4
    assert values["lushan-tab2-strain-best"]
    identities = [name for name in values if name.endswith("-identity")]
    assert len(identities) == 8
    assert {verdict(name.removeprefix("lushan-"), values) for name in identities} == {Verdict.HOLDS}


def test_table_of_printed_fits():
    table = ledger.fit_table(CLAIMS)
    assert list(table.index)[1] == "Kangding, sigmoid 2"
    assert str(table["x0 (date)"].iloc[1].date()) == "2013-05-30"
    assert np.isnan(table["points implied"].iloc[1])
    assert table["points implied"].iloc[2] == pytest.approx(7, abs=0.2)


def indices(low: dict[str, float]):
    times = pd.date_range("2013-01-01", "2013-04-30 23:00", freq="h")
    dst = pd.Series(-10.0, index=times)
    for when, value in low.items():
        dst[pd.Timestamp(when)] = value
    kp = pd.Series(2.0, index=times[::3])
    kp["2013-03-17 06:00":"2013-03-17 12:00"] = 6.0
    kp["2013-01-05 00:00"] = 5.0
    return (
        xr.Dataset({"Dst": ("time", dst)}, coords={"time": times}),
        xr.Dataset({"Kp": ("time", kp)}, coords={"time": times[::3]}),
    )


def test_index_claims_on_made_up_months():
    values = open_data.index_values(
        *indices({"2013-03-17 20:00": -50.0, "2013-02-20 01:00": -30, "2013-04-13 05:00": -20})
    )
    assert values["lushan-fig13-no-storm"] is False
    assert values["lushan-fig13-17-march"] == -50
    assert values["lushan-fig13-low-days"] == ["2013-02-20", "2013-03-17", "2013-04-13"]
    assert values["lushan-fig13-kp-short"] == 9
    assert values["lushan-fig13-kp-peaks"] == 6
    calm = open_data.index_values(*indices({"2013-03-17 20:00": -49.0}))
    assert calm["lushan-fig13-no-storm"] and calm["lushan-fig11-stage2-storm"]


def test_lowest_days_keep_their_distance():
    times = pd.date_range("2013-01-01", periods=10, freq="D")
    dst = pd.Series([0, -50, -49, 0, -20, 0, 0, -5, 0, 0.0], index=times)
    assert open_data.lowest_days(dst, 2, 1) == ["2013-01-02", "2013-01-03"]
    assert open_data.lowest_days(dst, 2, 3) == ["2013-01-02", "2013-01-05"]


def catalogue(**attrs):
    frame = pd.DataFrame(
        {
            "time": pd.to_datetime(
                [
                    "2013-04-20 00:02:47",
                    "2013-04-20 15:00:00",
                    "2013-04-20 20:00:00",
                    "2013-04-20 10:00:00",
                ]
            ),
            "latitude": [30.31, 30.2, 30.3, 50.0],
            "longitude": [102.9, 103.0, 103.1, 100.0],
            "depth": [14.0, 10, 10, 10],
            "magnitude": [6.6, 5.0, 5.1, 7.0],
        }
    )
    frame.attrs.update(attrs)
    return frame


def test_the_shock_in_a_catalogue():
    values = open_data.event_values(CLAIMS, catalogue(origin="observed"))
    assert values["lushan-sec2-3-time"] == "2013-04-20 08:02"
    assert values["lushan-sec2-3-magnitude"] == 6.6
    assert values["lushan-sec2-3-aftershocks-5"] == {"Beijing time": 1, "UTC": 2}
    nothing = open_data.event_values(CLAIMS, catalogue(origin="simulated"))
    assert set(nothing) == set(values) and not any(nothing.values())
    with pytest.raises(InputError, match="no event near"):
        open_data.event_values(CLAIMS, catalogue(origin="observed").iloc[3:])


def test_reports_stand_in_the_bibliography_and_are_dated_as_said():
    known = pybtex.database.parse_file(str(ROOT / "book" / "references.bib")).entries
    assert {report.key for report in timeline.REPORTS} <= set(known)
    for report in timeline.REPORTS:
        assert bool(report.start) == bool(report.end)
        assert not report.start or pd.Timestamp(report.start) < pd.Timestamp(report.end)


class Days:
    """As much of a run as the functions by month need."""

    def __init__(self, flags: pd.Series, hours: int = 24) -> None:
        self.flags = flags
        self.times = pd.date_range(
            flags.index[0] - pd.Timedelta(hours=8), periods=hours * len(flags), freq="h"
        ).to_numpy()
        self.residual = np.repeat(flags.to_numpy(float), hours)
        self.scale = 0.5

    def test_days(self, zone_hours: float = 8.0) -> pd.DataFrame:
        frame = pd.DataFrame(
            {
                "points": self.flags.astype(int) * 3,
                "samples": 24,
                "anomalous": self.flags.astype(bool),
            }
        )
        frame["cumulative"] = frame["anomalous"].cumsum()
        return frame


def flags(start: str, end: str, busy: tuple[str, str]) -> pd.Series:
    days = pd.date_range(start, end)
    return pd.Series((days >= busy[0]) & (days <= busy[1]), index=days)


def test_months_and_the_rank_of_one():
    run = Days(flags("2012-01-01", "2013-12-31", ("2013-04-01", "2013-04-30")))
    table = observed.monthly(run)
    assert len(table) == 24
    assert table.loc["2013-04", "anomalous"].item() == 30
    assert table["points"].sum() == 90
    ranks = observed.month_ranks(table)
    assert (ranks["rank"] == 1).all() and ranks["p"].iloc[0] == pytest.approx(1 / 24)
    assert ranks.loc["largest residual (mean sizes)", "2013-04"] == 2.0
    other = observed.month_ranks(table, "2013-05")
    assert other["rank"].iloc[0] == 24


def test_p_of_the_span_before_the_shock():
    run = Days(flags("2012-01-01", "2013-12-31", ("2013-03-21", "2013-04-19")))
    spans = 731 - 20 + 1  # those that hold two thirds of their days
    assert observed.span_p(run) == pytest.approx(1 / spans)
    late = Days(flags("2012-01-01", "2013-12-31", ("2013-04-20", "2013-12-31")))
    assert observed.span_p(late) == 1.0


def test_years_start_in_may_and_tell_winter_from_summer():
    days = pd.date_range("2011-01-01", "2014-12-14")
    run = Days(pd.Series((days.month >= 11) | (days.month <= 4), index=days))
    curves = observed.years(run)
    assert list(curves) == ["2011/12", "2012/13", "2013/14"]
    assert curves["2012/13"]["cumulative"].iloc[-1] == 181
    table = observed.year_table(curves)
    assert (table["May to October"] == 0).all() and (table["November to April"] == 1).all()


def test_hours_in_which_a_gauge_stands_still():
    times = pd.date_range("2013-04-01", periods=240, freq="h")
    x = 10 * np.sin(2 * np.pi * np.arange(240) / 12.42)
    x[100:130] = x[100]
    record = xr.DataArray(x, dims="time", coords={"time": times}, name="S1")
    table = observed.hour_table(record, [str(times[102]), str(times[10])])
    assert table["hours below 0.5"].tolist()[0] == "17 of 17"
    assert table["median"].iloc[1] > 1


def test_activity_is_set_beside_points_by_local_day():
    run = Days(flags("2003-06-01", "2003-06-30", ("2003-06-10", "2003-06-12")))
    times = pd.date_range("2003-05-31", "2003-07-02", freq="3h")
    kp = xr.Dataset({"Kp": ("time", np.where(times.day == 10, 6.0, 1.0))}, coords={"time": times})
    table = observed.activity_by_day(run, kp, zone_hours=8.0)
    # The 10th in UTC is from 8:00 of the 10th to 8:00 of the 11th in Beijing.
    assert table["Kp"][["2003-06-09", "2003-06-10", "2003-06-11", "2003-06-12"]].tolist() == [
        1.0, 6.0, 6.0, 1.0,
    ]  # fmt: skip
    by_level = observed.activity_table(table)
    assert by_level.loc["5 and more", "days"] == 2
    assert by_level.loc["5 and more", "share marked"] == 1.0


def test_shares_end_at_their_dates():
    times = pd.date_range("2008-01-01", "2012-01-01", freq="D").to_numpy()
    got = observed.shares(times, "2009-01-01", "2010-01-01")
    assert got["training_share"] == pytest.approx(366 / 1461)
    assert got["validation_share"] == pytest.approx(365 / 1461)


def test_pages_declare_claims_of_the_ledger_once():
    manifest = Manifest.load()
    shown = [
        claim
        for entry in manifest.notebooks.values()
        for claim in entry.claims
        if claim.startswith("lushan-")
    ]
    assert len(shown) == len(set(shown)) and set(shown) <= set(CLAIMS)
