//! Accepts connections and serves them, no more than so many and none that stalls.
//!
//! Must not know what is asked for.

use crate::shutdown;
use axum::{Router, extract::ConnectInfo};
use hyper::{
    Request,
    body::Incoming,
    server::conn::http1,
    service::{Service as _, service_fn},
};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
    service::TowerToHyperService,
};
use std::{net::SocketAddr, sync::Arc, time::Duration};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
};

/// How long the head of a request may take, and a connection be kept without one.
const HEAD_TIMEOUT: Duration = Duration::from_secs(5);
/// Most connections at once; further ones wait to be accepted. Two listeners with so many stay
/// well below the 1024 open files that a process may have by default.
const MAX_CONNECTIONS: usize = 256;
/// Most bytes of a request's head; those of PBXs have some hundred.
const MAX_HEAD_BYTES: usize = 16 * 1024;
/// Most header lines of a request.
const MAX_HEADERS: usize = 64;
/// Before the next try after a connection could not be accepted.
const ACCEPT_AGAIN: Duration = Duration::from_millis(100);

/// Serves until told to stop, then finishes what was begun.
pub(crate) async fn listen(listener: TcpListener, router: Router, mut stop: shutdown::Signal) {
    let graceful = GracefulShutdown::new();
    let places = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    loop {
        let accepted = async {
            let place = Arc::clone(&places).acquire_owned().await.expect("it is never closed");
            (place, listener.accept().await)
        };
        let (place, accepted) = tokio::select! {
            accepted = accepted => accepted,
            () = stop.pulled() => break,
        };
        match accepted {
            Ok((stream, from)) => {
                let served = connection(&graceful, stream, from, router.clone());
                tokio::spawn(async move {
                    // An error is a client that went away or was too slow.
                    let _ = served.await;
                    drop(place);
                });
            }
            Err(error) => {
                tracing::warn!(%error, "a connection cannot be accepted");
                tokio::time::sleep(ACCEPT_AGAIN).await;
            }
        }
    }
    drop(listener);
    graceful.shutdown().await;
}

/// Serves one connection to its end, or until the answer under way when all have to end.
fn connection(
    graceful: &GracefulShutdown,
    stream: TcpStream,
    from: SocketAddr,
    router: Router,
) -> impl Future<Output = Result<(), hyper::Error>> + Send + use<> {
    let router = TowerToHyperService::new(router);
    // A layer would do the same, and make the router anew for each connection.
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(from));
        router.call(request)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .max_buf_size(MAX_HEAD_BYTES)
        .max_headers(MAX_HEADERS)
        .serve_connection(TokioIo::new(stream), service);
    graceful.watch(connection)
}
