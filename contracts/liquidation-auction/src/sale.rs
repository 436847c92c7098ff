//! What is for sale in an auction now, and at which price: pure arithmetic, no storage, no calls.
//!
//! An account is worth its mark `M = legs + base + cash − debt`. The debt stays with the account, so a bidder who takes everything takes
//! `M + debt`. Cash that earlier bidders paid in is not for sale (*reserved*): it is what restores the account.
//!
//! * Reserved cash `R = min(paid in, cash)` stays out of the sale while what is left without it, `V = M + debt − R`, is worth something.
//!   Once `V ≤ 0` the paid-in cash is needed for what the account still owes: nothing is reserved, and the account's own cash is used
//!   before the insurance's.
//! * Solvent (`V > 0` and the discount has not reached zero): the bidder pays `f · d · V`, rounded up, and to the insurance a tenth of the
//!   rest, `f · (1 − d) · V`, rounded up.
//! * Insolvent (`V ≤ 0`, or the discount has reached zero): the insurance pays the bidder, rounded down. The payment rises from what makes
//!   the bidder whole at the mark to what makes him whole at maintenance margin. It rises from the time insolvency was recorded, or from
//!   the end of the slow phase, whichever was first. Never recorded: it starts to rise now.

use clearing_math::WAD;
use clearing_math::auction::{
    Terms, bid_price, buffer_margin, discount, insolvent_payment, max_fraction,
};

use crate::units::{to_units_down, to_units_up, to_wad};

/// The whole account as a fraction.
pub const WHOLE: u64 = 1_000_000_000_000_000_000;

/// Least fraction of a bid, unless less is for sale: 1 %. A bid of dust would change the account's version and so void the bids of others.
pub const LEAST_FRACTION: u64 = 10_000_000_000_000_000;

/// An account worth less than this is sold whole: 100 quote units, WAD.
const DUST: i128 = 100_000_000_000_000_000_000;

/// The insurance's share of the discount is one part in this many.
const INSURANCE_SHARE: u128 = 10;

/// Seconds after the start at which the discount reaches zero.
const SLOW_PHASE_END: u64 = Terms::DEFAULT.fast_seconds as u64 + Terms::DEFAULT.slow_seconds as u64;

/// An auction as stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clock {
    /// Start, unix seconds.
    pub started_at: u64,
    /// When the account was recorded to be worth nothing, unix seconds; 0 while it is not.
    pub insolvent_since: u64,
    /// Now, unix seconds.
    pub now: u64,
}

/// What the kernel says of the account, and what bidders have paid in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Account {
    /// Maintenance balance, WAD quote units.
    pub maintenance: i128,
    /// Mark-to-market with cash and base, debt deducted, WAD quote units.
    pub mark: i128,
    /// Cash, token units.
    pub cash: u128,
    /// Debt to the insurance, token units.
    pub debt: u128,
    /// Paid in by earlier bidders, token units.
    pub paid_in: u128,
    /// WAD quote units in a token unit.
    pub wad_per_unit: u128,
}

/// Terms of a bid, in token units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bid {
    /// Fraction of all but the reserved cash, WAD.
    pub fraction: u64,
    /// From the bidder to the account.
    pub payment: u128,
    /// From the bidder to the insurance.
    pub insurance_fee: u128,
    /// From the insurance to the bidder.
    pub insurance_payment: u128,
}

/// The account as it is for sale now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sale {
    /// `MM + b · (MM − M)`, WAD quote units. Nothing is for sale once it is ≥ 0.
    pub buffer_margin: i128,
    /// Cash that is not for sale, token units.
    pub reserved: u128,
    /// Whether everything together is worth nothing.
    pub worthless: bool,
    /// Largest fraction for sale, WAD.
    pub most: u64,
    /// Share of the value asked, WAD; 0 when insolvent.
    discount: u64,
    /// Value of everything, debt not deducted, WAD quote units.
    everything: i128,
    /// Maintenance balance, debt not deducted, WAD quote units.
    maintenance: i128,
    /// Reserved cash, WAD quote units.
    reserved_wad: u128,
    /// Seconds the insurance's payment has been rising for.
    rising: u64,
    /// WAD quote units in a token unit.
    wad_per_unit: u128,
}

/// What is for sale now. `None` on overflow.
pub fn sale(account: &Account, clock: &Clock) -> Option<Sale> {
    let debt = to_wad(account.debt, account.wad_per_unit)?;
    let everything = account.mark.checked_add_unsigned(debt)?;
    let paid_in = account.paid_in.min(account.cash);
    let paid_in_wad = to_wad(paid_in, account.wad_per_unit)?;
    let (reserved, reserved_wad) = if everything.checked_sub_unsigned(paid_in_wad)? > 0 {
        (paid_in, paid_in_wad)
    } else {
        (0, 0)
    };
    let worthless = everything <= 0;
    let asked = if worthless {
        0
    } else {
        discount(&Terms::DEFAULT, clock.now.saturating_sub(clock.started_at))
    };
    let buffer_margin = buffer_margin(account.maintenance, account.mark)?;
    // The formula's `R` is net of debt: of what was paid in, that much goes to the insurance. It may then be below zero; taken as zero the
    // fraction comes out too small, never too large, and the next bid takes the rest.
    let kept = reserved_wad.saturating_sub(debt);
    let most = if account.mark < DUST {
        WHOLE
    } else {
        max_fraction(buffer_margin, account.mark, asked, kept)?
    };
    Some(Sale {
        buffer_margin,
        reserved,
        worthless,
        most,
        discount: asked,
        everything,
        maintenance: account.maintenance.checked_add_unsigned(debt)?,
        reserved_wad,
        rising: clock.now.saturating_sub(insolvent_from(clock)),
        wad_per_unit: account.wad_per_unit,
    })
}

/// From when the insurance's payment rises: the earlier of the recorded insolvency and the end of the slow phase, at the latest now.
fn insolvent_from(clock: &Clock) -> u64 {
    let slow_phase_end = clock.started_at.saturating_add(SLOW_PHASE_END);
    let recorded = if clock.insolvent_since == 0 {
        clock.now
    } else {
        clock.insolvent_since
    };
    recorded.min(slow_phase_end).min(clock.now)
}

impl Sale {
    /// Terms of a bid for at most `fraction`. `None` on overflow.
    pub fn bid(&self, fraction: u64) -> Option<Bid> {
        let fraction = fraction.min(self.most);
        if self.discount == 0 {
            let payment = insolvent_payment(
                &Terms::DEFAULT,
                self.rising,
                self.everything,
                self.maintenance,
                fraction,
            )?;
            return Some(Bid {
                fraction,
                payment: 0,
                insurance_fee: 0,
                insurance_payment: to_units_down(payment, self.wad_per_unit)?,
            });
        }
        let price = bid_price(self.everything, self.reserved_wad, self.discount, fraction)?;
        // The discount is at most its initial 95 %.
        let rebate = WHOLE.checked_sub(self.discount)?;
        let gain = bid_price(self.everything, self.reserved_wad, rebate, fraction)?;
        Some(Bid {
            fraction,
            payment: to_units_up(price, self.wad_per_unit)?,
            insurance_fee: to_units_up(gain.div_ceil(INSURANCE_SHARE), self.wad_per_unit)?,
            insurance_payment: 0,
        })
    }
}

// The two spellings of one agree.
const _: () = assert!(WHOLE as u128 == WAD);
