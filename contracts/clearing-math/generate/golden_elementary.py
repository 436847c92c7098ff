#!/usr/bin/env python3
"""Writes tests/golden/elementary.csv: exp, ln, square root and the normal distribution at 60 digits.

    pip install mpmath && python3 generate/golden_elementary.py [COUNT [SEED]] > tests/golden/elementary.csv

COUNT random arguments per function, on top of the ends of its domain and of the seams of its tables. An argument is
`±mantissa · 2^exponent`, exact; a value is `±value · 2^power` with 1 ≤ value < 2, so that no double overflows.
"""
import random
import sys
from mpmath import mp, mpf, exp, log, sqrt, floor, nstr
from reference import cdf, mills, pdf

mp.dps = 60


def argument(x):
    """`x` cut to 64 significant bits: sign, mantissa, exponent."""
    x = mpf(x)
    if not x:
        return False, 0, 0
    exponent = int(floor(log(abs(x), 2))) - 63
    mantissa = int(abs(x) / mpf(2) ** exponent)
    return x < 0, min(mantissa, 2**64 - 1), exponent


def around(points):
    """Each point and its neighbours, one and a thousand units of 64 bits away."""
    for x in points:
        for units in (-1000, -1, 0, 1, 1000):
            yield mpf(x) * (1 + units * mpf(2) ** -63)


def decades(low, high):
    return exp(mpf(random.uniform(float(log(mpf(low))), float(log(mpf(high))))))


def signed(x):
    return x if random.random() < 0.5 else -x


# Right ends of the pieces of the Mills table: sixteen to an octave of z + 1, up to 15.
MILLS_SEAMS = [mpf(2) ** octave - 1 + mpf(2) ** octave * piece / 16
               for octave in range(4) for piece in range(1, 17) if 2**octave - 1 + 2**octave * piece / 16 < 15]
TWO = log(mpf(2))
FUNCTIONS = {
    # Of the exponential, the sixteenths of a power of two.
    "exp": (exp, [0, 1, -1, 1400, -1400, mpf(10) ** -18, -mpf(10) ** -18,
                  *around([s * (j + mpf(16) * k) * TWO / 16 for j in range(1, 17, 3) for k in (0, 3) for s in (1, -1)])],
            lambda: random.choice([signed(decades(1e-18, 1400)), mpf(random.uniform(-40, 40))])),
    "ln": (log, [*around([1, mpf(2), mpf(1) / 2, 1 / sqrt(mpf(2)), sqrt(mpf(2)), 3, mpf(10) ** 6, mpf(10) ** -6]),
                 mpf(2) ** 200, mpf(2) ** -200],
           lambda: random.choice([decades(1e-60, 1e60), decades(1e-3, 1e3), 1 + signed(decades(1e-18, 0.5))])),
    "square_root": (sqrt, [*around([1, 2, 4, mpf(1) / 4, 3]), mpf(2) ** -200, mpf(2) ** 200],
                    lambda: decades(1e-60, 1e60)),
    "density": (pdf, [0, mpf("15.999"), mpf("-15.999"), *around([1, 8, 11])], lambda: random.choice([signed(decades(1e-9, 15.99)),
                                                                           mpf(random.uniform(-15.99, 15.99))])),
    "cumulative": (cdf, [0, *around([-x for x in MILLS_SEAMS[::5]]), *around([1, 8])],
                   lambda: random.choice([signed(decades(1e-9, 15)), mpf(random.uniform(-15, 15))])),
    "mills": (mills, [0, *around(MILLS_SEAMS)], lambda: random.choice([decades(1e-9, 15), mpf(random.uniform(0, 15))])),
}


def main():
    count, seed = (int(x) for x in (sys.argv[1:] + [100, 1][len(sys.argv) - 1:]))
    random.seed(seed)
    print("function,negative,mantissa,exponent,value_negative,value,power")
    for name, (function, fixed, draw) in FUNCTIONS.items():
        for x in [*fixed, *(draw() for _ in range(count))]:
            negative, mantissa, exponent = argument(x)
            value = function(mpf(mantissa) * mpf(2) ** exponent * (-1 if negative else 1))
            power = int(floor(log(abs(value), 2))) if value else 0
            print(",".join(map(str, (name, int(negative), mantissa, exponent, int(value < 0),
                                     nstr(abs(value) / mpf(2) ** power, 26, strip_zeros=True), power))))


main()
