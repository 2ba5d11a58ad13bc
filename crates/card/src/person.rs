use serde::{Deserialize, Serialize};

macro_rules! opaque_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub u64);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

opaque_id! {
    /// A person everywhere inside. It says nothing about them; the vault alone knows whose it is.
    PersonId
}
opaque_id! {
    /// A phone number inside; the vault alone knows the number.
    PhoneId
}
opaque_id! {
    /// A bank account inside; the vault alone knows its IBAN.
    AccountId
}
