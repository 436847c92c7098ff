//! Who trades in the demo: at least twenty accounts with the positions that people really hold, all against one market maker.

use clearing_math::leg::OptionKind::{self, Call, Put};

/// A position to open. Signed contracts in whole-contract units; the strike is a share of the opening spot.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Position {
    /// 0: the near expiry, 1: the far one.
    pub expiry: usize,
    /// Call or put.
    pub kind: OptionKind,
    /// Strike ÷ opening spot.
    pub moneyness: f64,
    /// Long > 0.
    pub contracts: f64,
}

/// An account owner.
#[derive(Clone, Debug, PartialEq)]
pub struct Role {
    /// Name in the report.
    pub name: String,
    /// Opened in this order, so that hedges come before what they hedge.
    pub positions: Vec<Position>,
    /// Base asset deposited, whole units.
    pub base: f64,
    /// Collateral as a multiple of the initial margin requirement.
    pub cushion: f64,
}

const fn position(expiry: usize, kind: OptionKind, moneyness: f64, contracts: f64) -> Position {
    Position {
        expiry,
        kind,
        moneyness,
        contracts,
    }
}

/// The cast, without market maker and liquidator. Cushions range from reckless to careful, so that a crash reaches them one by one.
#[must_use]
pub fn cast() -> Vec<Role> {
    let mut roles = Vec::new();
    let mut add = |name: &str, base: f64, cushion: f64, positions: &[Position]| {
        roles.push(Role {
            name: name.to_owned(),
            positions: positions.to_vec(),
            base,
            cushion,
        });
    };

    add(
        "naked call 105, reckless",
        0.0,
        1.05,
        &[position(0, Call, 1.05, -10.0)],
    );
    add(
        "naked call 110",
        0.0,
        1.3,
        &[position(1, Call, 1.10, -25.0)],
    );
    add(
        "naked call 120, careful",
        0.0,
        2.0,
        &[position(1, Call, 1.20, -40.0)],
    );

    add(
        "naked put 95, reckless",
        0.0,
        1.02,
        &[position(0, Put, 0.95, -12.0)],
    );
    add("naked put 90", 0.0, 1.2, &[position(1, Put, 0.90, -20.0)]);
    add("naked put 85", 0.0, 1.5, &[position(1, Put, 0.85, -30.0)]);
    add("naked put 80", 0.0, 1.8, &[position(0, Put, 0.80, -50.0)]);
    add(
        "naked put 70, careful",
        0.0,
        3.5,
        &[position(1, Put, 0.70, -15.0)],
    );

    let put_spread = |expiry, high, low, size| {
        [
            position(expiry, Put, low, size),
            position(expiry, Put, high, -size),
        ]
    };
    add(
        "put spread 95/85",
        0.0,
        1.1,
        &put_spread(0, 0.95, 0.85, 20.0),
    );
    add(
        "put spread 90/70",
        0.0,
        1.2,
        &put_spread(1, 0.90, 0.70, 15.0),
    );
    add(
        "put spread 85/80",
        0.0,
        1.5,
        &put_spread(1, 0.85, 0.80, 60.0),
    );

    let call_spread = |expiry, low, high, size| {
        [
            position(expiry, Call, high, size),
            position(expiry, Call, low, -size),
        ]
    };
    add(
        "call spread 105/115",
        0.0,
        1.1,
        &call_spread(0, 1.05, 1.15, 20.0),
    );
    add(
        "call spread 110/130",
        0.0,
        1.3,
        &call_spread(1, 1.10, 1.30, 25.0),
    );

    add(
        "covered call 110",
        10.0,
        1.0,
        &[position(0, Call, 1.10, -10.0)],
    );
    add(
        "covered call 120",
        25.0,
        1.0,
        &[position(1, Call, 1.20, -25.0)],
    );
    add(
        "covered call 95, in the money",
        5.0,
        1.0,
        &[position(0, Call, 0.95, -5.0)],
    );

    let strangle = |expiry, width: f64, size: f64| {
        [
            position(expiry, Put, 1.0 - width, -size),
            position(expiry, Call, 1.0 + width, -size),
        ]
    };
    add(
        "short strangle ±10, reckless",
        0.0,
        1.05,
        &strangle(0, 0.10, 10.0),
    );
    add("short strangle ±20", 0.0, 1.4, &strangle(1, 0.20, 15.0));
    add("short straddle, careful", 0.0, 3.0, &strangle(1, 0.0, 5.0));

    add("long put 100", 0.0, 1.0, &[position(0, Put, 1.00, 30.0)]);
    add("long put 80", 0.0, 1.0, &[position(1, Put, 0.80, 60.0)]);
    add("long call 100", 0.0, 1.0, &[position(1, Call, 1.00, 15.0)]);
    add("long strangle ±15", 0.0, 1.0, &strangle(0, 0.15, -20.0));

    roles
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_at_least_twenty_with_every_kind_of_position() {
        let cast = cast();
        assert!(cast.len() >= 20, "{}", cast.len());
        for word in [
            "naked call",
            "naked put",
            "put spread",
            "call spread",
            "covered call",
            "strangle",
            "long",
        ] {
            assert!(cast.iter().any(|role| role.name.contains(word)), "{word}");
        }
    }

    #[test]
    fn nobody_sells_what_hedges_him_first() {
        for role in cast().iter().filter(|role| role.name.contains("spread")) {
            assert!(role.positions[0].contracts > 0.0, "{}", role.name);
        }
    }
}
