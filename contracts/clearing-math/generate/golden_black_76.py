#!/usr/bin/env python3
"""Writes tests/golden/black_76.csv: options on forwards, the domain and the form of `golden.py`.

    pip install mpmath && python3 generate/golden_black_76.py [COUNT [SEED]] > tests/golden/black_76.csv

The discount factor is that of the drawn rate, cut to 18 decimals: from 4.5e-5 to 148.
"""
import random
import sys
from mpmath import exp, mpf
from golden import SPOTS, TEN_YEARS, VOLATILITIES, at_random, inside, number, strike_at
from reference import WAD, YEAR, QUANTITIES, black_76


def fixed():
    """The least deviation there is within eight deviations of the forward, and the corners of the box."""
    for half in range(-16, 17):
        forward, rate = [3000 * WAD, 10**12 * WAD][half % 2], [0, WAD, -WAD // 2][half % 3]
        yield forward, strike_at(forward, 1, WAD // 1000, 0, mpf(half) / 2), 1, WAD // 1000, rate
    for forward in (SPOTS[0], SPOTS[-1]):
        for power in (-6, 6):
            for volatility, seconds in ((VOLATILITIES[0], 1), (VOLATILITIES[-1], TEN_YEARS)):
                yield forward, forward * 10**power if power > 0 else forward // 10**-power, seconds, volatility, WAD


def main():
    count, seed = (int(x) for x in (sys.argv[1:] + [100, 76][len(sys.argv) - 1:]))
    random.seed(seed)
    print(",".join(["forward", "strike", "discount", "seconds", "volatility", *QUANTITIES]))

    def row(option):
        forward, strike, seconds, volatility, rate = option
        discount = int(WAD * exp(-mpf(rate) / WAD * seconds / YEAR))
        results = black_76(mpf(forward) / WAD, mpf(strike) / WAD, mpf(discount) / WAD, mpf(seconds) / YEAR,
                           mpf(volatility) / WAD)
        print(",".join([*map(str, (forward, strike, discount, seconds, volatility)), *map(number, results)]))
    for option in fixed():
        if inside(*option[:2]):
            row(option)
    while count:
        forward, strike, seconds, volatility, rate = at_random()
        # The strikes are drawn around the forward of a spot; a forward has none.
        if rate:
            strike = int(strike * exp(-mpf(rate) / WAD * seconds / YEAR))
        if inside(forward, strike):
            count -= 1
            row((forward, strike, seconds, volatility, rate))


main()
