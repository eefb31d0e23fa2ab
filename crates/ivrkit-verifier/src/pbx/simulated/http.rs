//! The HTTP edge: reads requests, writes answers, and breaks connections when a fault asks for it.
//!
//! `/api/…` is the PBX's; `/simulator/…` is the way to start inbound calls and to look behind the
//! scenes from outside the process. Must not decide what an answer says.

use super::{
    exchange::Exchange,
    json::Parameters,
    request::{self, Answer, Request},
};
use axum::{
    Router,
    body::Bytes,
    extract::{ConnectInfo, DefaultBodyLimit, Query, State, connect_info::Connected},
    http::{HeaderName, HeaderValue, Method, StatusCode, Uri, header},
    middleware::map_response,
    response::{IntoResponse, Response},
    routing::{get, post},
    serve::{IncomingStream, Listener},
};
use std::{
    collections::HashMap,
    io,
    net::SocketAddr,
    pin::Pin,
    sync::{Arc, atomic::AtomicBool, atomic::Ordering::Relaxed},
    task::{Context, Poll},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
};

/// Headers of every answer, as documented.
const HEADERS: [(HeaderName, HeaderValue); 5] = [
    (header::SERVER, HeaderValue::from_static("Boa/ivrkit-pbx-sim")),
    (header::CONNECTION, HeaderValue::from_static("close")),
    (header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*")),
    (header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("POST")),
    (header::ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("Content-Type")),
];
/// The header of an answer of the API.
const CONTENT: [(HeaderName, &str); 1] =
    [(header::CONTENT_TYPE, "application/json; charset=utf-8")];
/// Most bytes of a request; the API's are short.
const MAX_REQUEST_BYTES: usize = 64 << 10;

/// Serves until the task is ended.
pub(super) async fn serve(exchange: Arc<Exchange>, listener: TcpListener) {
    let service = router(exchange).into_make_service_with_connect_info::<Peer>();
    // An axum server on a listener that never fails does not end by itself.
    let _ = axum::serve(Breakable(listener), service).await;
}

fn router(exchange: Arc<Exchange>) -> Router {
    Router::new()
        .route("/simulator/calls", get(calls))
        .route("/simulator/dial_in", post(dial_in))
        .route("/simulator/forget_tokens", post(forget_tokens))
        .route("/simulator/reboot", post(reboot))
        .fallback(api)
        .layer(map_response(with_headers))
        .layer(DefaultBodyLimit::max(MAX_REQUEST_BYTES))
        .with_state(exchange)
}

async fn with_headers(mut answer: Response) -> Response {
    answer.headers_mut().extend(HEADERS);
    answer
}

async fn api(
    State(exchange): State<Arc<Exchange>>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    Query(query): Query<HashMap<String, String>>,
    method: Method,
    uri: Uri,
    body: Bytes,
) -> Response {
    let token = query.get("token").map(String::as_str);
    let request =
        Request { method: &method, path: uri.path(), token, from: peer.address.ip(), body: &body };
    let answer = request::serve(&exchange, &request);
    tokio::time::sleep(Duration::from_millis(exchange.settings.faults.slow_answers.0)).await;
    match answer {
        Answer::Json(members) => (CONTENT, members.to_json()).into_response(),
        Answer::ServerError => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        Answer::Reset => {
            peer.broken.store(true, Relaxed);
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

async fn calls(State(exchange): State<Arc<Exchange>>) -> Response {
    axum::Json(exchange.records()).into_response()
}

/// `{"from": "13900001111"}` calls in.
async fn dial_in(State(exchange): State<Arc<Exchange>>, body: Bytes) -> Response {
    let Some(number) = Parameters::read(&body).and_then(|parameters| parameters.text("from"))
    else {
        let expected = "expected {\"from\": \"NUMBER\"}\n";
        return (StatusCode::BAD_REQUEST, expected).into_response();
    };
    match super::dial_in(&exchange, &number) {
        Ok(callid) => axum::Json(HashMap::from([("callid", callid)])).into_response(),
        Err(error) => (StatusCode::CONFLICT, format!("{error}\n")).into_response(),
    }
}

async fn forget_tokens(State(exchange): State<Arc<Exchange>>) {
    exchange.desk().forget_tokens();
}

async fn reboot(State(exchange): State<Arc<Exchange>>) {
    exchange.reboot();
}

/// A listener whose connections can be reset from a handler.
struct Breakable(TcpListener);

/// A connection that breaks instead of writing once it is told to.
struct Line {
    stream: TcpStream,
    broken: Arc<AtomicBool>,
}

/// The other end of a connection.
#[derive(Debug, Clone)]
struct Peer {
    address: SocketAddr,
    broken: Arc<AtomicBool>,
}

impl Listener for Breakable {
    type Io = Line;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Line, SocketAddr) {
        let (stream, address) = Listener::accept(&mut self.0).await;
        (Line { stream, broken: Arc::default() }, address)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

impl Connected<IncomingStream<'_, Breakable>> for Peer {
    fn connect_info(stream: IncomingStream<'_, Breakable>) -> Self {
        Self { address: *stream.remote_addr(), broken: Arc::clone(&stream.io().broken) }
    }
}

impl Line {
    /// Refuses to write when broken; the socket is then closed with a reset.
    fn check(&self) -> io::Result<()> {
        if !self.broken.load(Relaxed) {
            return Ok(());
        }
        self.stream.set_zero_linger()?;
        Err(io::ErrorKind::ConnectionReset.into())
    }
}

impl AsyncRead for Line {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Line {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.check()?;
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.check()?;
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
