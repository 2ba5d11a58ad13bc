//! What came out: the funnel, and whether the money closes.

use deliver::{
    Totals,
    book::{Book, Funnel, Library as _},
};
use outside::sqlite::Store;
use service::Service;

use crate::{failure::Failure, notices};

/// Prints the funnel and the identities of money; an error if one does not hold.
pub fn print(service: &Service<Store>, files: &std::path::Path) -> Result<(), Failure> {
    let store = service.store();
    let funnel: Funnel = store.book().funnel().map_err(Failure::of)?;
    println!("\n{:<14}{:>10}", "stage", "rights");
    let stages = [
        ("found", funnel.found),
        ("unreachable", funnel.unreachable),
        ("offered", funnel.offered),
        ("delivered", funnel.delivered),
        ("answered", funnel.answered),
        ("consented", funnel.consented),
        ("filed", funnel.filed),
        ("granted", funnel.granted),
        ("paid", funnel.paid),
    ];
    for (stage, count) in stages {
        println!("{stage:<14}{count:>10}");
    }
    println!();
    notices::print(store)?;
    let totals: Totals = store.book().totals().map_err(Failure::of)?;
    println!("\n{:<24}{:>20}", "money", "tenge");
    let sums = [
        ("owed (gross)", totals.owed),
        ("withheld", totals.withheld),
        ("payable", totals.payable),
        ("ordered", totals.ordered),
        ("  settled", totals.settled),
        ("  rejected", totals.rejected),
        ("  returned", totals.returned),
        ("  in flight", totals.in_flight),
        ("net ordered", totals.net_ordered),
        ("awaiting an account", totals.awaiting_account),
        ("not yet due", totals.not_yet_due),
        ("overpaid", totals.overpaid),
        ("recovered", totals.recovered),
    ];
    for (name, sum) in sums {
        println!("{name:<24}{:>20}", sum.grouped_plain());
    }
    totals.check().map_err(Failure::of)?;
    let control = control_sums(files)?;
    println!("{:<24}{:>20}", "control sums of files", control.grouped_plain());
    if control != totals.in_bank_files() {
        return Err(Failure(format!(
            "the control sums of the payment files, {control}, are not what was ordered, {}",
            totals.in_bank_files()
        )));
    }
    println!("every identity of money holds, to the tiyn");
    Ok(())
}

/// The control sums of all payment files, added up from the files themselves.
fn control_sums(files: &std::path::Path) -> Result<card::Tenge, Failure> {
    let mut sum = card::Tenge::ZERO;
    for entry in std::fs::read_dir(files).map_err(|error| Failure::file(files, &error))? {
        let path = entry.map_err(|error| Failure::file(files, &error))?.path();
        if path.extension().is_none_or(|end| end != "xml") {
            continue;
        }
        let text = std::fs::read_to_string(&path).map_err(|error| Failure::file(&path, &error))?;
        let told = text.split_once("<CtrlSum>").and_then(|(_, rest)| rest.split_once("</CtrlSum>"));
        let (told, _) = told.ok_or_else(|| Failure::file(&path, &"no control sum"))?;
        sum += told.parse().map_err(|error| Failure::file(&path, &error))?;
    }
    Ok(sum)
}
