//! Every property holds of the guideline with each option that a site may turn on.

use cauda_guideline::load_checked;
use cauda_guideline::site::{Choice, option_folder};
use cauda_proof::properties::Outcome;
use cauda_proof::{Effort, check_all};

use crate::shipped::guideline;

#[test]
fn every_option_is_proved() {
    let policies = guideline().policies.iter();
    let options: Vec<&str> = policies
        .filter(|policy| policy.choice == Choice::Option)
        .map(|policy| policy.id.as_str())
        .collect();
    assert_eq!(options, ["booked_mri_for_cancer"]);
    for option in options {
        let with = load_checked(&option_folder(guideline(), option).unwrap()).unwrap();
        let report = check_all(&with, &Effort::default(), &mut |_| ());
        let broken = report.checked().iter().filter(|one| one.outcome != Outcome::Holds);
        let ids: Vec<&str> = broken.map(|one| one.id).collect();
        assert!(ids.is_empty(), "{option}: {ids:?}");
    }
}
