//! The weight of each signal, as `examples/train.rs` learned it. docs/finder.md says
//! from what, and how to learn it again.

use super::signals::Signals;

/// In the order of [`super::NAMES`].
#[rustfmt::skip]
pub(crate) const WEIGHTS: Signals = [
    0.998, // body
    1.008, // symbols
    1.042, // folder
    0.606, // name
    1.770, // chunk
    1.074, // title chunk
    1.112, // messages
    0.690, // message
    0.032, // alike
    0.364, // coverage
    0.319, // title coverage
    0.278, // joined
    0.082, // name covered
    4.000, // path named
    2.500, // name named
    0.552, // defined
    -3.231, // test
    -0.119, // example
    -2.155, // docs
    -1.992, // config
    -2.131, // generated
    -0.620, // data
    -1.000, // asked test
    0.000, // asked example
    -0.300, // asked docs
    -0.500, // asked config
    -0.500, // asked generated
    -0.536, // often changed
    1.701, // lately changed
    0.119, // long
    0.595, // siblings
    1.562, // main language
    0.159, // body squared
    -0.300, // unreadable
];
