//! The connection to a manager interface: kept up, watched, made again.
//!
//! One task owns the connection; requests come to it as orders. What is asked while there is no
//! connection is answered at once as not done, so that nothing stale is sent later. What requests
//! and answers mean is the [session](super::session)'s to say.

use super::session::{Happening, Reply, Request, Routes, Session};
use crate::{
    clock, config,
    driver::Handle,
    number::PhoneNumber,
    pbx::{Doing, Listed, Pbx, Readiness},
    secret, shutdown, web,
};
use ivrkit_dialplan::{
    scenario::Number,
    verification::{Answer, Direction, Leg},
};
use openssl::ssl::SslConnector;
use secrecy::SecretString;
use std::{
    collections::HashMap,
    io,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::TcpStream,
    sync::{mpsc, oneshot, watch},
    time::Instant,
};

/// Before the first try to connect again; each further one waits twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(200);
/// The longest such pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// Before a refused password is looked at again, in case it was corrected.
const REFUSED_PAUSE: Duration = Duration::from_secs(5);

/// A client of one Asterisk.
#[derive(Debug)]
pub struct Client {
    config: config::Asterisk,
    tls: Option<SslConnector>,
    orders: mpsc::UnboundedSender<Order>,
    /// The other end of the orders, until the task that does them takes it.
    inbox: Mutex<Option<mpsc::UnboundedReceiver<Order>>>,
    readiness: watch::Sender<Readiness>,
    logins: watch::Sender<u64>,
}

/// A request and where its answer goes.
#[derive(Debug)]
struct Order {
    request: Request,
    answer: oneshot::Sender<Reply>,
}

/// Why a connection ended.
#[derive(Debug, thiserror::Error)]
enum End {
    #[error("{0}")]
    Lost(String),
    #[error("the password cannot be read: {0}")]
    Secret(#[from] secret::Error),
    #[error("user or password were refused")]
    Refused(SecretString),
    #[error("this server is stopping")]
    Stopped,
}

trait Line: AsyncRead + AsyncWrite + Send {}
impl<T: AsyncRead + AsyncWrite + Send> Line for T {}

impl Client {
    /// Prepares a client; nothing is sent yet.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn new(config: config::Asterisk) -> Result<Self, web::SetUp> {
        let tls = config.tls.as_ref().map(web::connector).transpose()?;
        let (orders, inbox) = mpsc::unbounded_channel();
        Ok(Self {
            config,
            tls: tls.map(openssl::ssl::SslConnectorBuilder::build),
            orders,
            inbox: Mutex::new(Some(inbox)),
            readiness: watch::channel(Readiness::Starting).0,
            logins: watch::channel(0).0,
        })
    }

    async fn ask(&self, request: Request) -> Reply {
        let (answer, answered) = oneshot::channel();
        if self.orders.send(Order { request, answer }).is_err() {
            return Reply::Refused(Answer::NotDone);
        }
        match tokio::time::timeout(self.config.request_timeout_s.duration(), answered).await {
            Ok(Ok(reply)) => reply,
            // The task has ended, with the order or before it, or nobody answers.
            Ok(Err(_)) | Err(_) => Reply::Refused(Answer::Unsure),
        }
    }

    async fn done(&self, request: Request) -> Result<(), Answer> {
        match self.ask(request).await {
            Reply::Refused(answer) => Err(answer),
            _ => Ok(()),
        }
    }

    /// Connects again and again until told to stop.
    async fn keep_connected(self: Arc<Self>, handle: Handle, mut stop: shutdown::Signal) {
        let inbox = self.inbox.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(mut orders) = inbox else { return };
        let mut session = self.session();
        let mut pause = FIRST_PAUSE;
        let mut refused: Option<SecretString> = None;
        loop {
            let logins = *self.logins.borrow();
            let end =
                self.connection(&mut session, &mut orders, &handle, refused.as_ref(), &mut stop);
            let end = end.await;
            if *self.logins.borrow() > logins {
                (pause, refused) = (FIRST_PAUSE, None);
            }
            let wait = match end {
                End::Stopped => return,
                End::Refused(password) => {
                    self.refused(refused.is_none());
                    refused = Some(password);
                    REFUSED_PAUSE
                }
                End::Lost(_) | End::Secret(_) => {
                    self.lost(&end);
                    pause = (pause * 2).min(LONGEST_PAUSE);
                    pause / 2
                }
            };
            if idle(&mut orders, wait, &mut stop).await {
                return;
            }
        }
    }

    fn session(&self) -> Session {
        let routes = Routes {
            channel: self.config.channel.clone(),
            context: self.config.context.clone(),
            caller_id: self.config.caller_id.clone(),
            ring_limit_ms: self.config.ring_limit_s.as_ms(),
        };
        Session::new(routes, self.config.username.clone())
    }

    /// One connection from its beginning to its end.
    async fn connection(
        &self,
        session: &mut Session,
        orders: &mut mpsc::UnboundedReceiver<Order>,
        handle: &Handle,
        refused: Option<&SecretString>,
        stop: &mut shutdown::Signal,
    ) -> End {
        let password = match self.config.password().read("Asterisk manager password", 1) {
            Ok(password) => password,
            Err(error) => return End::Secret(error),
        };
        if refused.is_some_and(|refused| secret::same(refused, &password)) {
            return End::Refused(password);
        }
        let limit = self.config.request_timeout_s.duration();
        let line = tokio::select! {
            line = tokio::time::timeout(limit, self.connect()) => match line {
                Ok(Ok(line)) => line,
                Ok(Err(error)) => return End::Lost(error.to_string()),
                Err(_) => return End::Lost(format!("no connection within {limit:?}")),
            },
            () = stop.pulled() => return End::Stopped,
        };
        session.connected(clock::now_ms(), password.clone());
        let mut talk = Talk { client: self, session, handle, answers: HashMap::new() };
        let end = talk.run(line, orders, stop).await;
        talk.session.disconnected();
        let _ = talk.settle();
        match end {
            Ok(()) => End::Refused(password),
            Err(end) => end,
        }
    }

    async fn connect(&self) -> io::Result<Pin<Box<dyn Line>>> {
        let stream = TcpStream::connect(self.config.address.to_string()).await?;
        stream.set_nodelay(true)?;
        let Some(tls) = &self.tls else { return Ok(Box::pin(stream)) };
        let mut configuration = tls.configure()?;
        let settings = self.config.tls.as_ref();
        if settings.is_some_and(|tls| tls.fingerprint.is_some() || tls.insecure) {
            // The certificate itself is known, whatever name stands in it.
            configuration.set_verify_hostname(false);
        }
        let ssl = configuration.into_ssl(self.config.address.host.trim_matches(['[', ']']))?;
        let mut stream = Box::pin(tokio_openssl::SslStream::new(ssl, stream)?);
        stream.as_mut().connect().await.map_err(io::Error::other)?;
        Ok(stream)
    }

    fn lost(&self, end: &End) {
        let before = *self.readiness.borrow();
        self.set_readiness(Readiness::Unreachable);
        if before == Readiness::Unreachable {
            tracing::debug!(asterisk = %self.config.address, why = %end, "not connected");
        } else {
            tracing::warn!(asterisk = %self.config.address, why = %end, "not connected; trying again");
        }
    }

    fn refused(&self, first: bool) {
        self.set_readiness(Readiness::Refused);
        if first {
            tracing::error!(
                asterisk = %self.config.address, user = self.config.username,
                "Asterisk refused user or password; they are not sent again. Correct the password \
                 in {} or `manager.conf`: a changed password is noticed by itself, everything else \
                 needs a restart",
                self.config.password(),
            );
        }
    }

    fn set_readiness(&self, now: Readiness) {
        self.readiness.send_if_modified(|before| std::mem::replace(before, now) != now);
    }
}

/// Waits without a connection: whoever asks for something is told that it was not done. Whether it
/// is time to stop.
async fn idle(
    orders: &mut mpsc::UnboundedReceiver<Order>,
    wait: Duration,
    stop: &mut shutdown::Signal,
) -> bool {
    let until = Instant::now() + wait;
    loop {
        tokio::select! {
            () = tokio::time::sleep_until(until) => return false,
            () = stop.pulled() => return true,
            order = orders.recv() => match order {
                Some(order) => drop(order.answer.send(Reply::Refused(Answer::NotDone))),
                None => return true,
            },
        }
    }
}

/// One connection at work.
struct Talk<'a> {
    client: &'a Client,
    session: &'a mut Session,
    handle: &'a Handle,
    answers: HashMap<u64, oneshot::Sender<Reply>>,
}

impl Talk<'_> {
    /// Talks until the login is refused (`Ok`) or the connection ends.
    async fn run(
        &mut self,
        line: Pin<Box<dyn Line>>,
        orders: &mut mpsc::UnboundedReceiver<Order>,
        stop: &mut shutdown::Signal,
    ) -> Result<(), End> {
        let (mut reader, mut writer) = tokio::io::split(line);
        let mut buffer = vec![0; 16 * 1024];
        let beat = self.client.config.heartbeat_s.duration();
        let limit = self.client.config.request_timeout_s.duration();
        let mut pinged = Instant::now();
        loop {
            if self.settle() {
                return Ok(());
            }
            let bytes = self.session.take_bytes();
            if !bytes.is_empty() {
                let written = tokio::time::timeout(limit, writer.write_all(&bytes)).await;
                written.map_err(|_| End::Lost("it does not read what is sent".to_owned()))??;
            }
            let now = Instant::now();
            let booted = self.session.wake_at().map(clock::until);
            let nap = booted.unwrap_or(beat).min((pinged + beat).saturating_duration_since(now));
            tokio::select! {
                // What Asterisk says comes first: an order may depend on it.
                biased;
                () = stop.pulled() => return Err(End::Stopped),
                read = reader.read(&mut buffer) => {
                    let count = read?;
                    if count == 0 {
                        return Err(End::Lost("Asterisk closed the connection".to_owned()));
                    }
                    let received = self.session.receive(clock::now_ms(), &buffer[..count]);
                    received.map_err(|broken| End::Lost(broken.to_string()))?;
                }
                order = orders.recv() => match order {
                    Some(order) => self.order(order),
                    None => return Err(End::Stopped),
                },
                () = tokio::time::sleep(nap) => {
                    self.session.wake(clock::now_ms());
                    if pinged.elapsed() >= beat {
                        self.check_life(beat + limit)?;
                        pinged = Instant::now();
                    }
                }
            }
        }
    }

    /// A line that says nothing for longer than an answer may take is dead.
    fn check_life(&mut self, limit: Duration) -> Result<(), End> {
        let silent = clock::now_ms().saturating_sub(self.session.heard_at());
        if u128::from(silent) > limit.as_millis() {
            return Err(End::Lost(format!("no sign of life for {} s", silent / 1000)));
        }
        self.session.ping();
        Ok(())
    }

    fn order(&mut self, order: Order) {
        // Whoever asked has given up: doing it now would come as a surprise.
        if order.answer.is_closed() {
            return;
        }
        let number = self.session.request(&order.request);
        self.answers.retain(|number, answer| {
            let waits = !answer.is_closed();
            if !waits {
                self.session.forget(*number);
            }
            waits
        });
        self.answers.insert(number, order.answer);
    }

    /// Hands on what has happened; whether the login was refused.
    fn settle(&mut self) -> bool {
        while let Some(happening) = self.session.poll() {
            match happening {
                Happening::Up => {
                    let client = self.client;
                    tracing::info!(asterisk = %client.config.address, "logged in to Asterisk");
                    client.set_readiness(Readiness::Ready);
                    client.logins.send_modify(|count| *count += 1);
                }
                Happening::Refused => return true,
                Happening::Told(told) => self.handle.heard(told),
                Happening::Answered(number, reply) => {
                    if let Some(answer) = self.answers.remove(&number) {
                        drop(answer.send(reply));
                    }
                }
            }
        }
        false
    }
}

impl Pbx for Client {
    fn dial<'a>(
        &'a self,
        call: &'a str,
        ivr: &'a Number,
        to: &'a PhoneNumber,
    ) -> Doing<'a, Result<String, Answer>> {
        let request = Request::Dial { call: call.to_owned(), ivr: ivr.clone(), to: to.clone() };
        Box::pin(async move { self.done(request).await.map(|()| super::channels::unique_id(call)) })
    }

    fn transfer<'a>(
        &'a self,
        _direction: Direction,
        leg: &'a Leg,
        to: &'a Number,
    ) -> Doing<'a, Result<(), Answer>> {
        Box::pin(self.done(Request::Transfer { leg: leg.clone(), to: to.clone() }))
    }

    fn hang_up<'a>(&'a self, _direction: Direction, leg: &'a Leg) -> Doing<'a, Result<(), Answer>> {
        Box::pin(self.done(Request::HangUp { leg: leg.clone() }))
    }

    fn calls(&self) -> Doing<'_, Option<Vec<Listed>>> {
        Box::pin(async {
            match self.ask(Request::Calls).await {
                Reply::Calls(calls) => Some(calls),
                _ => None,
            }
        })
    }

    fn ivrs(&self) -> Doing<'_, Option<Vec<String>>> {
        Box::pin(async {
            match self.ask(Request::Ivrs).await {
                Reply::Ivrs(ivrs) => Some(ivrs),
                _ => None,
            }
        })
    }

    fn readiness(&self) -> watch::Receiver<Readiness> {
        self.readiness.subscribe()
    }

    fn logins(&self) -> watch::Receiver<u64> {
        self.logins.subscribe()
    }

    fn keep_session(self: Arc<Self>, handle: Handle, stop: shutdown::Signal) -> Doing<'static, ()> {
        Box::pin(self.keep_connected(handle, stop))
    }
}

impl From<io::Error> for End {
    fn from(error: io::Error) -> Self {
        Self::Lost(error.to_string())
    }
}
