//! Charts over time or a number as SVG, drawn by `plotters` (well kept, draws SVG without a font library).

use plotters::prelude::*;

/// Size of a chart's drawing in its own units; the page scales it.
const SIZE: (u32, u32) = (860, 380);

/// Colours that stay apart for readers who do not tell red from green (Okabe and Ito).
const COLOURS: [RGBColor; 7] = [
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(86, 180, 233),
    RGBColor(230, 159, 0),
    RGBColor(110, 110, 110),
];

/// A line of a chart.
#[derive(Clone, Debug, Default)]
pub struct Line {
    /// Name in the legend.
    pub label: String,
    /// (where on the horizontal axis, value), sorted; unix seconds on an axis of time.
    pub points: Vec<(f64, f64)>,
    /// Dots in the same colour: what was measured, where the line is a model.
    pub dots: Vec<(f64, f64)>,
    /// Drawn thick and last: what the chart is about.
    pub emphasis: bool,
}

/// A moment marked by a vertical line.
#[derive(Clone, Debug)]
pub struct Mark {
    /// Unix seconds.
    pub at: u64,
    /// Short name.
    pub label: String,
}

/// What the horizontal axis shows.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Axis {
    /// Unix seconds.
    #[default]
    Time,
    /// Numbers as they are.
    Number,
}

impl Line {
    /// A line over unix seconds.
    #[must_use]
    pub fn over_time(label: impl Into<String>, points: &[(u64, f64)]) -> Self {
        Self {
            label: label.into(),
            points: points
                .iter()
                .map(|&(at, value)| (at as f64, value))
                .collect(),
            ..Self::default()
        }
    }
}

/// A chart over time or a number.
#[derive(Clone, Debug, Default)]
pub struct Chart {
    /// Heading.
    pub title: String,
    /// What to see in it, one sentence.
    pub note: String,
    /// Unit of the vertical axis.
    pub unit: String,
    /// The horizontal axis.
    pub axis: Axis,
    /// The lines.
    pub lines: Vec<Line>,
    /// The moments.
    pub marks: Vec<Mark>,
    /// True to start the vertical axis at zero.
    pub from_zero: bool,
}

impl Chart {
    /// The chart as an `<svg>` element; empty charts say so.
    ///
    /// Errors: what the drawing library reports.
    pub fn svg(&self) -> Result<String, String> {
        let Some((from, to, low, high)) = self.extent() else {
            return Ok("<p>nothing to show</p>".to_owned());
        };
        let mut svg = String::new();
        self.draw(&mut svg, from, to, low, high)
            .map_err(|error| error.to_string())?;
        Ok(svg)
    }

    /// CSS colour and name of every line, in order: the page writes the legend, where it can wrap.
    #[must_use]
    pub fn legend(&self) -> Vec<(String, &str)> {
        let entry = |(index, line): (usize, &'_ Line)| {
            let RGBColor(red, green, blue) = colour(index, line);
            format!("rgb({red},{green},{blue})")
        };
        let colours = self.lines.iter().enumerate().map(entry);
        colours
            .zip(self.lines.iter().map(|line| line.label.as_str()))
            .collect()
    }

    /// First and last place, lowest and highest value with a margin.
    fn extent(&self) -> Option<(f64, f64, f64, f64)> {
        let mut extent: Option<(f64, f64, f64, f64)> = None;
        let points = |line: &'_ Line| line.points.clone().into_iter().chain(line.dots.clone());
        for (at, value) in self.lines.iter().flat_map(points) {
            let (from, to, low, high) = extent.unwrap_or((at, at, value, value));
            extent = Some((from.min(at), to.max(at), low.min(value), high.max(value)));
        }
        let (from, to, low, high) = extent?;
        let low = if self.from_zero { low.min(0.0) } else { low };
        let margin = (high - low).max(high.abs() * 1e-3).max(1e-9) * 0.06;
        let bottom = if self.from_zero && low == 0.0 {
            0.0
        } else {
            low - margin
        };
        Some((from, to.max(from + 1e-9), bottom, high + margin))
    }

    fn draw(
        &self,
        svg: &mut String,
        from: f64,
        to: f64,
        low: f64,
        high: f64,
    ) -> Result<(), Box<dyn std::error::Error>> {
        let root = SVGBackend::with_string(svg, SIZE).into_drawing_area();
        let mut chart = ChartBuilder::on(&root)
            .margin(8)
            .margin_right(24)
            .x_label_area_size(34)
            .y_label_area_size(72)
            .build_cartesian_2d(from..to, low..high)?;
        let long = to - from > 2.0 * 86_400.0;
        chart
            .configure_mesh()
            .light_line_style(TRANSPARENT)
            .bold_line_style(RGBColor(225, 225, 225))
            .axis_style(RGBColor(120, 120, 120))
            .label_style(("sans-serif", 16))
            .x_labels(7)
            .y_labels(6)
            .y_desc(self.unit.as_str())
            .x_label_formatter(&|at| self.place(*at, long))
            .y_label_formatter(&|value| thousands(*value))
            .draw()?;
        for mark in &self.marks {
            let style = RGBColor(150, 150, 150).stroke_width(1);
            chart.draw_series([PathElement::new(
                vec![(mark.at as f64, low), (mark.at as f64, high)],
                style,
            )])?;
            let text = Text::new(
                mark.label.clone(),
                (mark.at as f64, high),
                ("sans-serif", 14).into_font(),
            );
            chart.draw_series([text])?;
        }
        let mut order: Vec<_> = self.lines.iter().enumerate().collect();
        order.sort_by_key(|(_, line)| line.emphasis);
        for (index, line) in order {
            let colour = colour(index, line);
            let style = colour.stroke_width(if line.emphasis { 3 } else { 2 });
            chart.draw_series(LineSeries::new(thinned(&line.points), style))?;
            let dot = |&at: &(f64, f64)| Circle::new(at, 3, colour.filled());
            chart.draw_series(line.dots.iter().map(dot))?;
        }
        root.present()?;
        Ok(())
    }

    /// A label of the horizontal axis.
    fn place(&self, at: f64, long: bool) -> String {
        match self.axis {
            // Unix seconds: positive and far below 2^53.
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
            Axis::Time => clock(at as u64, long),
            Axis::Number => thousands(at),
        }
    }
}

fn colour(index: usize, line: &Line) -> RGBColor {
    if line.emphasis {
        BLACK
    } else {
        COLOURS[index % COLOURS.len()]
    }
}

/// At most a point per pixel and its extremes: thousands of bars must not make a report of megabytes.
fn thinned(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let most = SIZE.0 as usize;
    if points.len() <= most {
        return points.to_vec();
    }
    let bucket = points.len().div_ceil(most / 2);
    points
        .chunks(bucket)
        .flat_map(|chunk| {
            let low = chunk.iter().min_by(|a, b| a.1.total_cmp(&b.1));
            let high = chunk.iter().max_by(|a, b| a.1.total_cmp(&b.1));
            let mut pair: Vec<_> = low.into_iter().chain(high).copied().collect();
            pair.sort_by(|a, b| a.0.total_cmp(&b.0));
            pair.dedup();
            pair
        })
        .collect()
}

/// Day of month and hour, or hour and minute, UTC.
fn clock(at: u64, long: bool) -> String {
    let (day, hour, minute) = (at / 86_400, at / 3_600 % 24, at / 60 % 60);
    if long {
        format!("{} {hour:02}h", date(day))
    } else {
        format!("{hour:02}:{minute:02}")
    }
}

/// `12 Mar` of a day number since 1970 (the civil calendar, after Howard Hinnant's public derivation).
fn date(day: u64) -> String {
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let shifted = day + 719_468;
    let of_era = shifted % 146_097;
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let march_month = (5 * of_year + 2) / 153;
    let day_of_month = of_year - (153 * march_month + 2) / 5 + 1;
    let month = (march_month + 2) % 12;
    format!("{day_of_month} {}", MONTHS[month as usize])
}

/// `12,345` above a thousand, fewer decimals the larger the value.
pub(super) fn thousands(value: f64) -> String {
    if value.abs() < 10.0 {
        return format!("{value:.2}");
    }
    let digits = format!("{:.0}", value.abs());
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    if value < 0.0 {
        format!("−{grouped}")
    } else {
        grouped
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_of_known_days() {
        assert_eq!(date(0), "1 Jan");
        assert_eq!(date(1_583_971_200 / 86_400), "12 Mar");
        assert_eq!(date(1_709_164_800 / 86_400), "29 Feb");
    }

    #[test]
    fn thinning_keeps_the_extremes() {
        let mut points: Vec<_> = (0..100_000).map(|at| (f64::from(at), 1.0)).collect();
        points[55_555].1 = -7.0;
        let thin = thinned(&points);
        assert!(thin.len() <= SIZE.0 as usize);
        assert!(thin.contains(&(55_555.0, -7.0)));
    }

    #[test]
    fn numbers_are_grouped() {
        assert_eq!(thousands(1_234_567.8), "1,234,568");
        assert_eq!(thousands(-12_345.0), "−12,345");
        assert_eq!(thousands(0.5), "0.50");
    }
}
