"""MEMD against a plain program of the same rules, and against an independent library."""

import numpy as np
import pytest
from scipy.interpolate import CubicSpline
from scipy.signal import find_peaks

from precursor_lib.decompose import memd, sphere_directions


def mirrored(near, far, edge_value, y):
    """Reflect at sample 0 with lists: `near` holds the kind of extremum that comes first.

    Signs are turned so that `near` are maxima. Returns the knots and sources of both kinds.
    """
    if edge_value > y[far[0]]:
        centre, sources_near, sources_far = near[0], near[1:3], far[:2]
        reaches = all(len(k) and 2 * centre - k[-1] <= 0 for k in (sources_near, sources_far))
        if not reaches:
            centre, sources_near, sources_far = 0, near[:2], far[:2]
    else:
        centre, sources_near, sources_far = 0, near[:2], [0, *far[:1]]
    return [[(2 * centre - k, k) for k in reversed(s)] for s in (sources_near, sources_far)]


def with_left_end(maxima, minima, y):
    """Extrema as pairs (knot, source), mirrored at the left end."""
    if maxima[0] < minima[0]:
        top, bottom = mirrored(maxima, minima, y[0], y)
    else:
        bottom, top = mirrored(minima, maxima, -y[0], -y)
    return top + [(k, k) for k in maxima], bottom + [(k, k) for k in minima]


def reference_envelopes(signal, y):
    """Upper and lower envelope (channel, time) along one projection, or None."""
    maxima, minima = find_peaks(y)[0].tolist(), find_peaks(-y)[0].tolist()
    if len(maxima) + len(minima) < 3:
        return None
    last = y.size - 1
    left = with_left_end(maxima, minima, y)
    turned = with_left_end(
        [last - k for k in maxima[::-1]], [last - k for k in minima[::-1]], y[::-1]
    )
    envelopes = []
    for start, end, inner in zip(left, turned, (maxima, minima), strict=True):
        beyond = [(last - k, last - source) for k, source in end[: len(end) - len(inner)][::-1]]
        knots, sources = zip(*(start + beyond), strict=True)
        envelopes.append(CubicSpline(knots, signal[:, sources], axis=1)(np.arange(y.size)))
    return envelopes


def reference_average(signal, directions):
    """Mean envelope and mean amplitude over the directions that have envelopes, or None."""
    found = [e for d in directions if (e := reference_envelopes(signal, d @ signal)) is not None]
    if not found:
        return None
    mean = np.mean([(upper + lower) / 2 for upper, lower in found], axis=0)
    amplitude = np.mean(
        [np.linalg.norm(upper - lower, axis=0) / 2 for upper, lower in found], axis=0
    )
    return mean, amplitude


def reference_memd(x, directions, siftings=None, sd=0.075, sd2=0.75, tol=0.075):
    rest, imfs = x - x.mean(axis=1, keepdims=True), []
    offset = x.mean(axis=1, keepdims=True)
    while (average := reference_average(rest, directions)) is not None:
        mode, done = rest.copy(), 0
        while average is not None:
            mean, amplitude = average
            error = np.linalg.norm(mean, axis=0)
            settled = np.mean(error > sd * amplitude) <= tol and not np.any(error > sd2 * amplitude)
            if settled if siftings is None else done == siftings:
                break
            mode, done = mode - mean, done + 1
            average = reference_average(mode, directions)
        imfs.append(mode)
        rest = rest - mode
    return np.stack([*imfs, rest + offset])


def red_noise(seed, channels, length):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(channels, length)) + 0.2 * rng.normal(size=(channels, length)).cumsum(1)


@pytest.mark.parametrize(
    ("channels", "length", "count"),
    [(1, 300, 1), (2, 257, 8), (3, 400, 16), (7, 350, 16), (9, 200, 12)],
)
def test_modes_are_those_of_the_plain_program(channels, length, count):
    x = red_noise(channels, channels, length)
    directions = sphere_directions(count, channels)
    expected = reference_memd(x, directions)
    found = memd(x, directions)
    assert found.shape == expected.shape
    np.testing.assert_allclose(found, expected, atol=1e-8 * np.abs(x).max())


def test_fixed_siftings_are_those_of_the_plain_program():
    x = red_noise(11, 3, 300)
    directions = sphere_directions(16, 3)
    found = memd(x, directions, stop="fixed", siftings=10)
    expected = reference_memd(x, directions, siftings=10)
    assert found.shape == expected.shape
    np.testing.assert_allclose(found, expected, atol=1e-8 * np.abs(x).max())


def test_thresholds_act_as_in_the_plain_program():
    x = red_noise(12, 3, 300)
    directions = sphere_directions(16, 3)
    found = memd(x, directions, thresholds=(0.2, 1.0, 0.1))
    expected = reference_memd(x, directions, sd=0.2, sd2=1.0, tol=0.1)
    assert found.shape == expected.shape
    np.testing.assert_allclose(found, expected, atol=1e-8 * np.abs(x).max())


def test_modes_are_those_of_pysdkit():
    """With pysdkit's own directions, all modes agree.

    It takes a projection that nowhere exceeds 1e-5 for zero, so one that is negative throughout
    is lost. The series oscillates about zero at each scale, so that this does not occur.
    """
    pysdkit = pytest.importorskip("pysdkit", reason="pysdkit (benchmarks/requirements.txt)")
    t = np.arange(600)
    rng = np.random.default_rng(0)
    x = np.array(
        [np.sin(2 * np.pi * t / 12 + c) + np.sin(2 * np.pi * t / 50 + 2 * c) for c in range(4)]
    ) + 0.1 * rng.normal(size=(4, 600))
    peer = pysdkit.MEMD()
    directions = peer.direction_vectors(4)
    expected = peer.fit_transform(x).transpose(0, 2, 1)
    found = memd(x, directions)
    np.testing.assert_allclose(found[:2], expected[:2], atol=1e-10)
