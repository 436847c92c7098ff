#!/usr/bin/env python3
"""Writes tests/golden/black_scholes.csv: prices and greeks from `reference.py` over the whole domain, extremes over-weighted.

    pip install mpmath && python3 generate/golden.py [COUNT [SEED]] > tests/golden/black_scholes.csv

COUNT is the number of random options on top of the fixed ones; 300 are committed. A larger set is checked by
`NOVATION_GOLDEN=FILE cargo test --release -p clearing-math --test accuracy_golden -- --nocapture`.

Inputs are integers as the crate takes them, so that they are exact. Results are decimals of 26 significant digits in natural
units (quote, per year, per 1.00); what is below 1e-250 is printed as 0.
"""
import random
import sys
from itertools import product
from mpmath import mp, mpf, sqrt, exp, log, nstr
from reference import WAD, YEAR, QUANTITIES, black_scholes

TEN_YEARS = 10 * YEAR
SPOTS = [10**9, WAD, 3000 * WAD, 10**12 * WAD]
VOLATILITIES = [WAD // 1000, WAD // 20, WAD, 20 * WAD]
RATES = [0, -WAD // 2, WAD]
TIMES = [1, 60, 3600, 86400, YEAR, TEN_YEARS]


def strike_at(spot, seconds, volatility, rate, deviations):
    """The strike that many deviations from the forward: `ln(F/K) = deviations · s`, to the last unit."""
    t = mpf(seconds) / YEAR
    return int(mp.nint(spot * exp(mpf(rate) / WAD * t - deviations * mpf(volatility) / WAD * sqrt(t))))


def inside(spot, strike):
    return (10**9 <= spot <= 10**12 * WAD and 10**9 <= strike <= 10**12 * WAD
            and strike <= spot * 10**6 and spot <= strike * 10**6)


def corners():
    """Of the box: every extreme of spot, K/S, time, volatility and rate with every other; then the longest and the loudest."""
    for spot, ratio, seconds, volatility, rate in product(
            [SPOTS[0], SPOTS[-1]], [-6, 0, 6], [1, TEN_YEARS], [VOLATILITIES[0], VOLATILITIES[-1]], [-WAD // 2, WAD]):
        yield spot, spot * 10**ratio if ratio >= 0 else spot // 10**-ratio, seconds, volatility, rate
    for deviations, rate in product([-2, -1, 0, 1, 2], RATES):
        yield WAD, strike_at(WAD, TEN_YEARS, 20 * WAD, rate, mpf(deviations) / 10), TEN_YEARS, 20 * WAD, rate


def near_the_money():
    """The least deviation there is, 1.8e-7, and the smallest ones after it, at every offset within eight deviations."""
    for eighth in range(-16, 17):
        spot = [3000 * WAD, 10**12 * WAD, WAD, 1234567890123456789][eighth % 4]
        rate = [0, WAD, -WAD // 2][eighth % 3]
        yield spot, strike_at(spot, 1, WAD // 1000, rate, mpf(eighth) / 2), 1, WAD // 1000, rate
        seconds, volatility = [(60, WAD // 1000), (1, WAD // 100), (3600, WAD // 500), (1, WAD // 2)][eighth % 4]
        yield spot, strike_at(spot, seconds, volatility, rate, mpf(eighth) / 2 + mpf("0.1")), seconds, volatility, rate
        # Little deviation over a long time: the discount is far from one.
        yield spot, strike_at(spot, TEN_YEARS, WAD // 1000, rate, mpf(eighth) / 2), TEN_YEARS, WAD // 1000, rate
    for spot, rate, unit in product(SPOTS, RATES, [-1, 0, 1]):
        yield spot, strike_at(spot, 1, WAD // 1000, rate, 0) + unit, 1, WAD // 1000, rate


def log_uniform(low, high):
    return exp(mpf(random.uniform(float(log(mpf(low))), float(log(mpf(high))))))


def either(ends, draw):
    return random.choice(ends) if random.random() < 0.3 else int(draw())


def at_random():
    spot = either(SPOTS, lambda: WAD * log_uniform(1e-9, 1e12))
    seconds = either(TIMES, lambda: log_uniform(1, TEN_YEARS))
    volatility = either(VOLATILITIES, lambda: WAD * log_uniform(0.001, 20))
    rate = either([0, 0, -WAD // 2, WAD], lambda: WAD * mpf(random.uniform(-0.5, 1)))
    # Two thirds of the strikes within a few deviations of the forward, where digits matter.
    if random.random() < 0.67:
        offset = random.choice([mpf(random.uniform(-8, 8)), mpf(random.gauss(0, 1)), mpf(random.gauss(0, 1)) / 1000])
        return spot, strike_at(spot, seconds, volatility, rate, offset), seconds, volatility, rate
    ratio = random.choice([mpf(10) ** -6, mpf(1), mpf(10) ** 6, log_uniform(1e-6, 1e6), log_uniform(1e-6, 1e6)])
    return spot, int(spot * ratio), seconds, volatility, rate


def number(x):
    if abs(x) < mpf(10) ** -250:
        return "0"
    return nstr(x, 26, min_fixed=0, max_fixed=0, strip_zeros=True).replace("e+0", "").replace(".0e", "e")


def row(option):
    spot, strike, seconds, volatility, rate = option
    results = black_scholes(mpf(spot) / WAD, mpf(strike) / WAD, mpf(seconds) / YEAR, mpf(volatility) / WAD, mpf(rate) / WAD)
    return ",".join([*map(str, option), *map(number, results)])


def options(count):
    for option in [*corners(), *near_the_money()]:
        if inside(*option[:2]):
            yield option
    while count:
        option = at_random()
        if inside(*option[:2]):
            count -= 1
            yield option


def main():
    count, seed = (int(x) for x in (sys.argv[1:] + [300, 20261123][len(sys.argv) - 1:]))
    random.seed(seed)
    print(",".join(["spot", "strike", "seconds", "volatility", "rate", *QUANTITIES]))
    for option in options(count):
        print(row(option))


if __name__ == "__main__":
    main()
