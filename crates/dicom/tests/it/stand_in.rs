//! The stand-in of a scanner: it scans who is listed, one after the other.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};

use async_trait::async_trait;
use cauda_dicom::charset::Charset;
use cauda_dicom::stand_in::{Ending, Pace, StandIn, StandInSettings};
use cauda_dicom::{Happening, Notice};
use jiff::ToSpan as _;
use jiff::civil::{DateTime, date};
use tokio::sync::Notify;

use crate::house::entry;
use crate::site::{Site, caller, settings};

fn at(hour: i8, minute: i8) -> DateTime {
    date(2026, 11, 3).at(hour, minute, 0, 0)
}

async fn site() -> Site {
    let worklist = cauda_dicom::worklist::Worklist::new([Charset::Latin1, Charset::Utf8]);
    for (number, hour) in [(1, 9), (2, 8), (3, 10)] {
        let mut planned = entry(number);
        planned.step.start = Some(at(hour, 0));
        planned.patient.name = format!("MÜLLER^NUMBER{number}");
        worklist.put(&planned).unwrap();
    }
    let mut elsewhere = entry(4);
    elsewhere.step.station_ae_titles = vec!["MR2".into()];
    worklist.put(&elsewhere).unwrap();
    Site::start(settings(), worklist).await
}

fn stand_in(site: &Site) -> StandIn {
    StandIn::new(StandInSettings {
        address: site.address,
        caller: caller("MR1", "CAUDA"),
        modality: "MR".into(),
        look_seconds: 5,
        uid_base: 4_711,
    })
}

#[tokio::test]
async fn it_takes_the_first_entry_of_its_own_and_tells_of_it() {
    let site = site().await;
    let mut scanner = stand_in(&site);
    let taken = scanner.next().await.unwrap().unwrap();
    assert_eq!(taken.step_id, "S0000002");
    let running = scanner.begin(&taken, at(8, 5)).await.unwrap();
    // It is still listed, and not taken again.
    assert_eq!(scanner.next().await.unwrap().unwrap().step_id, "S0000001");
    scanner.end(&running, Ending::Completed, at(8, 25)).await.unwrap();
    // A second time, as if the answer had been lost.
    scanner.end(&running, Ending::Completed, at(8, 25)).await.unwrap();
    let events = site.ward.events.lock().unwrap();
    let step = &events.last().unwrap().step;
    assert_eq!((events.len(), step.instance.as_str()), (2, "2.25.4711"));
    assert_eq!(step.scheduled[0].step_id, "S0000002");
    assert_eq!(step.patient_name, "MÜLLER^NUMBER2");
    assert_eq!((step.started, step.ended), (at(8, 5), Some(at(8, 25))));
    assert_eq!(step.protocol_codes[0].value, "CES1");
}

#[tokio::test]
async fn it_may_choose_the_wrong_entry() {
    let site = site().await;
    let mut scanner = stand_in(&site);
    let taken = scanner.next().await.unwrap().unwrap();
    let running = scanner.begin(&taken, at(8, 5)).await.unwrap();
    scanner.end(&running, Ending::WrongEntry, at(8, 6)).await.unwrap();
    let wrong = Happening::Discontinued { wrong_entry: true };
    assert_eq!(site.ward.happenings(), [Happening::Started, wrong]);
}

/// A clock that moves only when somebody waits, and tells when an empty list was looked at.
struct Quick {
    now: Mutex<DateTime>,
    looks: AtomicU32,
    idle: Notify,
}

#[async_trait]
impl Pace for Quick {
    fn now(&self) -> DateTime {
        *self.now.lock().unwrap()
    }

    async fn wait(&self, seconds: u32) {
        {
            let mut now = self.now.lock().unwrap();
            *now = now.checked_add(i64::from(seconds).seconds()).unwrap();
        }
        if seconds == 5 {
            self.looks.fetch_add(1, Ordering::SeqCst);
            self.idle.notify_one();
            std::future::pending::<()>().await;
        }
    }
}

#[tokio::test]
async fn left_alone_it_scans_everybody_and_then_looks_again() {
    let site = site().await;
    let pace = Quick { now: Mutex::new(at(8, 0)), looks: AtomicU32::new(0), idle: Notify::new() };
    tokio::select! {
        () = stand_in(&site).run(&pace, |taken| {
            assert_eq!(taken.description, "cauda equina, limited");
            1200
        }) => {}
        () = pace.idle.notified() => {}
    }
    let events = site.ward.events.lock().unwrap();
    let told: Vec<(Happening, &str, DateTime)> = events
        .iter()
        .map(|event| {
            let step = &event.step;
            let at = step.ended.unwrap_or(step.started);
            (event.happening, step.scheduled[0].step_id.as_str(), at)
        })
        .collect();
    use Happening::{Ended, Started};
    assert_eq!(
        told,
        [
            (Started, "S0000002", at(8, 0)),
            (Ended, "S0000002", at(8, 20)),
            (Started, "S0000001", at(8, 20)),
            (Ended, "S0000001", at(8, 40)),
            (Started, "S0000003", at(8, 40)),
            (Ended, "S0000003", at(9, 0)),
        ]
    );
    let notices = site.ward.notices.lock().unwrap();
    assert!(notices.iter().all(|notice| matches!(notice, Notice::Queried { matches: 3, .. })));
    assert_eq!(pace.looks.load(Ordering::SeqCst), 1);
}
