//! The seal of the audit log: a keyed digest of each entry's hash. The key lies
//! outside the database, so that whoever can write the database alone cannot make
//! entries that pass for real ones.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};
use std::fmt;

/// Hexadecimal digits of a key's hash that name it.
const NAME_DIGITS: usize = 16;

/// A key and what it may seal.
pub struct Seal {
    key: Vec<u8>,
    id: String,
    since: i64,
}

impl Seal {
    /// A key; entries from the place `since` on must be sealed.
    #[must_use]
    pub fn new(key: Vec<u8>, since: i64) -> Self {
        let mut id = hex::encode(Sha256::digest(&key));
        id.truncate(NAME_DIGITS);
        Self { key, id, since }
    }

    /// Names the key.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The first place whose entry must be sealed.
    #[must_use]
    pub fn since(&self) -> i64 {
        self.since
    }

    /// HMAC-SHA-256 (RFC 2104) of a hash, lower-case hexadecimal.
    #[must_use]
    pub fn of(&self, hash: &str) -> String {
        hex::encode(self.mac(hash).finalize().into_bytes())
    }

    /// Whether a seal is right, compared in constant time.
    #[must_use]
    pub fn is_of(&self, hash: &str, seal: &str) -> bool {
        hex::decode(seal).is_ok_and(|seal| self.mac(hash).verify_slice(&seal).is_ok())
    }

    fn mac(&self, hash: &str) -> Hmac<Sha256> {
        #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key).expect("any length is taken");
        mac.update(hash.as_bytes());
        mac
    }
}

impl fmt::Debug for Seal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Seal").field("id", &self.id).field("since", &self.since).finish_non_exhaustive()
    }
}
