//! The simulators alone, for whoever wants to meet them with a program of their own.

use std::{
    path::PathBuf,
    process::ExitCode,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use card::Moment;
use clap::Args;
use trial::{
    bank::{Bank, BankConfig},
    smsc::{Config, Smsc},
};

use crate::failure::Failure;

/// `smsc`
#[derive(Args)]
pub struct SmscAlone {
    /// Where to listen.
    #[arg(long, default_value = "127.0.0.1:2775")]
    listen: String,
    /// The name that may bind.
    #[arg(long, default_value = "family-card")]
    name: String,
    /// Its password.
    #[arg(long, default_value = "secret")]
    password: String,
}

impl SmscAlone {
    /// Serves until it is interrupted; prints every message.
    pub fn run(self) -> Result<ExitCode, Failure> {
        let runtime = runtime()?;
        runtime.block_on(async {
            let config = Config { accounts: vec![(self.name, self.password)], ..Config::default() };
            let smsc = Smsc::start(self.listen.as_str(), config).await.map_err(Failure::of)?;
            println!("SMPP 3.4 on {}", smsc.address());
            let mut news = smsc.news();
            loop {
                tokio::select! {
                    _ = tokio::signal::ctrl_c() => return Ok(ExitCode::SUCCESS),
                    message = news.recv() => if let Ok(message) = message {
                        let way = if message.from_phone { "from" } else { "to" };
                        println!("{} {way} a phone, {} parts: {}", message.at, message.parts, message.text);
                    },
                }
            }
        })
    }
}

/// `bank`
#[derive(Args)]
pub struct BankAlone {
    /// The folder of payment orders (pain.001).
    #[arg(long)]
    inbox: PathBuf,
    /// The folder of answers (pain.002, camt.054).
    #[arg(long)]
    outbox: PathBuf,
    /// So many of a thousand orders are refused.
    #[arg(long, default_value_t = 10)]
    rejected: u32,
    /// So many of a thousand orders come back.
    #[arg(long, default_value_t = 10)]
    returned: u32,
}

impl BankAlone {
    /// Looks into the inbox every second until it is interrupted.
    pub fn run(self) -> Result<ExitCode, Failure> {
        let mut config = BankConfig::new(self.inbox, self.outbox);
        (config.rejected, config.returned) = (self.rejected, self.returned);
        let mut bank = Bank::open(config).map_err(Failure::of)?;
        let runtime = runtime()?;
        runtime.block_on(async {
            loop {
                let done = bank.process(machine_clock()).map_err(Failure::of)?;
                for path in done.written {
                    println!("wrote {}", path.display());
                }
                for error in done.unreadable {
                    eprintln!("{error}");
                }
                tokio::select! {
                    _ = tokio::signal::ctrl_c() => return Ok(ExitCode::SUCCESS),
                    () = tokio::time::sleep(Duration::from_secs(1)) => {}
                }
            }
        })
    }
}

/// The clock of the machine.
pub fn machine_clock() -> Moment {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Moment(since.as_millis() as i64)
}

/// A runtime for what waits on sockets.
pub fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    tokio::runtime::Runtime::new().map_err(Failure::of)
}
