//! What the library promises, seen from outside.

mod facts;
mod properties;
mod reading;
mod schema;
