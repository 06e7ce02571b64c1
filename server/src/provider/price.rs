//! What models cost, from the dated table of the configuration.

use crate::{
    config::PriceConfig,
    error::{Error, Result},
    run::Usage,
};
use chrono::NaiveDate;

const NANO: f64 = 1e9;
const TOKENS: u128 = 1_000_000;

/// What a model costs, in billionths of a US dollar for a million tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Price {
    /// Input tokens.
    pub input: u64,
    /// Output tokens.
    pub output: u64,
    /// Input tokens from the provider's cache. `None`: as `input`.
    pub cache_read: Option<u64>,
    /// Input tokens written to the provider's cache. `None`: as `input`.
    pub cache_write: Option<u64>,
    /// Day of the price.
    pub as_of: NaiveDate,
}

impl Price {
    pub(super) fn new(config: &PriceConfig) -> Result<Self> {
        let nano = |dollars: f64| {
            // Far above any price, and far below where a float loses whole numbers.
            if (0.0..=1e6).contains(&dollars) {
                return Ok((dollars * NANO).round() as u64);
            }
            let what =
                format!("the price of {}/{} is not between 0 and 1,000,000", config.provider, config.model);
            Err(Error::invalid("prices", what))
        };
        Ok(Self {
            input: nano(config.input)?,
            output: nano(config.output)?,
            cache_read: config.cache_read.map(nano).transpose()?,
            cache_write: config.cache_write.map(nano).transpose()?,
            as_of: config.as_of,
        })
    }

    /// The cost in billionths of a US dollar. `None`: input or output is
    /// unknown. Providers that say nothing about a cache count its tokens as
    /// input, so an unknown cache count adds nothing.
    #[must_use]
    pub fn cost(&self, usage: &Usage) -> Option<u64> {
        let share = |tokens: u64, price: u64| u128::from(tokens) * u128::from(price);
        let cache =
            |tokens: Option<u64>, price: Option<u64>| share(tokens.unwrap_or(0), price.unwrap_or(self.input));
        let total = share(usage.input_tokens?, self.input)
            + share(usage.output_tokens?, self.output)
            + cache(usage.cache_read_tokens, self.cache_read)
            + cache(usage.cache_write_tokens, self.cache_write);
        // A limit on spending must not be passed by rounding down.
        u64::try_from(total.div_ceil(TOKENS)).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(input: f64) -> PriceConfig {
        PriceConfig {
            provider: "p".to_owned(),
            model: "m".to_owned(),
            input,
            output: 10.0,
            cache_read: Some(0.1),
            cache_write: None,
            as_of: NaiveDate::default(),
        }
    }

    #[test]
    fn adds_up_what_is_known() {
        let price = Price::new(&config(2.5)).expect("a price");
        let mut usage = Usage { input_tokens: Some(1_000), output_tokens: Some(100), ..Usage::default() };
        assert_eq!(price.cost(&usage), Some(3_500_000));
        usage.cache_read_tokens = Some(10_000);
        usage.cache_write_tokens = Some(1_000);
        assert_eq!(price.cost(&usage), Some(7_000_000));
        usage.output_tokens = None;
        assert_eq!(price.cost(&usage), None);
    }

    #[test]
    fn rounds_up_and_never_wraps() {
        let price = Price::new(&config(0.0001)).expect("a price");
        let usage = |input| Usage { input_tokens: Some(input), output_tokens: Some(0), ..Usage::default() };
        assert_eq!(price.cost(&usage(1)), Some(1));
        assert_eq!(Price::new(&config(1e6)).expect("a price").cost(&usage(u64::MAX)), None);
    }

    #[test]
    fn refuses_what_is_no_price() {
        for input in [-1.0, f64::NAN, f64::INFINITY, 1e9] {
            assert!(Price::new(&config(input)).is_err(), "{input}");
        }
    }
}
