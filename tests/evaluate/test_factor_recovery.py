"""The experiments of the page on tensor factorisation."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from precursor_lib.decompose import Factorisation, ntf, spatial_prior, sw_ntf
from precursor_lib.evaluate import factor_recovery, source_factors
from precursor_lib.report import factorisation
from precursor_lib.simulate.geomagnetic import geomagnetic_network

DISTANCE = np.array([175.0, 191.0, 321.0, 374.0, 375.0, 661.0, 830.0])
NAMES = ["source", "regional", "line"]


def known(noise=0.0):
    return factor_recovery.known_tensor(DISTANCE, bins=24, steps=120, noise=noise, seed=3)


def as_result(factors, objective=1.0):
    a, b, c = factors
    return Factorisation(a, b, c, np.ones(a.shape[1]), np.array([objective]), 0.0, 1, True, 0.0)


def test_a_tensor_without_noise_is_its_factors():
    case = known()
    np.testing.assert_allclose(case.tensor, np.einsum("ir,jr,kr->ijk", *case.factors))
    np.testing.assert_allclose(case.station[:, 0], DISTANCE.min() / DISTANCE)
    assert case.station[:, 2].argmax() == 4
    with pytest.raises(ValueError, match="line_station: 9; expected 0 to 6"):
        factor_recovery.known_tensor(DISTANCE, line_station=9)


def test_recovery_of_the_truth_is_one_and_of_a_wrong_order_too():
    case = known(0.1)
    swapped = [factor[:, [2, 0, 1]] for factor in case.factors]
    table = factor_recovery.known_recovery(
        {0.1: case}, {"truth": lambda x: as_result(case.factors), "swapped": lambda x:
                      as_result(swapped)}, NAMES
    )  # fmt: skip
    np.testing.assert_allclose(table[NAMES], 1)
    assert list(table["method"]) == ["truth", "swapped"] and list(table.index) == [0.1, 0.1]


def test_scale_goes_from_the_prior_to_plain_factorisation():
    x = known(0.1).tensor
    omega = spatial_prior(DISTANCE)
    sweep = factor_recovery.scale_sweep(x, omega, [1e-4, 1.0, 1e4])
    assert sweep["mean angle"].iloc[0] < 0.1
    assert sweep["mean angle"].is_monotonic_increasing
    assert sweep["relative error"].is_monotonic_decreasing
    plain = ntf(x, 3, starts=2).relative_error
    assert sweep["relative error"].iloc[2] == pytest.approx(plain, rel=1e-4)
    # The middle is what sw_ntf does by default.
    default = sw_ntf(x, 3, omega, 0.1, starts=2).relative_error
    assert sweep["relative error"].iloc[1] == pytest.approx(default, rel=1e-6)


def test_starts_that_differ_are_counted():
    case = known()
    other = [factor[:, [2, 1, 0]] for factor in case.factors]

    def method(x, rank, seed):
        return as_result(other, 2.0) if seed == 0 else as_result(case.factors)

    # Only the first component's own spectrum is in the band in both, so both put it first; a
    # spectrum outside the band makes the third start differ.
    def differing(x, rank, seed):
        if seed:
            return as_result(case.factors)
        return as_result([np.roll(case.frequency, 12, axis=0), *case.factors[1:]], 1.5)

    table = factor_recovery.start_sensitivity(
        case.tensor, case.frequencies, {"swap": method, "differ": differing}, [3], 4
    )
    assert table.loc["swap", "excess (%)"] == pytest.approx(100)
    assert table.loc["swap", "starts that agree"] == 1
    assert table.loc["differ", "starts that agree"] == 0.75
    assert table.loc["differ", "excess (%)"] == pytest.approx(50)


def test_solvers_are_compared_at_both_numbers_of_iterations():
    x = known(0.1).tensor
    histories, table = factor_recovery.compare_solvers(
        {"known": x},
        {m: lambda y, n, m=m: ntf(y, 3, method=m, iterations=n) for m in ("mu", "hals")},
        paper=5,
        most=20,
    )
    assert histories["known"]["mu"].size == 21
    assert list(table["method"]) == ["mu", "hals"]
    assert table["KKT residual at 5"].iloc[0] == ntf(x, 3, method="mu", iterations=5).kkt


def test_a_nights_truth_is_the_sources_own_amplitude():
    network = geomagnetic_network(
        seed=1,
        stations=[
            {"id": f"S{i}", "name": f"S{i}", "latitude": 34.6 + i, "longitude": 98.4}
            for i in range(1, 4)
        ],
        epicentre={"latitude": 34.6, "longitude": 98.3, "time": "2021-05-21T18:04:13"},
        nights_start="2021-05-20T16:00",
        nights=1,
        duration=1800.0,
        source={},
        control={"kind": "poisson", "rate": 200.0},
        kp=1.0,
        rc=0.0,
    )
    night = source_factors.night_tensor(network, 0, bins=20, step=5)
    assert night.tensor.shape == (20, 360, 3)
    assert night.hours[0] == pytest.approx(2.5 / 3600) and night.hours[-1] < 0.5
    # The amplitude falls as 1 / distance.
    distance = network.stations["distance"].to_numpy()
    np.testing.assert_allclose(night.pattern / night.pattern[0], distance[0] / distance, rtol=0.05)
    scores = source_factors.source_recovery({0: night}, {"NTF": lambda x: ntf(x, 2)}, 2)
    assert scores["night"].tolist() == [0] and -1 <= scores["course"].iloc[0] <= 1


def test_scores_of_a_perfect_and_a_wrong_component():
    case = known()
    night = source_factors.NightTensor(
        case.tensor, case.frequencies, 4.0, case.time[:, 0], case.station[:, 0]
    )
    reversed_ = [f[:, :1] if n != 1 else f[:, :1].max() - f[:, :1] for n, f in
                 enumerate(case.factors)]  # fmt: skip
    scores = source_factors.source_recovery(
        {7: night},
        {"right": lambda x: as_result(case.factors), "wrong": lambda x: as_result(reversed_)},
        0,
    ).set_index("method")
    assert scores.loc["right", "course"] == pytest.approx(1)
    assert scores.loc["wrong", "course"] == pytest.approx(-1)
    assert scores.loc["right", "pattern"] == pytest.approx(1)
    assert scores.loc["right", "station"] == pytest.approx(
        case.station[0, 0] / case.station[:, 0].sum()
    )


def test_medians():
    frame = pd.DataFrame(
        {"night": [4, 5, 6, 7], "method": "NTF", "course": [0.9, 0.1, 0.5, 0.3],
         "pattern": 1.0, "station": 0.2, "share": [0.0, 0.0, 1.0, 1.0]}
    )  # fmt: skip
    assert source_factors.median_night(frame, "NTF") == 7
    table = source_factors.median_scores({"a": frame})
    assert table.loc["a", "course"] == pytest.approx(0.4)
    assert table.loc["a", "energy in band"] == 0.5


def test_figures_show_what_they_are_given():
    case = known(0.05)
    results = {"NTF": ntf(case.tensor, 3), "one": ntf(case.tensor, 1)}
    stations = [f"S{i}" for i in range(7)]
    figure = factorisation.known_and_found(case, {"NTF": results["NTF"]}, NAMES, stations)
    assert len(figure.axes) == 9 and all(len(axis.lines) == 2 for axis in figure.axes)
    figure = factorisation.convergence({"x": {m: r.objective for m, r in results.items()}})
    assert len(figure.axes[0].lines) == 2
    sweep = factor_recovery.scale_sweep(case.tensor, spatial_prior(DISTANCE), [0.1, 1.0])
    figure = factorisation.prior_regimes({"x": sweep}, {"one": 1.0, "two": 2.0})
    assert [len(axis.lines) for axis in figure.axes] == [3, 3]
    night = source_factors.NightTensor(
        case.tensor, case.frequencies, 4.0, case.time[:, 0], case.station[:, 0]
    )
    scores = source_factors.source_recovery({0: night}, {"a": lambda x: results["NTF"]}, 4)
    figure = factorisation.recovery_by_method({"case": scores}, "course", "score")
    assert figure.axes[0].get_ylabel() == "score"
    figure = factorisation.night_components(night, results["NTF"], stations)
    assert len(figure.axes) == 9
