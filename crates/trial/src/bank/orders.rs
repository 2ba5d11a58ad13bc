//! What the bank reads of a pain.001 file.

use std::{
    io::BufRead,
    path::{Path, PathBuf},
};

use card::{Date, Iban, Tenge};
use quick_xml::{Reader, events::Event};

/// A file of the inbox that is no payment order.
#[derive(Debug, thiserror::Error)]
#[error("{file}, octet {octet}: {what}; the bank cannot answer it, send it again")]
pub struct OrderFileError {
    /// The file.
    pub file: PathBuf,
    /// Where in it.
    pub octet: u64,
    /// What is wrong.
    pub what: String,
}

#[derive(Debug)]
pub(super) struct Batch {
    pub id: String,
    pub payment: String,
    /// The day on which it is booked: the one asked for, never before the file was made.
    pub day: Date,
    pub payer_account: String,
    pub count: String,
    pub control_sum: String,
    pub orders: Vec<Order>,
    pub fingerprint: u64,
}

#[derive(Debug)]
pub(super) struct Order {
    pub end_to_end: String,
    pub instruction: String,
    pub uetr: String,
    pub amount: Tenge,
    /// Why it can only be refused.
    pub fault: Option<&'static str>,
}

impl Batch {
    /// Why the whole file is refused: its count or its sum is not that of its orders.
    pub(super) fn refusal(&self) -> Option<&'static str> {
        if self.count != self.orders.len().to_string() {
            return Some("AM18");
        }
        let sum = super::sum(self.orders.iter());
        (self.control_sum.parse() != Ok(sum)).then_some("AM10")
    }
}

/// Fields of the file being read.
#[derive(Default)]
struct Fields {
    id: Option<String>,
    payment: String,
    created: Option<Date>,
    execution: Option<Date>,
    payer_account: String,
    count: String,
    control_sum: String,
}

#[derive(Default)]
struct OrderFields {
    end_to_end: Option<String>,
    instruction: String,
    uetr: String,
    amount: Option<Tenge>,
    currency: String,
    account: String,
}

pub(super) fn read(source: impl BufRead, file: &Path) -> Result<Batch, OrderFileError> {
    let mut reader = Reader::from_reader(source);
    let (mut buffer, mut path, mut text) = (Vec::new(), Vec::<String>::new(), String::new());
    let (mut fields, mut order, mut orders) = (Fields::default(), OrderFields::default(), Vec::new());
    let mut fingerprint = 0xcbf2_9ce4_8422_2325_u64;
    let problem = |octet: u64, what: String| OrderFileError { file: file.to_owned(), octet, what };
    loop {
        buffer.clear();
        let event =
            reader.read_event_into(&mut buffer).map_err(|e| (e.to_string(), ())).map(Event::into_owned);
        let octet = reader.buffer_position();
        match event.map_err(|(what, ())| problem(octet, what))? {
            Event::Start(element) => {
                let name = element.local_name().as_ref().to_owned();
                if name == "CdtTrfTxInf" {
                    order = OrderFields::default();
                }
                if name == "InstdAmt"
                    && let Some(currency) = element.attributes().flatten().find(|a| a.key.as_ref() == "Ccy")
                {
                    order.currency = currency.value.into_owned();
                }
                path.push(name);
                text.clear();
            }
            Event::Text(part) => text.push_str(&part.xml10_content()),
            Event::GeneralRef(reference) => {
                // Ids and amounts hold none; names are not read.
                text.push_str(&reference.xml10_content());
            }
            Event::End(_) => {
                let depth = path.len();
                let name = path.pop().unwrap_or_default();
                let parent = path.last().map(String::as_str).unwrap_or_default();
                let value = text.trim();
                fingerprint = value
                    .bytes()
                    .chain(name.bytes())
                    .fold(fingerprint, |hash, b| (hash ^ u64::from(b)).wrapping_mul(0x0000_0100_0000_01b3));
                hear(&mut fields, &mut order, (parent, &name), value);
                if name == "CdtTrfTxInf" {
                    orders.push(finish(std::mem::take(&mut order)).map_err(|what| problem(octet, what))?);
                }
                text.clear();
                if depth == 1 {
                    break;
                }
            }
            Event::Eof => return Err(problem(octet, "the file ends too early".to_owned())),
            _ => {}
        }
    }
    let end = reader.buffer_position();
    let missing = |what: &str| problem(end, format!("no {what}"));
    Ok(Batch {
        id: fields.id.ok_or_else(|| missing("MsgId"))?,
        payment: fields.payment,
        day: fields
            .created
            .zip(fields.execution)
            .map(|(created, execution)| created.max(execution))
            .ok_or_else(|| missing("CreDtTm and ReqdExctnDt"))?,
        payer_account: fields.payer_account,
        count: fields.count,
        control_sum: fields.control_sum,
        orders,
        fingerprint,
    })
}

fn hear(fields: &mut Fields, order: &mut OrderFields, element: (&str, &str), value: &str) {
    let said = || value.to_owned();
    match element {
        ("GrpHdr", "MsgId") => fields.id = Some(said()).filter(|id| !id.is_empty()),
        ("GrpHdr", "CreDtTm") => fields.created = value.get(..10).and_then(|day| day.parse().ok()),
        ("GrpHdr", "NbOfTxs") => fields.count = said(),
        ("GrpHdr", "CtrlSum") => fields.control_sum = said(),
        ("PmtInf", "PmtInfId") => fields.payment = said(),
        ("ReqdExctnDt", "Dt") | ("PmtInf", "ReqdExctnDt") if !value.is_empty() => {
            fields.execution = value.parse().ok();
        }
        // The last account of a block is that of its order; the payer's comes before all orders.
        ("Id", "IBAN") if fields.payer_account.is_empty() => fields.payer_account = said(),
        ("Id", "IBAN") => order.account = said(),
        ("PmtId", "EndToEndId") => order.end_to_end = Some(said()),
        ("PmtId", "InstrId") => order.instruction = said(),
        ("PmtId", "UETR") => order.uetr = said(),
        ("Amt", "InstdAmt") => order.amount = value.parse().ok(),
        _ => {}
    }
}

fn finish(order: OrderFields) -> Result<Order, String> {
    let end_to_end = order.end_to_end.ok_or("an order without EndToEndId")?;
    let amount = order.amount.ok_or_else(|| format!("order {end_to_end} without an amount"))?;
    let fault = if order.currency != "KZT" {
        Some("AM03")
    } else if order.account.parse::<Iban>().is_err() {
        Some("AC01")
    } else {
        None
    };
    Ok(Order { end_to_end, instruction: order.instruction, uetr: order.uetr, amount, fault })
}
