//! The synthetic world as those see it who take it in.

mod lives;
mod population;
mod shares;
