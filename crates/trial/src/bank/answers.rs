//! The bank's files: pain.002.001.10, and camt.054 in two versions.

use std::io::{self, Write};

use card::{Date, Moment, Tenge};
use quick_xml::{
    Writer,
    events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event},
};

use super::{Account, StatementVersion, chance::Chance, orders::Order, sum};

const STANDARD: &str = "urn:iso:std:iso:20022:tech:xsd:";

/// The answer to a file: only refused orders are named.
pub(super) fn status(out: impl Write, account: &Account, now: Moment) -> io::Result<()> {
    let batch = &account.batch;
    let mut xml = Xml { writer: Writer::new(out) };
    let status = match account.refusal {
        Some(_) => "RJCT",
        None if account.rejected.len() == batch.orders.len() => "RJCT",
        None if account.rejected.is_empty() => "ACCP",
        None => "PART",
    };
    xml.document("pain.002.001.10", "CstmrPmtStsRpt", |xml| {
        xml.within("GrpHdr", |xml| {
            xml.leaf("MsgId", &reference("ST", &batch.id, &now.to_string()))?;
            xml.leaf("CreDtTm", &now.to_string())
        })?;
        xml.within("OrgnlGrpInfAndSts", |xml| {
            xml.leaf("OrgnlMsgId", &batch.id)?;
            xml.leaf("OrgnlMsgNmId", "pain.001.001.09")?;
            xml.leaf("GrpSts", status)?;
            account.refusal.map_or(Ok(()), |reason| xml.reason(reason))
        })?;
        if account.rejected.is_empty() {
            return Ok(());
        }
        xml.within("OrgnlPmtInfAndSts", |xml| {
            xml.leaf("OrgnlPmtInfId", &batch.payment)?;
            for (at, order) in batch.orders.iter().enumerate() {
                let Some(reason) = account.rejected.get(&at) else { continue };
                xml.within("TxInfAndSts", |xml| {
                    xml.leaf("OrgnlInstrId", &order.instruction)?;
                    xml.leaf("OrgnlEndToEndId", &order.end_to_end)?;
                    xml.leaf("OrgnlUETR", &order.uetr)?;
                    xml.leaf("TxSts", "RJCT")?;
                    xml.reason(reason)
                })?;
            }
            Ok(())
        })
    })
}

/// The statement of the day on which a batch was booked.
pub(super) fn booked(
    out: impl Write,
    account: &Account,
    day: Date,
    now: Moment,
    version: StatementVersion,
) -> io::Result<()> {
    let entries = account.paid().map(|(_, order)| (order, None));
    statement(out, account, (day, now, version), "DBIT", entries)
}

/// The statement of the day on which some orders came back.
pub(super) fn returned(
    out: impl Write,
    account: &Account,
    day: Date,
    now: Moment,
    version: StatementVersion,
) -> io::Result<()> {
    let entries = account
        .batch
        .orders
        .iter()
        .enumerate()
        .filter_map(|(at, order)| Some((order, Some(*account.returned.get(&at)?))));
    statement(out, account, (day, now, version), "CRDT", entries)
}

fn statement<'o>(
    out: impl Write,
    account: &Account,
    (day, now, version): (Date, Moment, StatementVersion),
    side: &str,
    entries: impl Iterator<Item = (&'o Order, Option<&'static str>)> + Clone,
) -> io::Result<()> {
    let batch = &account.batch;
    let mut xml = Xml { writer: Writer::new(out) };
    let name = match version {
        StatementVersion::V06 => "camt.054.001.06",
        StatementVersion::V08 => "camt.054.001.08",
    };
    let (count, total) = (entries.clone().count(), sum(entries.clone().map(|(order, _)| order)));
    xml.document(name, "BkToCstmrDbtCdtNtfctn", |xml| {
        xml.within("GrpHdr", |xml| {
            xml.leaf("MsgId", &reference(side, &batch.id, "message"))?;
            xml.leaf("CreDtTm", &now.to_string())
        })?;
        xml.within("Ntfctn", |xml| {
            xml.leaf("Id", &reference(side, &batch.id, "notice"))?;
            xml.leaf("CreDtTm", &now.to_string())?;
            xml.within("Acct", |xml| xml.within("Id", |xml| xml.leaf("IBAN", &batch.payer_account)))?;
            xml.within("TxsSummry", |xml| {
                xml.within("TtlNtries", |xml| {
                    xml.leaf("NbOfNtries", &count.to_string())?;
                    xml.leaf("Sum", &total.to_string())
                })
            })?;
            for (number, (order, reason)) in entries.enumerate() {
                let entry = Entry { number: number + 1, side, day, version, reason };
                xml.entry(&batch.payment, order, &entry)?;
            }
            Ok(())
        })
    })
}

struct Entry<'e> {
    number: usize,
    side: &'e str,
    day: Date,
    version: StatementVersion,
    reason: Option<&'static str>,
}

/// A reference that is the same whenever the same thing is told.
fn reference(kind: &str, about: &str, which: &str) -> String {
    format!("{kind}{:016X}", Chance::new(0).number(which, about))
}

struct Xml<W: Write> {
    writer: Writer<W>,
}

impl<W: Write> Xml<W> {
    fn document(
        &mut self,
        version: &str,
        root: &str,
        content: impl FnOnce(&mut Self) -> io::Result<()>,
    ) -> io::Result<()> {
        self.writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
        let namespace = format!("{STANDARD}{version}");
        let document = BytesStart::new("Document").with_attributes([("xmlns", namespace.as_str())]);
        self.writer.write_event(Event::Start(document))?;
        self.within(root, content)?;
        self.writer.write_event(Event::End(BytesEnd::new("Document")))
    }

    fn within(&mut self, name: &str, content: impl FnOnce(&mut Self) -> io::Result<()>) -> io::Result<()> {
        self.writer.write_event(Event::Start(BytesStart::new(name)))?;
        content(self)?;
        self.writer.write_event(Event::End(BytesEnd::new(name)))
    }

    fn leaf(&mut self, name: &str, text: &str) -> io::Result<()> {
        self.within(name, |xml| xml.writer.write_event(Event::Text(BytesText::new(text))))
    }

    fn reason(&mut self, code: &str) -> io::Result<()> {
        self.within("StsRsnInf", |xml| xml.within("Rsn", |xml| xml.leaf("Cd", code)))
    }

    fn amount(&mut self, amount: Tenge) -> io::Result<()> {
        let element = BytesStart::new("Amt").with_attributes([("Ccy", "KZT")]);
        self.writer.write_event(Event::Start(element))?;
        self.writer.write_event(Event::Text(BytesText::new(&amount.to_string())))?;
        self.writer.write_event(Event::End(BytesEnd::new("Amt")))
    }

    fn entry(&mut self, payment: &str, order: &Order, entry: &Entry<'_>) -> io::Result<()> {
        let bank = reference(entry.side, &order.end_to_end, payment);
        let day = entry.day.to_string();
        let (family, kind) = if entry.reason.is_some() { ("ICDT", "RRTN") } else { ("ICDT", "DMCT") };
        self.within("Ntry", |xml| {
            xml.leaf("NtryRef", &entry.number.to_string())?;
            xml.amount(order.amount)?;
            xml.leaf("CdtDbtInd", entry.side)?;
            match entry.version {
                StatementVersion::V06 => xml.leaf("Sts", "BOOK")?,
                StatementVersion::V08 => xml.within("Sts", |xml| xml.leaf("Cd", "BOOK"))?,
            }
            xml.within("BookgDt", |xml| xml.leaf("Dt", &day))?;
            xml.within("ValDt", |xml| xml.leaf("Dt", &day))?;
            xml.leaf("AcctSvcrRef", &bank)?;
            xml.within("BkTxCd", |xml| {
                xml.within("Domn", |xml| {
                    xml.leaf("Cd", "PMNT")?;
                    xml.within("Fmly", |xml| {
                        xml.leaf("Cd", family)?;
                        xml.leaf("SubFmlyCd", kind)
                    })
                })
            })?;
            xml.within("NtryDtls", |xml| {
                xml.within("TxDtls", |xml| {
                    xml.within("Refs", |xml| {
                        xml.leaf("AcctSvcrRef", &bank)?;
                        xml.leaf("PmtInfId", payment)?;
                        xml.leaf("InstrId", &order.instruction)?;
                        xml.leaf("EndToEndId", &order.end_to_end)?;
                        // The older version does not know it.
                        match entry.version {
                            StatementVersion::V06 => Ok(()),
                            StatementVersion::V08 => xml.leaf("UETR", &order.uetr),
                        }
                    })?;
                    xml.amount(order.amount)?;
                    xml.leaf("CdtDbtInd", entry.side)?;
                    match entry.reason {
                        None => Ok(()),
                        Some(code) => {
                            xml.within("RtrInf", |xml| xml.within("Rsn", |xml| xml.leaf("Cd", code)))
                        }
                    }
                })
            })
        })
    }
}
