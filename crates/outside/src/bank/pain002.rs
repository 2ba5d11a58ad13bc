//! What the bank says about our orders: pain.002 (.10 goes with our files; .03 to .15 read alike).

use std::io::BufRead;

use deliver::port::{BankStatus, StatusReport};

use super::{
    BankFileError,
    walk::{Step, Walk},
};

const NAMESPACE: &str = "urn:iso:std:iso:20022:tech:xsd:pain.002.001.";
const ROOT: &str = "/Document/CstmrPmtStsRpt/";
const GROUP: &str = "OrgnlGrpInfAndSts/";
const PAYMENT: &str = "OrgnlPmtInfAndSts";
const ORDER: &str = "OrgnlPmtInfAndSts/TxInfAndSts";

/// The reports of one file, read as they are asked for. See [`status_reports`].
pub struct StatusReports<R> {
    walk: Walk<R>,
    batch: Option<String>,
    group: Said,
    payment: Said,
    order: Said,
    end_to_end: Option<String>,
    ended: bool,
}

/// A status code and its reason.
#[derive(Default)]
struct Said {
    status: Option<String>,
    reason: Option<String>,
}

/// Reads a pain.002 file. `file` is its name, for errors.
///
/// The orders that the file names come first; what it says of the whole batch comes last, with
/// `end_to_end: None`, and is about the orders that it does not name: under a good status of the
/// batch, silence about an order is acceptance. An error that is not fatal is about one order, and
/// the reading goes on.
pub fn status_reports<R: BufRead>(source: R, file: &str) -> StatusReports<R> {
    StatusReports {
        walk: Walk::new(source, file, NAMESPACE),
        batch: None,
        group: Said::default(),
        payment: Said::default(),
        order: Said::default(),
        end_to_end: None,
        ended: false,
    }
}

impl Said {
    /// Takes a leaf, where it is one of ours.
    fn hear(&mut self, path: &str, status: &str, text: &str) {
        if path == status {
            self.status = Some(text.to_owned());
        } else if matches!(path, "StsRsnInf/Rsn/Cd" | "StsRsnInf/Rsn/Prtry") && self.reason.is_none() {
            self.reason = Some(text.to_owned());
        }
    }

    /// What it means; `Err` with a code that nobody knows.
    fn means(self) -> Result<Option<BankStatus>, String> {
        let Some(status) = self.status else { return Ok(None) };
        Ok(Some(match status.as_str() {
            "RJCT" | "CANC" => {
                // MS03 is the code for a reason that is not given.
                BankStatus::Rejected { reason: self.reason.unwrap_or_else(|| "MS03".to_owned()) }
            }
            "ACSC" | "ACCC" => BankStatus::Settled,
            "RCVD" | "ACTC" | "ACCP" | "ACSP" | "ACWC" | "ACWP" | "ACFC" | "PDNG" | "PART" | "PATC" => {
                BankStatus::Accepted
            }
            _ => return Err(status),
        }))
    }
}

impl<R: BufRead> StatusReports<R> {
    fn advance(&mut self) -> Result<Option<StatusReport>, BankFileError> {
        while let Some(step) = self.walk.next()? {
            match step {
                Step::Open(path) => {
                    let Some(path) = path.strip_prefix(ROOT) else { continue };
                    if path == ORDER {
                        self.order = Said::default();
                        self.end_to_end = None;
                    }
                }
                Step::Leaf { path, text, .. } => {
                    let Some(path) = path.strip_prefix(ROOT) else { continue };
                    if let Some(path) = path.strip_prefix(GROUP) {
                        if path == "OrgnlMsgId" {
                            self.batch = Some(text.to_owned());
                        }
                        self.group.hear(path, "GrpSts", text);
                    } else if let Some(path) = path.strip_prefix(ORDER) {
                        let path = path.trim_start_matches('/');
                        if path == "OrgnlEndToEndId" {
                            self.end_to_end = Some(text.to_owned());
                        }
                        self.order.hear(path, "TxSts", text);
                    } else if let Some(path) = path.strip_prefix(PAYMENT) {
                        self.payment.hear(path.trim_start_matches('/'), "PmtInfSts", text);
                    }
                }
                Step::Close(path) => {
                    if path.strip_prefix(ROOT) == Some(ORDER) {
                        let order = std::mem::take(&mut self.order);
                        let end_to_end = self.end_to_end.take();
                        return self.report(order, end_to_end).map(Some);
                    }
                }
            }
        }
        if std::mem::replace(&mut self.ended, true) {
            return Ok(None);
        }
        // One payment block a file: what is said of the block is said of the batch.
        let payment = std::mem::take(&mut self.payment);
        let group = std::mem::take(&mut self.group);
        let said = if payment.status.is_some() { payment } else { group };
        match said.means() {
            Ok(None) => Ok(None),
            Ok(Some(status)) => Ok(Some(StatusReport { batch: self.batch()?, end_to_end: None, status })),
            Err(code) => Err(self.unknown(&code)),
        }
    }

    fn report(&self, order: Said, end_to_end: Option<String>) -> Result<StatusReport, BankFileError> {
        let batch = self.batch()?;
        let Some(end_to_end) = end_to_end else {
            return Err(self.walk.problem(
                "an order without OrgnlEndToEndId",
                "ask the bank which order it means; the others of the file are taken",
            ));
        };
        match order.means() {
            Ok(Some(status)) => Ok(StatusReport { batch, end_to_end: Some(end_to_end), status }),
            Ok(None) => Err(self.walk.problem(
                format!("order {end_to_end} without TxSts"),
                "ask the bank for its status; the others of the file are taken",
            )),
            Err(code) => Err(self.unknown(&code)),
        }
    }

    fn batch(&self) -> Result<String, BankFileError> {
        self.batch.clone().ok_or_else(|| {
            self.walk.problem("no OrgnlMsgId before the statuses", "ask the bank for the file again")
        })
    }

    fn unknown(&self, code: &str) -> BankFileError {
        let code: String = code.chars().take(35).collect();
        self.walk.problem(
            format!("status {code} is not known"),
            "ask the bank what it means; the others of the file are taken",
        )
    }
}

impl<R: BufRead> Iterator for StatusReports<R> {
    type Item = Result<StatusReport, BankFileError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let next = self.advance().transpose();
        if let Some(Err(BankFileError { fatal: true, .. })) = next {
            self.ended = true;
        }
        next
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(body: &str) -> String {
        format!(
            "<Document xmlns=\"{NAMESPACE}10\"><CstmrPmtStsRpt><GrpHdr><MsgId>B1</MsgId></GrpHdr>{body}</CstmrPmtStsRpt></Document>"
        )
    }

    fn read(body: &str) -> Vec<Result<(Option<String>, BankStatus), String>> {
        status_reports(file(body).as_bytes(), "b.xml")
            .map(|report| match report {
                Ok(report) => {
                    assert_eq!(report.batch, "RUN-1");
                    Ok((report.end_to_end, report.status))
                }
                Err(error) => Err(error.to_string()),
            })
            .collect()
    }

    fn group(status: &str) -> String {
        format!(
            "<OrgnlGrpInfAndSts><OrgnlMsgId>RUN-1</OrgnlMsgId><OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId>{status}</OrgnlGrpInfAndSts>"
        )
    }

    fn order(id: &str, status: &str, reason: &str) -> String {
        let reason = match reason {
            "" => String::new(),
            code => format!("<StsRsnInf><Rsn><Cd>{code}</Cd></Rsn></StsRsnInf>"),
        };
        format!(
            "<TxInfAndSts><OrgnlEndToEndId>{id}</OrgnlEndToEndId><TxSts>{status}</TxSts>{reason}</TxInfAndSts>"
        )
    }

    fn rejected(reason: &str) -> BankStatus {
        BankStatus::Rejected { reason: reason.to_owned() }
    }

    #[test]
    fn only_the_refused_are_named() {
        let body = format!(
            "{}<OrgnlPmtInfAndSts><OrgnlPmtInfId>RUN-1</OrgnlPmtInfId>{}{}</OrgnlPmtInfAndSts>",
            group("<GrpSts>PART</GrpSts>"),
            order("O1", "RJCT", "AC04"),
            order("O2", "RJCT", ""),
        );
        assert_eq!(
            read(&body),
            [
                Ok((Some("O1".to_owned()), rejected("AC04"))),
                Ok((Some("O2".to_owned()), rejected("MS03"))),
                Ok((None, BankStatus::Accepted)),
            ]
        );
    }

    #[test]
    fn a_whole_batch_is_taken_settled_or_refused() {
        assert_eq!(read(&group("<GrpSts>ACSC</GrpSts>")), [Ok((None, BankStatus::Settled))]);
        let refused = "<GrpSts>RJCT</GrpSts><StsRsnInf><Rsn><Cd>AM10</Cd></Rsn></StsRsnInf>";
        assert_eq!(read(&group(refused)), [Ok((None, rejected("AM10")))]);
        let block = format!(
            "{}<OrgnlPmtInfAndSts><OrgnlPmtInfId>RUN-1</OrgnlPmtInfId><PmtInfSts>ACCP</PmtInfSts></OrgnlPmtInfAndSts>",
            group("")
        );
        assert_eq!(read(&block), [Ok((None, BankStatus::Accepted))]);
        assert_eq!(read(&group("")), []);
    }

    #[test]
    fn one_bad_order_does_not_hide_the_others() {
        let body = format!(
            "{}<OrgnlPmtInfAndSts>{}{}<TxInfAndSts><TxSts>RJCT</TxSts></TxInfAndSts>\n<TxInfAndSts><OrgnlEndToEndId>O9</OrgnlEndToEndId></TxInfAndSts></OrgnlPmtInfAndSts>",
            group("<GrpSts>PART</GrpSts>"),
            order("O1", "WHAT", ""),
            order("O2", "ACSC", ""),
        );
        let read = read(&body);
        assert!(read[0].as_ref().unwrap_err().contains("status WHAT is not known"));
        assert_eq!(read[1], Ok((Some("O2".to_owned()), BankStatus::Settled)));
        assert!(read[2].as_ref().unwrap_err().contains("b.xml, line 1"));
        assert!(
            read[3]
                .as_ref()
                .unwrap_err()
                .contains("line 2, /Document/CstmrPmtStsRpt/OrgnlPmtInfAndSts/TxInfAndSts: order O9")
        );
        assert_eq!(read[4], Ok((None, BankStatus::Accepted)));
        assert_eq!(read.len(), 5);
    }

    #[test]
    fn a_cut_file_ends_with_one_error() {
        let whole = file(&group("<GrpSts>ACCP</GrpSts>"));
        let cut = &whole[..whole.len() - 30];
        let read: Vec<_> = status_reports(cut.as_bytes(), "b.xml").collect();
        assert!(matches!(&read[..], [Err(BankFileError { fatal: true, .. })]), "{read:?}");
    }
}
