//! The synthetic world as those see it who take it in.

mod population;
mod shares;
