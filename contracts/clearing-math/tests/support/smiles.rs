//! Slices at random, and what doubles on a dense grid say about their arbitrage.

use clearing_math::svi::Slice;

/// Splitmix64, for cases that are the same everywhere.
pub struct Random(pub u64);

impl Random {
    fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let x = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        x ^ (x >> 31)
    }

    pub fn uniform(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * (self.bits() >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub fn log_uniform(&mut self, low: f64, high: f64) -> f64 {
        self.uniform(low.ln(), high.ln()).exp()
    }
}

/// `a`, `b`, `ρ`, `m`, `σ` as doubles.
#[derive(Clone, Copy, Debug)]
pub struct Raw {
    pub a: f64,
    pub b: f64,
    pub rho: f64,
    pub m: f64,
    pub sigma: f64,
}

impl Raw {
    /// Any slice that has variance everywhere, as steep as it may be, and as low.
    pub fn any(random: &mut Random) -> Self {
        let rho = random.uniform(-0.999, 0.999);
        let b = random.log_uniform(1e-3, 2.0 / (1.0 + rho.abs()));
        let sigma = random.log_uniform(1e-3, 2.0);
        let m = random.uniform(-1.0, 1.0) * random.log_uniform(1e-3, 1.0);
        let bend = b * sigma * (1.0 - rho * rho).sqrt();
        let a = random.log_uniform(1e-4, 1.0) - bend * random.uniform(0.0, 1.0);
        let a = a.max(1e-6 - bend);
        Self {
            a,
            b,
            rho,
            m,
            sigma,
        }
    }

    /// A slice as fits to listed options give them, most without arbitrage.
    pub fn usual(random: &mut Random) -> Self {
        loop {
            let level = random.log_uniform(1e-3, 1.0);
            let rho = random.uniform(-0.9, 0.6);
            let sigma = random.log_uniform(0.3, 3.0) * level.sqrt();
            let b = (level / sigma * random.uniform(0.02, 0.8)).min(1.9 / (1.0 + rho.abs()));
            let m = random.uniform(-0.5, 0.5) * level.sqrt();
            let a = level - b * (m.hypot(sigma) - rho * m);
            let found = Self {
                a,
                b,
                rho,
                m,
                sigma,
            };
            if a + b * sigma * (1.0 - rho * rho).sqrt() > 1e-6 {
                return found;
            }
        }
    }

    pub fn slice(&self) -> Slice {
        let wad = |x: f64| (x * 1e18) as i64;
        Slice {
            a: wad(self.a),
            b: wad(self.b) as u64,
            rho: wad(self.rho),
            m: wad(self.m),
            sigma: wad(self.sigma) as u64,
        }
    }

    pub fn variance(&self, k: f64) -> f64 {
        let x = k - self.m;
        self.a + self.b * (self.rho * x + x.hypot(self.sigma))
    }

    /// Durrleman's function.
    pub fn g(&self, k: f64) -> f64 {
        let x = k - self.m;
        let radius = x.hypot(self.sigma);
        let w = self.variance(k);
        let slope = self.b * (self.rho + x / radius);
        let curvature = self.b * self.sigma.powi(2) / radius.powi(3);
        (1.0 - k * slope / (2.0 * w)).powi(2) - slope * slope / 4.0 * (1.0 / w + 0.25)
            + curvature / 2.0
    }

    /// Where the dense grid looks: `count` points even in `k` over −6..6, and `count` even in `asinh((k − m)/σ)` up to 40 wings away.
    pub fn grid(&self, count: u32) -> impl Iterator<Item = f64> {
        let Self { m, sigma, .. } = *self;
        let step = 1.0 / f64::from(count);
        (0..count).flat_map(move |i| {
            let t = f64::from(i) * step * 2.0 - 1.0;
            let reach = (40.0 / sigma).asinh();
            [t * 6.0, m + sigma * (t * reach).sinh()]
        })
    }

    /// The least of [`Raw::g`] on the grid.
    pub fn least_g(&self, count: u32) -> f64 {
        self.grid(count)
            .map(|k| self.g(k))
            .fold(f64::INFINITY, f64::min)
    }
}
