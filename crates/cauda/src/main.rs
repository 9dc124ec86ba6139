//! x
use cauda_guideline::*;
fn main() {
    let dir = std::env::args().nth(1).unwrap();
    let mut folder = Folder::default();
    for sub in [
        "",
        "facts",
        "vocabulary",
        "cases",
        "scope",
        "gate",
        "red_flags",
        "definitions",
        "tests",
        "disposition",
    ] {
        let path = std::path::Path::new(&dir).join(sub);
        let Ok(entries) = std::fs::read_dir(&path) else {
            continue;
        };
        for e in entries {
            let e = e.unwrap();
            let name = e.file_name().into_string().unwrap();
            let p = if sub.is_empty() { name } else { format!("{sub}/{name}") };
            if e.path().is_file() && Folder::takes(&p) {
                folder.files.insert(p, std::fs::read_to_string(e.path()).unwrap());
            }
        }
    }
    let t = std::time::Instant::now();
    let r = load(&folder);
    eprintln!("{:?}", t.elapsed());
    match r {
        Ok((g, w)) => {
            let t = std::time::Instant::now();
            cauda_proof::check_all(
                &g,
                &cauda_proof::Effort {
                    random_patients: std::env::args().nth(2).and_then(|s| s.parse().ok()).unwrap_or(2000),
                    ..Default::default()
                },
                &mut |c| {
                    println!("{} {} {:?}", c.id, c.questions, t.elapsed());
                    if c.outcome != cauda_proof::properties::Outcome::Holds {
                        println!("{:#?}", c.outcome)
                    }
                },
            );
            for f in w {
                println!("{f}");
            }
            println!(
                "ok {} nodes {} concerns {} facts",
                g.program.nodes.len(),
                g.program.concerns.len(),
                g.facts.len()
            );
        }
        Err(fs) => {
            for f in &fs {
                let src = folder.files.get(&f.file).map_or("", |s| s.as_str());
                let (l, _) = diagnostic::line_and_column(src, f.span.start);
                println!(
                    "{}:{l} [{}] {} | {} | {}",
                    f.file,
                    f.code,
                    f.message,
                    src.get(f.span.clone()).unwrap_or(""),
                    f.help.as_deref().unwrap_or("")
                );
            }
            println!("{} faults", fs.len());
        }
    }
}
