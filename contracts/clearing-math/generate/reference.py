#!/usr/bin/env python3
"""The reference that the kernel is held to: Black-Scholes and Black-76 at 130 digits, from exact inputs.

    pip install mpmath && python3 generate/reference.py

checks it against two formulations that share nothing with it but the model: the expectation of the payoff by numeric
integration, and greeks by differences of that integral.

Closed forms lose digits where a price is a small difference: at most log10(1/s) + 2·log10(|d1|) < 40 within the domain, which
leaves 90 of 130 for the digits printed. Years have 365 days; theta is per year, vega and rho per 1.00.
"""
from mpmath import mp, mpf, sqrt, exp, log, erfc, pi, quad, nstr

mp.dps = 130
WAD = 10**18
YEAR = 31_536_000
QUANTITIES = ("call", "put", "delta_call", "delta_put", "gamma", "vega", "theta_call", "theta_put",
              "rho_call", "rho_put", "vanna", "volga")


def cdf(x):
    return erfc(-x / sqrt(mpf(2))) / 2


def pdf(x):
    return exp(-x * x / 2) / sqrt(2 * pi)


def mills(x):
    return cdf(-x) / pdf(x)


def black_scholes(s, k, t, v, r):
    """`QUANTITIES` of spot, strike, years, volatility, rate."""
    kd = k * exp(-r * t)
    dev = v * sqrt(t)
    d1 = log(s / kd) / dev + dev / 2
    d2 = d1 - dev
    decay = s * pdf(d1) * v / (2 * sqrt(t))
    vega = s * pdf(d1) * sqrt(t)
    return (s * cdf(d1) - kd * cdf(d2), kd * cdf(-d2) - s * cdf(-d1), cdf(d1), -cdf(-d1), pdf(d1) / (s * dev), vega,
            -decay - r * kd * cdf(d2), -decay + r * kd * cdf(-d2), kd * t * cdf(d2), -kd * t * cdf(-d2),
            -pdf(d1) * d2 / v, vega * d1 * d2 / v)


def black_76(f, k, d, t, v):
    """`QUANTITIES` of forward, strike, discount factor, years, volatility: delta, gamma and vanna by the forward; the rate
    `-ln(d)/t` moves the discount factor alone."""
    dev = v * sqrt(t)
    d1 = log(f / k) / dev + dev / 2
    d2 = d1 - dev
    r = -log(d) / t
    call, put = d * (f * cdf(d1) - k * cdf(d2)), d * (k * cdf(-d2) - f * cdf(-d1))
    vega = d * f * pdf(d1) * sqrt(t)
    decay = vega * v / (2 * t)
    return (call, put, d * cdf(d1), -d * cdf(-d1), d * pdf(d1) / (f * dev), vega, -decay + r * call, -decay + r * put,
            -t * call, -t * put, -d * pdf(d1) * d2 / v, vega * d1 * d2 / v)


def expectation(s, k, t, v, r, call):
    """The discounted expectation of the payoff over the lognormal density, integrated numerically."""
    dev = v * sqrt(t)
    at = lambda z: s * exp(dev * z - dev * dev / 2)
    kd = k * exp(-r * t)
    kink = log(kd / s) / dev + dev / 2
    # Both densities, of weight one and of weight `at`, are below 1e-40 fourteen deviations from their centres.
    far = 14 + dev
    steps = 24
    low, high = (kink, max(kink, mpf(0)) + far) if call else (min(kink, mpf(0)) - far, kink)
    points = [low + (high - low) * i / steps for i in range(steps + 1)]
    sign = 1 if call else -1
    return quad(lambda z: sign * (at(z) - kd) * pdf(z), points)


def check():
    mp.dps = 40
    worst = mpf(0)
    cases = [(42, 40, "0.5", "0.2", "0.1"), (100, 130, "2", "0.35", "-0.5"), (1, "1.0001", "0.001", "0.01", "0"),
             (3000, 600, "0.25", "1.5", "0.05"), (1, 1, "10", "2", "1")]
    for case in cases:
        s, k, t, v, r = map(mpf, case)
        want = dict(zip(QUANTITIES, black_scholes(s, k, t, v, r)))
        e = lambda call, s=s, t=t, v=v, r=r: expectation(s, k, t, v, r, call)
        h = mpf(10) ** -10

        def slope(f, x):
            # Fourth order: the error is h^4 of the fifth derivative.
            g = h * x
            return (8 * (f(x + g) - f(x - g)) - f(x + 2 * g) + f(x - 2 * g)) / (12 * g)
        seen = {"call": e(True), "put": e(False)}
        for side, call in (("call", True), ("put", False)):
            seen[f"delta_{side}"] = slope(lambda y: e(call, s=y), s)
            seen[f"theta_{side}"] = -slope(lambda y: e(call, t=y), t)
            seen[f"rho_{side}"] = slope(lambda y: e(call, r=y), r) if r else None
        seen["vega"] = slope(lambda y: e(True, v=y), v)
        # Second derivatives as slopes of the first, with the wider step that they need.
        closed = lambda name, **by: dict(zip(QUANTITIES, black_scholes(**{**dict(s=s, k=k, t=t, v=v, r=r), **by})))[name]
        seen["gamma"] = slope(lambda y: closed("delta_call", s=y), s)
        seen["vanna"] = slope(lambda y: closed("vega", s=y), s)
        seen["volga"] = slope(lambda y: closed("vega", v=y), v)
        for name, value in seen.items():
            if value is not None:
                error = abs(value / want[name] - 1)
                assert error < mpf(10) ** -22, (case, name, nstr(error))
                worst = max(worst, error)
        forward, discount = s * exp(r * t), exp(-r * t)
        for name, value in zip(("call", "put"), black_76(forward, k, discount, t, v)):
            assert abs(value / want[name] - 1) < mpf(10) ** -30, (case, name)
        by_forward = dict(zip(QUANTITIES, black_76(forward, k, discount, t, v)))
        closed = lambda i, **by: black_76(**{**dict(f=forward, k=k, d=discount, t=t, v=v), **by})[i]
        for i, side in enumerate(("call", "put")):
            seen = {"delta": slope(lambda y: closed(i, f=y), forward), "rho": -t * discount * slope(lambda y: closed(i, d=y), discount),
                    "theta": -slope(lambda y: closed(i, t=y, d=exp(-r * y)), t)}
            for name, value in seen.items():
                assert abs(value / by_forward[f"{name}_{side}"] - 1) < mpf(10) ** -22, (case, name, side)
    print("closed forms and integrals agree; largest relative difference", nstr(worst, 3))


if __name__ == "__main__":
    check()
