//! A client that costs little beside the node it measures: raw HTTP on connections that stay open.

use std::{
    error::Error,
    net::SocketAddr,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// Whatever went wrong.
pub type Failure = Box<dyn Error + Send + Sync>;

/// Questions take turns of this length, so that a change in the load of the machine meets all of them.
const TURN: Duration = Duration::from_millis(400);
const TURNS: u32 = 6;

/// One keep-alive HTTP connection.
pub struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

/// A request to be asked again and again.
#[derive(Clone)]
pub struct Question {
    pub name: &'static str,
    pub method: &'static str,
    pub params: Value,
}

impl Connection {
    pub async fn open(node: SocketAddr) -> Result<Self, Failure> {
        let stream = TcpStream::connect(node).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            buffer: Vec::new(),
        })
    }

    pub async fn ask(&mut self, method: &str, params: Value) -> Result<Value, Failure> {
        let body =
            json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params }).to_string();
        let head = format!(
            "POST / HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        self.stream.write_all((head + &body).as_bytes()).await?;
        let answer: Value = serde_json::from_slice(&self.body().await?)?;
        match answer.get("result") {
            Some(result) => Ok(result.clone()),
            None => Err(format!("{method}: {answer}").into()),
        }
    }

    async fn body(&mut self) -> Result<Vec<u8>, Failure> {
        self.buffer.clear();
        loop {
            if let Some(end) = self.buffer.windows(4).position(|four| four == b"\r\n\r\n") {
                let head = String::from_utf8_lossy(&self.buffer[..end]).to_lowercase();
                let length = head
                    .lines()
                    .find_map(|line| line.strip_prefix("content-length:"))
                    .ok_or("an answer without length")?
                    .trim()
                    .parse::<usize>()?;
                if self.buffer.len() >= end + 4 + length {
                    return Ok(self.buffer[end + 4..end + 4 + length].to_vec());
                }
            }
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                return Err("the node closed the connection".into());
            }
        }
    }
}

/// Answers a second to each question over so many connections at once, each waiting for its answer before it asks again.
pub async fn rates(
    node: SocketAddr,
    questions: &[Question],
    connections: usize,
) -> Result<Vec<f64>, Failure> {
    let mut done = vec![0u64; questions.len()];
    let mut spent = vec![Duration::ZERO; questions.len()];
    for _ in 0..TURNS {
        for (index, question) in questions.iter().enumerate() {
            let begun = Instant::now();
            let workers: Vec<_> = (0..connections)
                .map(|_| tokio::spawn(turn(node, question.clone())))
                .collect();
            for worker in workers {
                done[index] += worker.await??;
            }
            spent[index] += begun.elapsed();
        }
    }
    let rate = |(done, spent): (&u64, &Duration)| *done as f64 / spent.as_secs_f64();
    Ok(done.iter().zip(&spent).map(rate).collect())
}

async fn turn(node: SocketAddr, question: Question) -> Result<u64, Failure> {
    let mut connection = Connection::open(node).await?;
    let (begun, mut done) = (Instant::now(), 0);
    while begun.elapsed() < TURN {
        connection
            .ask(question.method, question.params.clone())
            .await?;
        done += 1;
    }
    Ok(done)
}

/// Asks every question over one connection and over eight, on a state that grows to 10,000 and to 100,000 accounts beside, and prints a
/// table. The first question is the measure: the others stand as answers a second, and as their share of the first's rate.
pub async fn table(node: SocketAddr, questions: &[Question]) -> Result<(), Failure> {
    let names: Vec<&str> = questions.iter().map(|question| question.name).collect();
    println!("\n| accounts | connections | {} |", names.join(" | "));
    println!("|{}", "---|".repeat(names.len() + 2));
    let mut filled = 0;
    for accounts in [0u64, 10_000, 100_000] {
        fill(node, filled, accounts).await?;
        filled = accounts;
        for connections in [1, 8] {
            let rates = rates(node, questions, connections).await?;
            let cells: Vec<String> = rates
                .iter()
                .map(|rate| format!("{rate:.0}/s ({:.1} %)", 100.0 * rate / rates[0]))
                .collect();
            println!("| {accounts} | {connections} | {} |", cells.join(" | "));
        }
    }
    Ok(())
}

/// Accounts with a slot each.
async fn fill(node: SocketAddr, from: u64, to: u64) -> Result<(), Failure> {
    let mut connection = Connection::open(node).await?;
    for number in from..to {
        let address = format!("0x{:040x}", number + (1 << 32));
        connection
            .ask("anvil_setStorageAt", json!([address, "0x0", "0x01"]))
            .await?;
    }
    Ok(())
}
