//! Whatever a client sends, it gets an answer and the node goes on.

use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::support::{Chain, refusal};

async fn post(chain: &Chain, body: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(chain.node.address())
        .await
        .expect("connects");
    let head = format!(
        "POST / HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await.expect("sends");
    // A server that refuses early closes while we still write.
    let _ = stream.write_all(body.as_bytes()).await;
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let status = answer.get(9..12).and_then(|s| s.parse().ok()).unwrap_or(0);
    let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    (status, body.to_owned())
}

fn code_of(body: &str) -> i64 {
    let body: Value = serde_json::from_str(body).unwrap_or_else(|_| panic!("{body} is JSON"));
    body["error"]["code"]
        .as_i64()
        .unwrap_or_else(|| panic!("{body} is an error"))
}

#[tokio::test]
async fn malformed_requests_are_refused_with_the_code_for_it() {
    let chain = Chain::start().await;
    for (body, code) in [
        ("{", -32_700),
        ("", -32_700),
        ("[]", -32_600),
        ("{\"jsonrpc\":\"2.0\",\"id\":1}", -32_600),
        (
            r#"{"jsonrpc":"2.0","id":1,"method":"eth_nothing"}"#,
            -32_601,
        ),
        (
            r#"{"jsonrpc":"2.0","id":1,"method":"eth_getBalance"}"#,
            -32_602,
        ),
        (
            r#"{"jsonrpc":"2.0","id":1,"method":"eth_getBalance","params":{"a":1}}"#,
            -32_602,
        ),
        (
            r#"{"jsonrpc":"2.0","id":1,"method":"eth_getBalance","params":["0x12"]}"#,
            -32_602,
        ),
        (
            r#"{"jsonrpc":"2.0","id":1,"method":"eth_getBlockByNumber","params":["0xzz",false]}"#,
            -32_602,
        ),
        (
            r#"{"jsonrpc":"2.0","id":1,"method":"eth_call","params":[[],"latest"]}"#,
            -32_602,
        ),
        (
            r#"{"jsonrpc":"2.0","id":1,"method":"evm_revert","params":["0xffffffffffffffffff"]}"#,
            -32_602,
        ),
    ] {
        let (_, answer) = post(&chain, body).await;
        assert_eq!(code_of(&answer), code, "{body} → {answer}");
    }
    chain
        .request("eth_chainId", json!([]))
        .await
        .expect("still there");
}

#[tokio::test]
async fn a_batch_is_answered_as_one() {
    let chain = Chain::start().await;
    let body = r#"[{"jsonrpc":"2.0","id":1,"method":"eth_chainId"},{"jsonrpc":"2.0","id":2,"method":"eth_nothing"}]"#;
    let (status, answer) = post(&chain, body).await;
    let answer: Value = serde_json::from_str(&answer).expect("JSON");
    assert_eq!(status, 200);
    assert_eq!(answer[0]["result"], "0x64aba");
    assert_eq!(answer[1]["error"]["code"], -32_601);
}

#[tokio::test]
async fn an_oversized_body_is_refused() {
    let chain = Chain::start().await;
    let body = format!(
        r#"{{"jsonrpc":"2.0","id":1,"method":"web3_sha3","params":["0x{}"]}}"#,
        "00".repeat(3 << 20)
    );
    let (status, _) = post(&chain, &body).await;
    assert_ne!(status, 200);
    chain
        .request("eth_chainId", json!([]))
        .await
        .expect("still there");
}

/// A linear congruential generator: the same bytes on every run.
fn bytes(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed;
    std::iter::repeat_with(|| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 56) as u8
    })
    .take(length)
    .collect()
}

#[tokio::test]
async fn random_bytes_are_no_transaction() {
    let chain = Chain::start().await;
    for seed in 0..500u64 {
        let mut raw = bytes(seed, (seed % 200) as usize);
        if let Some(first) = raw.first_mut() {
            *first = [1, 2, 3, 4, 0xf8, 0xc0][seed as usize % 6];
        }
        let (code, message, _) = refusal(chain.send_raw(&raw).await);
        assert!(code == -32_000 || code == -32_602, "{code} {message}");
    }
    assert_eq!(
        chain
            .request("eth_blockNumber", json!([]))
            .await
            .expect("answered"),
        json!("0x0")
    );
}

#[tokio::test]
async fn random_code_runs_to_an_end() {
    let chain = Chain::start().await;
    for seed in 0..300u64 {
        let code = alloy::primitives::hex::encode_prefixed(bytes(seed + 1_000, 400));
        let at = "0x1000000000000000000000000000000000000001";
        let call = json!([{ "to": at, "gas": "0x186a0", "data": code }, "latest", { at: { "code": code } }]);
        if let Err(error) = chain.request("eth_call", call).await {
            let payload = error
                .as_error_resp()
                .expect("an answer, not a broken connection");
            assert!(payload.code == 3 || payload.code == -32_000, "{payload}");
        }
    }
}

/// A WebSocket client that speaks in raw frames: opening handshake, then whatever bytes a test sends.
pub async fn raw_websocket(chain: &Chain) -> TcpStream {
    let mut stream = TcpStream::connect(chain.node.address())
        .await
        .expect("connects");
    let handshake = "GET / HTTP/1.1\r\nhost: localhost\r\nconnection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    stream.write_all(handshake.as_bytes()).await.expect("sends");
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).await.expect("answers");
    assert_eq!(&answer, b"HTTP/1.1 101", "the connection is upgraded");
    stream
}

/// A masked text frame, mask zero.
pub fn text_frame(payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![0x81, 0xFF];
    frame.extend((payload.len() as u64).to_be_bytes());
    frame.extend([0; 4]);
    frame.extend(payload);
    frame
}

/// All the node says until it is silent for a moment or closes.
pub async fn heard(stream: &mut TcpStream) -> String {
    let mut all = Vec::new();
    let mut chunk = vec![0; 1 << 16];
    while let Ok(Ok(read)) = tokio::time::timeout(QUIET, stream.read(&mut chunk)).await {
        if read == 0 {
            break;
        }
        all.extend_from_slice(&chunk[..read]);
    }
    String::from_utf8_lossy(&all).into_owned()
}

const QUIET: std::time::Duration = std::time::Duration::from_millis(250);

#[tokio::test]
async fn a_websocket_survives_what_is_no_request() {
    let chain = Chain::start().await;
    let mut stream = raw_websocket(&chain).await;
    stream.write_all(&text_frame(b"{")).await.expect("sends");
    assert!(heard(&mut stream).await.contains("-32700"));
    let deep = "[".repeat(100_000);
    stream
        .write_all(&text_frame(deep.as_bytes()))
        .await
        .expect("sends");
    assert!(heard(&mut stream).await.contains("-32700"));
    let fine = br#"{"jsonrpc":"2.0","id":1,"method":"eth_chainId"}"#;
    stream.write_all(&text_frame(fine)).await.expect("sends");
    assert!(
        heard(&mut stream).await.contains("0x64aba"),
        "the same connection goes on"
    );

    // Longer than a request may be: refused without being kept.
    let mut frame = text_frame(&[]);
    frame[2..10].copy_from_slice(&(1u64 << 40).to_be_bytes());
    stream.write_all(&frame).await.expect("sends");
    let answer = heard(&mut stream).await;
    assert!(!answer.contains("result"), "{answer}");
    chain
        .request("eth_chainId", json!([]))
        .await
        .expect("still there");
}

#[tokio::test]
async fn random_bytes_on_a_socket_end_that_connection_only() {
    let chain = Chain::start().await;
    for seed in 0..200u64 {
        let length = (seed * 37 % 3_000) as usize;
        let mut stream = if seed % 2 == 0 {
            raw_websocket(&chain).await
        } else {
            TcpStream::connect(chain.node.address())
                .await
                .expect("connects")
        };
        // The other side may close while we still write.
        let _ = stream.write_all(&bytes(seed, length)).await;
    }
    chain
        .request("eth_chainId", json!([]))
        .await
        .expect("still there");
}

#[tokio::test]
async fn deep_and_random_json_is_refused() {
    let chain = Chain::start().await;
    for (open, close) in [("[", "]"), (r#"{"a":"#, "}")] {
        for depth in [10_000, 400_000] {
            let nested = format!("{}1{}", open.repeat(depth), close.repeat(depth));
            let params =
                format!(r#"{{"jsonrpc":"2.0","id":1,"method":"eth_call","params":[{nested}]}}"#);
            for body in [nested, params] {
                let (_, answer) = post(&chain, &body).await;
                // A list is a batch, and answered as one.
                let refused = answer.contains("\"error\"") && !answer.contains("\"result\"");
                assert!(refused, "{depth} deep: {answer:.200}");
            }
        }
    }
    let methods = [
        "eth_call",
        "eth_getLogs",
        "debug_traceCall",
        "anvil_setStorageAt",
        "anvil_loadState",
        "eth_feeHistory",
        "evm_mine",
        "eth_sendTransaction",
    ];
    let values = [
        "null",
        "{}",
        "[]",
        "-1",
        "1e400",
        "\"\"",
        "\"0x\"",
        "true",
        "[[[]]]",
        "18446744073709551616",
        "\"latest\"",
        "{\"to\":7}",
    ];
    for method in methods {
        for seed in 0..60usize {
            let params: Vec<&str> = (0..seed % 4)
                .map(|i| values[(seed * 7 + i * 5) % values.len()])
                .collect();
            let body = format!(
                r#"{{"jsonrpc":"2.0","id":1,"method":"{method}","params":[{}]}}"#,
                params.join(",")
            );
            let (_, answer) = post(&chain, &body).await;
            let answer: Value =
                serde_json::from_str(&answer).unwrap_or_else(|_| panic!("{body} → {answer}"));
            assert!(
                answer.get("result").is_some() || answer.get("error").is_some(),
                "{body}"
            );
        }
    }
    chain
        .request("eth_chainId", json!([]))
        .await
        .expect("still there");
}

#[tokio::test]
async fn a_huge_batch_is_refused_whole() {
    let chain = Chain::start().await;
    let one = r#"{"jsonrpc":"2.0","id":1,"method":"evm_mine"}"#;
    let (_, answer) = post(&chain, &format!("[{}]", vec![one; 1_001].join(","))).await;
    assert!(code_of(&answer) < -32_000, "{answer}");
    let mined = chain.request("eth_blockNumber", json!([])).await;
    assert_eq!(
        mined.expect("answered"),
        json!("0x0"),
        "none of it was done"
    );
    let (_, answer) = post(&chain, &format!("[{}]", vec![one; 1_000].join(","))).await;
    assert!(!answer.contains("error"));
}

#[tokio::test]
async fn unknown_methods_are_named_in_the_refusal() {
    let chain = Chain::start().await;
    let (code, message, _) = refusal(chain.request("eth_nothing", json!([])).await);
    assert_eq!(
        (code, message.as_str()),
        (
            -32_601,
            "the method eth_nothing does not exist/is not available"
        )
    );
    let batch = r#"[{"jsonrpc":"2.0","id":7,"method":"foo"},{"jsonrpc":"2.0","id":8,"method":"eth_chainId"},7]"#;
    let (_, answer) = post(&chain, batch).await;
    let answer: Value = serde_json::from_str(&answer).expect("JSON");
    assert_eq!(
        (&answer[0]["id"], &answer[0]["error"]["code"]),
        (&json!(7), &json!(-32_601))
    );
    assert_eq!(
        answer[0]["error"]["message"],
        "the method foo does not exist/is not available"
    );
    assert_eq!(answer[1]["result"], "0x64aba");
    assert_eq!(answer[2]["error"]["code"], -32_600);
}
