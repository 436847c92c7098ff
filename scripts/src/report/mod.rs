//! Reports: one HTML file that needs nothing else, with charts as inline SVG.

mod chart;
mod page;

pub use chart::{Axis, Chart, Line, Mark};
pub use page::{Chapter, Report, Table, Verdict};
