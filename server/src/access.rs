//! Who may call: tokens, scopes, launch codes.

use crate::{
    error::{Error, Noun, Result},
    feed::Peers,
    id::{TokenId, WorkspaceId},
    secret::Secret,
    store::{
        Access, Store, audit,
        notice::Notice,
        token::{self, Scope, WorkspaceIds},
    },
};
use chrono::{DateTime, Utc};
use sha2::{Digest as _, Sha256};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};
use tokio_util::sync::CancellationToken;

/// Random bytes of a secret.
const SECRET_BYTES: usize = 32;
/// How exactly the last use of a token is remembered.
const LAST_USE_PRECISION: Duration = Duration::from_secs(60);
/// How long a launch code is good.
const LAUNCH_LIFETIME: Duration = Duration::from_secs(24 * 60 * 60);

/// A caller whose token is good.
#[derive(Clone, Debug)]
pub struct Principal {
    /// The token; `None`: a launch code, which is good for one token.
    pub token_id: Option<TokenId>,
    /// Name for the audit log.
    pub name: String,
    /// What it may do.
    pub scope: Scope,
    /// Where it may do it.
    pub access: Access,
    /// When the token expires.
    pub expires_at: Option<DateTime<Utc>>,
    /// Cancelled when the token is revoked.
    pub revoked: CancellationToken,
}

impl Principal {
    /// The server itself, for its own work.
    #[must_use]
    pub fn server() -> Self {
        Self {
            token_id: None,
            name: "banto".to_owned(),
            scope: Scope::All,
            access: Access::All,
            expires_at: None,
            revoked: CancellationToken::new(),
        }
    }
}

/// A credential as it was sent.
#[derive(Clone, Copy, Debug)]
pub enum Credential<'a> {
    /// A token's secret.
    Bearer(&'a str),
    /// A launch code.
    Launch(&'a str),
}

impl<'a> Credential<'a> {
    /// Reads the value of an `authorization` header.
    #[must_use]
    pub fn parse(header: &'a str) -> Option<Self> {
        let (scheme, value) = header.split_once(' ')?;
        let value = value.trim();
        if scheme.eq_ignore_ascii_case("bearer") {
            Some(Self::Bearer(value))
        } else if scheme.eq_ignore_ascii_case("launch") {
            Some(Self::Launch(value))
        } else {
            None
        }
    }
}

/// What a new token is like.
#[derive(Clone, Debug)]
pub struct NewToken {
    /// Name for the audit log.
    pub name: String,
    /// What it may do.
    pub scope: Scope,
    /// Where; empty: where its creator may.
    pub workspaces: Vec<WorkspaceId>,
    /// How long it is good; `None`: until it is revoked.
    pub lifetime: Option<Duration>,
}

/// The tokens of the server. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Tokens {
    store: Store,
    peers: Peers,
    live: Arc<Mutex<Live>>,
}

#[derive(Debug, Default)]
struct Live {
    used: HashMap<TokenId, Used>,
    /// Hashes of launch codes, and when they were made.
    launch_codes: HashMap<String, Instant>,
}

#[derive(Debug)]
struct Used {
    revoked: CancellationToken,
    remembered: Instant,
}

impl Tokens {
    /// The tokens of a database.
    #[must_use]
    pub fn new(store: Store, peers: Peers) -> Self {
        Self { store, peers, live: Arc::default() }
    }

    /// Makes a secret that nobody can guess.
    #[must_use]
    pub fn new_secret() -> Secret {
        let bytes: [u8; SECRET_BYTES] = rand::random();
        Secret::new(format!("banto_{}", hex::encode(bytes)))
    }

    /// Makes the owner's secret, which lies in the data directory, a good token;
    /// where the database is not `shared` with other data directories, the only one
    /// of its kind.
    ///
    /// # Errors
    /// Storage errors.
    pub async fn install_owner(&self, secret: &Secret, shared: bool) -> Result<()> {
        let hash = hash(secret.expose());
        let tx = self.store.begin().await?;
        if !shared {
            token::revoke_other_owners(&tx, &hash).await?;
        }
        if token::by_hash(&tx, &hash).await?.is_none() {
            let row = row("owner", Scope::All, Vec::new(), hash, true, None);
            token::insert(&tx, &row).await?;
            audit::append(
                &tx,
                "banto",
                "token.create",
                &row.id.to_string(),
                serde_json::json!({"owner": true}),
            )
            .await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// A code that can be traded for a token, once.
    #[must_use]
    pub fn new_launch_code(&self) -> Secret {
        let code: [u8; SECRET_BYTES] = rand::random();
        let code = hex::encode(code);
        self.live().launch_codes.insert(hash(&code), Instant::now());
        Secret::new(code)
    }

    /// Checks a token.
    ///
    /// # Errors
    /// `Unauthenticated` when it is unknown, revoked or expired.
    pub async fn authenticate(&self, secret: &str) -> Result<Principal> {
        let token = token::by_hash(self.store.read(), &hash(secret)).await?.ok_or(Error::Unauthenticated)?;
        let expired = token.expires_at.is_some_and(|expiry| expiry <= crate::clock::now());
        if token.revoked_at.is_some() || expired {
            return Err(Error::Unauthenticated);
        }
        let revoked = self.note_use(&token);
        Ok(Principal {
            token_id: Some(token.id),
            name: token.name,
            scope: token.scope,
            access: match token.workspace_ids.0 {
                ids if ids.is_empty() => Access::All,
                ids => Access::Only(ids),
            },
            expires_at: token.expires_at,
            revoked,
        })
    }

    /// Takes a launch code, which is no good afterwards.
    ///
    /// # Errors
    /// `Unauthenticated` when it is unknown, used or too old.
    pub fn redeem(&self, code: &str) -> Result<Principal> {
        let made = self.live().launch_codes.remove(&hash(code)).ok_or(Error::Unauthenticated)?;
        if made.elapsed() > LAUNCH_LIFETIME {
            return Err(Error::Unauthenticated);
        }
        Ok(Principal { name: "launch code".to_owned(), ..Principal::server() })
    }

    /// Creates a token; returns its secret, which is not stored.
    ///
    /// # Errors
    /// `ScopeDenied` when it would allow more than its creator's.
    pub async fn create(&self, by: &Principal, new: NewToken) -> Result<(token::Model, Secret)> {
        let workspaces = match (&by.access, new.workspaces) {
            (Access::All, workspaces) => workspaces,
            (Access::Only(own), workspaces) if workspaces.is_empty() => own.clone(),
            (Access::Only(own), workspaces) if workspaces.iter().all(|id| own.contains(id)) => workspaces,
            (Access::Only(_), _) => return Err(Error::ScopeDenied),
        };
        if new.scope > by.scope {
            return Err(Error::ScopeDenied);
        }
        let secret = Self::new_secret();
        let expires_at = new.lifetime.map(|lifetime| crate::clock::now() + lifetime);
        let row = row(&new.name, new.scope, workspaces, hash(secret.expose()), false, expires_at);
        let tx = self.store.begin().await?;
        token::insert(&tx, &row).await?;
        let detail = serde_json::json!({"name": row.name, "scope": row.scope});
        audit::append(&tx, &by.name, "token.create", &row.id.to_string(), detail).await?;
        tx.commit().await?;
        Ok((row, secret))
    }

    /// The tokens that the caller may see, the newest first.
    ///
    /// # Errors
    /// Storage errors.
    pub async fn list(&self, by: &Principal) -> Result<Vec<token::Model>> {
        let mut tokens = token::all(self.store.read()).await?;
        tokens.retain(|token| sees(&by.access, token));
        Ok(tokens)
    }

    /// Revokes a token and ends its streams.
    ///
    /// # Errors
    /// `NotFound`, also for one that the caller may not see.
    pub async fn revoke(&self, by: &Principal, id: TokenId) -> Result<token::Model> {
        let tx = self.store.begin().await?;
        let before = token::get(&tx, id).await?;
        if !sees(&by.access, &before) {
            return Err(Error::NotFound(Noun::Token));
        }
        if before.revoked_at.is_none() {
            token::revoke(&tx, id).await?;
            audit::append(&tx, &by.name, "token.revoke", &id.to_string(), serde_json::json!({})).await?;
        }
        let after = token::get(&tx, id).await?;
        tx.commit().await?;
        self.peers.tell(Notice::Revoked(id));
        self.revoked_elsewhere(id);
        Ok(after)
    }

    /// Ends the streams of a token that another server revoked.
    pub fn revoked_elsewhere(&self, id: TokenId) {
        if let Some(used) = self.live().used.remove(&id) {
            used.revoked.cancel();
        }
    }

    /// Ends the streams of tokens that other servers may have revoked.
    ///
    /// # Errors
    /// Storage errors.
    pub async fn check_all(&self) -> Result<()> {
        for token in token::all(self.store.read()).await? {
            if token.revoked_at.is_some() {
                self.revoked_elsewhere(token.id);
            }
        }
        Ok(())
    }

    /// Remembers the use of a token off the caller's path, once a minute.
    fn note_use(&self, token: &token::Model) -> CancellationToken {
        let mut live = self.live();
        let mut first = false;
        let used = live.used.entry(token.id).or_insert_with(|| {
            first = true;
            Used { revoked: CancellationToken::new(), remembered: Instant::now() }
        });
        if first || used.remembered.elapsed() > LAST_USE_PRECISION {
            used.remembered = Instant::now();
            let (store, id) = (self.store.clone(), token.id);
            tokio::spawn(async move {
                if let Err(error) = token::touch(&store, id, crate::clock::now()).await {
                    tracing::debug!(%error, "the use of a token was not remembered");
                }
            });
        }
        used.revoked.clone()
    }

    fn live(&self) -> MutexGuard<'_, Live> {
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a token is good for no more than what its beholder may see.
fn sees(access: &Access, token: &token::Model) -> bool {
    let ids = &token.workspace_ids.0;
    match access {
        Access::All => true,
        Access::Only(_) => !ids.is_empty() && ids.iter().all(|id| access.allows(*id)),
    }
}

fn row(
    name: &str,
    scope: Scope,
    workspaces: Vec<WorkspaceId>,
    hash: String,
    owner: bool,
    expires_at: Option<DateTime<Utc>>,
) -> token::Model {
    token::Model {
        id: TokenId::new(),
        name: name.to_owned(),
        scope,
        workspace_ids: WorkspaceIds(workspaces),
        hash,
        owner,
        created_at: crate::clock::now(),
        expires_at,
        revoked_at: None,
        last_used_at: None,
    }
}

/// Secrets are 256 random bits, so a plain hash is enough, and looking it up
/// tells an attacker nothing through its timing.
fn hash(secret: &str) -> String {
    hex::encode(Sha256::digest(secret.as_bytes()))
}
