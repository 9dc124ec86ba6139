//! Time passes: whatever a visit asks for at a moment is sent at that moment.

use std::sync::Arc;
use std::time::Duration;

use cauda_pathway::command::Action;
use cauda_pathway::identity::{Actor, CommandId, VisitId};
use cauda_pathway::next_moment;

use crate::department::{ActError, Department};

/// Longest time between two looks, in seconds, so that a clock that was set is noticed.
const LOOK_SECONDS: i64 = 20;
/// How long to wait after the record did not take it, in seconds.
const AGAIN_SECONDS: i64 = 5;

/// Passes time in every open visit, until nobody holds the department any more.
pub async fn pass_time(department: Arc<Department>) {
    let mut changes = department.changes();
    loop {
        let next = pass_once(&department).await;
        let next = next.map_or(LOOK_SECONDS, |next| next - department.now());
        let wait = Duration::from_secs(u64::try_from(next.clamp(1, LOOK_SECONDS)).unwrap_or(1));
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            changed = changes.recv() => {
                if matches!(changed, Err(tokio::sync::broadcast::error::RecvError::Closed)) {
                    return;
                }
            }
        }
    }
}

/// Sends what is due now; the next moment at which something is. What the record does not take is
/// sent again a little later.
pub async fn pass_once(department: &Department) -> Option<i64> {
    let mut next: Option<i64> = None;
    for entry in department.open_visits() {
        let Some(identity) = &entry.visit.identity else { continue };
        let Some(moment) = next_moment(&entry.visit) else { continue };
        if moment > department.now() {
            next = Some(next.map_or(moment, |next| next.min(moment)));
            continue;
        }
        let after = match pass(department, &identity.visit, moment, entry.visit.events).await {
            Ok(after) => after,
            // One visit's fault holds up no other.
            Err(error) => {
                tracing::warn!(visit = %identity.visit, %error, "time could not be passed; again soon");
                Some(department.now() + AGAIN_SECONDS)
            }
        };
        next = match (next, after) {
            (Some(next), Some(after)) => Some(next.min(after)),
            (next, after) => next.or(after),
        };
    }
    next
}

async fn pass(
    department: &Department,
    visit: &VisitId,
    moment: i64,
    events: usize,
) -> Result<Option<i64>, ActError> {
    // Every server that shares the record names it alike, so it happens once.
    let id = format!("time-{}-{moment}-{events}", short(visit));
    let Ok(command) = CommandId::new(id) else { return Ok(None) };
    match department.act(&Actor::system(), visit, &command, Action::PassTime).await {
        // A moment that leads to nothing is not asked for again before the next look.
        Ok(entry) => Ok(next_moment(&entry.visit).map(|next| next.max(department.now() + 1))),
        Err(ActError::Refused(refusal)) => {
            tracing::error!(%visit, why = refusal.why.words(), "time could not be passed");
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

fn short(visit: &VisitId) -> &str {
    let id = visit.as_str();
    id.get(..36).unwrap_or(id)
}
