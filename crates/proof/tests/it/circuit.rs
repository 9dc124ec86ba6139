//! The circuit the proofs stand on, against counting by hand and a solver.

use cauda_proof::circuit::{Circuit, FALSE, Literal, TRUE, value_of};
use cauda_proof::random::Random;
use cauda_proof::solver::{Found, Solver, Which};

const BOTH: [Which; 2] = [Which::Batsat, Which::Varisat];

fn inputs(circuit: &mut Circuit, count: usize) -> Vec<Literal> {
    (0..count).map(|_| circuit.variable()).collect()
}

fn set(literals: &[Literal], bits: u32) -> Vec<(Literal, bool)> {
    literals.iter().enumerate().map(|(at, literal)| (*literal, bits >> at & 1 == 1)).collect()
}

/// The same values as literals a solver has to assume.
fn assumed(inputs: &[(Literal, bool)]) -> Vec<Literal> {
    inputs.iter().map(|(literal, value)| if *value { *literal } else { -literal }).collect()
}

#[test]
fn at_least_counts_like_a_person() {
    for width in 0..=7 {
        for count in 0..=width + 1 {
            let mut circuit = Circuit::default();
            let literals = inputs(&mut circuit, width);
            let output = circuit.at_least(count, &literals);
            for bits in 0..1_u32 << width {
                let values = circuit.evaluate(&set(&literals, bits));
                let expect = bits.count_ones() as usize >= count;
                assert_eq!(value_of(&values, output), expect, "{count} of {bits:0width$b}");
            }
        }
    }
}

#[test]
fn at_least_counts_contrary_and_repeated_literals_each_time() {
    let mut circuit = Circuit::default();
    let [a, b] = inputs(&mut circuit, 2)[..] else { panic!("two inputs") };
    let literals = [a, -a, b, b, TRUE, FALSE];
    let outputs: Vec<Literal> = (0..=6).map(|count| circuit.at_least(count, &literals)).collect();
    for bits in 0..4 {
        let values = circuit.evaluate(&set(&[a, b], bits));
        let held = literals.iter().filter(|literal| value_of(&values, **literal)).count();
        for (count, output) in outputs.iter().enumerate() {
            assert_eq!(value_of(&values, *output), held >= count, "{count} with {bits:02b}");
        }
    }
}

#[test]
fn empty_lists_contraries_and_constants_simplify() {
    let mut circuit = Circuit::default();
    let [a, b] = inputs(&mut circuit, 2)[..] else { panic!("two inputs") };
    assert_eq!(circuit.and(&[]), TRUE);
    assert_eq!(circuit.or(&[]), FALSE);
    assert_eq!(circuit.and(&[a, TRUE, a]), a);
    assert_eq!(circuit.and(&[a, FALSE]), FALSE);
    assert_eq!(circuit.and(&[a, b, -a]), FALSE);
    assert_eq!(circuit.or(&[a, b, -a]), TRUE);
    assert_eq!(circuit.and(&[a, b]), circuit.and(&[b, a, b]));
}

/// A circuit of random gates over `inputs`; the last literals are its outputs.
fn random_gates(circuit: &mut Circuit, inputs: &[Literal], random: &mut Random) -> Vec<Literal> {
    let mut known = inputs.to_vec();
    for _ in 0..40 {
        let width = 1 + random.below(5) as usize;
        let chosen: Vec<Literal> = (0..width)
            .map(|_| {
                let literal = known[random.below(known.len() as u64) as usize];
                if random.below(2) == 0 { literal } else { -literal }
            })
            .collect();
        let gate = match random.below(3) {
            0 => circuit.and(&chosen),
            1 => circuit.or(&chosen),
            _ => circuit.at_least(random.below(width as u64 + 2) as usize, &chosen),
        };
        known.push(gate);
    }
    known
}

#[test]
fn running_a_circuit_agrees_with_both_solvers_on_random_assignments() {
    for seed in 1..=40 {
        let mut random = Random::new(seed);
        let mut circuit = Circuit::default();
        let literals = inputs(&mut circuit, 10);
        let gates = random_gates(&mut circuit, &literals, &mut random);
        let mut solvers = BOTH.map(|which| Solver::new(which, &circuit).unwrap());
        for _ in 0..25 {
            let inputs = set(&literals, random.below(1 << 10) as u32);
            let values = circuit.evaluate(&inputs);
            for solver in &mut solvers {
                let Found::Assignment(model) = solver.find(&circuit, &assumed(&inputs)) else {
                    panic!("seed {seed}: no assignment");
                };
                for gate in &gates {
                    let (ours, theirs) = (value_of(&values, *gate), value_of(&model, *gate));
                    assert_eq!(ours, theirs, "seed {seed}, literal {gate}");
                }
                // The other value of a gate is impossible with these inputs.
                let last = gates[gates.len() - 1];
                let mut contrary = assumed(&inputs);
                contrary.push(if value_of(&values, last) { -last } else { last });
                assert_eq!(solver.find(&circuit, &contrary), Found::Nothing, "seed {seed}");
            }
        }
    }
}

#[test]
fn a_solver_answers_many_questions_about_one_circuit() {
    let mut circuit = Circuit::default();
    let [a, b] = inputs(&mut circuit, 2)[..] else { panic!("two inputs") };
    circuit.require(vec![a, b]);
    for which in BOTH {
        let mut solver = Solver::new(which, &circuit).unwrap();
        for _ in 0..3 {
            assert_eq!(solver.find(&circuit, &[-a, -b]), Found::Nothing, "{which:?}");
            let Found::Assignment(values) = solver.find(&circuit, &[-a]) else {
                panic!("{which:?}: no assignment");
            };
            assert!(!value_of(&values, a) && value_of(&values, b), "{which:?}");
            assert_eq!(solver.find(&circuit, &[FALSE]), Found::Nothing, "{which:?}");
        }
    }
}
