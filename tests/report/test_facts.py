"""What is said of an opened dataset."""

from __future__ import annotations

import pandas as pd

from precursor_lib.data.opening import Opened
from precursor_lib.report.provenance import facts


def test_arguments_without_meaning_are_not_listed():
    frame = pd.DataFrame({"time": pd.to_datetime(["2015-01-01"])})
    frame.attrs["report"] = []
    line = "'rate' has no meaning here and was ignored"
    read = Opened(frame, "observed", None, "events", "PRECURSOR_DATA", messages=[line])
    assert facts(read, {"rate": 2.0, "start": "2015"}).overrides == {"start": "2015"}
    made = Opened(frame, "simulated", None, "events", "simulation")
    assert set(facts(made, {"rate": 2.0}).overrides) == {"rate"}
