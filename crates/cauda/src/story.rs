//! A counterexample as people read it: a patient, and how to replay them.

use std::fmt::Write;

use cauda_proof::counterexample::{Counterexample, Story};

/// A counterexample as a story.
pub fn told(counterexample: &Counterexample) -> String {
    let mut text = format!("      {}: {}\n", counterexample.property, counterexample.what);
    tell("a patient", &counterexample.first, &mut text);
    if let Some(second) = &counterexample.second {
        tell("the same patient, changed", second, &mut text);
    }
    text
}

fn tell(who: &str, story: &Story, text: &mut String) {
    let _ = writeln!(text, "      {who}:");
    for fact in &story.facts {
        let _ = writeln!(text, "        {fact}");
    }
    let _ = writeln!(text, "        {}", story.all_else);
    let _ = writeln!(text, "        answer: {}", story.answer);
    let _ = writeln!(text, "        replay: cauda assess --case '{}'", story.case);
}
