//! The audit log as a reader has it: its pages, its whole chain, and whether that is
//! intact. Nothing here writes.

use crate::{
    access::Principal,
    error::{Error, Result},
    store::{
        Access, Seal, Store,
        audit::{self, Model},
    },
};

/// Entries that are read at once.
const BATCH: u64 = 500;

/// The audit log. Cheap to clone.
#[derive(Clone, Debug)]
pub struct AuditLog {
    store: Store,
}

/// The end of the chain at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// Place of the newest entry; 0: there is none.
    pub sequence: i64,
    /// Its hash.
    pub hash: String,
    /// Its keyed digest.
    pub seal: String,
}

/// What is wrong with a chain. See `banto.v1.ChainFault`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A place is empty.
    Missing,
    /// An entry does not have the hash that its contents give.
    Altered,
    /// An entry does not follow the one before it.
    BrokenLink,
    /// The keyed digest is wrong, or not there where it must be.
    WrongSeal,
    /// The chain ends before the head that was kept.
    Truncated,
    /// The entry at the place of the head that was kept is another one.
    OtherHead,
}

/// What a walk along the chain found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Walk {
    /// What is wrong first, and where.
    pub fault: Option<(Fault, i64)>,
    /// Entries that were looked at.
    pub checked: u64,
    /// Entries whose keyed digest could not be looked at.
    pub unsealed: u64,
    /// The end of the chain.
    pub head: Head,
}

impl AuditLog {
    /// The log of a database.
    #[must_use]
    pub fn new(store: Store) -> Self {
        Self { store }
    }

    /// A page of entries, the newest first, and whether there are more.
    ///
    /// # Errors
    /// `ScopeDenied` for a token that does not see all workspaces.
    pub async fn page(&self, by: &Principal, page: &audit::Page) -> Result<(Vec<Model>, bool)> {
        allowed(by)?;
        audit::list(self.store.read(), page).await
    }

    /// The end of the chain now.
    ///
    /// # Errors
    /// Storage errors.
    pub async fn head(&self) -> Result<Head> {
        let newest = audit::newest(self.store.read()).await?;
        Ok(newest.map(|entry| head(&entry)).unwrap_or_default())
    }

    /// Entries after a place, the oldest first; none: that was the last.
    ///
    /// # Errors
    /// `ScopeDenied` for a token that does not see all workspaces.
    pub async fn after(&self, by: &Principal, sequence: i64) -> Result<Vec<Model>> {
        allowed(by)?;
        audit::after(self.store.read(), sequence, BATCH).await
    }

    /// Walks the whole chain, and compares it with a head that was kept.
    ///
    /// # Errors
    /// `ScopeDenied` for a token that does not see all workspaces.
    pub async fn verify(&self, by: &Principal, kept: Option<Head>) -> Result<Walk> {
        allowed(by)?;
        // One state of the database: what is appended meanwhile is not looked at.
        let tx = self.store.begin_read().await?;
        let mut walk = Walk::default();
        let mut link = audit::first_link();
        loop {
            let entries = audit::after(&tx, walk.head.sequence, BATCH).await?;
            if entries.is_empty() {
                break;
            }
            for entry in entries {
                let place = walk.head.sequence + 1;
                let fault = fault(&entry, place, &link, kept.as_ref(), self.store.seal());
                if let Some(fault) = fault {
                    walk.fault.get_or_insert((fault, place));
                }
                walk.unsealed += u64::from(!is_sealed(&entry, self.store.seal()));
                walk.checked += 1;
                walk.head = head(&entry);
                link = entry.hash;
            }
        }
        if let Some(kept) = kept.filter(|kept| kept.sequence > walk.head.sequence) {
            walk.fault.get_or_insert((Fault::Truncated, kept.sequence));
        }
        Ok(walk)
    }
}

/// The log speaks of every workspace.
fn allowed(by: &Principal) -> Result<()> {
    if by.access == Access::All { Ok(()) } else { Err(Error::ScopeDenied) }
}

fn head(entry: &Model) -> Head {
    Head { sequence: entry.sequence, hash: entry.hash.clone(), seal: entry.seal.clone() }
}

fn fault(entry: &Model, place: i64, link: &str, kept: Option<&Head>, seal: Option<&Seal>) -> Option<Fault> {
    if entry.sequence != place {
        return Some(Fault::Missing);
    }
    if entry.hash != entry.expected_hash() {
        return Some(Fault::Altered);
    }
    if entry.previous_hash != link {
        return Some(Fault::BrokenLink);
    }
    let is_kept = |kept: &&Head| kept.sequence == entry.sequence;
    if kept.filter(is_kept).is_some_and(|kept| kept.hash != entry.hash) {
        return Some(Fault::OtherHead);
    }
    let seal = seal?;
    let must = entry.sequence >= seal.since();
    if entry.key_id == seal.id() {
        (!seal.is_of(&entry.hash, &entry.seal)).then_some(Fault::WrongSeal)
    } else {
        // Another server's key is not known here; no key at all is somebody's doing.
        (must && entry.key_id.is_empty()).then_some(Fault::WrongSeal)
    }
}

fn is_sealed(entry: &Model, seal: Option<&Seal>) -> bool {
    seal.is_some_and(|seal| entry.key_id == seal.id())
}
