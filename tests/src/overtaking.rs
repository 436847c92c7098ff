//! A relay before the node that lets transactions of others into the chain between the trial of one and its sending: a race, lost on purpose.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use alloy::primitives::{Bytes, hex};
use anyhow::Context;

/// The relay. It passes everything on, until it is armed.
#[derive(Debug)]
pub struct Overtaking {
    url: String,
    ambush: Arc<Mutex<Option<Ambush>>>,
}

/// What waits for a transaction.
#[derive(Debug)]
struct Ambush {
    /// Part of the transaction's bytes, in hexadecimal digits.
    victim: String,
    /// Signed transactions that go first.
    rivals: Vec<Bytes>,
}

impl Overtaking {
    /// A relay to a node, `http://host:port`.
    ///
    /// # Errors
    /// No free port.
    pub fn before(node: &str) -> anyhow::Result<Self> {
        let node = node
            .trim_start_matches("http://")
            .trim_end_matches('/')
            .to_owned();
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let url = format!("http://{}", listener.local_addr()?);
        let ambush = Arc::default();
        let shared = Arc::clone(&ambush);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let (node, ambush) = (node.clone(), Arc::clone(&shared));
                // A connection that breaks is seen by the client at the other end of it.
                thread::spawn(move || relay(client, &node, &ambush));
            }
        });
        Ok(Self { url, ambush })
    }

    /// Where it listens.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Lets `rivals` go before the next transaction whose bytes hold those of `victim`.
    pub fn arm(&self, victim: &[u8], rivals: Vec<Bytes>) {
        *lock(&self.ambush) = Some(Ambush {
            victim: hex::encode(victim),
            rivals,
        });
    }

    /// Whether nothing has come by yet.
    #[must_use]
    pub fn is_armed(&self) -> bool {
        lock(&self.ambush).is_some()
    }
}

fn relay(client: TcpStream, node: &str, ambush: &Mutex<Option<Ambush>>) -> anyhow::Result<()> {
    let server = TcpStream::connect(node)?;
    let (mut from_client, mut to_client) = (BufReader::new(client.try_clone()?), client);
    let (mut from_server, mut to_server) = (BufReader::new(server.try_clone()?), server);
    while let Some(message) = message(&mut from_client)? {
        let text = String::from_utf8_lossy(&message);
        let falls_in = |waiting: &mut Ambush| {
            text.contains("eth_sendRawTransaction") && text.contains(&waiting.victim)
        };
        let sprung = lock(ambush).take_if(falls_in);
        for rival in sprung.into_iter().flat_map(|ambush| ambush.rivals) {
            let body = format!(
                r#"{{"jsonrpc":"2.0","id":1,"method":"eth_sendRawTransaction","params":["{rival}"]}}"#
            );
            let length = body.len();
            write!(
                to_server,
                "POST / HTTP/1.1\r\nHost: {node}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
            )?;
            self::message(&mut from_server)?.context("no answer to a rival")?;
            // In the second of a stored round nobody asks the sources: what the rivals changed counts from the next one on.
            thread::sleep(Duration::from_millis(1_100));
        }
        to_server.write_all(&message)?;
        let answer = self::message(&mut from_server)?.context("no answer")?;
        to_client.write_all(&answer)?;
    }
    Ok(())
}

/// The next request or answer, head and body as they came. `None` at the end.
fn message(from: &mut BufReader<TcpStream>) -> anyhow::Result<Option<Vec<u8>>> {
    let (mut message, mut length) = (Vec::new(), 0);
    loop {
        let begin = message.len();
        if from.read_until(b'\n', &mut message)? == 0 {
            return Ok(None);
        }
        let line = String::from_utf8_lossy(&message[begin..]).to_ascii_lowercase();
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse()?;
        }
        if line.trim().is_empty() {
            break;
        }
    }
    let head = message.len();
    message.resize(head + length, 0);
    from.read_exact(&mut message[head..])?;
    Ok(Some(message))
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
