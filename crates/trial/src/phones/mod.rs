//! The page of phones: what people see of the card, and the buttons that make things happen.

mod pages;
mod stage;
mod words;

pub use pages::{Pages, router};
pub use stage::{
    Bubble, CaseLine, DifferenceLine, Differences, FactLine, Mother, NumberLine, Page, Phone, PhoneLine,
    Seeker, Stage, StageError, Step, StepLine, TurnLine,
};
