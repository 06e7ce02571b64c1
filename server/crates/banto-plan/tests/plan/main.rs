//! What the library promises, seen from outside.

mod facts;
mod reading;
