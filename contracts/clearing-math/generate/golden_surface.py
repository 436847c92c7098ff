#!/usr/bin/env python3
"""Writes tests/golden/surface.csv: volatilities of surfaces of several publishers at 60 digits, from the words themselves.

    pip install mpmath && python3 generate/golden_surface.py [COUNT [SEED]] > tests/golden/surface.csv

One to seven publishers a row, each with two smiles as 32-byte words, packed here by Python's integers: smiles as fits to listed options
have them, skews of almost one, flat ones; an expiry between the two, at one of them, before or beyond; strikes within a few deviations, or
anywhere. Columns: now, expiry, forward and strike (WAD), the words `near/far` of the publishers, the volatility (WAD, held within 1 % and
1,800 %), and by what factor the relative error of one sum exceeds that of the volatility where terms cancel.
"""
import random
import sys
from mpmath import mp, mpf, sqrt, exp, log, nstr

mp.dps = 60
COUNT, SEED = (int(x) for x in (sys.argv[1:] + [400, 20261123][len(sys.argv) - 1:]))
random.seed(SEED)
WAD, UNIT, DAY = 10**18, 10**9, 86_400
FIELDS = [("a", 40), ("b", 40), ("rho", 32), ("m", 40), ("sigma", 40), ("expiry", 32), ("published", 32)]


def pack(smile):
    word = 0
    for name, bits in FIELDS:
        word = word << bits | smile[name] % 2**bits
    return f"{word:064x}"


def smile(kind, expiry, now):
    level = mpf(10)**mpf(random.uniform(-2.5, 1.5))
    if kind == "flat":
        a, b, rho, m, sigma = int(level * UNIT), 0, 0, 0, UNIT
    else:
        sigma = mpf(10)**mpf(random.uniform(-2, 0))
        b = level * mpf(10)**mpf(random.uniform(-1.5, 0.3)) / sigma
        rho = mpf(random.uniform(-0.95, 0.8))
        if kind == "steep":
            rho = random.choice([-1, 1]) * (1 - mpf(10)**mpf(random.uniform(-9, -2)))
        m = mpf(random.uniform(-0.4, 0.4))
        a = level - b * (-rho * m + sqrt(m * m + sigma * sigma))
        a, b, rho, m, sigma = (int(x * UNIT) for x in (a, b, rho, m, sigma))
        rho = max(1 - UNIT, min(UNIT - 1, rho))
    b = min(b, 2**39 - 1)
    if abs(a) >= 2**39:
        return smile(kind, expiry, now)
    return dict(a=a, b=b, rho=rho, m=m, sigma=max(1, sigma), expiry=expiry, published=now - random.randint(0, 600))


def variance(s, k):
    """v(k), and the size of the terms it is made of with what an error of k moves."""
    a, b, rho, m, sigma = (mpf(s[name]) / UNIT for name in ("a", "b", "rho", "m", "sigma"))
    x = k - m
    radius = sqrt(x * x + sigma * sigma)
    rise = b * (rho * x + radius)
    return a + rise, abs(a) + rise + b * (1 + abs(rho)) * (4 + abs(k) + 2 * abs(m))


def volatility(near, far, expiry, now, k):
    v, terms = variance(near, k)
    if near != far:
        w, more = variance(far, k)
        left, near_left, far_left = (mpf(t - now) for t in (expiry, near["expiry"], far["expiry"]))
        if expiry >= far["expiry"]:
            v, terms = w, more
        elif expiry > near["expiry"]:
            # Total variance, linear in time.
            share = (left - near_left) / (far_left - near_left)
            v = (v * near_left * (1 - share) + w * far_left * share) / left
            terms = (terms * near_left * (1 - share) + more * far_left * share) / left
    if v <= 0:
        return None
    return sqrt(v), terms / v


def main():
    print("now,expiry,forward,strike,words,volatility,condition")
    made = 0
    while made < COUNT:
        now = 1_763_000_000 + random.randint(0, 10**7)
        count = random.choice([1, 1, 2, 3, 3, 3, 4, 5, 7])
        expiry = now + random.choice([2, 3600, DAY, 7 * DAY, random.randint(1, 700 * DAY)])
        k = mpf(random.gauss(0, 0.4)) if random.random() < 0.7 else mpf(random.uniform(-15.9, 15.9))
        forward = int(mpf(10)**mpf(random.uniform(0, 6)) * WAD)
        strike = int(forward * exp(k))
        k = log(mpf(strike) / forward)
        words, found = [], []
        for _ in range(count):
            kind = random.choice(["usual", "usual", "usual", "steep", "flat"])
            where = random.choice(["at", "between", "between", "before", "beyond"])
            near_at, far_at = {
                "at": lambda: (expiry, expiry),
                "between": lambda: (now + random.randint(0, expiry - now - 1) + 1, expiry + random.randint(1, 100 * DAY)),
                "before": lambda: (expiry + 5 * DAY, expiry + 9 * DAY),
                "beyond": lambda: (expiry - 1, expiry),
            }[where]()
            near = smile(kind, near_at, now)
            far = near if where == "at" else smile(random.choice(["usual", "flat"]), far_at, now)
            words.append(pack(near) + "/" + pack(far))
            found.append(volatility(near, far, expiry, now, k))
        if None in found:
            continue
        values = sorted(v for v, _ in found)
        low, high = values[(count - 1) // 2], values[count // 2]
        held = [max(mpf("0.01"), min(mpf(18), v)) for v in (low, high)]
        condition = max(c for _, c in found)
        made += 1
        print(",".join([str(x) for x in (now, expiry, forward, strike)] + [" ".join(words)]
                       + [nstr((held[0] + held[1]) / 2 * WAD, 26, min_fixed=0, max_fixed=0), nstr(condition, 4)]))


main()
