//! The loop as a department closes it: an order is in the worklist, its scan takes it off, the
//! wrong entry puts it back, and nothing is done by hand.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use cauda_dicom::entry::{Entry, Status};
use cauda_dicom::stand_in::{Ending, StandIn, StandInSettings};
use cauda_dicom::step::{PerformedStep, Standing, standing};
use cauda_dicom::worklist::Worklist;
use cauda_dicom::{Department, Event, Listener, Trouble};
use jiff::civil::date;

use crate::house::{VIEW, entry, identifier, query};
use crate::site::{caller, settings};

/// Orders and performed steps, the worklist following both.
struct Board {
    orders: Vec<Entry>,
    steps: Mutex<HashMap<String, PerformedStep>>,
    worklist: Arc<Worklist>,
}

impl Board {
    fn new(count: u32) -> Board {
        let worklist = Arc::new(Worklist::new(settings().charsets()));
        let orders: Vec<Entry> = (1..=count).map(entry).collect();
        for order in &orders {
            worklist.put(order).unwrap();
        }
        Board { orders, steps: Mutex::default(), worklist }
    }

    fn standings(&self) -> Vec<Standing> {
        let steps = self.steps.lock().unwrap();
        let of = |order: &Entry| standing(steps.values(), |of| of.step_id == order.step.id);
        self.orders.iter().map(of).collect()
    }

    /// Step IDs that a scanner is shown.
    fn listed(&self) -> Vec<String> {
        let query = query(&identifier(&[(dicom_dictionary_std::tags::PATIENT_NAME, "")], &[]));
        let found = self.worklist.find(&query.unwrap(), VIEW);
        found.items.iter().map(|item| item.id().to_string()).collect()
    }
}

#[async_trait]
impl Department for Board {
    async fn step(&self, instance: &str) -> Result<Option<PerformedStep>, Trouble> {
        Ok(self.steps.lock().unwrap().get(instance).cloned())
    }

    async fn commit(&self, event: Event) -> Result<(), Trouble> {
        self.steps.lock().unwrap().insert(event.step.instance.clone(), event.step);
        for (order, standing) in self.orders.iter().zip(self.standings()) {
            let mut order = order.clone();
            match standing {
                Standing::Waiting | Standing::Stopped => order.step.status = Status::Scheduled,
                Standing::Running => order.step.status = Status::Started,
                Standing::Done => {
                    self.worklist.remove(&order.id);
                    continue;
                }
            }
            self.worklist.put(&order)?;
        }
        Ok(())
    }
}

#[tokio::test]
async fn a_scan_takes_its_order_off_the_worklist_and_the_wrong_entry_puts_it_back() {
    let board = Arc::new(Board::new(2));
    let department: Arc<dyn Department> = Arc::<Board>::clone(&board);
    let address = "127.0.0.1:0".parse().unwrap();
    let worklist = Arc::clone(&board.worklist);
    let listener = Listener::bind(address, settings(), worklist, department).await.unwrap();
    let mut scanner = StandIn::new(StandInSettings {
        address: listener.address(),
        caller: caller("MR1", "CAUDA"),
        modality: "MR".into(),
        look_seconds: 5,
        uid_base: 1,
    });
    tokio::spawn(listener.run(std::future::pending()));
    let at = |minute| date(2026, 11, 3).at(9, minute, 0, 0);

    assert_eq!(board.listed(), ["order-1", "order-2"]);
    let first = scanner.next().await.unwrap().unwrap();
    let running = scanner.begin(&first, at(0)).await.unwrap();
    assert_eq!(board.standings(), [Standing::Running, Standing::Waiting]);
    assert_eq!(board.listed(), ["order-2"]);
    // The radiographer had chosen the wrong patient.
    scanner.end(&running, Ending::WrongEntry, at(1)).await.unwrap();
    assert_eq!(board.standings(), [Standing::Waiting, Standing::Waiting]);
    assert_eq!(board.listed(), ["order-1", "order-2"]);

    let second = scanner.next().await.unwrap().unwrap();
    assert_eq!(second.step_id, "S0000002");
    let running = scanner.begin(&second, at(2)).await.unwrap();
    scanner.end(&running, Ending::Completed, at(22)).await.unwrap();
    assert_eq!(board.standings(), [Standing::Waiting, Standing::Done]);
    assert_eq!(board.listed(), ["order-1"]);
    assert_eq!(board.worklist.len(), 1);
}

#[test]
fn entries_come_and_go_while_scanners_ask() {
    let board = Arc::new(Board::new(200));
    std::thread::scope(|scope| {
        for part in 0..2_u32 {
            let board = Arc::clone(&board);
            scope.spawn(move || {
                for round in 0..5 {
                    for number in (1..=200).filter(|number| number % 2 == part) {
                        board.worklist.remove(&format!("order-{number}"));
                        let mut changed = entry(number);
                        changed.step.start = Some(date(2026, 11, 4 + round).at(8, 0, 0, 0));
                        board.worklist.put(&changed).unwrap();
                    }
                }
            });
        }
        for _ in 0..50 {
            let listed = board.listed();
            let mut once = listed.clone();
            once.sort();
            once.dedup();
            // Each of the two may have one out at a time; none is ever there twice.
            assert_eq!(once.len(), listed.len());
            assert!((198..=200).contains(&listed.len()), "{}", listed.len());
        }
    });
    assert_eq!(board.listed().len(), 200);
}
