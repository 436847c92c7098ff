#!/usr/bin/env python3
"""Writes tests/golden/black_scholes.csv: prices and greeks from 60-digit closed forms, over the whole domain, extremes
over-weighted.

    pip install mpmath && python3 generate/golden.py [COUNT [SEED]] > tests/golden/black_scholes.csv

All columns are integers: inputs as the crate takes them, results in units of 1e-18, rounded to the nearest.
"""
import random
import sys
from mpmath import mp, mpf, sqrt, exp, log, erfc, pi, nint

mp.dps = 60
COUNT, SEED = (int(x) for x in (sys.argv[1:] + [360, 20261122][len(sys.argv) - 1:]))
random.seed(SEED)
WAD = 10**18
YEAR = 31_536_000


def cdf(x):
    return erfc(-x / sqrt(mpf(2))) / 2


def pdf(x):
    return exp(-x * x / 2) / sqrt(2 * pi)


def row(spot, strike, seconds, volatility, rate):
    s, k, t = mpf(spot) / WAD, mpf(strike) / WAD, mpf(seconds) / YEAR
    v, r = mpf(volatility) / WAD, mpf(rate) / WAD
    kd = k * exp(-r * t)
    dev = v * sqrt(t)
    d1 = log(s / kd) / dev + dev / 2
    d2 = d1 - dev
    call = s * cdf(d1) - kd * cdf(d2)
    put = kd * cdf(-d2) - s * cdf(-d1)
    decay = s * pdf(d1) * v / (2 * sqrt(t))
    out = [call, put, cdf(d1), -cdf(-d1), pdf(d1) / (s * dev), s * pdf(d1) * sqrt(t),
           -decay - r * kd * cdf(d2), -decay + r * kd * cdf(-d2), kd * t * cdf(d2), -kd * t * cdf(-d2)]
    return [spot, strike, seconds, volatility, rate] + [int(nint(x * WAD)) for x in out]


def log_uniform(low, high):
    return exp(mpf(random.uniform(float(log(mpf(low))), float(log(mpf(high))))))


def either(ends, draw):
    return random.choice(ends) if random.random() < 0.3 else draw()


def main():
    print("spot,strike,seconds,volatility,rate,call,put,delta_call,delta_put,gamma,vega,"
          "theta_call,theta_put,rho_call,rho_put")
    made = 0
    while made < COUNT:
        spot = either([mpf(10) ** -9, mpf(1), mpf(3000), mpf(10) ** 12], lambda: log_uniform(1e-9, 1e12))
        seconds = either([1, 60, 3600, YEAR, 10 * YEAR], lambda: int(log_uniform(1, 10 * YEAR)))
        volatility = either([mpf("0.001"), mpf("0.05"), mpf(1), mpf("18.4")], lambda: log_uniform(0.001, 18.4))
        rate = either([0, 0, mpf("-0.5"), 1], lambda: mpf(random.uniform(-0.5, 1)))
        dev = float(volatility * sqrt(mpf(seconds) / YEAR))
        # Half of the strikes within a few deviations of the forward, where digits matter.
        ratio = exp(mpf(random.gauss(0, 2.5 * dev))) * exp(rate * seconds / mpf(YEAR)) if random.random() < 0.6 else \
            either([1, mpf(10) ** -6, mpf(10) ** 6], lambda: log_uniform(1e-6, 1e6))
        strike = spot * ratio
        if not (mpf(10) ** -6 <= ratio <= mpf(10) ** 6 and mpf(10) ** -9 <= strike <= mpf(10) ** 12):
            continue
        made += 1
        print(",".join(map(str, row(int(spot * WAD), int(strike * WAD), seconds, int(volatility * WAD), int(rate * WAD)))))


main()
