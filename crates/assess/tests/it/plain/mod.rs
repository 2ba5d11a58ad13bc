//! Hand-built trees with hand-computed answers.
