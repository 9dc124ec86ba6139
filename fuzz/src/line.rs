//! An EHR on this machine that answers what it is told, and a runtime to ask it with.

use std::collections::HashMap;
use std::future::Future;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Mutex, OnceLock};
use std::thread;
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};

/// Most bytes of a question.
const QUESTION_BYTES_MAX: usize = 262_144;

type Answers = Mutex<HashMap<String, (u16, Vec<u8>)>>;

/// Waits for something.
pub fn wait<T>(work: impl Future<Output = T>) -> T {
    static RUNTIME: OnceLock<Mutex<Runtime>> = OnceLock::new();
    let runtime = RUNTIME.get_or_init(|| {
        Mutex::new(Builder::new_current_thread().enable_all().build().expect("a runtime"))
    });
    runtime.lock().unwrap_or_else(|held| held.into_inner()).block_on(work)
}

/// The EHR, begun once.
pub struct Line {
    pub origin: String,
    answers: &'static Answers,
}

impl Line {
    pub fn begun() -> &'static Line {
        static LINE: OnceLock<Line> = OnceLock::new();
        LINE.get_or_init(|| {
            let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
            let port = listener.local_addr().expect("its number").port();
            let answers: &'static Answers = Box::leak(Box::default());
            thread::spawn(move || {
                for stream in listener.incoming().flatten() {
                    let _ = serve(stream, answers);
                }
            });
            Line { origin: format!("http://127.0.0.1:{port}"), answers }
        })
    }

    /// Answers these under their paths from now on, and nothing else.
    pub fn says(&self, all: &[(&str, u16, &[u8])]) {
        let mut answers = self.answers.lock().unwrap_or_else(|held| held.into_inner());
        answers.clear();
        for (path, status, body) in all {
            answers.insert((*path).to_string(), (*status, body.to_vec()));
        }
    }
}

fn serve(mut stream: TcpStream, answers: &Answers) -> std::io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(2)))?;
    stream.set_nodelay(true)?;
    let mut asked = Vec::new();
    let mut part = [0; 8192];
    let (head, length) = loop {
        let count = stream.read(&mut part)?;
        asked.extend_from_slice(&part[..count]);
        let ends = asked.windows(4).position(|four| four == b"\r\n\r\n");
        if let Some(ends) = ends {
            let head = String::from_utf8_lossy(&asked[..ends]).to_ascii_lowercase();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
            let length: usize = length.and_then(|text| text.trim().parse().ok()).unwrap_or(0);
            break (ends + 4, length);
        }
        if count == 0 || asked.len() > QUESTION_BYTES_MAX {
            return Ok(());
        }
    };
    while asked.len() < head + length && asked.len() <= QUESTION_BYTES_MAX {
        let count = stream.read(&mut part)?;
        if count == 0 {
            return Ok(());
        }
        asked.extend_from_slice(&part[..count]);
    }
    let line = String::from_utf8_lossy(&asked[..head]).into_owned();
    let path = line.split(' ').nth(1).unwrap_or_default();
    let path = path.split('?').next().unwrap_or_default();
    let answers = answers.lock().unwrap_or_else(|held| held.into_inner());
    let none = (404, Vec::new());
    let (status, body) = answers.get(path).unwrap_or(&none);
    let head = format!(
        "HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
         Connection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes())?;
    stream.write_all(body)
}
