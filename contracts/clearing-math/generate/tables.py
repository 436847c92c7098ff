#!/usr/bin/env python3
"""Writes src/tables.rs: the polynomials and constants of the pricing kernel, from 60-digit arithmetic.

    pip install mpmath && python3 generate/tables.py > src/tables.rs

Every table is a polynomial through Chebyshev nodes of its piece, converted to powers and rounded to 64 bits. The script
stops if a coefficient does not fit or a piece misses its error bound, so a table in the tree is one that met them.
"""
from mpmath import mp, mpf, sqrt, pi, exp, log, erfc, cos, atanh, matrix, lu_solve, polyval, nstr

mp.prec = 220

MILLS_DEGREE, MILLS_OCTAVES, MILLS_PIECES = 9, 4, 16
# Coefficients from this power on fit 32 bits at this scale and are summed in one product each.
MILLS_NARROW, MILLS_NARROW_BITS = 6, 47
EXP_DEGREE, EXP_ENTRIES = 6, 64
EXP_NARROW, EXP_NARROW_BITS = 3, 62
ATANH_DEGREE, ATANH_SCALE = 8, 32
ATANH_NARROW, ATANH_NARROW_BITS = 5, 60


def interpolate(f, degree):
    """Power coefficients of the polynomial through the Chebyshev nodes of [0, 1]."""
    n = degree + 1
    nodes = [(1 + cos(pi * (2 * k + 1) / (2 * n))) / 2 for k in range(n)]
    rows = matrix(n, n)
    for i, x in enumerate(nodes):
        for j in range(n):
            rows[i, j] = x**j
    return list(lu_solve(rows, matrix([f(x) for x in nodes])))


def error(f, coefficients):
    high_first = coefficients[::-1]
    return max(abs(f(mpf(k) / 64) - polyval(high_first, mpf(k) / 64)) for k in range(65))


def fixed(x, bits):
    n = int(mp.nint(x * mpf(2) ** bits))
    assert 0 <= n < 2**64, (nstr(x), bits)
    return n


def narrow(x, bits):
    n = int(mp.nint(x * mpf(2) ** bits))
    assert 0 <= n < 2**32, (nstr(x), bits)
    return n


def compressible(n, k):
    """A Q64 coefficient of (v/4)^k without the bits that move the sum by less than an eighth of a unit: zeros compress."""
    unused = max(0, 2 * k - 2)
    return (n + (1 << unused >> 1)) >> unused << unused


# What a product lacks on average, in units of its last bit: one of halves is cut off, one of wholes leaves out a part as well.
# It is added to the coefficient that follows, so that sums are as often too high as too low.
LOST_BY_HALVES, LOST_BY_WHOLES = mpf(1) / 2, mpf(5) / 4


def mixed(c, bits, start, narrow_bits):
    """Coefficients, highest first; from the power `start` on at a scale where they fit 32 bits."""
    coefficients = []
    for k, x in reversed(list(enumerate(c))):
        if k >= start:
            lost = LOST_BY_HALVES if k < len(c) - 1 else 0
            coefficients.append(narrow(x + lost / mpf(2) ** narrow_bits, narrow_bits))
        else:
            coefficients.append(fixed(x + LOST_BY_WHOLES / mpf(2) ** bits, bits))
    return coefficients


def array(name, kind, values, doc):
    print(f"\n/// {doc}")
    print(f"pub(crate) const {name}: {kind} = [")
    for v in values:
        print(f"    0x{v:016x},")
    print("];")


def mills(z):
    """(1 - Phi(z)) / phi(z) / sqrt(2 pi): one half at zero."""
    return exp(z * z / 2) * erfc(z / sqrt(mpf(2))) / 2


def main():
    print("//! Polynomials and constants of the kernel. Written by `generate/tables.py`: edit that instead.")
    print("\nuse crate::magnitude::Magnitude;")

    worst, flat = mpf(0), []
    for octave in range(MILLS_OCTAVES):
        width = mpf(2) ** octave / MILLS_PIECES
        for piece in range(MILLS_PIECES):
            # Counted from the right end, where every power has a positive coefficient.
            right = mpf(2) ** octave - 1 + width * (piece + 1)
            f = lambda v: mills(right - v * width)
            c = interpolate(f, MILLS_DEGREE)
            worst = max(worst, error(f, c))
            *small, c5, c4, c3, c2, c1, c0 = mixed([x * 4**k for k, x in enumerate(c)], 64, MILLS_NARROW, MILLS_NARROW_BITS)
            pairs = [a << 32 | b for a, b in zip(small[::2], small[1::2])]
            flat.append(pairs + [compressible(x, k) for k, x in zip(range(5, -1, -1), (c5, c4, c3, c2, c1, c0))])
    assert worst < mpf(2) ** -63, nstr(worst)
    print(f"\n/// `(1 - Phi(z)) / phi(z) / sqrt(2 pi)`, Q64, piece by piece; powers of a quarter of the distance from the right end,")
    print(f"/// highest first; the four highest in pairs of 32 bits, Q{MILLS_NARROW_BITS}. Truncation error {nstr(worst, 2)}.")
    print("#[rustfmt::skip]")
    print(f"pub(crate) static MILLS: [[u64; {len(flat[0])}]; {len(flat)}] = [")
    for row in flat:
        print("    [" + ", ".join(f"0x{v:016x}" for v in row) + "],")
    print("];")

    f = lambda w: (mpf(2) ** (w / EXP_ENTRIES) - 1) / w if w else log(mpf(2)) / EXP_ENTRIES
    c = interpolate(f, EXP_DEGREE - 1)
    worst = error(f, c)
    assert worst < mpf(2) ** -64, nstr(worst)
    array("EXP2_POWERS", f"[u64; {EXP_DEGREE}]", mixed(c, 64, EXP_NARROW, EXP_NARROW_BITS),
          f"`(2^(w/{EXP_ENTRIES}) - 1) / w` in powers of w, Q64, highest first, from w^{EXP_NARROW} on Q{EXP_NARROW_BITS} in 32 bits. Truncation error {nstr(worst, 2)}.")
    print(f"\n/// `2^(j/{EXP_ENTRIES})`, Q63.")
    print(f"pub(crate) static EXP2_STEPS: [u64; {EXP_ENTRIES}] = [")
    for j in range(EXP_ENTRIES):
        print(f"    0x{fixed(mpf(2) ** (mpf(j) / EXP_ENTRIES), 63):016x},")
    print("];")

    def f(w):
        if not w:
            return mpf(1)
        u = sqrt(w / ATANH_SCALE)
        return atanh(u) / u
    c = interpolate(f, ATANH_DEGREE)
    worst = error(f, c)
    assert worst < mpf(2) ** -62, nstr(worst)
    array("ATANH_POWERS", f"[u64; {ATANH_DEGREE + 1}]", mixed(c, 63, ATANH_NARROW, ATANH_NARROW_BITS),
          f"`atanh(u)/u` in powers of {ATANH_SCALE} u^2, Q63, highest first, from the power {ATANH_NARROW} on Q{ATANH_NARROW_BITS} in 32 bits. Truncation error {nstr(worst, 2)}.")

    def magnitude(name, x, doc):
        e = int(mp.floor(log(x, 2))) - 63
        print(f"\n/// {doc}")
        print(f"pub(crate) const {name}: Magnitude = Magnitude::new(0x{fixed(x / mpf(2) ** e, 0):016x}, {e});")

    print(f"\n/// `log2(e) / 2`, Q64.\npub(crate) const HALF_LOG2_E: u64 = 0x{fixed(1 / log(mpf(2)) / 2, 64):016x};")
    ln2 = int(log(mpf(2)) * mpf(2) ** 116)
    print(f"\n/// `ln 2`, Q52, rounded down, and the 32 bits that follow.\npub(crate) const LN_2_WIDE: [i64; 2] = [0x{ln2 >> 64:013x}, 0x{ln2 >> 32 & 0xffffffff:08x}];")
    print(f"\n/// `1 / sqrt(2 pi)`, Q64.\npub(crate) const DENSITY_AT_ZERO: u64 = 0x{fixed(1 / sqrt(2 * pi), 64):016x};")
    magnitude("LOG2_E", 1 / log(mpf(2)), "`log2(e)`.")
    magnitude("INVERSE_SQRT_TWO_PI", 1 / sqrt(2 * pi), "`1 / sqrt(2 pi)`.")
    magnitude("LN_2_MAGNITUDE", log(mpf(2)), "`ln 2`.")
    magnitude("SQRT_TWO_PI", sqrt(2 * pi), "`sqrt(2 pi)`.")
    magnitude("PER_WAD", 1 / mpf(10) ** 18, "`1e-18`.")
    year = mpf(365 * 86400)
    magnitude("PER_YEAR", 1 / year, "One second in years of 365 days.")
    magnitude("PER_SQRT_YEAR", 1 / sqrt(year), "Square root of one second in years of 365 days.")
    magnitude("PER_WAD_SQRT_YEAR", 1 / sqrt(year) / mpf(10) ** 18, "The same times `1e-18`.")
    magnitude("PER_WAD_YEAR", 1 / year / mpf(10) ** 18, "One second in years of 365 days, times `1e-18`.")


main()
