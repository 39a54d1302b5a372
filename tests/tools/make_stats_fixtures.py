#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Statistics by mpmath with 50 digits, by scipy and by counting: the expected values of tests/core/stats.

    PYTHON tests/tools/make_stats_fixtures.py        writes tests/fixtures/stats/stats.json

PYTHON has mpmath (torch brings it), scipy and numpy. Made with mpmath 1.3.0, scipy 1.17.1, numpy 2.4.6; seed 0. Numbers are those
of mpmath where it has the function; scipy is held against it, to 1e-9, so that a wrong formula cannot agree with itself. golden/eval
(make_eval_statistics.py) has the tests and intervals that are made of them."""
import fractions
import itertools
import json
import math
import pathlib
import random

import mpmath as mp
import numpy as np
from scipy import special, stats

OUT = pathlib.Path(__file__).resolve().parent.parent / "fixtures/stats/stats.json"
mp.mp.dps = 50
F = fractions.Fraction


def close(a, b, what, tolerance=1e-9):
    assert abs(a - b) <= tolerance * max(abs(a), abs(b), 1e-300), (what, a, b)


def beta_tails(a, b, x, y=None):
    """I_x(a, b) and 1 - I_x(a, b) by DLMF 8.17.8, a series of positive terms: nothing cancels"""
    a, b, x = mp.mpf(a), mp.mpf(b), mp.mpf(x)
    y = 1 - x if y is None else mp.mpf(y)
    if x > (a + 1) / (a + b + 2):
        lower, upper = beta_tails(b, a, y, x)
        return upper, lower
    term = total = mp.mpf(1)
    n = 0
    while term > total * mp.mpf(10) ** -mp.mp.dps:
        term *= x * (a + b + n) / (a + 1 + n)
        total += term
        n += 1
    lower = total * mp.exp(a * mp.log(x) + b * mp.log(y) + mp.loggamma(a + b) - mp.loggamma(a + 1) - mp.loggamma(b))
    return lower, 1 - lower


def root_near(function, start, width):
    """The root between start - width and start + width, by the secant rule from both ends"""
    a, b = start - width, start + width
    fa, fb = function(a), function(b)
    assert fa * fb <= 0, (start, fa, fb)
    for _ in range(60):
        if fb == fa or abs(b - a) < abs(b) * mp.mpf(10) ** -40:
            break
        a, fa, b = b, fb, b - fb * (b - a) / (fb - fa)
        fb = function(b)
    return b


def beta_rows():
    rows = []
    for a, b in [(0.5, 0.5), (1, 1), (2, 3), (0.5, 5), (10, 0.5), (30, 70), (500, 500), (3, 4998), (1319, 3681), (5000, 0.5), (0.5, 1e4)]:
        for x in [1e-10, 1e-3, 0.1, 0.25, 0.5, 0.75, 0.9, 1 - 2.0 ** -20]:
            lower, upper = beta_tails(a, b, x)
            if lower > 1e-290 and special.betainc(a, b, x) > 1e-290:
                close(float(lower), special.betainc(a, b, x), ("betainc", a, b, x), 1e-8)
            rows.append([a, b, x, float(lower), float(upper)])
    return rows


def student_tail(t, df):
    """P[|T| > t]; for many degrees of freedom, where the series is long, by integrating the density"""
    t, df = mp.mpf(t), mp.mpf(df)
    if df < 1000:
        return beta_tails(df / 2, mp.mpf(1) / 2, df / (df + t * t), t * t / (df + t * t))[0]
    scale = mp.exp(mp.loggamma((df + 1) / 2) - mp.loggamma(df / 2)) / mp.sqrt(df * mp.pi)
    step = 1 / max(mp.mpf(1), t / 3)
    points = [t + step * j for j in (0, 0.5, 1, 2, 4, 8, 16, 32, 64, 128)]
    return 2 * scale * mp.quad(lambda v: mp.exp(-(df + 1) / 2 * mp.log1p(v * v / df)), points)


def student_rows():
    rows = []
    for df in [1, 2, 3, 4.5, 9, 30, 197.84, 1e4, 1e6]:
        for t in [1e-8, 0.1, 0.5, 1, 2, 3.5, 10, 46.156, 1e5]:
            p = student_tail(t, df)
            if p > 1e-280:
                close(float(p), 2 * stats.t.sf(t, df), ("t", df, t), 1e-8)
            rows.append([df, t, float(p)])
    return rows


def quantile_rows():
    """p -> quantile: where the density of mpmath's own distribution says that it is to 1e-15"""
    normal, student, beta = [], [], []
    for p in [1e-300, 1e-20, 1e-5, 0.005, 0.025, 0.1, 0.3, 0.49999, 0.5, 0.6, 0.9, 0.975, 0.995, 1 - 2.0 ** -40]:
        z = mp.sqrt(2) * mp.erfinv(2 * mp.mpf(p) - 1) if 1e-10 < p < 1 - 1e-10 else None
        if z is None:
            z = mp.findroot(lambda v: mp.log(mp.ncdf(v) if p < 0.5 else 1 - mp.ncdf(v)) - mp.log(mp.mpf(p) if p < 0.5 else 1 - mp.mpf(p)), mp.mpf(stats.norm.ppf(p)))
        close(float(z), stats.norm.ppf(p), ("norm", p)) if p != 0.5 else None
        normal.append([p, float(z)])
    for df in [1, 2, 3, 4, 9.5, 29, 300]:
        for p in [1e-8, 0.005, 0.025, 0.25, 0.4999, 0.75, 0.95, 0.975, 0.995]:
            tail = min(mp.mpf(p), 1 - mp.mpf(p))
            cdf = lambda v: beta_tails(mp.mpf(df) / 2, mp.mpf(1) / 2, df / (df + v * v), v * v / (df + v * v))[0] / 2
            start = mp.mpf(abs(stats.t.ppf(p, df)))
            root = root_near(lambda v: cdf(v) - tail, start, start / 10**5)
            value = float(root if p > 0.5 else -root)
            close(value, stats.t.ppf(p, df), ("t.ppf", df, p), 1e-8)  # scipy is off by 2e-9 near p = 1/2
            student.append([df, p, value])
    for a, b in [(1, 10), (10, 1), (2, 163), (26, 475), (702, 618), (4999, 2), (0.5, 0.5)]:
        for p in [1e-6, 0.005, 0.025, 0.5, 0.95, 0.975, 0.995]:
            start = stats.beta.ppf(p, a, b)
            share = lambda u: 1 / (1 + mp.exp(-u))
            middle = mp.log(mp.mpf(start)) - mp.log1p(-mp.mpf(start))
            root = share(root_near(lambda u: beta_tails(a, b, share(u), share(-u))[0] - mp.mpf(p), middle, mp.mpf(1) / 10**5))
            close(float(root), start, ("beta.ppf", a, b, p), 1e-8)
            beta.append([a, b, p, float(root)])
    return normal, student, beta


def pass_at_k_rows():
    rows = []
    for n in (1, 2, 5, 20, 200):
        for c in sorted({0, 1, n // 2, n - 1, n}):
            for k in sorted({1, 2, 10, 100, n}):
                value = None if k > n else float(1 - F(math.comb(n - c, k), math.comb(n, k)))
                rows.append([n, c, k, value])
    return rows


def paired_p(a, b):
    """Counted with exact rationals: every sign of every difference"""
    d = [F(str(x)) - F(str(y)) for x, y in zip(a, b)]
    seen = abs(sum(d))
    sums = [abs(sum(s * v for s, v in zip(signs, d))) for signs in itertools.product((1, -1), repeat=len(d))]
    return float(F(sum(v >= seen for v in sums), len(sums)))


def unpaired_p(a, b):
    values = [F(str(v)) for v in a + b]
    total, n, m = sum(values), len(a), len(b)
    apart = lambda s: abs(s / n - (total - s) / m)
    seen = apart(sum(values[:n]))
    sums = [apart(sum(values[i] for i in chosen)) for chosen in itertools.combinations(range(n + m), n)]
    return float(F(sum(v >= seen for v in sums), len(sums)))


def permutation_rows(rng):
    rows = []
    draw = lambda n, mean: [round(rng.gauss(mean, 0.5), 1) for _ in range(n)]  # one decimal: ties
    for n, m, gap in [(1, 1, 1), (2, 2, 1), (3, 3, 1), (5, 5, 0.3), (5, 5, 2), (6, 3, 0.5), (8, 8, 0.4)]:
        a, b = draw(n, 50 + gap), draw(m, 50)
        rows.append(dict(a=a, b=b, paired=paired_p(a, b) if n == m else None, unpaired=unpaired_p(a, b)))
    for row in rows:
        if len(row["a"]) > 2 and row["paired"] is not None:
            mean = lambda x, y, axis: np.mean(x, axis=axis) - np.mean(y, axis=axis)
            p = stats.permutation_test((row["a"], row["b"]), mean, permutation_type="samples", n_resamples=np.inf).pvalue
            close(p, row["paired"], ("paired", row))
    return rows


def agresti_min_rows():
    """Agresti & Min 2005, with half an answer added to each cell of the 2 x 2 table"""
    rows = []
    for both, a, b, none in [(0, 0, 0, 1), (50, 10, 4, 36), (0, 5, 0, 15), (700, 60, 20, 539), (100, 30, 30, 4), (0, 3, 0, 0)]:
        m = mp.mpf(both + a + b + none + 2)
        p12, p21 = (a + mp.mpf(1) / 2) / m, (b + mp.mpf(1) / 2) / m
        half = mp.sqrt(2) * mp.erfinv(mp.mpf("0.95")) * mp.sqrt((p12 + p21 - (p12 - p21) ** 2) / m)
        d = p12 - p21
        rows.append([both, a, b, none, float(max(-1, d - half)), float(min(1, d + half))])
    return rows


def main():
    rng = random.Random(0)
    normal, student, beta = quantile_rows()
    quantiles = [[list(v), p, float(np.quantile(v, p))] for v in ([3.0], [1.0, 2.0], [5.0, 1.0, 4.0, 2.0]) for p in (0, 0.1, 0.5, 0.75, 1)]
    parts = dict(incomplete_beta=beta_rows(), student=student_rows(), normal_quantile=normal, student_quantile=student, beta_quantile=beta,
                 pass_at_k=pass_at_k_rows(), permutation=permutation_rows(rng), agresti_min=agresti_min_rows(), sample_quantile=quantiles)
    OUT.parent.mkdir(parents=True, exist_ok=True)
    lines = [f'"{name}": [\n' + ",\n".join(json.dumps(row) for row in rows) + "\n]" for name, rows in parts.items()]
    OUT.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
    print({name: len(rows) for name, rows in parts.items()})


if __name__ == "__main__":
    main()
