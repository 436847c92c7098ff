//! Malformed and well-formed market data files.

use std::io::Write;

use super::*;

const HEADER: &str = "ts,venue,instrument,kind,interval_s,open,high,low,close,volume,source";

fn file(name: &str, text: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("novation-spot-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join(name);
    File::create(&path)
        .unwrap()
        .write_all(text.as_bytes())
        .unwrap();
    path
}

fn message(name: &str, text: &str) -> String {
    read(&[file(name, text)], "ETH").unwrap_err().to_string()
}

#[test]
fn a_missing_file_is_named() {
    let error = read(&[PathBuf::from("/nowhere.csv")], "ETH")
        .unwrap_err()
        .to_string();
    assert!(error.starts_with("/nowhere.csv: cannot read"), "{error}");
}

#[test]
fn a_file_that_is_not_gzip_is_refused() {
    assert!(message("plain.csv.gz", "not gzip").contains("cannot read"));
}

#[test]
fn unknown_columns_are_quoted() {
    assert!(message("columns.csv", "a,b,c\n1,2,3\n").contains("unknown columns `a,b,c`"));
}

#[test]
fn a_bad_price_is_found_by_line() {
    let text =
        format!("{HEADER}\n0,x,ETHUSD,spot,60,1,1,1,1,0,s\n60,x,ETHUSD,spot,60,1,oops,1,1,0,s\n");
    assert!(message("price.csv", &text).contains("line 3: price `oops` is no number"));
}

#[test]
fn zero_negative_and_infinite_prices_are_refused() {
    for bad in ["0", "-1", "inf", "NaN", "1e300"] {
        let text = format!("{HEADER}\n0,x,ETHUSD,spot,60,1,1,{bad},1,0,s\n");
        assert!(message("range.csv", &text).contains("is outside"), "{bad}");
    }
}

#[test]
fn a_bar_whose_low_is_above_its_close_is_refused() {
    let text = format!("{HEADER}\n0,x,ETHUSD,spot,60,10,11,10,9,0,s\n");
    assert!(message("bar.csv", &text).contains("cannot be of one bar"));
}

#[test]
fn a_truncated_row_is_refused() {
    assert!(message("short.csv", &format!("{HEADER}\n0,x,ETHUSD\n")).contains("column"));
}

#[test]
fn two_venues_are_too_few() {
    let text =
        format!("{HEADER}\n0,x,ETHUSD,spot,60,1,1,1,1,0,s\n0,y,ETHUSD,spot,60,1,1,1,1,0,s\n");
    assert!(message("two.csv", &text).contains("only 2 venue(s) of ETH (x, y)"));
}

#[test]
fn the_interval_most_venues_share_is_chosen() {
    let mut text = format!("{HEADER}\n");
    for venue in ["a", "b", "c"] {
        text += &format!("0,{venue},ETHUSD,spot,3600,100,100,100,100,0,s\n");
    }
    text += "0,a,ETHUSD,spot,60,100,100,100,100,0,s\n0,d,ETHUSD,spot,60,100,100,100,100,0,s\n";
    let replay = read(&[file("interval.csv", &text)], "ETH").unwrap();
    let names: Vec<_> = replay
        .venues
        .iter()
        .map(|venue| (venue.name.as_str(), venue.interval))
        .collect();
    assert_eq!(names, [("a", 3600), ("b", 3600), ("c", 3600)]);
    assert_eq!(replay.opening_prices(), [100 * 100_000_000; 3]);
}

#[test]
fn kline_files_are_one_venue_each() {
    let rows = "1583971200000,100,101,99,100,5,0\n1583971260000,100,102,98,99,5,0\n";
    let paths = [
        file("one.csv", rows),
        file("two.csv", rows),
        file("three.csv", rows),
    ];
    let replay = read(&paths, "ETH").unwrap();
    assert_eq!(replay.venues.len(), 3);
    assert_eq!(replay.venues[0].interval, 60);
    assert_eq!(replay.start(), 1_583_971_200);
}
