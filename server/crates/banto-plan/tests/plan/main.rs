//! What the library promises, seen from outside.

mod comparing;
mod facts;
mod form;
mod properties;
mod reading;
mod schema;
