"""The batch of torch against the compiled loops."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from precursor_lib.decompose import ntf, reconstruct, spatial_prior, sw_ntf
from precursor_lib.decompose.ntf_batch import ntf_batch


@pytest.fixture(autouse=True)
def one_thread():
    """Many small products are faster without threads, above all beside other tests."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def nights(n=3, shape=(10, 80, 5), rank=3):
    rng = np.random.default_rng(0)
    x = []
    for i in range(n):
        a, b, c = (rng.random((size, rank)) for size in shape)
        x.append(
            10.0**-i * (np.einsum("ir,jr,kr->ijk", a, b, c) + 0.2 * (i + 1) * rng.random(shape))
        )
    return np.array(x)


def assert_same(batch, single, atol=1e-6):
    assert batch.iterations == single.iterations
    assert batch.converged == single.converged
    for name in ("frequency", "time", "station"):
        np.testing.assert_allclose(getattr(batch, name), getattr(single, name), atol=atol)
    np.testing.assert_allclose(batch.weights, single.weights, rtol=atol)
    np.testing.assert_allclose(batch.objective, single.objective, rtol=atol)
    assert batch.relative_error == pytest.approx(single.relative_error, rel=atol)
    assert batch.kkt == pytest.approx(single.kkt, rel=1e-3, abs=1e-9)


@pytest.mark.parametrize("tol", [0.0, 1e-5])
def test_plain(tol):
    x = nights()
    for batch, y in zip(ntf_batch(x, 3, tol=tol, iterations=40, device="cpu"), x, strict=True):
        assert_same(batch, ntf(y, 3, tol=tol, iterations=40))


@pytest.mark.parametrize(
    ("penalty", "scale"),
    [(0.1, "norm"), (30.0, "rms"), ([0.1, 0.0, 0.0], "max"), (0.1, "none"), (30.0, 0.3)],
)
def test_with_a_prior(penalty, scale):
    x = nights()
    omega = spatial_prior([100.0, 150.0, 300.0, 400.0, 800.0])
    kwargs = {"penalty": penalty, "scale": scale, "iterations": 25, "seed": 4}
    found = ntf_batch(x, 3, prior=omega, device="cpu", **kwargs)
    for batch, y in zip(found, x, strict=True):
        single = sw_ntf(y, 3, omega, **kwargs)
        assert batch.scale == pytest.approx(single.scale)
        assert_same(batch, single)


def test_objective_never_rises_and_stops_apart():
    x = nights(4, rank=4)
    found = ntf_batch(x, 4, iterations=300, tol=1e-4)
    assert len({one.iterations for one in found}) > 1
    for one, y in zip(found, x, strict=True):
        assert one.converged and one.kkt <= 1e-4
        assert (np.diff(one.objective) <= 1e-12 * (y**2).sum()).all()


def test_given_start_and_zero_slices():
    x = nights()
    x[:, 2], x[:, :, 5], x[:, :, :, 1] = 0, 0, 0
    rng = np.random.default_rng(3)
    init = [rng.random((n, 2)) for n in x.shape[1:]]
    for batch, y in zip(ntf_batch(x, 2, init=init, iterations=20), x, strict=True):
        assert_same(batch, ntf(y, 2, init=init, iterations=20))


def test_float32():
    x = nights()
    found = ntf_batch(x.astype(np.float32), 3, iterations=30)
    for one, y in zip(found, x, strict=True):
        assert one.relative_error == pytest.approx(
            ntf(y, 3, iterations=30).relative_error, rel=1e-3
        )
        assert reconstruct(one).shape == y.shape


@pytest.mark.skipif(not torch.cuda.is_available(), reason="torch sees no GPU")
def test_gpu_is_the_cpu():
    x = nights()
    for one, y in zip(ntf_batch(x, 3, iterations=30, device="cuda"), x, strict=True):
        assert_same(one, ntf(y, 3, iterations=30))


def test_bad_input_is_named():
    x = nights()
    with pytest.raises(ValueError, match=r"expected \(batch, frequency, time, station\)"):
        ntf_batch(x[0], 3)
    x[1, 2, 3, 4] = np.nan
    with pytest.raises(ValueError, match=r"\(1, 2, 3, 4\)"):
        ntf_batch(x, 3)
    x[1] = 0
    with pytest.raises(ValueError, match="tensor 1 of the batch: is zero"):
        ntf_batch(x, 3)
    with pytest.raises(ValueError, match="prior: shape"):
        ntf_batch(nights(), 3, prior=[1.0])
    with pytest.raises(ValueError, match="device: torch cannot use 'nowhere'"):
        ntf_batch(nights(), 3, device="nowhere")
