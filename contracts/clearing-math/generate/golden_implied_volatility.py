#!/usr/bin/env python3
"""Writes tests/golden/implied_volatility.csv: prices in whole units of 1e-18 and the volatilities they imply, to 100 digits of work.

    pip install mpmath && python3 generate/golden_implied_volatility.py [COUNT [SEED]] > tests/golden/implied_volatility.csv

A price is drawn by pricing an option of the domain and cutting the result to whole units; what that integer implies is then solved
for anew, by bisection and Newton steps on the closed form at 130 digits, so the volatility is exact for the row as printed. Rows
without two whole units of time value, or of distance to the upper bound, are not drawn; nor are those of less than 1e-18 of the
smaller of spot and discounted strike, or 1e-17 of an intrinsic value or bound, which the crate may refuse. `vega` is the price change per 1.00 of volatility.
"""
import random
import sys
from mpmath import mp, mpf, exp, sqrt, log, nstr
from golden import SPOTS, VOLATILITIES, RATES, TIMES, either, inside, log_uniform, strike_at
from reference import WAD, YEAR, cdf, pdf


def out_of_the_money(spot, discounted, deviation):
    """Value and derivative by the deviation."""
    d1 = log(spot / discounted) / deviation + deviation / 2
    d2 = d1 - deviation
    if spot < discounted:
        value = spot * cdf(d1) - discounted * cdf(d2)
    else:
        value = discounted * cdf(-d2) - spot * cdf(-d1)
    return value, spot * pdf(d1)


def deviation_of(value, spot, discounted):
    low, high = mpf(0), mpf(64)
    for _ in range(60):
        middle = sqrt(low * high) if low else high / 8
        if out_of_the_money(spot, discounted, middle)[0] < value:
            low = middle
        else:
            high = middle
        if low and high / low < 1 + mpf(10) ** -8:
            break
    s = high
    for _ in range(30):
        got, slope = out_of_the_money(spot, discounted, s)
        # Newton on the logarithm, which is straighter where the value is small.
        step = log(value / got) * got / slope
        s += step
        if abs(step) < s * mpf(10) ** -60:
            return s
    raise ArithmeticError("no convergence")


def at_random():
    spot = either(SPOTS, lambda: WAD * log_uniform(1e-9, 1e12))
    seconds = either(TIMES, lambda: log_uniform(1, 10 * YEAR))
    volatility = either(VOLATILITIES, lambda: WAD * log_uniform(0.001, 20))
    rate = either([0, 0, *RATES[1:]], lambda: WAD * mpf(random.uniform(-0.5, 1)))
    if random.random() < 0.8:
        offset = random.choice([mpf(random.uniform(-9, 9)), mpf(random.gauss(0, 1)), mpf(random.gauss(0, 1)) / 1000, mpf(0)])
        strike = strike_at(spot, seconds, volatility, rate, offset)
    else:
        strike = int(spot * log_uniform(1e-6, 1e6))
    return spot, strike, seconds, volatility, rate


def main():
    count, seed = (int(x) for x in (sys.argv[1:] + [400, 20261123][len(sys.argv) - 1:]))
    random.seed(seed)
    print("kind,price,spot,strike,seconds,rate,volatility,vega")
    while count:
        spot, strike, seconds, volatility, rate = at_random()
        if not inside(spot, strike):
            continue
        s, t = mpf(spot), mpf(seconds) / YEAR
        discounted = strike * exp(-mpf(rate) / WAD * t)
        kind = random.choice(["call", "put"])
        bound, other = (s, discounted) if kind == "call" else (discounted, s)
        intrinsic = max(mpf(0), bound - other)
        value, _ = out_of_the_money(s, discounted, mpf(volatility) / WAD * sqrt(t))
        price = int(mp.floor(value + intrinsic))
        time_value, smaller = price - intrinsic, min(s, discounted)
        # A discounted strike of 64 bits is some 3e-18 of itself off, and so is what it is subtracted from or compared with.
        cut = max(mpf(2), bound * mpf(10) ** -17)
        least = cut if intrinsic else max(mpf(2), smaller * mpf(10) ** -18)
        if not least < time_value < smaller - cut:
            continue
        dev = deviation_of(time_value, s, discounted)
        vega = out_of_the_money(s, discounted, dev)[1] * sqrt(t)
        implied = dev / sqrt(t) * WAD
        if implied > 100 * WAD:
            continue
        print(f"{kind},{price},{spot},{strike},{seconds},{rate},{nstr(implied, 30, min_fixed=0, max_fixed=0)},{nstr(vega, 6)}")
        count -= 1


main()
