use card::{Date, Sex};
use std::collections::BTreeMap;
use trial::population::*;
fn main() {
    let n: u32 = std::env::args().nth(1).unwrap().parse().unwrap();
    let day: Date = "2026-06-15".parse().unwrap();
    let t = std::time::Instant::now();
    let mut ages = [[0u32; 2]; 25];
    let (
        mut people,
        mut births,
        mut deaths,
        mut kins,
        mut multi,
        mut paid,
        mut grants,
        mut mothers,
        mut households,
    ) = (0u32, 0u32, 0u32, 0u32, 0u32, 0u32, 0u32, 0u32, 0u32);
    let mut u15 = 0;
    let mut fams = 0;
    let mut minors_fams = 0;
    let mut rows = 0usize;
    let mut maxkin = 0;
    let mut dead = 0;
    let mut o65 = 0;
    let mut order = [0u32; 12];
    let mut married = 0;
    let mut adults = 0;
    let mut wed = 0;
    let mut divs = 0;
    let mut ageb = 0i32;
    let mut regions: BTreeMap<&str, u32> = BTreeMap::new();
    let mut unpaid_fresh = 0;
    let mut phone = 0;
    let mut acc = 0;
    let mut guard = 0;
    let mut step = 0;
    let mut stays = 0;
    let mut students = 0;
    let mut sizes = [0u32; 12];
    let today = Date::from_days(day.days() - 1);
    for kin in Population::generate(Options { people: n, seed: 7, day }) {
        kins += 1;
        maxkin = maxkin.max(kin.persons.len());
        rows += kin.persons.len()
            + kin.ties.len()
            + kin.marriages.len()
            + kin.residences.len()
            + kin.studies.len()
            + kin.phones.len()
            + kin.accounts.len()
            + kin.awards.len();
        let mut addr: BTreeMap<u64, u32> = BTreeMap::new();
        for (i, p) in kin.persons.iter().enumerate() {
            let who = Who(i);
            if !p.lives_on(today) {
                dead += 1;
                if p.died.is_some_and(|d| d.days() > day.days() - 365) {
                    deaths += 1
                }
                continue;
            }
            people += 1;
            let a = p.age_on(today);
            ages[(a / 5) as usize][(p.sex == Sex::Male) as usize] += 1;
            if a < 15 {
                u15 += 1
            }
            if a >= 65 {
                o65 += 1
            }
            *addr.entry(p.home.address).or_default() += 1;
            *regions.entry(p.home.region.code).or_default() += 1;
            if a >= 18 {
                adults += 1;
                if kin.spouse_of(who, today).is_some() {
                    married += 1
                }
            }
            if p.born.days() > day.days() - 366 && p.registered != Some(false) {
                births += 1;
                if let Some(m) =
                    kin.ties.iter().find(|t| t.child == who && kin.at(t.parent).sex == Sex::Female)
                {
                    ageb += kin.at(m.parent).age_on(p.born);
                    mothers += 1;
                    let o =
                        kin.children_of(m.parent, today).iter().filter(|c| kin.at(**c).born < p.born).count();
                    order[o.min(11)] += 1;
                }
            }
            if p.sex == Sex::Female {
                let q = kin.qualifying(who, today).len();
                if q >= 4 {
                    multi += 1
                }
                if q > 0 {
                    minors_fams += 1;
                    sizes[q.min(11)] += 1
                }
            }
            let leads = p.sex == Sex::Female || kin.spouse_of(who, today).is_none();
            if a >= 18 && leads {
                fams += 1
            }
        }
        households += addr.len() as u32;
        for m in &kin.marriages {
            if m.since.days() > day.days() - 365 {
                wed += 1
            }
            if m.ended.is_some_and(|e| e.days() > day.days() - 365) {
                divs += 1
            }
        }
        for a in &kin.awards {
            if a.measure == "multi_child" && a.ended.is_none() {
                paid += 1
            }
            if a.measure == "birth_grant" {
                grants += 1
            }
        }
        phone += kin.phones.len();
        acc += kin.accounts.len();
        stays += kin.stays.len();
        students += kin.studies.iter().filter(|s| s.ended.is_none()).count();
        guard += kin.ties.iter().filter(|t| t.kind == TieKind::Guardianship).count();
        step += kin.ties.iter().filter(|t| t.kind == TieKind::Step).count();
        unpaid_fresh += 0;
    }
    let pm = |x: u32| x as u64 * 10000 / people as u64;
    println!("people {people} kins {kins} maxkin {maxkin} dead {dead} rows {rows} {:?}", t.elapsed());
    println!(
        "per 10k: births {} deaths {} u15 {} o65 {} multi {} paid {} wed {} divs {} grants {}",
        pm(births),
        pm(deaths),
        pm(u15),
        pm(o65),
        pm(multi),
        pm(paid),
        pm(wed),
        pm(divs),
        pm(grants)
    );
    println!(
        "persons/household x100 {} persons/family {} families with kids {} multi share of those {} mean age of mother x10 {} married of adults {}",
        people * 100 / households,
        people * 100 / fams,
        pm(minors_fams),
        multi * 1000 / minors_fams,
        ageb as u32 * 10 / mothers,
        married * 1000 / adults
    );
    println!("order {order:?} sizes {sizes:?}");
    println!("phones {phone} acc {acc} stays {stays} students {students} guard {guard} step {step}");
    for (i, a) in ages.iter().enumerate() {
        println!("{:3} {:5} {:5} {}", i * 5, pm(a[0]), pm(a[1]), "*".repeat((pm(a[0] + a[1]) / 20) as usize))
    }
    for (r, c) in regions {
        print!("{r}:{} ", pm(c))
    }
    println!();
}
