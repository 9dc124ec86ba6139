//! Shares of states: exact on a small guideline, where every state is tried;
//! close to a random sample on the shipped one; always one together.

use std::collections::BTreeMap;

use cauda_guideline::Guideline;
use cauda_guideline::decide::decide;
use cauda_guideline::vocabulary::Tier;
use cauda_proof::answers::Answers;
use cauda_proof::circuit::{Circuit, value_of};
use cauda_proof::diagram::{DiagramError, Diagrams};
use cauda_proof::encode::Copy;
use cauda_proof::random::{Random, patient};
use cauda_proof::reading::Order;
use cauda_proof::shares::{Counted, Share, Shares, States, Weighting};
use cauda_proof::space::{Space, Weights};

use crate::{shipped, small};

/// Name of an answer: disposition, `at_least` and `acted` tiers, decided.
type Told = Vec<(String, f64)>;

fn told(shares: &Shares) -> Told {
    let mut told: Told = Vec::new();
    for (go, share) in &shares.dispositions {
        told.push((go.clone().unwrap_or("cannot decide".into()), share.ratio()));
    }
    for tier in Tier::ALL {
        told.push((format!("at least {}", tier.id()), shares.at_least[tier as usize].ratio()));
        told.push((format!("acted {}", tier.id()), shares.acted[tier as usize].ratio()));
    }
    told.push(("decided".into(), shares.decided.ratio()));
    told
}

/// Adds the engine's answer to one state.
fn tally(guideline: &Guideline, counted: &Counted, state: &[usize]) -> [String; 4] {
    let patient = counted.states_of().reading.patient(guideline, state);
    let verdict = decide(&guideline.program, &patient);
    let go = verdict.row.map(|row| guideline.program.rows[row].go.clone());
    [
        go.unwrap_or("cannot decide".into()),
        format!("at least {}", verdict.at_least.id()),
        format!("acted {}", verdict.acted.id()),
        if verdict.decided { "decided".into() } else { "not decided".into() },
    ]
}

fn values(counted: &Counted) -> Vec<usize> {
    let space = &counted.states_of().space;
    (0..space.axes()).map(|axis| space.values(axis)).collect()
}

fn weight_of(weights: &[Vec<u32>], state: &[usize]) -> u64 {
    state.iter().zip(weights).map(|(value, weights)| u64::from(weights[*value])).product()
}

#[test]
fn every_state_of_a_small_guideline_is_counted_exactly() {
    let guideline = small::guideline();
    let counted = Counted::new(&guideline).unwrap();
    let standings = &counted.states_of().standings;
    let mut tables: Vec<Vec<Vec<u32>>> = Weighting::ALL
        .iter()
        .map(|weighting| standings.iter().map(|values| weighting.of(values)).collect())
        .collect();
    // Odd weights of everybody's own, some of them zero.
    let mut random = Random::new(11);
    let own = |values: &usize| (0..*values).map(|_| random.below(4) as u32).collect::<Vec<_>>();
    let mut odd: Vec<Vec<u32>> = values(&counted).iter().map(own).collect();
    odd.iter_mut().for_each(|weights| weights[0] += 1);
    tables.push(odd);
    for table in tables {
        let weights = Weights::new(&counted.states_of().space, table.clone()).unwrap();
        let shares = counted.weighed(&weights);
        let (mut found, mut total) = (BTreeMap::new(), 0);
        small::every_state(&values(&counted), &mut |state| {
            let weight = weight_of(&table, state);
            total += weight;
            for name in tally(&guideline, &counted, state) {
                *found.entry(name).or_insert(0) += weight;
            }
        });
        let exact = |name: &str, share: &Share| {
            let expected = found.get(name).copied().unwrap_or(0);
            assert_eq!(share.weight, expected.into(), "{name}");
            assert_eq!(share.of, total.into());
        };
        for (go, share) in &shares.dispositions {
            exact(go.as_deref().unwrap_or("cannot decide"), share);
        }
        for tier in Tier::ALL {
            exact(&format!("at least {}", tier.id()), &shares.at_least[tier as usize]);
            exact(&format!("acted {}", tier.id()), &shares.acted[tier as usize]);
        }
        exact("decided", &shares.decided);
    }
}

#[test]
fn a_small_guideline_shows_what_the_test_above_covers() {
    let counted = Counted::new(&small::guideline()).unwrap();
    assert_eq!(counted.facts, 7);
    assert_eq!(counted.states, (5 * 4 * 4 * 2 * 4 * 5 * 2_u32).into());
    let shares = counted.shares(Weighting::AllStates).unwrap();
    assert!(shares.dispositions.iter().all(|(_, share)| share.ratio() > 0.0), "{shares:?}");
    // Settling upward happens: fewer are acted on as if there were no danger.
    assert!(shares.acted[0].ratio() < shares.at_least[0].ratio());
}

#[test]
fn the_shares_of_the_shipped_guideline_are_one_together() {
    let counted = Counted::new(shipped::guideline()).unwrap();
    for weighting in Weighting::ALL {
        let shares = counted.shares(weighting).unwrap();
        let of = shares.decided.of.clone();
        let dispositions = shares.dispositions.iter().map(|(_, share)| &share.weight);
        assert_eq!(dispositions.sum::<num_bigint::BigUint>(), of, "{weighting:?}");
        for tiers in [&shares.at_least, &shares.acted] {
            let sum: num_bigint::BigUint = tiers.iter().map(|share| &share.weight).sum();
            assert_eq!(sum, of, "{weighting:?}");
        }
    }
}

#[test]
fn random_states_of_the_shipped_guideline_agree_with_the_shares() {
    const SAMPLE: u64 = 40_000;
    let guideline = shipped::guideline();
    let counted = Counted::new(guideline).unwrap();
    let mut random = Random::new(20_261_124);
    for weighting in Weighting::ALL {
        let standings = &counted.states_of().standings;
        let table: Vec<Vec<u32>> = standings.iter().map(|values| weighting.of(values)).collect();
        let mut found: BTreeMap<String, u64> = BTreeMap::new();
        for _ in 0..SAMPLE {
            let state: Vec<usize> =
                table.iter().map(|weights| draw(weights, &mut random)).collect();
            for name in tally(guideline, &counted, &state) {
                *found.entry(name).or_default() += 1;
            }
        }
        for (name, share) in told(&counted.shares(weighting).unwrap()) {
            let seen = found.get(&name).copied().unwrap_or(0) as f64;
            let expected = share * SAMPLE as f64;
            // Five standard deviations, and a few whole patients where they are rare.
            let slack = 5.0 * (expected * (1.0 - share)).sqrt() + 5.0;
            assert!(
                (seen - expected).abs() <= slack,
                "{weighting:?}, {name}: {seen} seen, {expected} expected"
            );
        }
    }
}

fn draw(weights: &[u32], random: &mut Random) -> usize {
    let total: u32 = weights.iter().sum();
    let mut at = random.below(u64::from(total)) as u32;
    weights
        .iter()
        .position(|weight| {
            let here = at < *weight;
            at = at.saturating_sub(*weight);
            here
        })
        .unwrap()
}

#[test]
fn the_pictures_of_the_formula_are_those_of_the_answer() {
    for (guideline, patients) in [(shipped::guideline(), 3_000), (&small::guideline(), 3_000)] {
        let mut circuit = Circuit::default();
        let copy = Copy::new(&guideline.program, &mut circuit);
        let answers = Answers::new(guideline, &copy, &mut circuit);
        let mut random = Random::new(5);
        for _ in 0..patients {
            let (_, patient) = patient(guideline, &mut random);
            let values = circuit.evaluate(&copy.inputs(&guideline.program, &patient));
            let decision = small::answer(guideline, &patient);
            let mut shown: Vec<&str> =
                decision.imaging.iter().map(|image| image.spoken.id.as_str()).collect();
            shown.sort_unstable();
            let held = answers.images.iter().filter(|(_, literal)| value_of(&values, **literal));
            let held: Vec<&str> = held.map(|(id, _)| id.as_str()).collect();
            assert_eq!(held, shown, "{patient:?}");
            let go = answers.by_disposition().find(|(_, literal)| value_of(&values, *literal));
            let told = decision.disposition.as_ref().map(|spoken| spoken.id.as_str());
            assert_eq!(go.and_then(|(go, _)| go), told);
            let steps = copy.first_step.iter().position(|step| value_of(&values, *step));
            assert_eq!(steps, Some(decision.first_step as usize));
        }
    }
}

#[test]
fn too_many_nodes_are_an_error_and_another_order_is_tried() {
    let guideline = shipped::guideline();
    let mut circuit = Circuit::default();
    let copy = Copy::new(&guideline.program, &mut circuit);
    let wanted = copy.acted;
    let mut tried = Vec::new();
    let built = Order::first_that_fits(|order, nodes_max| {
        tried.push(order);
        let states = States::new(guideline, order)?;
        let inputs = states.reading.inputs(&guideline.program, &copy, &states.space);
        let limit = if tried.len() == 1 { 5_000 } else { nodes_max };
        Diagrams::new(&circuit, &states.space, inputs, &wanted, limit)
    });
    assert!(built.is_ok());
    // What is left is to count only the states in which everything is known.
    assert_eq!((tried[0], tried.last()), (Order::PagesBackwards, Some(&Order::KnownOnly)));
    let none = Order::first_that_fits::<()>(|_, _| Err(DiagramError::TooLarge));
    assert_eq!(none, Err(DiagramError::TooLarge));
    assert!(DiagramError::TooLarge.to_string().contains("8000000 nodes"));
}

#[test]
fn weights_that_do_not_fit_are_refused() {
    let space = Space::new(&[2, 3]).unwrap();
    for weights in
        [vec![], vec![vec![1, 1]], vec![vec![1, 1], vec![1, 1]], vec![vec![1, 1], vec![0, 0, 0]]]
    {
        assert!(Weights::new(&space, weights.clone()).is_err(), "{weights:?}");
    }
    assert!(Space::new(&[1; 70_000]).is_ok());
    assert!(Space::new(&[2; 70_000]).is_err());
}

#[test]
fn a_tiny_share_is_still_a_number() {
    let tiny = Share { weight: 3_u32.into(), of: num_bigint::BigUint::from(10_u32).pow(90) };
    assert!((tiny.ratio() / 3e-90 - 1.0).abs() < 1e-12, "{}", tiny.ratio());
    let whole = Share { weight: 7_u32.into(), of: 7_u32.into() };
    assert_eq!(whole.ratio(), 1.0);
    let nothing = Share { weight: 0_u32.into(), of: 7_u32.into() };
    assert_eq!(nothing.ratio(), 0.0);
}
