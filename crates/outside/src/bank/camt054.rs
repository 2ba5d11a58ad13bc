//! What was booked on the payer's account: camt.054, .06 and .08 alike.

use std::{collections::VecDeque, io::BufRead};

use card::{Date, Tenge};
use deliver::port::{Movement, StatementEntry};

use super::{
    BankFileError,
    walk::{Step, Walk},
};

const NAMESPACE: &str = "urn:iso:std:iso:20022:tech:xsd:camt.054.001.";
const ROOT: &str = "/Document/BkToCstmrDbtCdtNtfctn/Ntfctn/";
const ENTRY: &str = "Ntry";
const DETAIL: &str = "Ntry/NtryDtls/TxDtls";
const BY_HAND: &str = "book it by hand; the others of the file are taken";

/// The entries of one file, read as they are asked for. See [`statement`].
pub struct Statement<R> {
    walk: Walk<R>,
    notice: String,
    entry: Entry,
    detail: Detail,
    held: Option<Detail>,
    ready: VecDeque<Result<StatementEntry, BankFileError>>,
    ended: bool,
}

/// What is said of an entry as a whole.
#[derive(Clone, Default)]
struct Entry {
    reference: Option<String>,
    bank_reference: Option<String>,
    amount: Option<Money>,
    side: Option<String>,
    reversal: bool,
    status: Option<String>,
    booked: Option<String>,
    value: Option<String>,
    details: usize,
}

/// What is said of one order in it.
#[derive(Clone, Default)]
struct Detail {
    number: usize,
    bank_reference: Option<String>,
    end_to_end: Option<String>,
    amount: Option<Money>,
    side: Option<String>,
    returned: Option<String>,
    is_return: bool,
}

#[derive(Clone)]
struct Money {
    text: String,
    currency: String,
}

/// Reads a camt.054 file. `file` is its name, for errors.
///
/// Only booked entries come. A debit is a payment; a credit that says why it came back, or is marked
/// as a reversal, is a return. An error that is not fatal is about one entry, and the reading goes on.
pub fn statement<R: BufRead>(source: R, file: &str) -> Statement<R> {
    Statement {
        walk: Walk::new(source, file, NAMESPACE),
        notice: String::new(),
        entry: Entry::default(),
        detail: Detail::default(),
        held: None,
        ready: VecDeque::new(),
        ended: false,
    }
}

impl Entry {
    fn hear(&mut self, path: &str, text: &str, currency: Option<&str>) {
        let said = || Some(text.to_owned());
        match path {
            "NtryRef" => self.reference = said(),
            "AcctSvcrRef" => self.bank_reference = said(),
            "Amt" => self.amount = Some(Money::new(text, currency)),
            "CdtDbtInd" => self.side = said(),
            "RvslInd" => self.reversal = matches!(text, "true" | "1"),
            // A bare code in .06, a choice in .08.
            "Sts" | "Sts/Cd" => self.status = said(),
            "BookgDt/Dt" | "BookgDt/DtTm" => self.booked = said(),
            "ValDt/Dt" | "ValDt/DtTm" => self.value = said(),
            _ => {}
        }
    }

    fn is_booked(&self) -> bool {
        self.status.as_deref() == Some("BOOK")
    }
}

impl Detail {
    fn hear(&mut self, path: &str, text: &str, currency: Option<&str>) {
        let said = || Some(text.to_owned());
        match path {
            "Refs/AcctSvcrRef" => self.bank_reference = said(),
            "Refs/EndToEndId" => self.end_to_end = said(),
            "Amt" => self.amount = Some(Money::new(text, currency)),
            "AmtDtls/TxAmt/Amt" if self.amount.is_none() => self.amount = Some(Money::new(text, currency)),
            "CdtDbtInd" => self.side = said(),
            "RtrInf/Rsn/Cd" | "RtrInf/Rsn/Prtry" => self.returned = said(),
            _ => {}
        }
        self.is_return |= path.starts_with("RtrInf/");
    }
}

impl Money {
    fn new(text: &str, currency: Option<&str>) -> Self {
        Self { text: text.to_owned(), currency: currency.unwrap_or("no currency").to_owned() }
    }
}

impl<R: BufRead> Statement<R> {
    /// Reads on until something is ready.
    fn advance(&mut self) -> Result<bool, BankFileError> {
        while self.ready.is_empty() {
            let Some(step) = self.walk.next()? else { return Ok(false) };
            match step {
                Step::Open(path) => match path.strip_prefix(ROOT) {
                    Some(ENTRY) => self.entry = Entry::default(),
                    Some(DETAIL) => {
                        self.entry.details += 1;
                        self.detail = Detail { number: self.entry.details, ..Detail::default() };
                        // The one before is not the only one: the entry's amount is not its own.
                        if let Some(before) = self.held.take() {
                            self.finish(&before);
                        }
                    }
                    _ => {}
                },
                Step::Leaf { path, text, currency } => {
                    let Some(path) = path.strip_prefix(ROOT) else { continue };
                    if let Some(path) = path.strip_prefix(DETAIL) {
                        self.detail.hear(path.trim_start_matches('/'), text, currency);
                    } else if let Some(path) = path.strip_prefix("Ntry/") {
                        self.entry.hear(path, text, currency);
                    } else if path == "Id" {
                        text.clone_into(&mut self.notice);
                    }
                }
                Step::Close(path) => match path.strip_prefix(ROOT) {
                    Some(DETAIL) => self.held = Some(std::mem::take(&mut self.detail)),
                    Some(ENTRY) => self.close(),
                    _ => {}
                },
            }
        }
        Ok(true)
    }

    fn close(&mut self) {
        if let Some(last) = self.held.take() {
            self.finish(&last);
        } else if self.entry.is_booked() {
            let what = "one line for many orders, without TxDtls";
            let mend = "ask the bank for the details of the line; the others of the file are taken";
            self.ready.push_back(Err(self.walk.problem(what, mend)));
        }
    }

    /// An order of an entry is complete.
    fn finish(&mut self, detail: &Detail) {
        // What is only announced will be booked in another entry.
        if self.entry.is_booked() {
            let entry = self.entry_of(detail).map_err(|what| self.walk.problem(what, BY_HAND));
            self.ready.push_back(entry);
        }
    }

    fn entry_of(&self, detail: &Detail) -> Result<StatementEntry, String> {
        let entry = &self.entry;
        let end_to_end = match detail.end_to_end.as_deref() {
            None | Some("" | "NOTPROVIDED") => return Err("an entry without EndToEndId".to_owned()),
            Some(id) => id.to_owned(),
        };
        let money = match &detail.amount {
            Some(money) => money,
            None if entry.details == 1 => {
                entry.amount.as_ref().ok_or_else(|| format!("order {end_to_end} without an amount"))?
            }
            None => return Err(format!("order {end_to_end} without an amount of its own")),
        };
        if money.currency != "KZT" {
            return Err(format!("order {end_to_end} in {}, not in KZT", money.currency));
        }
        let amount: Tenge =
            money.text.parse().map_err(|error| format!("order {end_to_end}, amount: {error}"))?;
        let day = entry.booked.as_ref().or(entry.value.as_ref());
        let booked: Date = day
            .and_then(|day| day.get(..10)?.parse().ok())
            .ok_or_else(|| format!("order {end_to_end} without a day on which it was booked"))?;
        let came_back = detail.is_return || entry.reversal;
        let movement = match detail.side.as_deref().or(entry.side.as_deref()) {
            Some("DBIT") if !came_back => Movement::Paid,
            Some("CRDT") if came_back => Movement::Returned {
                // MS03 is the code for a reason that is not given.
                reason: detail.returned.clone().unwrap_or_else(|| "MS03".to_owned()),
            },
            Some("CRDT") => return Err(format!("a credit under {end_to_end} that is no return")),
            Some("DBIT") => return Err(format!("a debit under {end_to_end} that is marked as a return")),
            _ => return Err(format!("order {end_to_end} without CdtDbtInd")),
        };
        let reference = self
            .reference(detail)
            .ok_or_else(|| format!("order {end_to_end} without a reference of the bank"))?;
        Ok(StatementEntry { reference, end_to_end, amount, booked, movement })
    }

    /// By which a repetition is known: the bank's reference of the order, else that of the entry and
    /// the place in it, else the numbers of notice and entry.
    fn reference(&self, detail: &Detail) -> Option<String> {
        if let Some(own) = detail.bank_reference.clone() {
            return Some(own);
        }
        let entry = match (&self.entry.bank_reference, &self.entry.reference) {
            (Some(bank), _) => bank.clone(),
            (None, Some(number)) if !self.notice.is_empty() => format!("{}/{number}", self.notice),
            _ => return None,
        };
        Some(format!("{entry}#{}", detail.number))
    }
}

impl<R: BufRead> Iterator for Statement<R> {
    type Item = Result<StatementEntry, BankFileError>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(ready) = self.ready.pop_front() {
            return Some(ready);
        }
        if self.ended {
            return None;
        }
        match self.advance() {
            Ok(true) => self.ready.pop_front(),
            Ok(false) => {
                self.ended = true;
                None
            }
            Err(error) => {
                self.ended = error.fatal;
                Some(Err(error))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(version: &str, entries: &str) -> Vec<Result<StatementEntry, String>> {
        let file = format!(
            "<Document xmlns=\"{NAMESPACE}{version}\"><BkToCstmrDbtCdtNtfctn><GrpHdr><MsgId>M1</MsgId></GrpHdr><Ntfctn><Id>N1</Id>{entries}</Ntfctn></BkToCstmrDbtCdtNtfctn></Document>"
        );
        statement(file.as_bytes(), "c.xml").map(|e| e.map_err(|e| e.to_string())).collect()
    }

    fn entry(reference: &str, tiyn: i64, movement: Movement) -> StatementEntry {
        StatementEntry {
            reference: reference.to_owned(),
            end_to_end: "O1".to_owned(),
            amount: Tenge::from_tiyn(tiyn),
            booked: "2026-12-10".parse().unwrap(),
            movement,
        }
    }

    const DAY: &str = "<BookgDt><Dt>2026-12-10</Dt></BookgDt>";

    #[test]
    fn both_versions_read_alike() {
        let old = format!(
            "<Ntry><Amt Ccy=\"KZT\">100.50</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts>BOOK</Sts>{DAY}<AcctSvcrRef>X7</AcctSvcrRef><NtryDtls><TxDtls><Refs><EndToEndId>O1</EndToEndId></Refs><Amt Ccy=\"KZT\">100.50</Amt><CdtDbtInd>DBIT</CdtDbtInd></TxDtls></NtryDtls></Ntry>"
        );
        let new = format!(
            "<Ntry><Amt Ccy=\"KZT\">100.50</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>{DAY}<AcctSvcrRef>X7</AcctSvcrRef><NtryDtls><TxDtls><Refs><EndToEndId>O1</EndToEndId></Refs></TxDtls></NtryDtls></Ntry>"
        );
        assert_eq!(read("06", &old), [Ok(entry("X7#1", 10_050, Movement::Paid))]);
        assert_eq!(read("08", &new), [Ok(entry("X7#1", 10_050, Movement::Paid))]);
    }

    #[test]
    fn a_return_is_a_credit_that_says_why() {
        let back = |mark: &str, why: &str| {
            format!(
                "<Ntry><NtryRef>7</NtryRef><Amt Ccy=\"KZT\">1.00</Amt><CdtDbtInd>CRDT</CdtDbtInd>{mark}<Sts><Cd>BOOK</Cd></Sts><BookgDt><DtTm>2026-12-10T09:00:00+05:00</DtTm></BookgDt><NtryDtls><TxDtls><Refs><EndToEndId>O1</EndToEndId></Refs>{why}</TxDtls></NtryDtls></Ntry>"
            )
        };
        let why = "<RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf>";
        let returned = |reason: &str| Movement::Returned { reason: reason.to_owned() };
        assert_eq!(read("08", &back("", why)), [Ok(entry("N1/7#1", 100, returned("AC04")))]);
        let reversal = back("<RvslInd>true</RvslInd>", "");
        assert_eq!(read("08", &reversal), [Ok(entry("N1/7#1", 100, returned("MS03")))]);
        assert!(read("08", &back("", ""))[0].as_ref().unwrap_err().contains("that is no return"));
    }

    #[test]
    fn a_line_for_many_orders_is_taken_apart() {
        let one = |id: &str, amount: &str| {
            format!(
                "<TxDtls><Refs><AcctSvcrRef>R{id}</AcctSvcrRef><EndToEndId>{id}</EndToEndId></Refs>{amount}</TxDtls>"
            )
        };
        let amount = |text: &str| format!("<Amt Ccy=\"KZT\">{text}</Amt>");
        let entries = format!(
            "<Ntry>{}<CdtDbtInd>DBIT</CdtDbtInd><Sts>BOOK</Sts>{DAY}<NtryDtls>{}{}{}{}</NtryDtls></Ntry>",
            amount("6.00"),
            one("O1", &amount("1.00")),
            one("O2", &amount("2.00")),
            one("O3", ""),
            one("O4", "<Amt Ccy=\"USD\">3.00</Amt>"),
        );
        let read = read("06", &entries);
        assert_eq!(read[0], Ok(entry("RO1", 100, Movement::Paid)));
        assert_eq!(read[1].as_ref().unwrap().amount, Tenge::from_tiyn(200));
        assert!(read[2].as_ref().unwrap_err().contains("O3 without an amount of its own"));
        assert!(read[3].as_ref().unwrap_err().contains("O4 in USD"));
        assert_eq!(read.len(), 4);
    }

    #[test]
    fn what_is_not_booked_or_not_told_apart_is_not_taken_as_paid() {
        let announced = "<Ntry><Amt Ccy=\"KZT\">1.00</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts>PDNG</Sts><NtryDtls><TxDtls><Refs><EndToEndId>O1</EndToEndId></Refs></TxDtls></NtryDtls></Ntry>";
        assert_eq!(read("06", announced), []);
        let lump = format!(
            "<Ntry><Amt Ccy=\"KZT\">1.00</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts>BOOK</Sts>{DAY}<NtryDtls><Btch><PmtInfId>RUN-1</PmtInfId></Btch></NtryDtls></Ntry>"
        );
        assert!(read("06", &lump)[0].as_ref().unwrap_err().contains("one line for many orders"));
        assert!(read("06", "<Ntry>")[0].as_ref().unwrap_err().contains("not well-formed"));
    }
}
