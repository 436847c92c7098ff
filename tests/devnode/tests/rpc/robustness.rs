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
