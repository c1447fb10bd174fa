"""Forecasts and lags as methods: what they count, find and refuse, and that nothing leaks."""

from __future__ import annotations

import pickle
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from precursor_lib.detect import PointRule, residual_points
from precursor_lib.detect.tec_rules import error_bounds
from precursor_lib.errors import InputError
from precursor_lib.evaluate.trials import Budget, Kind, Method, Training, run_trials
from precursor_lib.evaluate.trials.methods import forecasts
from precursor_lib.evaluate.trials.methods.networks import NetworkResidual, pooled_split
from precursor_lib.evaluate.trials.methods.residuals import LagResidual, ResidualScorer, SizeRule
from precursor_lib.evaluate.trials.methods.signals import even_record, whole_modes
from precursor_lib.pipelines.lushan_chain import LushanChain

BUDGET = Budget(epochs=2, windows_per_epoch=512)
SHORT = {"length": 24, "horizon": 6}
METHODS = {
    "vmd_pyraformer": forecasts.vmd_pyraformer(
        length=32, horizon=8, network={"width": 8, "heads": 1}
    ),
    "stmn": forecasts.stmn(**SHORT, network={"width": 4, "kernels": (1, 3), "periods": 1}),
    "ed_lstme": forecasts.ed_lstme(length="1D", horizon="12h", quiet=False),
    "lstm": forecasts.lstm(**SHORT, network={"width": 8}),
    "linear": forecasts.linear(**SHORT),
    "seasonal_naive": forecasts.seasonal_naive(),
    "persistence": forecasts.persistence(),
}
CAUSAL = ("ed_lstme", "lstm", "linear", "seasonal_naive", "persistence")


def daily(seed: int, days: int = 40, stations: int = 2, step: str = "1h") -> xr.Dataset:
    """A daily course and noise of a fifth of it, with indices, and a gap of five hours."""
    rng = np.random.default_rng(seed)
    number = round(days * (pd.Timedelta("1D") / pd.Timedelta(step)))
    times = pd.date_range("2020-01-01", periods=number, freq=step)
    phase = 2 * np.pi * np.asarray((times - times[0]) / pd.Timedelta("1D"))
    size = 10.0 ** np.arange(stations)
    value = (np.sin(phase)[:, None] + 0.2 * rng.normal(size=(times.size, stations))) * size + size
    value[300:305, 0] = np.nan
    quiet = np.zeros(times.size)
    return xr.Dataset(
        {
            "value": (("time", "station"), value, {"units": "nT"}),
            "Kp": ("time", 1.0 + 0.5 * np.sin(phase / 3)),
            "Dst": ("time", quiet),
        },
        coords={"time": times, "station": [f"s{n}" for n in range(stations)]},
        attrs={"origin": "simulated"},
    )


def training(record: xr.Dataset, seed: int = 0) -> Training:
    return Training(record, record, pd.DataFrame(), "1D", BUDGET, seed)


def with_pulse(record: xr.Dataset, at: int, size: float) -> xr.Dataset:
    """A pulse of three samples at every station, in units of its noise-free amplitude."""
    out = record.copy(deep=True)
    out["value"][at - 1 : at + 2] += size * 10.0 ** np.arange(record.sizes["station"])
    return out


@pytest.fixture(scope="module")
def learnt() -> dict[str, ResidualScorer]:
    return {name: method.learn(training(daily(0))) for name, method in METHODS.items()}


@pytest.mark.parametrize("name", METHODS)
def test_a_large_pulse_is_found_and_timed(learnt, name):
    calm = daily(1)
    at = 24 * 20 + 9
    quiet, loud = learnt[name](calm), learnt[name](with_pulse(calm, at, 50.0))
    for station in ("s0", "s1"):
        now = loud.sel(station=station).isel(block=20)
        assert float(now["score"]) > float(quiet["score"].sel(station=station).max())
        away = now["peak"].values - calm["time"].values[at]
        # Modes ring before and after a pulse, and a forecast from it goes wrong for a horizon.
        assert abs(away) <= np.timedelta64(3 if name in CAUSAL else 6, "h")


@pytest.mark.parametrize("name", ["vmd_pyraformer", "stmn", "lstm", "linear", "persistence"])
def test_unit_and_level_of_a_station_do_not_matter(name):
    records = [daily(seed, days=30) for seed in (0, 2)]
    for record in records:
        record["value"][:, 1] = 64.0 * record["value"][:, 0] + 3.0
    scores = METHODS[name].learn(training(records[0]))(records[1])["score"].to_numpy()
    assert np.isfinite(scores).sum() > 40
    np.testing.assert_allclose(scores[:, 1], scores[:, 0], rtol=1e-2)


@pytest.mark.parametrize("name", METHODS)
def test_scorers_are_pickled_and_seeded(learnt, name):
    record = daily(3, days=20)
    expected = learnt[name](record)
    xr.testing.assert_identical(pickle.loads(pickle.dumps(learnt[name]))(record), expected)
    if name in ("lstm", "linear", "seasonal_naive"):
        again = pickle.loads(pickle.dumps(METHODS[name])).learn(training(daily(0)))(record)
        xr.testing.assert_identical(again, expected)
    if name == "lstm":
        other = METHODS[name].learn(training(daily(0), seed=1))(record)
        assert not other["score"].equals(expected["score"])


@pytest.mark.parametrize("name", CAUSAL)
def test_what_comes_later_changes_no_score(learnt, name):
    record = daily(4, days=20)
    changed = with_pulse(record, 24 * 15 + 3, 100.0)
    before = slice(0, 15)
    xr.testing.assert_identical(
        learnt[name](changed).isel(block=before), learnt[name](record).isel(block=before)
    )


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 2**31),
    factor=st.floats(0.5, 3.0),
    measure=st.sampled_from(["mean_multiple", "confidence"]),
)
def test_points_are_those_of_the_papers_rule(seed, factor, measure):
    rng = np.random.default_rng(seed)
    record = daily(0, days=4, stations=1)
    values = rng.standard_t(3, size=96)
    values[rng.integers(0, 96, 5)] = np.nan
    record["value"][:, 0] = values
    left = np.concatenate([[np.nan], np.diff(even_record(record).values.to_numpy()[0])])
    left[np.isnan(values)] = np.nan
    rule = SizeRule(measure, factor)
    scales = {"s0": rule.learn(left)}
    scores = ResidualScorer(LagResidual(1), rule, scales, "1D")(record)
    points = residual_points(left, np.zeros(96), PointRule(measure, factor))
    score = scores["score"].to_numpy()[:, 0]
    assert np.floor(score).astype(int).tolist() == points.reshape(4, 24).sum(axis=1).tolist()
    # What is below 1 orders days by their largest residual, which stands at the peak.
    day = np.abs(left).reshape(4, 24)
    largest = np.nanmax(day, axis=1) / scales["s0"][1]
    assert score % 1 == pytest.approx(largest / (1 + largest))
    expected = record["time"].to_numpy().reshape(4, 24)[np.arange(4), np.nanargmax(day, axis=1)]
    assert (scores["peak"].to_numpy()[:, 0] == expected).all()


def test_bounds_of_the_days_before_are_the_papers():
    record = daily(5, stations=1).drop_vars(["Kp", "Dst"])
    scorer = ResidualScorer(LagResidual(1), SizeRule("before", 2.0), {}, "1D")
    even = even_record(record)
    left = np.where(even.present, LagResidual(1)(even), np.nan)
    bounds = error_bounds(left, record["time"].to_numpy(), factor=2.0)
    outside = (left < bounds.lower) | (left > bounds.upper)
    scores = scorer(record)["score"].to_numpy()[:, 0]
    assert np.isnan(scores[:15]).all()
    assert np.floor(scores[15:]).tolist() == outside.reshape(40, 24).sum(axis=1)[15:].tolist()


@pytest.mark.parametrize(
    ("measure", "centre", "scale"),
    [
        ("mean_multiple", 0.0, 3.0),
        ("confidence", 0.0, np.sqrt(13.25)),
        ("centred", 1.5, np.sqrt(13.25)),
        ("robust", 1.0, 1.4826 * 2.5),
    ],
)
def test_centre_and_scale_of_residuals(measure, centre, scale):
    found = SizeRule(measure).learn(np.array([-3.0, 0.0, np.nan, 2.0, 7.0]))
    assert found == pytest.approx((centre, scale))


def test_scales_are_those_of_samples_that_no_network_was_fitted_to():
    record = daily(14)
    record["value"][:768, 1] *= 0.01
    scorer = METHODS["linear"].learn(training(record))
    left = scorer.residual(even_record(record))[1]
    assert scorer.scales["s1"] == pytest.approx(SizeRule("robust").learn(left[768:]))
    assert scorer.scales["s1"][1] > 10 * SizeRule("robust").learn(left[:768])[1]


def test_the_day_before_is_measured_by_its_median_distance():
    record = daily(6, stations=1)
    scorer = METHODS["seasonal_naive"].learn(training(record))
    x = record["value"].to_numpy()[:, 0]
    left = np.full(x.size, np.nan)
    left[24:] = x[24:] - x[:-24]
    centre = np.nanmedian(left)
    scale = 1.4826 * np.nanmedian(np.abs(left - centre))
    judged = np.nanmax(np.abs(left[24 * 20 :].reshape(-1, 24) - centre), axis=1) / scale
    assert scorer(record)["score"].to_numpy()[20:, 0] == pytest.approx(judged, rel=0.01)


def test_a_linear_recurrence_is_forecast_exactly():
    record = daily(0, days=60, stations=1).drop_vars(["Kp", "Dst"])
    n = np.arange(record.sizes["time"])
    record["value"][:, 0] = np.sin(0.31 * n) + 3 * np.cos(0.07 * n + 1) + 5
    scorer = forecasts.linear(length=12, horizon=5).learn(training(record))
    left = scorer.residual(even_record(record))
    assert np.isnan(left[0, :12]).all()
    assert np.nanmax(np.abs(left)) < 1e-3


def test_no_window_reaches_from_one_station_to_the_next_or_into_validation():
    even = even_record(daily(7))
    counted = np.arange(even.values.size, dtype=float).reshape(even.values.shape)
    split, scalers, cut = pooled_split(even, counted, 10, 4, ("Kp",))
    assert (len(split.test), cut) == (0, 768)
    spans = []
    for windows, parts in ((split.training, (0, cut)), (split.validation, (cut, 960))):
        seen, ahead = (part.numpy() for part in windows.batch(np.arange(len(windows))))
        assert seen.shape[2] == 2
        both = np.concatenate([seen[..., :1], ahead], axis=1)[..., 0]
        # Each station is scaled by itself: an unscaled ramp rises by one, and so by 1 / spread.
        assert np.diff(both, axis=1) == pytest.approx(1 / scalers["s0"].spread[0], rel=1e-3)
        spans.append(len(windows) / (parts[1] - parts[0] - 13))
    assert spans[0] == 2.0
    assert scalers["s1"].mean[0] == pytest.approx(counted[1, :cut].mean())


def test_what_validates_changes_no_scaler():
    record = daily(8)
    later = record.copy(deep=True)
    later["value"][900:] *= 3.0
    one, two = (
        pooled_split(even, even.values.to_numpy(), 10, 4, ())[1]
        for even in (even_record(record), even_record(later))
    )
    assert one["s0"].mean.tolist() == two["s0"].mean.tolist()
    assert one["s1"].spread.tolist() == two["s1"].spread.tolist()


def test_white_noise_keeps_its_share_of_false_alarms(kind: Kind):
    trials = run_trials(
        [(kind, [forecasts.persistence(), METHODS["linear"]])], stations=(1, 3), false_share=0.1
    )
    calm = trials.blocks[trials.blocks["amplitude"].isna()]
    found = calm.groupby(["method", "stations"])["alarm"].agg(["mean", "size"])
    assert (found["size"] > 80).all()
    # Threshold and share are both drawn: about four standard errors.
    assert (abs(found["mean"] - 0.1) < 4 * np.sqrt(2 * 0.09 / found["size"])).all()


def test_modes_of_learnt_centres_are_those_of_the_record_itself():
    even = even_record(daily(9))
    chain = LushanChain()
    learnt, own = (whole_modes(chain, held, even)(even) for held in (True, False))
    np.testing.assert_allclose(learnt, own, atol=1e-9)
    assert np.isnan(learnt[0, 300:305]).all()
    assert np.isfinite(learnt).sum() == learnt.size - 5


def test_modes_follow_the_record_only_where_they_are_its_own():
    loud = daily(9)
    n = np.arange(loud.sizes["time"])
    loud["value"][:] += 20 * np.sin(2 * np.pi * 0.45 * n)[:, None]
    even, other = even_record(daily(9)), even_record(loud)
    learnt, own = (whole_modes(LushanChain(), held, even)(other) for held in (True, False))
    assert np.nanmax(np.abs(learnt[0] - own[0])) > 0.1


def test_indices_are_seen_where_they_are_there():
    record = daily(10)
    scorer = METHODS["ed_lstme"].learn(training(record))
    residual = scorer.residual
    assert isinstance(residual, NetworkResidual)
    # Dst does not vary here, and says nothing.
    assert residual.inputs == ("Kp",)
    changed = record.assign(Kp=record["Kp"] + 3)
    assert not scorer(changed)["score"].equals(scorer(record)["score"])
    with pytest.raises(InputError, match=r"inputs \('Kp',\), without \['Kp'\]"):
        scorer(record.drop_vars("Kp"))
    alone = METHODS["ed_lstme"].learn(training(record[["value"]]))
    assert alone.residual.inputs == ()


def test_disturbed_times_hold_no_point():
    record = with_pulse(daily(11), 24 * 20 + 9, 50.0)
    scorer = replace(METHODS["ed_lstme"].learn(training(daily(10))), quiet=True)
    day = record["time"].dt.floor("1D") == record["time"][24 * 20]
    assert (scorer(record)["score"][20] > 1).all()
    for name, value in (("Dst", -50.0), ("Kp", 5.0)):
        stormy = scorer(record.assign({name: record[name].where(~day, value)}))
        assert (stormy["score"][20] == 0).all()
    unknown = scorer(record.assign(Dst=record["Dst"].where(~day)))
    assert np.isnan(unknown["score"][20]).all()
    # RC stands for Dst.
    ring = record.rename(Dst="RC")
    stormy = scorer(ring.assign(RC=ring["RC"].where(~day, -50.0)))
    assert (stormy["score"][20] == 0).all()


def test_shorter_steps_are_averaged():
    fine = daily(12, days=3, step="10min")
    even = even_record(fine, step="15min")
    assert even.step == pd.Timedelta("20min")
    expected = fine["value"].to_numpy()[:, 1].reshape(-1, 2).mean(axis=1)
    assert even.values.to_numpy()[1] == pytest.approx(expected)
    assert even.times[0] == pd.Timestamp("2020-01-01T00:05")
    assert even_record(fine, step="5min").step == pd.Timedelta("10min")
    # 50 minutes do not divide a day.
    assert even_record(fine, step="45min").step == pd.Timedelta("60min")
    odd = fine.assign_coords(time=fine["time"][0] + 7 * (fine["time"] - fine["time"][0]))
    with pytest.raises(InputError, match="does not divide a day"):
        even_record(odd, step="3h")


def test_short_gaps_are_bridged_and_not_judged():
    record = daily(13)
    record["value"][400:402, 1] = np.nan
    even = even_record(record)
    assert np.isnan(even.values.to_numpy()[0, 300:305]).all()
    assert np.isfinite(even.values.to_numpy()[1, 400:402]).all()
    assert not even.present[1, 400:402].any()
    sizes = METHODS["persistence"].learn(training(record)).sizes(even)
    assert np.isnan(sizes[1, 400:402]).all()


@pytest.mark.parametrize(
    ("method", "change", "message"),
    [
        ("linear", lambda r: r.isel(time=np.r_[0:100, 200:960]), "even step"),
        ("lstm", lambda r: r.isel(time=slice(0, 60)), "none of its 60 samples"),
        ("seasonal_naive", lambda r: r.isel(time=slice(0, 20)), "expected more than 24"),
        ("stmn", lambda r: r.isel(time=slice(0, 100)), "window"),
        ("lstm", lambda r: r.assign(value=xr.full_like(r["value"], 2.0)), "station s0.*not vary"),
        ("linear", lambda r: r.assign(value=r["value"] * np.nan), "station s0.*two samples"),
        ("persistence", lambda r: r.assign(value=0 * r["value"] + 1), "station s0.*do not vary"),
        ("persistence", lambda r: r.rename(value="Z"), "variable value"),
    ],
)
def test_records_that_cannot_be_learnt_from_are_refused(method, change, message):
    with pytest.raises(InputError, match=message):
        METHODS[method].learn(training(change(daily(0))))


def test_other_stations_are_refused(learnt):
    other = daily(1).assign_coords(station=["s0", "t"])
    for name in ("lstm", "vmd_pyraformer", "persistence"):
        with pytest.raises(InputError, match="station t: expected one of the training record"):
            learnt[name](other)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: forecasts.vmd_pyraformer(kept=(6,)), "kept"),
        (lambda: forecasts.vmd_pyraformer(centres="mine"), "centres 'mine'"),
        (lambda: forecasts.stmn(signal={"keep": (9,)}), "keep"),
        (lambda: forecasts.ed_lstme(bounds="after"), "bounds 'after'"),
        (
            lambda: forecasts.seasonal_naive(lag="90min").learn(training(daily(0))),
            "lag 90min: expected whole steps",
        ),
    ],
)
def test_settings_out_of_range_are_refused(make, message):
    with pytest.raises(InputError, match=message):
        make()


def test_a_station_without_values_is_not_judged(learnt):
    record = daily(1)
    record["value"][:, 1] = np.nan
    for name, scorer in learnt.items():
        scores = scorer(record)["score"]
        assert np.isnan(scores[:, 1]).all(), name
        assert np.isfinite(scores[:, 0]).sum() > 30, name


def test_papers_are_named():
    assert {m.name: m.paper for m in METHODS.values() if m.paper} == {
        "VMD-Pyraformer": "lushan",
        "STMN": "stmn",
        "ED-LSTME": "tec",
    }
    assert all(isinstance(m, Method) and not m.joint for m in METHODS.values())
