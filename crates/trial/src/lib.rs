//! What lets anybody try the card: a synthetic population, simulated citizens, an SMSC with phones,
//! and a bank. The service meets them through the same sockets and files as the real ones.

pub mod population;
