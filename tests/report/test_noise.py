import numpy as np
import pandas as pd
import pytest

from precursor_lib.errors import InputError
from precursor_lib.evaluate.noise import cnn
from precursor_lib.evaluate.noise.chance import counted, exact
from precursor_lib.evaluate.noise.processes import Clusters, Steady
from precursor_lib.report.noise import cases, figures, tables

SETTINGS = {"spread": 1.0, "memory": 5.0, "size": 4.0, "last": 10.0, "sensitivity": 0.5}


@pytest.fixture(scope="module")
def kp():
    times = pd.date_range("2016-01-01", "2017-01-01", freq="3h", inclusive="left")
    return pd.Series(2 + np.sin(np.arange(times.size) / 50), index=times)


def test_nulls_take_kp_of_their_days(kp):
    nulls = cases.nulls_of(kp, "2016-03-01", 60, **SETTINGS)
    those = nulls["Kp of those days"]
    assert those.index[0] == pytest.approx(kp["2016-03-01"].mean())
    assert those.index.size == 60
    assert nulls["Kp of other days"].index.size == 366
    with pytest.raises(InputError, match="2017-01-01"):
        cases.nulls_of(kp, "2016-12-20", 60, **SETTINGS)


def test_free_choice_never_lowers_a_chance(kp):
    nulls = cases.nulls_of(kp, "2016-03-01", 120, **SETTINGS)
    some = {name: nulls[name] for name in ("clusters", "Kp of those days")}
    rows = [
        *cases.swntf_rows(some, 60, 1, 1),
        *cases.lushan_rows(some, 0.3, 60, 2, 1),
        *cases.stmn_rows(some, 30, 3, 1),
        *cases.tec_rows(kp, "2016-12-08", 8, 20, 4, 1),
        *cases.cnn_rows(),
    ]
    assert all(row.free.share >= row.fixed.share for row in rows)
    table = tables.pass_table(rows)
    assert set(table["paper"]) == {"SW-NTF", "Lushan", "STMN", "TEC", "CNN"}
    # Drawn rates are each station's own or common; Kp does not move strain.
    stmn = table[table["paper"] == "STMN"]["noise"]
    assert len(stmn) == 4
    assert not stmn.str.startswith("Kp").any()


def test_permuted_labels_are_near_guesses():
    by_noise = {row.noise: row for row in cases.cnn_rows()}
    # 78 of 116 right: 39 of the 58 windows of each class.
    assert cnn.right_needed(cnn.ACCURACY, cnn.WINDOWS) == 78
    one = by_noise["labels permuted"].fixed.share
    assert one == pytest.approx(cnn.permuted_chance(58, 58, 39))
    assert 0.3 < one / by_noise["guesses"].fixed.share < 3


def test_chances_are_printed_with_their_errors():
    assert tables.percent(exact(0.0062)) == "0.62 (exact)"
    assert tables.percent(counted(np.zeros(2000, bool))) == "0.0 (0.0 to 0.19)"
    assert tables.percent(counted(np.arange(400) < 100)).startswith("25 (21 to 29")


def test_figures_and_level_table_show_what_they_are_given():
    fits = cases.drawn_fits({"Poisson": Steady(), "clusters": Clusters(4.0, 10.0)}, 40, 1, 1)
    marks = {"first": [0.98], "second": [0.99], "ratio": [1.1], "inflection": [-40.0]}
    figure = figures.distributions(fits, marks)
    assert [axis.get_xlim() for axis in figure.axes][3] == (-90, 0)
    rows = [
        (test, "Poisson", size, 0.05 + size / 100, 0.01, 0.9)
        for test in ("a", "b")
        for size in (0.0, 20.0)
    ]
    power = pd.DataFrame(rows, columns=["test", "noise", "size", "share", "low", "high"])
    shown = tables.level_table(power, [0.0, 20.0])
    assert shown.loc[0, "level"] == "5.0 (1.0 to 90.0)"
    assert shown.loc[1, "20 events"] == "25"
    assert len(figures.power_curves(power).axes) == 1


def test_runs_do_not_depend_on_the_number_of_threads():
    one, two = (cases.swntf_rows({"clusters": Clusters(4.0, 10.0)}, 600, 5, n) for n in (1, 2))
    assert one == two
