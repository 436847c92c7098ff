#!/usr/bin/env python3
"""Fits the first guess of an implied volatility and prints the constants of src/implied_volatility/guess.rs.

    pip install numpy scipy && python3 generate/volatility_guess.py

Every fit is a least-squares fit reweighted towards the smallest largest relative error. What it is off is printed beside it;
the number of refining steps, which is what a guess decides, is tested in Rust.
"""
import numpy as np
from scipy.optimize import least_squares
from scipy.special import erfcx

ROOT_TWO_PI = np.sqrt(2 * np.pi)
ETA_END = 12


def mills(z):
    return np.sqrt(np.pi / 2) * erfcx(z / np.sqrt(2))


def log_value(x, s):
    """ln of the out-of-the-money value over min(S, K·e^(−rT))."""
    h, t = x / s, s / 2
    a, b = h - t, h + t
    difference = mills(np.abs(a)) - mills(b)
    mean = h * (mills(np.abs(a)) + mills(b)) / 2
    narrow = s * (1 - mean + t * t / 3 * (1 - h * h * (1 - mean)))
    with np.errstate(all="ignore"):
        far = -a * a / 2 - np.log(ROOT_TWO_PI) + np.log(np.where(s < 1e-3, narrow, difference))
        near = np.log1p(-np.exp(-a * a / 2) / ROOT_TWO_PI * (mills(np.abs(a)) + mills(b)))
        near = np.where(s < 1e-3, np.log(s / ROOT_TWO_PI * np.exp(-h * h / 2) * (1 - h * mills(h))), near)
    return np.where(a >= 0, far, near)


def log_shortfall(x, s):
    """ln of one minus that value, for a < 0."""
    a, b = x / s - s / 2, x / s + s / 2
    with np.errstate(all="ignore"):
        return np.where(a < 0, -a * a / 2 - np.log(ROOT_TWO_PI) + np.log(mills(np.abs(a)) + mills(b)), 0)


def samples(count):
    rng = np.random.default_rng(1)
    x = np.where(rng.random(count) < 0.5, 10 ** rng.uniform(-12, np.log10(30), count), rng.uniform(0, 30, count))
    x = np.where(rng.random(count) < 0.02, 0, x)
    by_distance = (rng.random(count) < 0.6) & (x > 0)
    s = np.where(by_distance, x / rng.uniform(0.001, 11.5, count), 10 ** rng.uniform(-8, 1.5, count))
    return x, np.clip(s, 1e-9, 32)


def reweighted(columns, target, weight):
    w = weight.copy()
    for _ in range(60):
        c = np.linalg.lstsq(columns * w[:, None], target * w, rcond=None)[0]
        e = np.abs(columns @ c - target) * weight
        w *= (e / e.max() + 0.02) ** 0.3
    return c, e.max()


def show(name, c, error):
    print(f"// {', '.join(f'{v:.6f}' for v in c)}: at most {error:.2%} off.")
    print(f"const {name}: [i64; {len(c)}] = [{', '.join(f'{round(v * 2**24):_}' for v in c)}];")


def main():
    # Bachelier's formula: η = h / (φ(h) − h·Φ(−h)).
    h = np.concatenate([10 ** np.linspace(-13, -2, 2000), np.linspace(0.0101, 13, 20000)])
    log_eta = np.log(h) + h * h / 2 + np.log(ROOT_TWO_PI) - np.log(1 - h * mills(h))
    k = log_eta <= np.log(ETA_END)
    eta = np.exp(log_eta[k])
    near, error = reweighted(np.stack([eta**i for i in range(4)], 1), eta / h[k], h[k] / eta)
    show("BACHELIER_NEAR", near, error)

    k = ~k & (h < 12.6)
    w, hk = log_eta[k], h[k]
    weight = 1 / hk
    for _ in range(5):
        far, _ = reweighted(np.stack([np.ones_like(w), w, w * w, -hk * w], 1), hk, weight)
        weight = 1 / hk / (1 + far[3] * w)
    error = np.max(np.abs((far[0] + w * (far[1] + w * far[2])) / (1 + far[3] * w) / hk - 1))
    show("BACHELIER_FAR", far, error)

    x, s = samples(400_000)
    value, shortfall = log_value(x, s), log_shortfall(x, s)
    low = (value <= np.log(0.5)) & (value > -70) & (x / s < 12)
    xl, sl, symmetric = x[low], s[low], value[low] - x[low] / 2
    with np.errstate(all="ignore"):
        log_eta = np.log(xl) - symmetric
        eta = np.exp(np.minimum(log_eta, 50))
        ratio = near[0] + eta * (near[1] + eta * (near[2] + eta * near[3]))
        is_near = eta < ETA_END
        h = np.where(is_near, eta / ratio, (far[0] + log_eta * (far[1] + log_eta * far[2])) / (1 + far[3] * log_eta))
        normal = np.where(is_near, np.exp(symmetric) * ratio, xl / h)
    guess = lambda p: normal * (1 + normal**2 / (p[0] + h * (p[1] + p[2] * h) - p[3] * normal**2))
    p, weight = np.array([24, 3, 8, 3.0]), np.ones_like(sl)
    for _ in range(12):
        p = least_squares(lambda p: (guess(p) / sl - 1) * weight, p).x
        error = np.abs(guess(p) / sl - 1)
        weight *= (error / error.max() + 0.05) ** 0.4
    show("LOGNORMAL", p, error.max())

    high = (value > np.log(0.5)) & (shortfall > -44)
    xh, sh, root = x[high], s[high], np.sqrt(-shortfall[high])
    distance = sh / 2 - xh / sh
    columns = np.stack([np.ones_like(root), root, xh / (xh + 2)], 1)
    c, _ = reweighted(columns, distance, 1 / np.sqrt(distance**2 + 2 * xh))
    fitted = columns @ c
    show("HIGH", c, np.max(np.abs((fitted + np.sqrt(fitted**2 + 2 * xh)) / sh - 1)))


main()
