//! Pages for officials: the 1414 desk, pay runs, tasks and quarantine.
//!
//! **Invariant:** a page asks the service and shows what it answers; it decides nothing, and an
//! address never holds personal data.

mod desk;
mod officers;
mod same_site;
mod words;

use std::{future::Future, io, net::SocketAddr};

pub use desk::router;
pub use officers::Officers;

/// Serves pages on a port of this machine until `until` comes; port 0 takes a free one. `listening`
/// hears the address. Forms that pages of another site send are refused.
pub async fn serve(
    pages: axum::Router,
    port: u16,
    listening: impl FnOnce(SocketAddr),
    until: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await?;
    listening(listener.local_addr()?);
    let pages = pages.layer(axum::middleware::from_fn(same_site::only));
    axum::serve(listener, pages).with_graceful_shutdown(until).await
}
