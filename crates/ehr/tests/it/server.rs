//! A server that writes down what it is asked, and answers as it is told.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// What somebody asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    pub path: String,
    pub authorization: Option<String>,
    pub host: Option<String>,
    pub body: String,
}

#[derive(Clone)]
pub enum Answer {
    /// A status and a body.
    Whole(u16, String),
    /// What stands on the line, and then its end.
    Raw(Vec<u8>),
    /// Nothing, ever.
    Silence,
}

type Manner = Box<dyn Fn(&Asked) -> Answer + Send>;

#[derive(Clone)]
pub struct Server {
    pub port: u16,
    lines: Arc<Mutex<usize>>,
    asked: Arc<Mutex<Vec<Asked>>>,
    times: watch::Sender<usize>,
    manner: Arc<Mutex<Manner>>,
}

impl Server {
    pub async fn start() -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = Server {
            port: listener.local_addr().unwrap().port(),
            lines: Arc::default(),
            asked: Arc::default(),
            times: watch::Sender::new(0),
            manner: Arc::new(Mutex::new(Box::new(|_| Answer::Whole(404, String::new())))),
        };
        let own = server.clone();
        tokio::spawn(async move {
            while let Ok((line, _)) = listener.accept().await {
                *own.lines.lock().unwrap() += 1;
                let own = own.clone();
                tokio::spawn(async move { own.serve(line).await });
            }
        });
        server
    }

    pub fn answers(&self, manner: impl Fn(&Asked) -> Answer + Send + 'static) {
        *self.manner.lock().unwrap() = Box::new(manner);
    }

    pub fn origin(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    pub fn paths(&self) -> Vec<String> {
        self.asked().into_iter().map(|one| one.path).collect()
    }

    pub fn forget(&self) {
        self.asked.lock().unwrap().clear();
    }

    /// Waits until it was asked so many times since it began.
    pub async fn was_asked(&self, times: usize) {
        self.times.subscribe().wait_for(|asked| *asked >= times).await.unwrap();
    }

    /// How many connections came, asked or not.
    pub fn lines(&self) -> usize {
        *self.lines.lock().unwrap()
    }

    async fn serve(self, mut line: TcpStream) {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let Ok(byte) = line.read_u8().await else { return };
            head.push(byte);
        }
        let head = String::from_utf8(head).unwrap();
        let field = |name: &str| {
            let found = head.lines().find(|line| line.to_ascii_lowercase().starts_with(name))?;
            Some(found.split_once(':')?.1.trim().to_string())
        };
        let path = head.split(' ').nth(1).unwrap().to_string();
        let length = field("content-length:").map_or(0, |length| length.parse().unwrap());
        let mut body = vec![0; length];
        line.read_exact(&mut body).await.unwrap();
        let body = String::from_utf8(body).unwrap();
        let asked =
            Asked { body, path, authorization: field("authorization:"), host: field("host:") };
        self.asked.lock().unwrap().push(asked.clone());
        self.times.send_modify(|times| *times += 1);
        let answer = (self.manner.lock().unwrap())(&asked);
        match answer {
            Answer::Whole(status, body) => {
                let length = body.len();
                let head = format!("HTTP/1.1 {status} x\r\ncontent-length: {length}\r\n\r\n");
                drop(line.write_all((head + &body).as_bytes()).await);
            }
            Answer::Raw(bytes) => drop(line.write_all(&bytes).await),
            Answer::Silence => std::future::pending().await,
        }
    }
}
