//! One question to the provider, with its limits.

use cauda_outbound::http::Request;
use cauda_outbound::http::header::ACCEPT;
use cauda_outbound::{Bytes, Client, Fault, Place};
use tokio::time::{Instant, timeout_at};

use crate::{Part, SignOnError};

/// The status of success.
pub(crate) const OK: u16 = 200;

/// The status and the body of an answer.
pub(crate) async fn ask(
    client: &Client,
    part: Part,
    place: &Place,
    request: Request<Bytes>,
    bytes_max: usize,
    deadline: Instant,
) -> Result<(u16, Vec<u8>), SignOnError> {
    let asking = async {
        let answer = client.ask(place, request).await?;
        Ok((answer.status(), answer.body(bytes_max).await?))
    };
    let answer = timeout_at(deadline, asking).await.unwrap_or(Err(Fault::Slow));
    answer.map_err(|fault| SignOnError::Unreachable { part, fault })
}

/// A document that is read.
pub(crate) async fn document(
    client: &Client,
    part: Part,
    place: &Place,
    bytes_max: usize,
    deadline: Instant,
) -> Result<Vec<u8>, SignOnError> {
    let request = place.get().header(ACCEPT, "application/json").body(Bytes::new());
    let request = request.map_err(|_| unwritable(part))?;
    match ask(client, part, place, request, bytes_max, deadline).await? {
        (OK, body) => Ok(body),
        (status, _) => Err(SignOnError::Status { part, status }),
    }
}

/// A request that cannot be written, because its address cannot.
pub(crate) fn unwritable(part: Part) -> SignOnError {
    SignOnError::Document { part, what: "its address cannot be asked" }
}
