//! The page around the charts.

use std::fmt::Write;
use std::path::Path;

use super::Chart;

/// An identity that was checked, and how it came out.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// True when it holds.
    pub holds: bool,
    /// The identity in words with its numbers.
    pub text: String,
}

/// A table.
#[derive(Clone, Debug, Default)]
pub struct Table {
    /// Heading.
    pub title: String,
    /// Column names; the first column is text, the others numbers.
    pub columns: Vec<String>,
    /// Cells.
    pub rows: Vec<Vec<String>>,
}

/// A part of the page below the main one, on a matter of its own.
#[derive(Clone, Debug, Default)]
pub struct Chapter {
    /// Heading.
    pub title: String,
    /// What it is about, and where its figures come from.
    pub note: String,
    /// Identities.
    pub verdicts: Vec<Verdict>,
    /// Charts.
    pub charts: Vec<Chart>,
    /// Tables.
    pub tables: Vec<Table>,
}

/// Everything the page shows.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Heading.
    pub title: String,
    /// What was replayed, one sentence.
    pub subtitle: String,
    /// The `novation` command that wrote it.
    pub command: String,
    /// Where its figures come from, one sentence after a space.
    pub provenance: String,
    /// Headline figures: name and value.
    pub facts: Vec<(String, String)>,
    /// Identities.
    pub verdicts: Vec<Verdict>,
    /// Charts.
    pub charts: Vec<Chart>,
    /// Tables.
    pub tables: Vec<Table>,
    /// Further parts.
    pub chapters: Vec<Chapter>,
}

const STYLE: &str = "
:root{color-scheme:light;--line:#d8dbe0;--soft:#5b6470;--good:#0a6b4a;--bad:#a3220d}
*{box-sizing:border-box}
body{margin:0;font:16px/1.5 system-ui,sans-serif;color:#14181d;background:#f5f6f8}
main{max-width:1240px;margin:0 auto;padding:24px 16px 64px}
h1{font-size:1.7rem;line-height:1.2;margin:.2em 0}
h2.chapter{font-size:1.35rem;margin:1.6em 0 .1em}
h2,h3{font-size:1.1rem;margin:0 0 .2em}
p.note{color:var(--soft);margin:.1em 0 .6em;font-size:.92rem}
.facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(132px,1fr));gap:12px;margin:20px 0}
.facts div,section{background:#fff;border:1px solid var(--line);border-radius:8px;padding:12px 14px}
.facts b{display:block;font-size:1.3rem;line-height:1.25;overflow-wrap:anywhere}
.facts span{color:var(--soft);font-size:.85rem}
.verdicts{list-style:none;margin:0;padding:0}
.verdicts li{padding:.35em 0 .35em 1.9em;position:relative;overflow-wrap:anywhere}
.verdicts li+li{border-top:1px solid var(--line)}
.verdicts li::before{position:absolute;left:.2em;font-weight:700}
.holds::before{content:'✓';color:var(--good)}
.fails::before{content:'✗';color:var(--bad)}
.fails{color:var(--bad);font-weight:600}
.grid{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,540px),1fr));gap:16px;margin-top:16px}
.scroll{overflow-x:auto}
.scroll svg{display:block;width:100%;min-width:460px;height:auto}
.legend{list-style:none;margin:.4em 0 0;padding:0;display:flex;flex-wrap:wrap;gap:.2em 1.1em;font-size:.85rem;color:var(--soft)}
.legend i{display:inline-block;width:1.5em;height:3px;vertical-align:middle;margin-right:.4em}
table{border-collapse:collapse;width:100%;font-size:.92rem}
th,td{padding:.35em .6em;text-align:right;border-bottom:1px solid var(--line);white-space:nowrap}
th:first-child,td:first-child{text-align:left}
th{color:var(--soft);font-weight:600;white-space:normal;vertical-align:bottom}
footer{color:var(--soft);font-size:.85rem;margin-top:24px}
";

impl Report {
    /// Writes the page.
    ///
    /// Errors: a chart that cannot be drawn, or a file that cannot be written.
    pub fn write(&self, path: &Path) -> anyhow::Result<()> {
        let page = self.html().map_err(anyhow::Error::msg)?;
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        std::fs::write(path, page)?;
        Ok(())
    }

    /// The page as text.
    ///
    /// Errors: a chart that cannot be drawn.
    pub fn html(&self) -> Result<String, String> {
        let mut page = String::new();
        self.render(&mut page)?;
        Ok(page)
    }

    fn render(&self, page: &mut String) -> Result<(), String> {
        let title = escaped(&self.title);
        let mut put = |text: &str| page.push_str(text);
        put("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">");
        put("<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">");
        put(&format!(
            "<title>{title}</title><style>{STYLE}</style></head><body><main>"
        ));
        put(&format!(
            "<h1>{title}</h1><p class=\"note\">{}</p>",
            escaped(&self.subtitle)
        ));
        put("<div class=\"facts\">");
        for (name, value) in &self.facts {
            put(&format!(
                "<div><b>{}</b><span>{}</span></div>",
                escaped(value),
                escaped(name)
            ));
        }
        put("</div>");
        put(&verdicts(&self.verdicts));
        put(&grid(&self.charts, &self.tables)?);
        for chapter in &self.chapters {
            put(&format!(
                "<h2 class=\"chapter\">{}</h2><p class=\"note\">{}</p>",
                escaped(&chapter.title),
                escaped(&chapter.note)
            ));
            put(&verdicts(&chapter.verdicts));
            put(&grid(&chapter.charts, &chapter.tables)?);
        }
        put(&format!(
            "<footer>Written by <code>cargo novation {}</code>.{}</footer>",
            escaped(&self.command),
            escaped(&self.provenance)
        ));
        put("</main></body></html>\n");
        Ok(())
    }
}

/// Identities, one a line; nothing where there are none.
fn verdicts(verdicts: &[Verdict]) -> String {
    if verdicts.is_empty() {
        return String::new();
    }
    let mut html = "<section><h3>Identities</h3><ul class=\"verdicts\">".to_owned();
    for verdict in verdicts {
        let class = if verdict.holds { "holds" } else { "fails" };
        let _ = write!(
            html,
            "<li class=\"{class}\">{}</li>",
            escaped(&verdict.text)
        );
    }
    html.push_str("</ul></section>");
    html
}

/// Charts, then tables, as many side by side as fit.
fn grid(charts: &[Chart], tables: &[Table]) -> Result<String, String> {
    let mut html = "<div class=\"grid\">".to_owned();
    for chart in charts {
        let _ = write!(
            html,
            "<section><h3>{}</h3><p class=\"note\">{}</p><div class=\"scroll\">{}</div>{}</section>",
            escaped(&chart.title),
            escaped(&chart.note),
            chart.svg()?,
            legend(chart)
        );
    }
    for table in tables {
        html.push_str(&table.html());
    }
    html.push_str("</div>");
    Ok(html)
}

impl Table {
    fn html(&self) -> String {
        let mut html = format!(
            "<section><h3>{}</h3><div class=\"scroll\"><table><tr>",
            escaped(&self.title)
        );
        for column in &self.columns {
            let _ = write!(html, "<th>{}</th>", escaped(column));
        }
        html.push_str("</tr>");
        for row in &self.rows {
            html.push_str("<tr>");
            for cell in row {
                let _ = write!(html, "<td>{}</td>", escaped(cell));
            }
            html.push_str("</tr>");
        }
        html.push_str("</table></div></section>");
        html
    }
}

fn legend(chart: &Chart) -> String {
    let mut html = "<ul class=\"legend\">".to_owned();
    for (colour, label) in chart.legend() {
        let _ = write!(
            html,
            "<li><i style=\"background:{colour}\"></i>{}</li>",
            escaped(label)
        );
    }
    html.push_str("</ul>");
    html
}

/// Text that is safe between tags.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_names_no_outside_resource_and_escapes_names() {
        let report = Report {
            title: "<script>".to_owned(),
            ..Report::default()
        };
        let page = report.html().unwrap();
        assert!(page.contains("&lt;script&gt;"));
        for outside in ["http://", "https://", "src=", "href="] {
            assert!(!page.contains(outside), "{outside}");
        }
    }

    #[test]
    fn a_chapter_shows_its_charts_tables_and_identities_under_its_own_heading() {
        let chapter = Chapter {
            title: "Real days".to_owned(),
            note: "data absent".to_owned(),
            verdicts: vec![Verdict {
                holds: false,
                text: "two = three".to_owned(),
            }],
            charts: vec![Chart {
                title: "a chart".to_owned(),
                ..Chart::default()
            }],
            tables: vec![Table {
                title: "a table".to_owned(),
                ..Table::default()
            }],
        };
        let report = Report {
            chapters: vec![chapter],
            ..Report::default()
        };
        let page = report.html().unwrap();
        let heading = page.find("Real days</h2>").expect("the heading");
        for part in ["data absent", "two = three", "a chart", "a table"] {
            assert!(page.find(part).is_some_and(|at| at > heading), "{part}");
        }
        assert!(page.contains("class=\"fails\""));
    }
}
