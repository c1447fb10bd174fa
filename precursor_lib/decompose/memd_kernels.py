"""Compiled parts of multivariate empirical mode decomposition.

Here: projection, extrema, and the extrema mirrored at the ends.

Channels are padded with zeros to a multiple of `vectors.WIDTH`. A signal is held twice: as rows
``(channel, time)``, from which projections are formed along time, and as blocks
``(block, time, WIDTH)``, in which the channels of a block lie side by side, so that the spline of
one direction (one set of knots) is solved and evaluated for all of them at once.

A function that numba keeps on disk holds the functions it calls. After a change in one of the
`memd_*` modules or in `vectors`, remove ``precursor_lib/decompose/__pycache__``.
"""

from __future__ import annotations

from numba import njit

MIRRORED = 2
"""Extrema mirrored at each end."""

# Rounding may be regrouped and fused; infinities and NaN keep their meaning.
FAST = {"contract", "reassoc", "nsz", "arcp"}


@njit(cache=True, fastmath=FAST)
def project(rows, direction, out):
    """Write the projection of `rows` (4 b, time) on `direction` (4 b,) to `out` (time,)."""
    n = rows.shape[1]
    for block in range(rows.shape[0] // 4):
        r = rows[4 * block : 4 * block + 4]
        r0, r1, r2, r3 = r[0], r[1], r[2], r[3]
        c0 = direction[4 * block]
        c1 = direction[4 * block + 1]
        c2 = direction[4 * block + 2]
        c3 = direction[4 * block + 3]
        if block == 0:
            for t in range(n):
                out[t] = c0 * r0[t] + c1 * r1[t] + c2 * r2[t] + c3 * r3[t]
        else:
            for t in range(n):
                out[t] += c0 * r0[t] + c1 * r1[t] + c2 * r2[t] + c3 * r3[t]


@njit(cache=True)
def extrema(y, maxima, minima):
    """Find the inner local extrema of `y`; a flat top or bottom counts once, at its middle.

    Their sample numbers are written to `maxima` and `minima` from place `MIRRORED` on, which
    leaves room for the mirrored ones; the two counts are returned.
    """
    n = y.size
    n_max = 0
    n_min = 0
    flat = 0
    rising = y[1] > y[0]
    flat += y[1] == y[0]
    for t in range(1, n - 1):
        rises = y[t + 1] > y[t]
        flat += y[t + 1] == y[t]
        # Written always and counted when true: no branch for the processor to guess.
        maxima[MIRRORED + n_max] = t
        minima[MIRRORED + n_min] = t
        n_max += rising and not rises
        n_min += rises and not rising
        rising = rises
    if flat == 0:
        return n_max, n_min
    n_max = 0
    n_min = 0
    slope = 0  # the sign of the last step that was not flat
    start = 0  # the first sample after that step
    for t in range(n - 1):
        if y[t + 1] == y[t]:
            continue
        new = 1 if y[t + 1] > y[t] else -1
        if slope == 1 and new == -1:
            maxima[MIRRORED + n_max] = (start + t) // 2
            n_max += 1
        elif slope == -1 and new == 1:
            minima[MIRRORED + n_min] = (start + t) // 2
            n_min += 1
        slope = new
        start = t + 1
    return n_max, n_min


@njit(cache=True)
def mirror(top, n_top, bottom, n_bottom, y_edge, y_top, y_bottom, from_top, from_bottom):
    """Choose the extrema to mirror beyond one end, as distances from that end in samples.

    The rule of Rilling, Flandrin & Goncalves (2003). Reflect about the extremum nearest to the
    end, unless the end itself lies beyond the neighbouring envelope: then the end is taken as an
    extremum and reflected about. If what was reflected does not reach the end, reflect about the
    end.

    Parameters
    ----------
    top, bottom : (3,) int64
        Distances of the nearest maxima and minima, nearest first; `n_top`, `n_bottom` are valid.
    y_edge, y_top, y_bottom : float
        Values at the end, at the nearest maximum and at the nearest minimum.
    from_top, from_bottom : (2,) int64
        Receive the distances of the extrema to be mirrored, nearest first.

    Returns
    -------
    centre, k_top, k_bottom : int
        Distance about which to reflect, and how many maxima and minima are reflected.
    """
    centre = 0
    skip_top = 0
    skip_bottom = 0
    edge_is_top = False
    edge_is_bottom = False
    if top[0] < bottom[0]:
        if y_edge > y_bottom:
            centre = top[0]
            skip_top = 1
        else:
            edge_is_bottom = True
    elif y_edge < y_top:
        centre = bottom[0]
        skip_bottom = 1
    else:
        edge_is_top = True
    if centre > 0:
        k_top = min(MIRRORED, n_top - skip_top)
        k_bottom = min(MIRRORED, n_bottom - skip_bottom)
        if (
            k_top < 1
            or k_bottom < 1
            or 2 * centre > top[skip_top + k_top - 1]
            or 2 * centre > bottom[skip_bottom + k_bottom - 1]
        ):
            centre = 0
            skip_top = 0
            skip_bottom = 0
    k_top = 0
    k_bottom = 0
    if edge_is_top:
        from_top[0] = 0
        k_top = 1
    if edge_is_bottom:
        from_bottom[0] = 0
        k_bottom = 1
    i = skip_top
    while k_top < MIRRORED and i < n_top:
        from_top[k_top] = top[i]
        k_top += 1
        i += 1
    i = skip_bottom
    while k_bottom < MIRRORED and i < n_bottom:
        from_bottom[k_bottom] = bottom[i]
        k_bottom += 1
        i += 1
    return centre, k_top, k_bottom


@njit(cache=True)
def extend(y, knots, sources, n_max, n_min, small):
    """Mirror extrema at both ends of `knots` (2, capacity); row 0 holds maxima, row 1 minima.

    `sources` receives, for each knot, the sample whose value it takes. `small` (4, 3) is scratch.
    Returns the first and the end place of both rows.
    """
    n = y.size
    top = small[0]
    bottom = small[1]
    from_top = small[2]
    from_bottom = small[3]
    end_max = MIRRORED + n_max
    end_min = MIRRORED + n_min
    for row in range(2):
        end = end_max if row == 0 else end_min
        for i in range(MIRRORED, end):
            sources[row, i] = knots[row, i]
    for i in range(min(3, n_max)):
        top[i] = knots[0, MIRRORED + i]
    for i in range(min(3, n_min)):
        bottom[i] = knots[1, MIRRORED + i]
    centre, k_top, k_bottom = mirror(
        top, n_max, bottom, n_min, y[0], y[top[0]], y[bottom[0]], from_top, from_bottom
    )
    for i in range(k_top):
        sources[0, MIRRORED - 1 - i] = from_top[i]
        knots[0, MIRRORED - 1 - i] = 2 * centre - from_top[i]
    for i in range(k_bottom):
        sources[1, MIRRORED - 1 - i] = from_bottom[i]
        knots[1, MIRRORED - 1 - i] = 2 * centre - from_bottom[i]
    first_max = MIRRORED - k_top
    first_min = MIRRORED - k_bottom

    last = n - 1
    for i in range(min(3, n_max)):
        top[i] = last - knots[0, end_max - 1 - i]
    for i in range(min(3, n_min)):
        bottom[i] = last - knots[1, end_min - 1 - i]
    centre, k_top, k_bottom = mirror(
        top,
        n_max,
        bottom,
        n_min,
        y[last],
        y[last - top[0]],
        y[last - bottom[0]],
        from_top,
        from_bottom,
    )
    for i in range(k_top):
        sources[0, end_max + i] = last - from_top[i]
        knots[0, end_max + i] = last - (2 * centre - from_top[i])
    for i in range(k_bottom):
        sources[1, end_min + i] = last - from_bottom[i]
        knots[1, end_min + i] = last - (2 * centre - from_bottom[i])
    return first_max, end_max + k_top, first_min, end_min + k_bottom
