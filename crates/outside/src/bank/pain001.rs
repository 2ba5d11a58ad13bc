//! Payment orders: one batch of one payer as a pain.001.001.09 file.

use std::io::{self, BufWriter, Write};

use card::Tenge;
use deliver::port::{Payer, PaymentBatch, Transfer};
use quick_xml::{
    Writer,
    events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event},
};

const NAMESPACE: &str = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09";
/// Of ids of messages, batches, orders and attempts.
const MOST_ID: usize = 35;
const MOST_NAME: usize = 140;
const BUFFER: usize = 64 * 1024;
const MOST_TEXT: usize = 140;

/// Why a batch cannot be written. Nothing of it must be sent then.
#[derive(Debug, thiserror::Error)]
pub enum BatchError {
    /// No orders.
    #[error("payment batch {0} has no orders: do not make a file of it")]
    Empty(String),
    /// A field that the schema refuses.
    #[error("payment batch {batch}, {of}, {field}: {must}")]
    Field {
        /// Which batch.
        batch: String,
        /// Which order, by its id, or the batch or payer itself.
        of: String,
        /// Which field.
        field: &'static str,
        /// What it must be.
        must: &'static str,
    },
    /// The sum is larger than money can be.
    #[error("payment batch {0}: its sum is too large for one file; split it")]
    Sum(String),
    /// Writing failed.
    #[error("payment batch could not be written: {0}; write it again as a whole")]
    Io(#[from] io::Error),
}

/// Writes a batch. Everything is checked before the first octet is written.
///
/// Names and texts are cut to what the schema holds, and characters that XML or banks refuse become
/// blanks; amounts and ids are never changed.
pub fn write_batch(batch: &PaymentBatch, out: impl Write) -> Result<(), BatchError> {
    let sum = check(batch)?;
    let mut xml = Xml { writer: Writer::new(BufWriter::with_capacity(BUFFER, out)) };
    xml.writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let document = BytesStart::new("Document").with_attributes([("xmlns", NAMESPACE)]);
    xml.writer.write_event(Event::Start(document))?;
    let (count, sum) = (batch.transfers.len().to_string(), sum.to_string());
    xml.within("CstmrCdtTrfInitn", |xml| {
        xml.within("GrpHdr", |xml| {
            xml.leaf("MsgId", &batch.id)?;
            xml.leaf("CreDtTm", &batch.created.to_string())?;
            xml.leaf("NbOfTxs", &count)?;
            xml.leaf("CtrlSum", &sum)?;
            xml.within("InitgPty", |xml| xml.payer(&batch.payer))
        })?;
        xml.within("PmtInf", |xml| {
            xml.leaf("PmtInfId", &batch.id)?;
            xml.leaf("PmtMtd", "TRF")?;
            // Booked order by order, so that each comes back in the statement.
            xml.leaf("BtchBookg", "false")?;
            xml.leaf("NbOfTxs", &count)?;
            xml.leaf("CtrlSum", &sum)?;
            // A social security benefit.
            xml.within("PmtTpInf", |xml| xml.within("CtgyPurp", |xml| xml.leaf("Cd", "SSBE")))?;
            xml.within("ReqdExctnDt", |xml| xml.leaf("Dt", &batch.execution.to_string()))?;
            xml.within("Dbtr", |xml| xml.payer(&batch.payer))?;
            xml.account("DbtrAcct", &batch.payer.account.expose())?;
            xml.agent("DbtrAgt", &batch.payer.bic)?;
            // The recipient gets the whole amount.
            xml.leaf("ChrgBr", "DEBT")?;
            batch.transfers.iter().try_for_each(|transfer| xml.transfer(transfer))
        })
    })?;
    xml.writer.write_event(Event::End(BytesEnd::new("Document")))?;
    xml.writer.get_mut().flush()?;
    Ok(())
}

/// Checks every field; the sum of the orders.
fn check(batch: &PaymentBatch) -> Result<Tenge, BatchError> {
    let refuse = |of: &str, field, must| {
        Err(BatchError::Field { batch: batch.id.clone(), of: of.to_owned(), field, must })
    };
    let id = "1 to 35 letters, digits and /-?:().,'+ without blanks";
    let bic = "a BIC of 8 or 11 capital letters and digits";
    if !is_id(&batch.id) {
        return refuse("the batch", "id", id);
    }
    if batch.transfers.is_empty() {
        return Err(BatchError::Empty(batch.id.clone()));
    }
    let payer = &batch.payer;
    if bankable(&payer.name, MOST_NAME).is_empty() {
        return refuse("the payer", "name", "a name");
    }
    if payer.bin.len() != 12 || !payer.bin.bytes().all(|b| b.is_ascii_digit()) {
        return refuse("the payer", "bin", "twelve digits");
    }
    if !is_bic(&payer.bic) {
        return refuse("the payer", "bic", bic);
    }
    let mut sum = 0_i64;
    for transfer in &batch.transfers {
        let of = &transfer.end_to_end;
        if !is_id(of) {
            return refuse("an order", "end_to_end", id);
        }
        if !is_id(&transfer.instruction) {
            return refuse(of, "instruction", id);
        }
        if !is_uuid_v4(&transfer.uetr) {
            return refuse(of, "uetr", "a UUID of version 4 in small letters");
        }
        if transfer.amount <= Tenge::ZERO {
            return refuse(of, "amount", "more than nothing");
        }
        if !is_bic(&transfer.bic) {
            return refuse(of, "bic", bic);
        }
        if bankable(&transfer.name, MOST_NAME).is_empty() {
            return refuse(of, "name", "a name");
        }
        sum = sum.checked_add(transfer.amount.tiyn()).ok_or_else(|| BatchError::Sum(batch.id.clone()))?;
    }
    Ok(Tenge::from_tiyn(sum))
}

fn is_id(text: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b"/-?:().,'+".contains(&b);
    (1..=MOST_ID).contains(&text.len()) && text.bytes().all(allowed)
}

/// The placeholder of ISO 20022 has the shape of a BIC, and is no bank's.
fn is_bic(text: &str) -> bool {
    let mut bytes = text.bytes();
    text != "NOTPROVIDED"
        && matches!(text.len(), 8 | 11)
        && text.is_ascii()
        && text[4..6].bytes().all(|b| b.is_ascii_uppercase())
        && bytes.all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
}

fn is_uuid_v4(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, b)| match at {
            8 | 13 | 18 | 23 => b == b'-',
            14 => b == b'4',
            19 => b"89ab".contains(&b),
            _ => b.is_ascii_digit() || (b'a'..=b'f').contains(&b),
        })
}

/// Letters of any script, digits and the signs that all banks take; the rest becomes a blank, runs of
/// blanks one, and the end is cut.
fn bankable(text: &str, most: usize) -> String {
    let taken = |c: char| c.is_alphanumeric() || "/-?:().,'+".contains(c);
    let blanked: String = text.chars().map(|c| if taken(c) { c } else { ' ' }).collect();
    let single = blanked.split_whitespace().collect::<Vec<_>>().join(" ");
    single.chars().take(most).collect::<String>().trim_end().to_owned()
}

struct Xml<W: Write> {
    writer: Writer<W>,
}

impl<W: Write> Xml<W> {
    fn within(&mut self, name: &str, content: impl FnOnce(&mut Self) -> io::Result<()>) -> io::Result<()> {
        self.writer.write_event(Event::Start(BytesStart::new(name)))?;
        content(self)?;
        self.writer.write_event(Event::End(BytesEnd::new(name)))
    }

    fn leaf(&mut self, name: &str, text: &str) -> io::Result<()> {
        self.writer.write_event(Event::Start(BytesStart::new(name)))?;
        self.writer.write_event(Event::Text(BytesText::new(text)))?;
        self.writer.write_event(Event::End(BytesEnd::new(name)))
    }

    fn payer(&mut self, payer: &Payer) -> io::Result<()> {
        self.leaf("Nm", &bankable(&payer.name, MOST_NAME))?;
        self.within("Id", |xml| xml.within("OrgId", |xml| xml.number(&payer.bin, "TXID")))
    }

    fn number(&mut self, number: &str, scheme: &str) -> io::Result<()> {
        self.within("Othr", |xml| {
            xml.leaf("Id", number)?;
            xml.within("SchmeNm", |xml| xml.leaf("Cd", scheme))
        })
    }

    fn account(&mut self, name: &str, iban: &str) -> io::Result<()> {
        self.within(name, |xml| xml.within("Id", |xml| xml.leaf("IBAN", iban)))
    }

    fn agent(&mut self, name: &str, bic: &str) -> io::Result<()> {
        self.within(name, |xml| xml.within("FinInstnId", |xml| xml.leaf("BICFI", bic)))
    }

    fn transfer(&mut self, transfer: &Transfer) -> io::Result<()> {
        self.within("CdtTrfTxInf", |xml| {
            xml.within("PmtId", |xml| {
                xml.leaf("InstrId", &transfer.instruction)?;
                xml.leaf("EndToEndId", &transfer.end_to_end)?;
                xml.leaf("UETR", &transfer.uetr)
            })?;
            xml.within("Amt", |xml| {
                let amount = BytesStart::new("InstdAmt").with_attributes([("Ccy", "KZT")]);
                xml.writer.write_event(Event::Start(amount))?;
                xml.writer.write_event(Event::Text(BytesText::new(&transfer.amount.to_string())))?;
                xml.writer.write_event(Event::End(BytesEnd::new("InstdAmt")))
            })?;
            xml.agent("CdtrAgt", &transfer.bic)?;
            xml.within("Cdtr", |xml| {
                xml.leaf("Nm", &bankable(&transfer.name, MOST_NAME))?;
                xml.within("Id", |xml| xml.within("PrvtId", |xml| xml.number(&transfer.iin.expose(), "NIDN")))
            })?;
            xml.account("CdtrAcct", &transfer.to.expose())?;
            let text = bankable(&transfer.text, MOST_TEXT);
            if text.is_empty() { Ok(()) } else { xml.within("RmtInf", |xml| xml.leaf("Ustrd", &text)) }
        })
    }
}

#[cfg(test)]
mod tests {
    use card::{Date, Iban, Iin, Moment, Sex};
    use proptest::prelude::*;

    use super::*;

    fn batch(amounts: &[i64]) -> PaymentBatch {
        let day = Date::from_ymd(2026, 12, 10).unwrap();
        let transfers = amounts
            .iter()
            .enumerate()
            .map(|(n, tiyn)| Transfer {
                end_to_end: format!("O{n}"),
                instruction: format!("O{n}-1"),
                uetr: "0b9f6f1e-6d0f-4c3e-8d5a-0d6c0a4a7f11".to_owned(),
                amount: Tenge::from_tiyn(*tiyn),
                to: Iban::compose("601", "A8710012344410").or(Iban::compose("601", "0000000012345")).unwrap(),
                bic: "HSBKKZKX".to_owned(),
                name: "Әлиева Айгүл <\"&>\u{7}".to_owned(),
                iin: Iin::compose(Date::from_ymd(1990, 5, 17).unwrap(), Sex::Female, 123).unwrap(),
                text: "Жәрдемақы 01.2027".to_owned(),
            })
            .collect();
        PaymentBatch {
            id: "RUN-2026-12-1".to_owned(),
            created: Moment::local(day, 9, 0),
            execution: day,
            payer: Payer {
                name: "ГЦВП".to_owned(),
                bin: "123456789012".to_owned(),
                account: Iban::compose("601", "0000000012345").unwrap(),
                bic: "KKMFKZ2A".to_owned(),
            },
            transfers,
        }
    }

    fn written(batch: &PaymentBatch) -> Result<String, BatchError> {
        let mut out = Vec::new();
        write_batch(batch, &mut out)?;
        Ok(String::from_utf8(out).unwrap())
    }

    #[test]
    fn names_lose_what_banks_refuse() {
        let xml = written(&batch(&[100])).unwrap();
        assert!(xml.contains("<Nm>Әлиева Айгүл</Nm>"));
        assert!(xml.contains("<InstdAmt Ccy=\"KZT\">1.00</InstdAmt>"));
        assert_eq!(bankable("a\n b\t&c", 140), "a b c");
        assert_eq!(bankable(&"ә".repeat(200), 140).chars().count(), 140);
        assert_eq!(bankable("abc def", 4), "abc");
    }

    #[test]
    fn what_the_schema_refuses_is_refused_before_writing() {
        let refusal = |change: fn(&mut PaymentBatch)| {
            let mut changed = batch(&[100, 200]);
            change(&mut changed);
            let mut out = Vec::new();
            let error = write_batch(&changed, &mut out).unwrap_err().to_string();
            assert!(out.is_empty(), "{error}");
            assert!(!error.contains("Әлиева") && !error.contains("KZ"), "{error}");
            error
        };
        assert!(refusal(|b| b.transfers.clear()).contains("no orders"));
        assert!(refusal(|b| b.id = "x".repeat(36)).contains("1 to 35"));
        assert!(refusal(|b| b.transfers[1].amount = Tenge::ZERO).contains("O1, amount"));
        assert!(refusal(|b| b.transfers[1].uetr = "no".to_owned()).contains("O1, uetr"));
        assert!(refusal(|b| b.transfers[1].end_to_end = "a b".to_owned()).contains("end_to_end"));
        assert!(refusal(|b| b.transfers[0].bic = "halyk".to_owned()).contains("O0, bic"));
        assert!(refusal(|b| b.transfers[0].bic = "NOTPROVIDED".to_owned()).contains("O0, bic"));
        assert!(refusal(|b| b.transfers[0].name = "<>".to_owned()).contains("O0, name"));
        assert!(refusal(|b| b.payer.bin = "12".to_owned()).contains("bin"));
        assert!(
            refusal(|b| b.transfers.iter_mut().for_each(|t| t.amount = Tenge::from_tiyn(i64::MAX)))
                .contains("split it")
        );
    }

    /// All texts of an element.
    fn texts<'x>(xml: &'x str, name: &str) -> Vec<&'x str> {
        xml.split(&format!("<{name}"))
            .skip(1)
            .filter_map(|rest| rest.split_once('>')?.1.split_once('<').map(|(text, _)| text))
            .collect()
    }

    proptest! {
        #[test]
        fn the_control_sum_is_the_sum(amounts in proptest::collection::vec(1_i64..10_000_000_000, 1..40)) {
            let xml = written(&batch(&amounts)).unwrap();
            let total = Tenge::from_tiyn(amounts.iter().sum()).to_string();
            let count = amounts.len().to_string();
            prop_assert_eq!(texts(&xml, "CtrlSum"), [total.as_str(), total.as_str()]);
            prop_assert_eq!(texts(&xml, "NbOfTxs"), [count.as_str(), count.as_str()]);
            let read: Vec<i64> =
                texts(&xml, "InstdAmt").iter().map(|a| a.parse::<Tenge>().unwrap().tiyn()).collect();
            prop_assert_eq!(read, amounts);
        }

        #[test]
        fn any_name_makes_a_file(name in "\\PC*[a-zа-я]\\PC*", text in any::<String>()) {
            let mut batch = batch(&[100]);
            batch.transfers[0].name = name;
            batch.transfers[0].text = text;
            let xml = written(&batch).unwrap();
            let name = texts(&xml, "Nm")[2];
            prop_assert!((1..=140).contains(&name.chars().count()));
        }
    }
}
