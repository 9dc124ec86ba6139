//! `cauda demo`: eight patients of the article.

use crate::run::cauda;

#[test]
fn the_tour_shows_eight_patients() {
    let tour = cauda(&["tour"]).expect(0);
    let mut from = 0;
    for number in 1..=8 {
        let at = tour.out[from..].find(&format!("{number} of 8: "));
        from += at.unwrap_or_else(|| panic!("patient {number} is missing"));
    }
    assert_eq!(tour.out.matches(" of 8: ").count(), 8);
    assert_eq!(tour.out.matches("The article: ").count(), 8);
    assert!(tour.out.contains("That was the tour."));
}

#[test]
fn one_patient_is_shown_as_the_visit_is_assessed() {
    for (number, file) in [
        ("1", "examples/visits/1_strain.json"),
        ("2", "examples/visits/2_cauda_equina.json"),
        ("8", "examples/visits/8_cannot_decide_yet.json"),
    ] {
        let shown = cauda(&["tour", number]).expect(0);
        assert_eq!(shown.out.matches(" of 8: ").count(), 1);
        let assessed = cauda(&["assess", file]);
        assert!(shown.out.contains(&assessed.out), "patient {number}");
    }
}
