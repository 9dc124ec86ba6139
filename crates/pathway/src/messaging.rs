//! The message that asks a patient at home: tried, sent, tried again, given up. Each try is claimed
//! first, so that of several servers one sends it, and one that stops in the middle is made up for.

use serde::{Deserialize, Serialize};

use crate::check_in::Round;
use crate::closed_list::closed_list;
use crate::event::What;
use crate::handle::Writing;
use crate::identity::CommandId;
use crate::refusal::{Refusal, Why};
use crate::visit::Visit;
use crate::wire;

/// Seconds after which a claimed try is taken to have stopped in the middle.
pub const CLAIM_SECONDS: i64 = 600;

closed_list! {
    /// How a message stands.
    Sending {
        Claimed = "being sent",
        Sent = "sent",
        Again = "not sent yet, tried again",
        GivenUp = "could not be sent",
    }
}

/// A message of a round.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Messaged {
    /// Which round it asks for.
    pub round: Round,
    /// How it stands.
    pub sending: Sending,
    /// Tries so far, this one included.
    pub tries: u32,
    /// When it is tried again; of a claim, when the claim ends.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "wire::maybe_instant")]
    pub again_at: Option<i64>,
    /// The command that claimed it, by which whoever sends it knows that it is theirs.
    pub claim: CommandId,
}

impl Visit {
    /// The round a message is due for now, and tries so far; nothing if none is.
    pub fn message_due(&self, now: i64) -> Option<(Round, u32)> {
        let asks = self.at_home.stopped.is_none() && !self.awaits_contact();
        let round = self.at_home.asked().filter(|_| asks)?.round;
        match self.at_home.messages.iter().find(|known| known.round == round) {
            None => Some((round, 0)),
            Some(known) => {
                let again = known.again_at.is_some_and(|at| now >= at);
                let open = matches!(known.sending, Sending::Again | Sending::Claimed);
                (open && again).then_some((round, known.tries))
            }
        }
    }
}

impl Writing<'_> {
    /// Claims a try that is due. Who comes second changes nothing.
    pub(crate) fn claim_message(&mut self, round: Round) -> Result<(), Refusal> {
        let Some((due, tries)) = self.visit.message_due(self.now) else { return Ok(()) };
        if due != round {
            return Ok(());
        }
        self.record(What::Messaged(Messaged {
            round,
            sending: Sending::Claimed,
            tries: tries.saturating_add(1),
            again_at: Some(self.now.saturating_add(CLAIM_SECONDS)),
            claim: self.command.clone(),
        }))
    }

    /// What became of it.
    pub(crate) fn note_message(
        &mut self,
        round: Round,
        sending: Sending,
        again_at: Option<i64>,
    ) -> Result<(), Refusal> {
        let known = self.visit.at_home.messages.iter().find(|known| known.round == round);
        let Some(known) = known.filter(|known| known.sending == Sending::Claimed) else {
            return Err(Refusal::new(
                Why::NotNow,
                "nobody is sending that message; claim it first",
            ));
        };
        let (tries, claim) = (known.tries, known.claim.clone());
        self.record(What::Messaged(Messaged { round, sending, tries, again_at, claim }))
    }
}
