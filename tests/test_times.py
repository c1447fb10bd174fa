"""Times in any zone become UTC without one; what is no time is refused by name."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from precursor_lib.errors import InputError
from precursor_lib.times import OtherZoneError, utc, utc_column, utc_moment

MOMENTS = st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1))


@given(MOMENTS, st.integers(-720, 720))
def test_a_zone_shifts_the_clock_and_goes(moment: datetime, minutes: int) -> None:
    zoned = moment.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    expected = zoned.astimezone(UTC).replace(tzinfo=None)
    for given_time in (zoned, zoned.isoformat()):
        found = utc(given_time)
        assert found.tzinfo is None
        assert found.to_pydatetime() == expected
    assert utc_moment(zoned) == np.datetime64(expected, "ns")
    assert utc(moment).to_pydatetime() == moment


def test_forms_of_one_time() -> None:
    expected = pd.Timestamp("2021-05-21T18:04:13")
    for value in ("2021-05-21 18:04:13", "2021-05-21T18:04:13Z", np.datetime64(expected)):
        assert utc(value) == expected
    assert utc_moment(None) is None
    moment = utc_moment("2021-05-21")
    assert moment is not None and moment.dtype == "datetime64[ns]"


@pytest.mark.parametrize("value", ["soon", "2021-13-01", [1]])
def test_what_is_no_time_is_named(value: object) -> None:
    with pytest.raises(InputError, match=r"start .*: expected a time such as"):
        utc(value, "start")  # type: ignore[arg-type]
    with pytest.raises(InputError, match=r"end .*: expected a time such as"):
        utc_moment(value, "end")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="end: expected a time"):
        utc("NaT", "end")


def test_a_column_is_of_one_form_and_in_utc() -> None:
    plain = pd.Series(["2021-05-21T18:04:13", "2021-05-21T18:04:14"])
    assert utc_column(plain).to_list() == [utc(text) for text in plain]
    assert utc_column(plain + "Z").to_list() == [utc(text) for text in plain]
    with pytest.raises(OtherZoneError, match=r"expected UTC, got 2021-05-21T18:04:13\+08:00"):
        utc_column(plain + "+08:00")
    with pytest.raises(ValueError):
        utc_column(pd.Series(["2021-05-21T18:04:13", "2021-05-21T18:04:14Z"]))
    with pytest.raises(ValueError):
        utc_column(pd.Series(["noon"]))
