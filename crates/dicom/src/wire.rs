//! PDUs and messages over a stream, with limits on length and time (PS3.8 §9.3).

use std::collections::VecDeque;
use std::time::Duration;

use dicom_ul::pdu::{AbortRQServiceProviderReason, AbortRQSource, Pdu, read_pdu, write_pdu};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::time::timeout;

use crate::error::DicomError;
use crate::message::{Assembler, Message};

/// What a connection is made of.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<S: AsyncRead + AsyncWrite + Unpin + Send> Stream for S {}

/// Messages that have arrived and are not yet answered.
const MAX_WAITING: usize = 64;
/// Bytes that are read at once.
const CHUNK: usize = 16 * 1024;
const HEADER: usize = 6;

/// What arrives on an association.
pub(crate) enum Arrival {
    Message(Box<Message>),
    /// The other side wants to end.
    Release,
    /// It has ended at once.
    Abort,
}

/// One connection.
pub(crate) struct Wire {
    stream: Box<dyn Stream>,
    inbox: Vec<u8>,
    limit: u32,
    assembler: Assembler,
    waiting: VecDeque<Message>,
}

/// Length of the PDU whose header these bytes begin with, header included; `None` when the header
/// is not all there.
///
/// # Errors
/// [`DicomError::LargePdu`] before anything is reserved for it.
pub fn pdu_length(bytes: &[u8], limit: u32) -> Result<Option<usize>, DicomError> {
    let Some([_, _, length @ ..]) = bytes.first_chunk::<HEADER>() else { return Ok(None) };
    let length = u32::from_be_bytes(*length);
    if length > limit {
        return Err(DicomError::LargePdu(limit));
    }
    Ok(Some(HEADER + length as usize))
}

/// Reads one whole PDU.
///
/// # Errors
/// [`DicomError::Pdu`] when it is none.
pub fn pdu(bytes: &[u8]) -> Result<Pdu, DicomError> {
    match read_pdu(bytes, u32::MAX - 7, true) {
        Ok(Some(pdu)) => Ok(pdu),
        Ok(None) | Err(_) => Err(DicomError::Pdu),
    }
}

impl Wire {
    pub(crate) fn new(stream: Box<dyn Stream>, limit: u32) -> Wire {
        let (inbox, assembler) = (Vec::with_capacity(4096), Assembler::default());
        Wire { stream, inbox, limit, assembler, waiting: VecDeque::new() }
    }

    /// The next PDU.
    pub(crate) async fn pdu(&mut self, time: Duration) -> Result<Pdu, DicomError> {
        timeout(time, async {
            loop {
                if let Some(pdu) = self.taken()? {
                    return Ok(pdu);
                }
                self.inbox.reserve(CHUNK);
                if self.stream.read_buf(&mut self.inbox).await? == 0 {
                    return Err(DicomError::Closed);
                }
            }
        })
        .await
        .map_err(|_| DicomError::Slow)?
    }

    /// A PDU that has arrived already.
    fn taken(&mut self) -> Result<Option<Pdu>, DicomError> {
        let Some(length) = pdu_length(&self.inbox, self.limit)? else { return Ok(None) };
        let Some(bytes) = self.inbox.get(..length) else { return Ok(None) };
        let read = pdu(bytes)?;
        self.inbox.drain(..length);
        Ok(Some(read))
    }

    /// The next message, or the end.
    pub(crate) async fn arrival(&mut self, time: Duration) -> Result<Arrival, DicomError> {
        loop {
            if let Some(message) = self.waiting.pop_front() {
                return Ok(Arrival::Message(Box::new(message)));
            }
            match self.pdu(time).await? {
                pdu @ Pdu::PData { .. } => self.put_together(pdu)?,
                Pdu::ReleaseRQ => return Ok(Arrival::Release),
                Pdu::AbortRQ { .. } => return Ok(Arrival::Abort),
                _ => return Err(DicomError::Pdu),
            }
        }
    }

    fn put_together(&mut self, pdu: Pdu) -> Result<(), DicomError> {
        let Pdu::PData { data } = pdu else { return Err(DicomError::Pdu) };
        for value in data {
            let of_command = value.value_type == dicom_ul::pdu::PDataValueType::Command;
            let (context, last) = (value.presentation_context_id, value.is_last);
            if let Some(message) = self.assembler.push(context, of_command, last, &value.data)? {
                if self.waiting.len() >= MAX_WAITING {
                    return Err(DicomError::Limit("too many messages wait to be answered"));
                }
                self.waiting.push_back(message);
            }
        }
        Ok(())
    }

    /// Looks at what has arrived without waiting, and takes out the first message that `wanted`
    /// picks. What cannot be read stays for the next one who reads.
    pub(crate) async fn peek(
        &mut self,
        wanted: impl Fn(&Message) -> bool,
    ) -> Result<Option<Message>, DicomError> {
        if self.inbox.len() < self.limit as usize + HEADER {
            self.inbox.reserve(CHUNK);
            tokio::select! {
                biased;
                read = self.stream.read_buf(&mut self.inbox) => if read? == 0 {
                    return Err(DicomError::Closed);
                },
                () = std::future::ready(()) => {}
            }
        }
        while self.inbox.first() == Some(&0x04) && self.waiting.len() < MAX_WAITING {
            match self.taken()? {
                Some(pdu) => self.put_together(pdu)?,
                None => break,
            }
        }
        let at = self.waiting.iter().position(wanted);
        Ok(at.and_then(|at| self.waiting.remove(at)))
    }

    /// Sends bytes of PDUs.
    pub(crate) async fn send(&mut self, bytes: &[u8], time: Duration) -> Result<(), DicomError> {
        timeout(time, async {
            self.stream.write_all(bytes).await?;
            self.stream.flush().await
        })
        .await
        .map_err(|_| DicomError::Slow)?
        .map_err(DicomError::Line)
    }

    /// Sends one PDU.
    pub(crate) async fn send_pdu(&mut self, pdu: &Pdu, time: Duration) -> Result<(), DicomError> {
        let mut bytes = Vec::with_capacity(512);
        write_pdu(&mut bytes, pdu).map_err(|_| DicomError::Pdu)?;
        self.send(&bytes, time).await
    }

    /// Tells the other side that this ends here.
    pub(crate) async fn abort(&mut self, time: Duration) {
        let reason = AbortRQServiceProviderReason::ReasonNotSpecified;
        let pdu = Pdu::AbortRQ { source: AbortRQSource::ServiceProvider(reason) };
        let _ = self.send_pdu(&pdu, time).await;
    }

    /// Ends the connection.
    pub(crate) async fn close(&mut self, time: Duration) {
        let _ = timeout(time, self.stream.shutdown()).await;
    }
}
