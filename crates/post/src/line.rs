//! What lettre wants of a line: the stream under a trait of its own, and whose certificates are
//! believed once more in its own words.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};

use cauda_outbound::Trust;
use cauda_outbound::wire::Stream;
use lettre::transport::smtp::client::{
    AsyncTokioStream, Certificate, CertificateStore, TlsParameters,
};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::Fault;

/// A line to a mail server.
#[derive(Debug)]
pub(crate) struct MailLine(pub(crate) Stream);

/// For STARTTLS, to a server of this name.
pub(crate) fn starttls(trust: &Trust, host: &str) -> Result<TlsParameters, Fault> {
    let builder = TlsParameters::builder(host.to_string());
    let builder = match trust {
        Trust::Public => builder.certificate_store(CertificateStore::WebpkiRoots),
        Trust::Only(found) => {
            let mut builder = builder.certificate_store(CertificateStore::None);
            for one in found {
                let one = Certificate::from_der(one.to_vec()).map_err(|_| Fault::Encryption)?;
                builder = builder.add_root_certificate(one);
            }
            builder
        }
    };
    builder.build_rustls().map_err(|_| Fault::Encryption)
}

impl AsyncRead for MailLine {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        out: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(context, out)
    }
}

impl AsyncWrite for MailLine {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }
}

impl AsyncTokioStream for MailLine {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.0.peer_addr()
    }
}
