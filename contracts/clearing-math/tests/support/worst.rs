//! The largest error seen of one quantity, and where.

/// Errors of one quantity, each over its own scale, against a bound.
pub struct Worst {
    name: &'static str,
    bound: f64,
    error: f64,
    at: String,
    rows: u32,
}

impl Worst {
    pub fn new(name: &'static str, bound: f64) -> Self {
        Self {
            name,
            bound,
            error: 0.0,
            at: String::new(),
            rows: 0,
        }
    }

    pub fn see(&mut self, error: f64, row: &str) {
        self.rows += 1;
        // A NaN is the worst of all.
        if !(error <= self.error) {
            (self.error, self.at) = (error, row.to_owned());
        }
    }

    /// Prints the largest error and asserts the bound over at least `rows` rows.
    pub fn hold(&self, rows: u32) {
        let Self {
            name,
            bound,
            error,
            at,
            rows: seen,
        } = self;
        println!("{name:20} {error:.1e}  bound {bound:.0e}  {seen} rows  {at}");
        assert!(*seen >= rows, "{name}: {seen} rows");
        assert!(error <= bound, "{name}: {error:e} in {at}");
    }
}
