"""The STMN chain on small records."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import xarray as xr

from precursor_lib.context.borehole import areal_strain
from precursor_lib.decompose import segmented_vmd
from precursor_lib.errors import InputError
from precursor_lib.forecast import StationGraph
from precursor_lib.pipelines import stmn
from precursor_lib.pipelines.stmn_graph import fit_graph, mixed, station_graph
from precursor_lib.pipelines.stmn_reference import choose_network, learn_reference
from precursor_lib.pipelines.stmn_settings import SignalSettings, StmnSettings
from precursor_lib.pipelines.stmn_signal import kept_signal, step_hours
from precursor_lib.simulate.strain import strain_network

SHOCK = {"latitude": 29.59, "longitude": 102.08, "time": "2022-03-20T00:00:00"}
PLACES = [
    {"id": "A", "latitude": 29.8, "longitude": 102.1, "distance": 25.0},
    {"id": "B", "latitude": 28.9, "longitude": 102.6, "distance": 95.0},
    {"id": "C", "latitude": 27.3, "longitude": 103.8, "distance": 310.0},
]
SMALL = StmnSettings.model_validate(
    {
        "length_hours": 24,
        "horizon_hours": 6,
        "model": "gru",
        "network": {"width": 4, "window_norm": "moments"},
        "signal": {"window_days": 4},
        "training": {"epochs": 2, "windows_per_epoch": 64, "batch_size": 16},
        "graph_days": 5,
        "graph_steps": 40,
    }
)


def record(seed=1, places=PLACES, days=20, **parts):
    end = np.datetime64("2022-03-01") + days
    return strain_network(
        seed=seed,
        stations=places,
        epicentre=SHOCK,
        start="2022-03-01",
        end=str(end),
        step="1h",
        **{"gaps": None, "steps": None, **parts},
    )


@pytest.fixture(scope="module")
def reference():
    return record(seed=7, places=[{"id": "R", "latitude": 39.4, "longitude": 98.5}], days=26)


@pytest.fixture(scope="module")
def target():
    return record()


@pytest.fixture(scope="module")
def learnt(reference):
    return learn_reference(kept_signal(reference, SMALL.signal), SMALL, progress=False)


# Signal


def test_kept_signal_is_the_sum_of_the_kept_modes(target):
    s = SMALL.signal
    kept = kept_signal(target, s, progress=False)
    areal = areal_strain(target).transpose("station", "time").values[1]
    modes = segmented_vmd(areal, 96, 24, 5, s.alpha, init=s.init, dc=True).modes
    np.testing.assert_allclose(kept.values[1], modes[2:].sum(axis=0), atol=1e-9)
    assert kept.dims == ("station", "time")
    assert len(kept.attrs["period_days"]) == 5


def test_without_frequency_the_areal_strain_itself_is_kept(target):
    kept = kept_signal(target, SMALL.signal.model_copy(update={"frequency": False}))
    np.testing.assert_array_equal(kept.values, areal_strain(target).transpose("station", "time"))
    assert kept.attrs["period_days"] == []


def test_gaps_short_and_long(target):
    holed = target.copy(deep=True)
    holed["S2"][100:102, 0] = np.nan  # two hours: bridged
    holed["S2"][300:330, 1] = np.nan  # more than a day: its windows are left out
    kept = kept_signal(holed, SMALL.signal, progress=False)
    assert np.isfinite(kept.values[0]).all()
    assert not kept["present"].values[0, 100:102].any()
    assert kept["present"].values[0].sum() == kept.sizes["time"] - 2
    assert np.isnan(kept.values[1, 300:330]).all()
    assert np.isfinite(kept.values[1, [0, -1]]).all()
    assert len(kept.attrs["report"]) == 2


def test_modes_are_read_from_their_file(target, tmp_path, monkeypatch):
    first = kept_signal(target, SMALL.signal, folder=tmp_path, progress=False)
    assert len(list(tmp_path.glob("modes-*.npz"))) == 3
    monkeypatch.setattr("precursor_lib.pipelines.stmn_signal.segmented_vmd", None)
    again = kept_signal(target, SMALL.signal, folder=tmp_path, progress=False)
    xr.testing.assert_identical(first, again)
    # Other settings are not read from there.
    with pytest.raises(TypeError):
        kept_signal(target, SignalSettings(window_days=5), folder=tmp_path, progress=False)


def test_uneven_times_are_refused(target):
    with pytest.raises(InputError, match="equal steps"):
        step_hours(target.isel(time=[0, 1, 3]))


# Transfer


def test_transfer_changes_nothing_of_the_network(learnt, target):
    before = {k: v.clone() for k, v in learnt.model.state_dict().items()}
    stmn.transfer(learnt, kept_signal(target, SMALL.signal, progress=False), SMALL)
    for name, value in learnt.model.state_dict().items():
        assert torch.equal(value, before[name])


@pytest.mark.parametrize("graph", [None, SMALL.graph])
def test_the_past_does_not_depend_on_what_follows(learnt, target, graph):
    """With modes known by the day, forecasts up to a day stay when the days after it change."""
    early = SMALL.signal.model_copy(update={"join": "earliest"})
    settings = SMALL.model_copy(update={"graph": graph, "signal": early})
    other = target.copy(deep=True)
    other["S1"][14 * 24 :] += 500.0
    results = [
        stmn.transfer(learnt, kept_signal(data, early, progress=False), settings)
        for data in (target, other)
    ]
    past = slice(0, 14 * 24)
    a, b = (result.predicted.values[:, past] for result in results)
    np.testing.assert_array_equal(a, b)
    assert np.nanmax(np.abs(results[0].predicted - results[1].predicted)) > 1.0


def test_overlapping_windows_do_know_what_follows(target):
    """The leak of the paper's modes: it is there, and as long as a window."""
    other = target.copy(deep=True)
    other["S1"][14 * 24 :] += 500.0
    a, b = (kept_signal(data, SMALL.signal, progress=False).values[0] for data in (target, other))
    change = np.abs(a - b)
    assert change[13 * 24 : 14 * 24].max() > 0.1 * a.std()
    assert change[: 10 * 24].max() == 0


def test_another_sampling_is_refused(learnt, target):
    signal = kept_signal(target, SMALL.signal, progress=False)
    with pytest.raises(InputError, match="one sample in 2 h"):
        stmn.forecast_stations(learnt, signal.isel(time=slice(None, None, 2)))


def test_reference_must_be_one_station(target):
    with pytest.raises(InputError, match="expected one station, got 3"):
        learn_reference(kept_signal(target, SMALL.signal, progress=False), SMALL)


def test_same_seed_same_result_and_another_seed_another(reference, learnt):
    signal = kept_signal(reference, SMALL.signal, progress=False)
    again = learn_reference(signal, SMALL, progress=False)
    other = learn_reference(signal, SMALL, seed=1, progress=False)
    assert again.sigma == learnt.sigma
    assert other.sigma != learnt.sigma


def test_a_training_goes_on_from_its_checkpoint(reference, learnt, tmp_path):
    signal = kept_signal(reference, SMALL.signal, progress=False)
    one = SMALL.model_copy(update={"training": SMALL.training})
    first = learn_reference(signal, one, folder=tmp_path, progress=False)
    assert len(list(tmp_path.glob("reference-*/gru-*-seed-0000.pt"))) == 1
    second = learn_reference(signal, one, folder=tmp_path, progress=False)
    assert first.sigma == second.sigma == learnt.sigma
    assert second.record.training_loss == learnt.record.training_loss


def test_network_is_chosen_by_validation_and_trained_once(reference, tmp_path):
    signal = kept_signal(reference, SMALL.signal, progress=False)
    grid = [{"width": 2}, {"width": 6, "training": {"learning_rate": 0.02}}]
    settings, choice = choose_network(signal, SMALL, grid, folder=tmp_path)
    row = choice.table.loc[choice.table["chosen"]].iloc[0]
    assert settings.network["width"] == row["width"]
    assert settings.network["window_norm"] == "moments"
    files = sorted(tmp_path.glob("reference-*/*.pt"))
    again = learn_reference(signal, settings, folder=tmp_path, progress=False)
    assert sorted(tmp_path.glob("reference-*/*.pt")) == files
    assert len(files) == 2
    assert min(again.record.validation_loss) == pytest.approx(row["validation_loss"], rel=1e-4)
    # Another record is another training, also in the same folder.
    learn_reference(signal + 1.0, settings, folder=tmp_path, progress=False)
    assert len(list(tmp_path.glob("reference-*"))) == 2


def test_one_series_stands_for_the_areal_strain(target):
    areal = areal_strain(target)
    kept = kept_signal(areal, SMALL.signal, progress=False)
    xr.testing.assert_identical(kept, kept_signal(target, SMALL.signal, progress=False))


# Graph


def test_graph_is_what_the_paper_prints(learnt, target):
    signal = kept_signal(target, SMALL.signal, progress=False)
    plain = stmn.transfer(learnt, signal, SMALL.model_copy(update={"graph": None}))
    full = stmn.transfer(learnt, signal, SMALL)
    d = signal["distance"].values
    assert full.graph is not None
    a = full.graph.edge_weights().numpy()
    own = np.exp(-(d**2) / (2 * 200.0**2))
    expected = a @ np.maximum(a @ (own[:, None] * plain.predicted.values), 0)
    np.testing.assert_allclose(full.predicted.values, expected, rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(a.sum(axis=1), 1, rtol=1e-6)


def test_a_missing_station_is_no_neighbour(target):
    signal = kept_signal(target, SMALL.signal, progress=False)
    graph = station_graph(signal, SMALL)
    holed = signal.copy(deep=True)
    holed[2, :50] = np.nan
    holed[:, 60:70] = np.nan
    out = mixed(graph, holed)
    assert np.isnan(out.values[2, :50]).all()
    assert np.isnan(out.values[:, 60:70]).all()
    # Two stations alone give what a graph of these two gives.
    two = signal.isel(station=[0, 1])
    alone = mixed(station_graph(two, SMALL), two)
    np.testing.assert_allclose(out.values[:2, :50], alone.values[:, :50], rtol=1e-5)
    np.testing.assert_allclose(out.values[:, 70:], mixed(graph, signal).values[:, 70:], rtol=1e-5)


def test_trainable_weights_learn_and_their_days_are_not_counted(learnt, target):
    graph = {"trainable": True, "rectify": False}
    settings = SMALL.model_copy(update={"graph": SMALL.graph.model_copy(update=graph)})
    fixed = SMALL.model_copy(update={"graph": SMALL.graph.model_copy(update={"rectify": False})})
    signal = kept_signal(target, SMALL.signal, progress=False)
    taught, plain = (stmn.transfer(learnt, signal, s) for s in (settings, fixed))
    first = slice(24, 5 * 24)
    error = [float(((r.observed - r.predicted)[:, first] ** 2).mean()) for r in (taught, plain)]
    assert error[0] < error[1]
    assert str(taught.counted_from)[:10] == "2022-03-06"
    assert taught.days()["A"].index[0] >= np.datetime64("2022-03-06")
    assert plain.days()["A"].index[0] < np.datetime64("2022-03-06")


def test_graph_needs_a_common_sample():
    nothing = xr.DataArray(np.full((2, 9), np.nan), dims=("station", "time"))
    graph = StationGraph([1.0, 2.0], np.ones((2, 2)), {"trainable": True})
    with pytest.raises(InputError, match="no sample of the first 5 days"):
        fit_graph(graph, nothing, nothing, SMALL)


def test_graph_needs_coordinates(learnt, target):
    signal = kept_signal(target, SMALL.signal, progress=False).drop_vars("distance")
    with pytest.raises(InputError, match="'distance' is missing"):
        stmn.transfer(learnt, signal, SMALL)


# Counting


def test_points_and_sigma(learnt, target):
    result = stmn.transfer(learnt, kept_signal(target, SMALL.signal, progress=False), SMALL)
    error = (result.observed - result.predicted).values
    for kind, sigma in (
        ("reference", np.full(3, learnt.sigma)),
        ("record", np.nanstd(error, axis=1)),
    ):
        np.testing.assert_allclose(result.sigma(kind), sigma, rtol=1e-12)
        days = result.days(sigma=kind)
        for row, frame in enumerate(days.values()):
            beyond = np.abs(error[row]) > 1.5 * sigma[row]
            local = result.observed["time"].values + np.timedelta64(8, "h")
            kept = np.isin(
                local.astype("datetime64[D]"), frame.index.values.astype("datetime64[D]")
            )
            assert frame["points"].sum() == beyond[kept].sum()
            assert (frame["cumulative_points"].diff().dropna() == frame["points"][1:]).all()
            assert (frame["anomalous"] == (frame["points"] > learnt.day_points)).all()
    np.testing.assert_allclose(result.mse, np.nanmean(error**2, axis=1))


def test_a_source_is_counted_at_the_near_station(learnt):
    loud = {"base": 0.0, "phases": [{"number": 40, "centre": -6, "width": 1}], "amplitude": 40}
    settings = SMALL.model_copy(update={"graph": None})
    with_source, without = (
        stmn.transfer(
            learnt, kept_signal(record(source=source), SMALL.signal, progress=False), settings
        ).days()
        for source in (loud, None)
    )
    late = slice("2022-03-11", "2022-03-17")
    near, far = (
        with_source[k].loc[late, "points"].sum() - without[k].loc[late, "points"].sum()
        for k in "AC"
    )
    assert near > 5
    assert near > far


def test_domains_do_what_they_say():
    four = SMALL.domains()
    assert list(four) == ["temporal", "frequency", "spatial", "all"]
    assert [s.signal.frequency for s in four.values()] == [False, True, False, True]
    assert [s.graph is not None for s in four.values()] == [False, False, True, True]
    assert four["all"] == SMALL


def test_run_stmn_is_its_parts(reference, target, learnt):
    whole = stmn.run_stmn(reference, target, SMALL, progress=False)
    parts = stmn.transfer(learnt, kept_signal(target, SMALL.signal, progress=False), SMALL)
    xr.testing.assert_allclose(whole.predicted, parts.predicted)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"signal": {"keep": [3, 6]}}, "from 1 to 5, each once"),
        ({"signal": {"keep": [3, 3]}}, "from 1 to 5, each once"),
        ({"signal": {"step_days": 8}}, "at most 7 days"),
        ({"validation": 0.6, "test": 0.4}, "leave a part to train on"),
        ({"model": "timesnets"}, "timesnet"),
        ({"network": {"widht": 3}}, "widht"),
        ({"factor": 0}, "factor"),
    ],
)
def test_settings_that_cannot_be(settings, message):
    with pytest.raises((ValueError, InputError), match=message):
        StmnSettings.model_validate(settings)
