//! The HTTP client: plain to a node on this machine, TLS by the system's certificates to any other.

use alloy::transports::http::reqwest::{Client, Error, Url};

/// A client for `url`.
///
/// # Errors
/// `https://` on a machine without certificates.
pub fn client(url: &Url) -> Result<Client, Error> {
    // An error means that somebody chose one before: his choice stands.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let builder = Client::builder();
    let builder = match url.scheme() {
        "https" => builder,
        // Reading the system's certificates takes longer than the first answer of a local node, and fails where there are none.
        _ => builder.tls_certs_only([]),
    };
    builder.build()
}

#[cfg(test)]
mod tests {
    use std::error::Error as _;

    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;

    /// First byte of a TLS record that holds a handshake.
    const HANDSHAKE: u8 = 22;

    #[tokio::test]
    async fn an_https_node_is_spoken_to_in_tls() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url: Url = format!("https://{}", listener.local_addr().expect("bound"))
            .parse()
            .expect("a URL");
        let server = tokio::spawn(async move {
            let (mut socket, _) = listener.accept().await.expect("a client");
            let first = socket.read_u8().await.expect("a byte");
            socket
                .write_all(b"HTTP/1.1 200 OK\r\n\r\n")
                .await
                .expect("written");
            first
        });
        let refused = client(&url).expect("certificates").get(url).send().await;
        let mut reason = refused
            .expect_err("no TLS there")
            .source()
            .map(ToString::to_string);
        assert!(reason.take().is_some_and(|text| !text.contains("scheme")));
        assert_eq!(server.await.expect("served"), HANDSHAKE);
    }
}
