#!/usr/bin/env python3
"""Writes tests/golden/svi.csv: SVI slices at 80 digits, from exact inputs.

    pip install mpmath && python3 generate/golden_svi.py [COUNT [SEED]] > tests/golden/svi.csv

Half of the rows are `usual`: parameters of the size that fits to listed options have, strikes within a few deviations. The others are
`extreme`: every parameter log-uniform over the range that is accepted, or at an end of it, strikes over the whole domain. Rows
without variance at their strike are left out. Parameters, prices and seconds are integers as the crate takes them (WAD); `w` and its
derivatives, the volatility and `g` are numbers.
"""
import random
import sys
from mpmath import mp, mpf, sqrt, exp, log, nstr

mp.dps = 80
COUNT, SEED = (int(x) for x in (sys.argv[1:] + [400, 20261123][len(sys.argv) - 1:]))
random.seed(SEED)
WAD = 10**18
YEAR = 31_536_000
EIGHT = 8 * WAD


def values(a, b, rho, m, sigma, seconds, forward, strike):
    a, b, rho, m, sigma = (mpf(x) / WAD for x in (a, b, rho, m, sigma))
    k = log(mpf(strike) / forward)
    x = k - m
    radius = sqrt(x * x + sigma * sigma)
    w = a + b * (rho * x + radius)
    slope = b * (rho + x / radius)
    curvature = b * sigma**2 / radius**3
    if w <= 0:
        return None
    g = (1 - k * slope / (2 * w))**2 - slope**2 / 4 * (1 / w + mpf(1) / 4) + curvature / 2
    return w, slope, curvature, sqrt(w * YEAR / seconds), g


def log_uniform(low, high):
    return random.uniform(0, 1) * (log(mpf(high)) - log(mpf(low))) + log(mpf(low))


def size(low, high):
    return int(exp(log_uniform(low, high)))


def usual():
    years = exp(log_uniform(mpf(1) / 365, 2))
    level = years * exp(log_uniform("0.02", "1.5"))
    sigma = exp(log_uniform("0.01", "0.8"))
    b = min(mpf(2), level * exp(log_uniform("0.05", 2)) / sigma)
    rho = mpf(random.uniform(-0.95, 0.8))
    m = mpf(random.uniform(-0.4, 0.4)) * sqrt(level)
    # The level at the money is what was drawn; `a` may be negative.
    a = level - b * (-rho * m + sqrt(m * m + sigma * sigma))
    parameters = [int(x * WAD) for x in (a, b, rho, m, sigma)]
    return parameters, int(years * YEAR), mpf(random.gauss(0, 1.5)) * sqrt(level)


def extreme():
    sign = lambda: random.choice([-1, 1])
    a = random.choice([0, EIGHT, size(1, EIGHT), size(1, EIGHT), -size(1, EIGHT)])
    b = random.choice([0, EIGHT, size(1, EIGHT), size(WAD // 1000, EIGHT), size(WAD // 1000, EIGHT)])
    rho = random.choice([0, sign() * (WAD - 1), sign() * (WAD - size(1, WAD)), random.randint(1 - WAD, WAD - 1)])
    m = random.choice([0, sign() * EIGHT, sign() * size(1, EIGHT)])
    sigma = random.choice([1, EIGHT, size(1, EIGHT), size(WAD // 10**6, EIGHT)])
    seconds = random.choice([1, 3600, 10 * YEAR, size(1, 10 * YEAR)])
    k = random.choice([mpf(0), mpf(m) / WAD, mpf(random.uniform(-13.8, 13.8)), sign() * exp(log_uniform("1e-15", 13))])
    return [a, b, rho, m, sigma], seconds, k


def main():
    print("kind,a,b,rho,m,sigma,seconds,forward,strike,w,slope,curvature,volatility,g")
    made = 0
    while made < COUNT:
        kind = "usual" if made % 2 == 0 else "extreme"
        parameters, seconds, k = usual() if kind == "usual" else extreme()
        a, b, rho, m, sigma = parameters
        if not (abs(a) <= EIGHT and b <= EIGHT and abs(rho) < WAD and abs(m) <= EIGHT and 0 < sigma <= EIGHT and seconds > 0):
            continue
        forward = int(exp(log_uniform(1000, 100000)) * WAD) if kind == "usual" else size(10**9, 10**30)
        strike = int(forward * exp(k))
        if not (10**9 <= strike <= 10**30 and -13.8 < k < 13.8):
            continue
        found = values(*parameters, seconds, forward, strike)
        # Variance within one unit of the level's last digit is noise of the input.
        if found is None or found[0] < mpf(10)**-18:
            continue
        made += 1
        print(",".join([kind] + [str(x) for x in parameters + [seconds, forward, strike]] + [nstr(x, 26, min_fixed=0, max_fixed=0) for x in found]))


main()
