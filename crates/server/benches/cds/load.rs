//! An open loop: calls begin at planned times, whatever became of those before, and a call's time
//! counts from the moment it was planned for. So a server that stalls is not spared the calls that
//! would have come meanwhile.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::{Request, header};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until, timeout};

use crate::charts::{Asking, Charts};

/// Most connections; a call that finds none waits, and its time runs.
const CONNECTIONS_MAX: usize = 512;
/// How long a call is waited for.
const PATIENCE: Duration = Duration::from_secs(10);

/// A call with its token.
pub struct Call {
    /// When it is planned for, from the begin of the run on.
    pub at: Duration,
    /// What it asks.
    pub asking: Asking,
    /// The value of `Authorization`.
    pub bearer: String,
}

/// When so many calls come that know nothing of each other (a Poisson process of that rate).
pub fn arrivals(count: usize, rate: f64) -> Vec<Duration> {
    let (mut state, mut at) = (0x9e37_79b9_7f4a_7c15_u64, 0.0);
    let next = |_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let share = ((state >> 11) as f64 + 1.0) / (1_u64 << 53) as f64;
        at -= share.ln() / rate;
        Duration::from_secs_f64(at)
    };
    (0..count).map(next).collect()
}

/// What came of a run.
#[derive(Default)]
pub struct Came {
    /// From the planned moment to the last byte of the answer, of all that were answered by 200.
    pub times: Vec<Duration>,
    /// From the planned moment to the begin of the call.
    pub late: Vec<Duration>,
    /// Everything else, and how often.
    pub errors: BTreeMap<String, usize>,
    /// Bytes of all answers.
    pub bytes: usize,
    /// Connections that were opened.
    pub connections: usize,
    /// From the begin of the run to its last answer.
    pub took: Duration,
}

impl Came {
    /// The time that this share of the calls kept to, in milliseconds. A call without an answer
    /// counts as the longest.
    pub fn percentile(&self, share: f64) -> f64 {
        let errors: usize = self.errors.values().sum();
        let rank = ((self.times.len() + errors) as f64 * share).ceil() as usize;
        let time = self.times.get(rank.max(1) - 1);
        time.map_or(f64::INFINITY, |time| time.as_secs_f64() * 1_000.0)
    }
}

/// Connections that are kept alive.
pub struct Lines {
    address: SocketAddr,
    idle: Mutex<Vec<SendRequest<Full<Bytes>>>>,
    room: Semaphore,
    opened: Mutex<usize>,
}

impl Lines {
    /// To that address; none is open yet.
    pub fn new(address: SocketAddr) -> Arc<Lines> {
        let room = Semaphore::new(CONNECTIONS_MAX);
        Arc::new(Lines { address, idle: Mutex::default(), room, opened: Mutex::default() })
    }

    /// Status and body of the answer.
    ///
    /// # Errors
    /// What failed, without what was sent.
    pub async fn send(
        &self,
        path: &str,
        bearer: &str,
        body: String,
    ) -> Result<(u16, Bytes), String> {
        let _place = self.room.acquire().await.map_err(|error| error.to_string())?;
        let request = Request::post(path)
            .header(header::HOST, self.address.to_string())
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::AUTHORIZATION, bearer)
            .body(Full::new(Bytes::from(body)))
            .map_err(|error| error.to_string())?;
        let mut line = self.line().await?;
        let answer = line.send_request(request).await.map_err(|error| error.to_string())?;
        let status = answer.status().as_u16();
        let body = answer.into_body().collect().await.map_err(|error| error.to_string())?;
        if line.ready().await.is_ok() {
            self.idle.lock().unwrap().push(line);
        }
        Ok((status, body.to_bytes()))
    }

    async fn line(&self) -> Result<SendRequest<Full<Bytes>>, String> {
        while let Some(line) = { self.idle.lock().unwrap().pop() } {
            if line.is_ready() {
                return Ok(line);
            }
        }
        let stream = TcpStream::connect(self.address).await.map_err(|error| error.to_string())?;
        stream.set_nodelay(true).map_err(|error| error.to_string())?;
        let (line, connection) =
            handshake(TokioIo::new(stream)).await.map_err(|error| error.to_string())?;
        tokio::spawn(connection);
        *self.opened.lock().unwrap() += 1;
        Ok(line)
    }
}

/// Carries out the calls.
pub async fn run(lines: &Arc<Lines>, charts: &Arc<Charts>, calls: Vec<Call>) -> Came {
    let (began, mut came) = (Instant::now(), Came::default());
    let before = *lines.opened.lock().unwrap();
    let mut going = JoinSet::new();
    for call in calls {
        sleep_until(began + call.at).await;
        let (lines, charts) = (lines.clone(), charts.clone());
        going.spawn(async move {
            let planned = began + call.at;
            let late = planned.elapsed();
            let (path, body) = (call.asking.path(), charts.body(call.asking));
            let sending = lines.send(&path, &call.bearer, body);
            let answer = timeout(PATIENCE, sending).await;
            (planned.elapsed(), late, answer.unwrap_or_else(|_| Err("no answer".to_string())))
        });
        while let Some(done) = going.try_join_next() {
            came.take(done.unwrap());
        }
    }
    while let Some(done) = going.join_next().await {
        came.take(done.unwrap());
    }
    came.took = began.elapsed();
    came.connections = *lines.opened.lock().unwrap() - before;
    came.times.sort();
    came.late.sort();
    came
}

impl Came {
    fn take(&mut self, (time, late, answer): (Duration, Duration, Result<(u16, Bytes), String>)) {
        self.late.push(late);
        match answer {
            Ok((200, body)) => {
                self.times.push(time);
                self.bytes += body.len();
            }
            Ok((status, _)) => *self.errors.entry(format!("status {status}")).or_default() += 1,
            Err(why) => *self.errors.entry(why).or_default() += 1,
        }
    }
}
