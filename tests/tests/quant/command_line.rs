//! `novation price` and `novation iv`: what they read, what they write, what they refuse.

use std::collections::HashMap;
use std::fs;
use std::path::PathBuf;

use novation::quant::commands::{self, FileArguments};

/// A year, a spot and a strike of 100, 20 %, 5 %: the example of every textbook. Then refusals, columns in another order, one ignored.
const OPTIONS: &str = "\
vol_wad,note,id,r_wad,T_sec,K_wad,S_wad
200000000000000000,textbook,good,50000000000000000,31536000,100000000000000000000,100000000000000000000
200000000000000000,,no strike,0,31536000,0,100000000000000000000
200000000000000000,,no number,0,a year,100000000000000000000,100000000000000000000
200000000000000000,,\"late, far\",0,3153600001,100000000000000000000,100000000000000000000
200000000000000000,,too far,0,31536000,1,100000000000000000000000000000000
100000000000000000001,,wild,0,31536000,100000000000000000000,100000000000000000000
200000000000000000,,short row
1000000000000000,negative rate,small,-500000000000000000,1,1000000000,1000000000
";

const PRICE_HEADER: &str = "id,call,put,delta_call,delta_put,gamma,vega,theta_call,theta_put,rho_call,rho_put,ink,status,vanna,volga,ink_price,ink_unrounded";

struct Files {
    input: PathBuf,
    output: PathBuf,
}

impl Files {
    /// Input and output in the tests' folder, named after the test.
    fn new(name: &str, input: &str) -> Self {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
        let files = Self {
            input: folder.join(format!("{name}-in.csv")),
            output: folder.join(format!("{name}-out.csv")),
        };
        fs::write(&files.input, input).expect("writable");
        files
    }

    fn run(
        &self,
        command: fn(&FileArguments) -> anyhow::Result<()>,
        wasm: bool,
    ) -> anyhow::Result<String> {
        command(&FileArguments {
            input: self.input.clone(),
            output: self.output.clone(),
            wasm,
        })?;
        Ok(fs::read_to_string(&self.output)?)
    }
}

type Row = HashMap<String, String>;

fn rows(text: &str) -> HashMap<String, Row> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let rows = reader
        .deserialize()
        .map(|row| row.expect("a row of the header's length"));
    rows.map(|row: Row| (row["id"].clone(), row)).collect()
}

fn number(row: &Row, column: &str) -> f64 {
    row[column]
        .parse()
        .unwrap_or_else(|_| panic!("{column} is {:?}", row[column]))
}

#[test]
fn price_writes_the_textbook_example_and_says_what_is_wrong_with_other_rows() {
    let text = Files::new("price", OPTIONS)
        .run(commands::price, false)
        .expect("processed");
    assert_eq!(text.lines().next(), Some(PRICE_HEADER));
    let order: Vec<_> = text
        .lines()
        .skip(1)
        .filter_map(|line| line.split(',').next())
        .collect();
    assert_eq!(order.first(), Some(&"good"));
    assert_eq!(order.last(), Some(&"small"));
    let rows = rows(&text);
    assert_eq!(rows.len(), 8);

    // From the closed form in 50 digits.
    let expected = [
        ("call", 10.450583572185565),
        ("put", 5.573526022256971),
        ("delta_call", 0.6368306511756191),
        ("delta_put", -0.36316934882438093),
        ("gamma", 0.018762017345846895),
        ("vega", 37.52403469169379),
        ("theta_call", -6.414027546438197),
        ("theta_put", -1.657880423934626),
        ("rho_call", 53.232481545376345),
        ("rho_put", -41.89046090469506),
    ];
    let good = &rows["good"];
    for (column, value) in expected {
        let written = number(good, column);
        assert!(
            (written / value - 1.0).abs() < 1e-14,
            "{column}: {written}, not {value}"
        );
        assert!(
            good[column].len() >= 19,
            "{column} has full precision: {}",
            good[column]
        );
    }
    assert_eq!((good["status"].as_str(), good["ink"].as_str()), ("", ""));

    for (id, given, allowed) in [
        ("no strike", "K_wad is 0", "from 1 to"),
        ("no number", "T_sec is a year", "from 0 to 3153600000"),
        ("late, far", "T_sec is 3153600001", "from 0 to 3153600000"),
        ("too far", "K_wad 1 ", "e^-30"),
        (
            "wild",
            "vol_wad is 100000000000000000001",
            "100000000000000000000",
        ),
        ("short row", "S_wad is empty", "from 1 to"),
    ] {
        let row = &rows[id];
        let status = &row["status"];
        assert!(
            status.contains(given) && status.contains(allowed),
            "{id}: {status}"
        );
        assert!(
            row["call"].is_empty() && row["volga"].is_empty(),
            "{id}: {row:?}"
        );
    }
    // A deviation of 1.8e-7 and a price of 1e-9: still all digits.
    let small = &rows["small"];
    assert_eq!(small["status"], "");
    assert!(
        number(small, "call") < 1e-9 && number(small, "vega") > 0.0,
        "{small:?}"
    );
}

#[test]
fn price_in_wasm_writes_the_same_digits_and_the_ink() {
    let files = Files::new("price-wasm", OPTIONS);
    let native = rows(&files.run(commands::price, false).expect("processed"));
    let compiled = rows(&files.run(commands::price, true).expect("processed"));
    assert_eq!(native.len(), compiled.len());
    for (id, row) in &native {
        for (column, value) in row {
            let in_wasm = &compiled[id][column];
            if column.starts_with("ink") {
                let priced = row["status"].is_empty();
                assert_eq!(
                    in_wasm.parse::<u64>().is_ok(),
                    priced,
                    "{id}, {column}: {in_wasm}"
                );
            } else {
                assert_eq!(value, in_wasm, "{id}, {column}");
            }
        }
    }
    let ink = |column| compiled["good"][column].parse::<u64>().expect("ink");
    assert!(ink("ink") > ink("ink_price") && ink("ink_price") > 100_000);
}

#[test]
fn iv_finds_the_volatility_and_says_what_is_wrong_with_other_rows() {
    let quotes = "\
price_wad,Type,r_wad,T_sec,id,K_wad,S_wad
10450583572185565000,call,50000000000000000,31536000,call,100000000000000000000,100000000000000000000
5573526022256971000,PUT,50000000000000000,31536000,put,100000000000000000000,100000000000000000000
100000000000000000000,c,0,31536000,all,100000000000000000000,100000000000000000000
0,p,0,31536000,nothing,100000000000000000000,100000000000000000000
1,straddle,0,31536000,no side,100000000000000000000,100000000000000000000
10450583572185565000,call,0,0,expired,100000000000000000000,100000000000000000000
4000000000000000000,call,50000000000000000,31536000,below,100000000000000000000,100000000000000000000
";
    let files = Files::new("iv", quotes);
    let text = files
        .run(commands::implied_volatility, false)
        .expect("processed");
    assert_eq!(
        text.lines().next(),
        Some("id,implied_volatility,ink,status")
    );
    let native = rows(&text);
    for id in ["call", "put"] {
        let volatility = number(&native[id], "implied_volatility");
        assert!((volatility - 0.2).abs() < 1e-15, "{id}: {volatility}");
    }
    for (id, given) in [
        (
            "all",
            "price_wad is 100000000000000000000, which no volatility reaches: at most",
        ),
        ("nothing", "price_wad is 0, the discounted intrinsic value"),
        ("no side", "type is straddle: call and put are allowed"),
        ("expired", "T_sec is 0"),
        (
            "below",
            "below the discounted intrinsic value: at least 4877057549928599",
        ),
    ] {
        let status = &native[id]["status"];
        assert!(status.contains(given), "{id}: {status}");
        assert!(native[id]["implied_volatility"].is_empty());
    }
    let compiled = rows(
        &files
            .run(commands::implied_volatility, true)
            .expect("processed"),
    );
    for (id, row) in &native {
        for column in ["implied_volatility", "status"] {
            assert_eq!(row[column], compiled[id][column], "{id}, {column}");
        }
    }
    assert!(compiled["call"]["ink"].parse::<u64>().expect("ink") > 500_000);
    assert!(compiled["all"]["ink"].is_empty());
}

#[test]
fn files_without_a_needed_column_are_refused_by_its_name() {
    let files = Files::new("columns", "id,S_wad,K_wad,T_sec,r_wad\n");
    let error = files
        .run(commands::price, false)
        .expect_err("no vol_wad")
        .to_string();
    assert!(
        error.contains("vol_wad") && error.contains("T_sec"),
        "{error}"
    );
    let error = files
        .run(commands::implied_volatility, false)
        .expect_err("no side")
        .to_string();
    assert!(error.contains("kind") && error.contains("call"), "{error}");
    let same = FileArguments {
        input: files.input.clone(),
        output: files.input.clone(),
        wasm: false,
    };
    let error = commands::price(&same)
        .expect_err("would overwrite its input")
        .to_string();
    assert!(error.contains("same file"), "{error}");
}
