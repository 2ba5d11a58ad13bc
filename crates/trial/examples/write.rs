fn main() {
    let a: Vec<String> = std::env::args().collect();
    let t = std::time::Instant::now();
    let w = trial::population::Population::generate(trial::population::Options {
        people: a[1].parse().unwrap(),
        seed: 7,
        day: "2026-06-15".parse().unwrap(),
    })
    .write(std::path::Path::new(&a[2]))
    .unwrap();
    println!(
        "{:?} living {} rows {} mothers {} students {}",
        t.elapsed(),
        w.living,
        w.extracts.iter().map(|e| e.rows).sum::<u64>(),
        w.registrar.mothers().len(),
        w.registrar.students().len()
    );
    let mut r = w.registrar;
    let m = r.mothers()[0].clone();
    for e in r.birth(&m, card::Moment::local("2026-06-15".parse().unwrap(), 9, 0)).events {
        println!("{e}")
    }
    let s = r.students()[0].clone();
    println!("{}", r.studies_end(&s, card::Moment::local("2026-06-15".parse().unwrap(), 9, 0)));
    println!(
        "{:?}",
        std::fs::read_to_string("/proc/self/status").unwrap().lines().find(|l| l.starts_with("VmHWM"))
    );
}
