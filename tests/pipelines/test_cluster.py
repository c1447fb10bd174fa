"""Nights on a dask cluster through joblib's own switch of backends."""

from __future__ import annotations

import joblib
import pandas as pd
import pytest

from precursor_lib.pipelines import run_network
from tests.pipelines.test_sw_ntf import CHAIN, EVENT, _network

distributed = pytest.importorskip("distributed")


@pytest.mark.slow
def test_a_local_dask_cluster_gives_the_same_nights():
    here = run_network(_network(2), CHAIN, event=EVENT, workers=1, progress=False)
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=False, dashboard_address=None
        ) as cluster,
        distributed.Client(cluster),
        joblib.parallel_config(backend="dask"),
    ):
        there = run_network(_network(2), CHAIN, event=EVENT, workers=2, progress=False)
    pd.testing.assert_frame_equal(here.anomalies, there.anomalies)
