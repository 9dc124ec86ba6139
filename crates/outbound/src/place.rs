//! An address that may be asked, taken apart once (RFC 3986).

use std::fmt;

use hyper::Uri;
use hyper::header::{HOST, USER_AGENT};
use hyper::http::uri::{PathAndQuery, Scheme};
use hyper::http::{Method, Request, request};

use crate::{OutboundError, wire};

/// Most bytes of an address.
const URL_BYTES_MAX: usize = 2_048;
/// Most bytes of a path with its query, where it is joined to an address.
const PATH_BYTES_MAX: usize = 8_192;
/// Ports of an address that names none.
const HTTPS_PORT: u16 = 443;
const HTTP_PORT: u16 = 80;

/// An address: `https://…`, or `http://` to a number of this machine such as 127.0.0.1.
#[derive(Clone, PartialEq, Eq)]
pub struct Place {
    encrypted: bool,
    host: String,
    port: u16,
    authority: String,
    path: String,
}

impl Place {
    /// Reads the address that the setting of this name holds.
    ///
    /// # Errors
    /// [`OutboundError::Setting`].
    pub fn read(name: &'static str, url: &str) -> Result<Place, OutboundError> {
        let wrong = |what| OutboundError::Setting { name, what };
        // The fragment is looked for in the text, because the parser drops it without a word.
        if url.len() > URL_BYTES_MAX || url.contains('#') {
            return Err(wrong("write an address without # of at most 2048 characters"));
        }
        let uri: Uri = url.parse().map_err(|_| wrong("this is no address"))?;
        let authority = uri.authority().ok_or_else(|| wrong("write it from https:// on"))?;
        if authority.as_str().contains('@') {
            return Err(wrong("name and password do not belong into an address"));
        }
        let encrypted = uri.scheme() == Some(&Scheme::HTTPS);
        let bare = authority.host().trim_start_matches('[').trim_end_matches(']');
        wire::check_host(name, bare)?;
        let stays_here = uri.scheme() == Some(&Scheme::HTTP) && wire::is_loopback(bare);
        if !encrypted && !stays_here {
            return Err(wrong("only https:// leaves this machine; http:// goes to 127.0.0.1"));
        }
        Ok(Place {
            encrypted,
            host: bare.to_ascii_lowercase(),
            port: authority.port_u16().unwrap_or(if encrypted { HTTPS_PORT } else { HTTP_PORT }),
            authority: authority.to_string(),
            path: uri.path_and_query().map_or("/", |path| path.as_str()).to_string(),
        })
    }

    /// Whether the line to it is encrypted; else it is this machine.
    pub fn is_encrypted(&self) -> bool {
        self.encrypted
    }

    /// Whether both are of one origin: scheme, host and port (RFC 6454), never a part of the text.
    pub fn same_origin(&self, other: &Place) -> bool {
        (self.encrypted, &self.host, self.port) == (other.encrypted, &other.host, other.port)
    }

    /// Its path with its query.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The place of that path and query on the same origin, at most 8192 characters of ASCII.
    ///
    /// # Errors
    /// [`OutboundError::Setting`].
    pub fn at(&self, path_and_query: &str) -> Result<Place, OutboundError> {
        let plain = path_and_query.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#');
        let read = path_and_query.parse::<PathAndQuery>().ok();
        let fits = plain && path_and_query.len() <= PATH_BYTES_MAX;
        match read.filter(|read| fits && read.path().starts_with('/')) {
            Some(read) => Ok(Place { path: read.as_str().to_string(), ..self.clone() }),
            None => Err(OutboundError::Setting { name: "path", what: "this is no path" }),
        }
    }

    /// A request that reads it, to be finished with a body.
    pub fn get(&self) -> request::Builder {
        self.request(Method::GET)
    }

    /// A request that posts to it, to be finished with a body.
    pub fn post(&self) -> request::Builder {
        self.request(Method::POST)
    }

    fn request(&self, method: Method) -> request::Builder {
        let request = Request::builder().method(method).uri(&self.path);
        request.header(HOST, &self.authority).header(USER_AGENT, "cauda")
    }

    pub(crate) fn host(&self) -> &str {
        &self.host
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }
}

/// A path may be a secret by itself, so it is not shown.
impl fmt::Debug for Place {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.authority)
    }
}
