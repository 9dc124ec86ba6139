//! Waits, quiet hours, and what answers mean.

use cauda_post::trying::{MailStep, again_at, by_http, by_mail};
use cauda_post::{Fault, Outcome, Quiet};
use proptest::prelude::*;

#[test]
fn waits_grow_and_end_after_three_days() {
    let expect = [60, 300, 1_800, 7_200, 21_600, 43_200, 43_200, 43_200, 43_200, 43_200];
    for (index, wait) in expect.into_iter().enumerate() {
        let tries = u32::try_from(index).unwrap() + 1;
        let again = again_at(tries, 0, "key").unwrap();
        assert!((wait..=wait + (wait / 10).min(300)).contains(&again), "{tries}: {again}");
    }
    assert_eq!(again_at(0, 77, "key"), Some(77));
    assert_eq!(again_at(11, 0, "key"), None);
    assert_eq!(again_at(u32::MAX, i64::MAX, "key"), None);
    assert_ne!(again_at(6, 0, "one"), again_at(6, 0, "two"));
}

#[test]
fn what_a_mail_server_says() {
    let never = |code| Outcome::Never { what: Fault::Smtp(code) };
    for step in [MailStep::Sender, MailStep::Recipient, MailStep::Text] {
        assert_eq!(by_mail(step, 421), Outcome::later(Fault::Smtp(421)));
        assert_eq!(by_mail(step, 535), Outcome::later(Fault::Login));
        assert_eq!(by_mail(step, 199), Outcome::later(Fault::Nonsense));
    }
    assert_eq!(by_mail(MailStep::Sender, 550), Outcome::later(Fault::Sender(550)));
    assert_eq!(by_mail(MailStep::Recipient, 550), never(550));
    assert_eq!(by_mail(MailStep::Text, 554), never(554));
}

#[test]
fn what_a_webhook_says() {
    let later = |code, wait_seconds| Outcome::Later { what: Fault::Http(code), wait_seconds };
    for status in [200, 201, 202, 204, 299] {
        assert_eq!(by_http(status, Some(5)), Outcome::Sent);
    }
    for status in [408, 409, 425, 429, 500, 503, 599] {
        assert_eq!(by_http(status, Some(120)), later(status, Some(120)));
        assert_eq!(by_http(status, None), later(status, None));
    }
    assert_eq!(by_http(503, Some(i64::MAX)), later(503, Some(43_200)));
    assert_eq!(by_http(503, Some(-5)), later(503, Some(0)));
    for status in [301, 302, 307, 401, 403, 404, 405, 410] {
        assert_eq!(by_http(status, Some(120)), later(status, None));
    }
    for status in [400, 406, 413, 415, 422, 451] {
        assert_eq!(by_http(status, None), Outcome::Never { what: Fault::Http(status) });
    }
    assert_eq!(by_http(0, None), Outcome::later(Fault::Nonsense));
}

#[test]
fn what_was_asked_for_is_waited_for() {
    let asked = by_http(429, Some(7_200));
    assert_eq!(asked.again_at(1, 1_000, "key"), Some(8_200));
    let short = by_http(429, Some(1));
    assert_eq!(short.again_at(2, 1_000, "key"), again_at(2, 1_000, "key"));
    assert_eq!(asked.again_at(11, 1_000, "key"), None);
    assert_eq!(Outcome::Sent.again_at(1, 1_000, "key"), None);
}

#[test]
fn quiet_hours_are_read_and_refused() {
    assert_eq!(Quiet::parse("21:00-08:00"), Ok(Quiet::NIGHT));
    assert_eq!(Quiet::parse(" 12:30 - 14:00 "), Quiet::new(750, 840));
    for text in ["", "21:00", "21-08", "21:00-21:00", "24:00-08:00", "21:60-08:00", "+1:00-08:00"] {
        let error = Quiet::parse(text).unwrap_err().to_string();
        assert!(error.contains("21:00-08:00"), "{text}: {error}");
    }
    assert!(Quiet::NIGHT.holds(0) && Quiet::NIGHT.holds(1_260) && Quiet::NIGHT.holds(479));
    assert!(!Quiet::NIGHT.holds(480) && !Quiet::NIGHT.holds(1_259));
}

#[test]
fn the_night_when_the_clocks_change() {
    let (day, hour) = (86_400, 3_600);
    // At 03:00 on the second day the clock is put back, or on, by an hour.
    for shift in [-60_i64, 60] {
        let local = move |at: i64| {
            let moved = if at >= day + 3 * hour { shift } else { 0 };
            u16::try_from((at / 60 + moved).rem_euclid(1_440)).unwrap()
        };
        let at = Quiet::NIGHT.next_allowed(22 * hour, local);
        assert!(!Quiet::NIGHT.holds(local(at)));
        assert!((480..=540).contains(&local(at)), "{}", local(at));
    }
}

fn local(zone_minutes: i64) -> impl Fn(i64) -> u16 {
    move |at| u16::try_from((at.div_euclid(60) + zone_minutes).rem_euclid(1_440)).unwrap()
}

proptest! {
    #[test]
    fn nobody_is_written_to_in_quiet_hours(
        from in 0_u16..1_440, to in 0_u16..1_440, at in -5_000_000_000_i64..5_000_000_000,
        zone in -720_i64..840,
    ) {
        prop_assume!(from != to);
        let (quiet, local) = (Quiet::new(from, to).unwrap(), local(zone));
        let next = quiet.next_allowed(at, &local);
        prop_assert!(!quiet.holds(local(next)));
        prop_assert!(next >= at && next < at + 86_400);
        // It is the first such moment: every minute before it is quiet, and it waits for nothing else.
        if next > at {
            prop_assert!(quiet.holds(local(next - 1)) && local(next) == to);
        }
        prop_assert_eq!(quiet.next_allowed(next, &local), next);
    }

    #[test]
    fn later_moments_are_never_sent_earlier(
        from in 0_u16..1_440, to in 0_u16..1_440, at in 0_i64..200_000, more in 0_i64..200_000,
    ) {
        prop_assume!(from != to);
        let quiet = Quiet::new(from, to).unwrap();
        let next = |at| quiet.next_allowed(at, local(60));
        prop_assert!(next(at) <= next(at + more));
    }

    #[test]
    fn tries_go_on_later_each_time_and_end(key in "[a-z0-9-]{1,40}", now in 0_i64..4_000_000_000) {
        let (mut at, mut wait, mut tries) = (now, 0, 1);
        while let Some(next) = again_at(tries, at, &key) {
            prop_assert!(next - at >= wait, "try {}", tries);
            prop_assert_eq!(again_at(tries, at, &key), Some(next));
            (wait, at, tries) = (next - at, next, tries + 1);
            prop_assert!(tries <= 20 && at - now <= 259_200);
        }
        prop_assert!(at - now >= 2 * 86_400);
    }
}
