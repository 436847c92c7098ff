//! World state as a persistent map: cloning it is O(1) and shares everything unchanged.
//!
//! That one property carries snapshots (`evm_snapshot` keeps a clone), state at past blocks (one clone a block) and calls that run
//! beside the writer (each call works on its own clone). A later on-disk state only has to replace this file.

use std::convert::Infallible;

use alloy_primitives::{Address, B256, Bytes, KECCAK256_EMPTY, U256, keccak256};
use alloy_trie::TrieAccount;
use revm::{
    Database, DatabaseCommit, DatabaseRef,
    primitives::AddressMap,
    state::{Account, AccountInfo, Bytecode, EvmState},
};
use rpds::{HashTrieMapSync, HashTrieSetSync};

use super::trie::Trie;

/// One account: what a leaf of the state's trie holds, with storage itself besides its root.
#[derive(Clone, Debug)]
pub struct AccountRecord {
    /// Balance in wei.
    pub balance: U256,
    /// Transactions sent, or contracts created plus one.
    pub nonce: u64,
    /// Keccak of the code; [`KECCAK256_EMPTY`] when there is none.
    pub code_hash: B256,
    /// Non-zero slots.
    pub storage: HashTrieMapSync<U256, U256>,
    /// The same as a trie of hashes.
    storage_trie: Trie,
}

impl AccountRecord {
    /// Root of its storage.
    pub fn storage_root(&self) -> B256 {
        self.storage_trie.root()
    }

    /// Proof of what a slot holds, under [`Self::storage_root`].
    pub fn prove_slot(&self, key: &U256) -> Vec<Bytes> {
        self.storage_trie.proof(hashed(key))
    }

    /// Zero is absence: a slot set back to zero leaves no trace, as in a trie.
    fn store(&mut self, key: U256, value: U256) {
        if value.is_zero() {
            self.storage.remove_mut(&key);
            self.storage_trie.remove(hashed(&key));
        } else {
            self.storage.insert_mut(key, value);
            self.storage_trie
                .insert(hashed(&key), &alloy_rlp::encode(value));
        }
    }

    fn leaf(&self) -> Vec<u8> {
        alloy_rlp::encode(TrieAccount {
            nonce: self.nonce,
            balance: self.balance,
            storage_root: self.storage_root(),
            code_hash: self.code_hash,
        })
    }
}

fn hashed(key: &U256) -> B256 {
    keccak256(key.to_be_bytes::<32>())
}

impl Default for AccountRecord {
    fn default() -> Self {
        Self {
            balance: U256::ZERO,
            nonce: 0,
            code_hash: KECCAK256_EMPTY,
            storage: HashTrieMapSync::new_sync(),
            storage_trie: Trie::default(),
        }
    }
}

/// The whole state. `Clone` is O(1).
#[derive(Clone, Debug, Default)]
pub struct State {
    accounts: HashTrieMapSync<Address, AccountRecord>,
    /// Code by hash. Only ever grows: code is content-addressed, so an entry can never be wrong.
    codes: HashTrieMapSync<B256, Bytecode>,
    /// Accounts as a trie, behind by those of `unhashed`.
    trie: Trie,
    unhashed: HashTrieSetSync<Address>,
}

impl State {
    /// The account, or the empty one.
    pub fn account(&self, address: &Address) -> AccountRecord {
        self.accounts.get(address).cloned().unwrap_or_default()
    }

    /// True when there is such an account.
    pub fn exists(&self, address: &Address) -> bool {
        self.accounts.contains_key(address)
    }

    /// Balance in wei.
    pub fn balance(&self, address: &Address) -> U256 {
        self.accounts
            .get(address)
            .map_or(U256::ZERO, |account| account.balance)
    }

    /// Nonce of the next transaction.
    pub fn nonce(&self, address: &Address) -> u64 {
        self.accounts
            .get(address)
            .map_or(0, |account| account.nonce)
    }

    /// Code as deployed.
    pub fn code(&self, address: &Address) -> Bytes {
        self.accounts
            .get(address)
            .and_then(|account| self.codes.get(&account.code_hash))
            .map_or_else(Bytes::new, Bytecode::original_bytes)
    }

    /// A storage slot.
    pub fn slot(&self, address: &Address, key: &U256) -> U256 {
        self.accounts
            .get(address)
            .and_then(|account| account.storage.get(key))
            .copied()
            .unwrap_or(U256::ZERO)
    }

    /// Root of the trie of all accounts, as a header carries it.
    pub fn root(&mut self) -> B256 {
        self.hash();
        self.trie.root()
    }

    /// Proof of an account, or that there is none, under [`Self::root`].
    pub fn prove(&mut self, address: &Address) -> Vec<Bytes> {
        self.hash();
        self.trie.proof(keccak256(address))
    }

    /// Brings the trie up to date. Changes are gathered until somebody asks for a hash: most come many to an account.
    fn hash(&mut self) {
        for address in std::mem::take(&mut self.unhashed).iter() {
            let key = keccak256(address);
            match self.accounts.get(address) {
                Some(account) => self.trie.insert(key, &account.leaf()),
                None => self.trie.remove(key),
            }
        }
    }

    /// Every account, in no order.
    pub fn accounts(&self) -> impl Iterator<Item = (&Address, &AccountRecord)> {
        self.accounts.iter()
    }

    /// Number of accounts.
    pub fn len(&self) -> usize {
        self.accounts.size()
    }

    /// True when no account exists.
    pub fn is_empty(&self) -> bool {
        self.accounts.is_empty()
    }

    /// Sets a balance, creating the account.
    pub fn set_balance(&mut self, address: Address, balance: U256) {
        self.update(address, |account| account.balance = balance);
    }

    /// Sets a nonce, creating the account.
    pub fn set_nonce(&mut self, address: Address, nonce: u64) {
        self.update(address, |account| account.nonce = nonce);
    }

    /// Sets code, creating the account.
    pub fn set_code(&mut self, address: Address, code: Bytes) {
        let hash = self.insert_code(bytecode_of(code));
        self.update(address, |account| account.code_hash = hash);
    }

    /// Sets one storage slot, creating the account.
    pub fn set_slot(&mut self, address: Address, key: U256, value: U256) {
        self.update(address, |account| account.store(key, value));
    }

    /// Drops all storage of an account.
    pub fn clear_storage(&mut self, address: Address) {
        self.update(address, |account| {
            account.storage = HashTrieMapSync::new_sync();
            account.storage_trie = Trie::default();
        });
    }

    /// Removes an account altogether.
    pub fn remove(&mut self, address: &Address) {
        self.accounts.remove_mut(address);
        self.unhashed.insert_mut(*address);
    }

    /// Applies what a transaction changed.
    pub fn apply(&mut self, changes: EvmState) {
        for (address, account) in changes {
            if account.is_touched() {
                self.apply_account(address, account);
            }
        }
    }

    fn apply_account(&mut self, address: Address, account: Account) {
        if account.is_selfdestructed() || account.is_empty() {
            self.remove(&address);
            return;
        }
        let code_hash = match account.info.code {
            Some(code) if !code.is_empty() => self.insert_code(code),
            _ => account.info.code_hash,
        };
        let mut record = if account.status.contains(revm::state::AccountStatus::Created) {
            AccountRecord::default()
        } else {
            self.account(&address)
        };
        record.balance = account.info.balance;
        record.nonce = account.info.nonce;
        record.code_hash = code_hash;
        for (key, slot) in account.storage {
            if slot.is_changed() {
                record.store(key, slot.present_value);
            }
        }
        self.put(address, record);
    }

    fn update(&mut self, address: Address, change: impl FnOnce(&mut AccountRecord)) {
        let mut account = self.account(&address);
        change(&mut account);
        self.put(address, account);
    }

    fn put(&mut self, address: Address, account: AccountRecord) {
        self.accounts.insert_mut(address, account);
        self.unhashed.insert_mut(address);
    }

    fn insert_code(&mut self, code: Bytecode) -> B256 {
        let hash = code.hash_slow();
        if !code.is_empty() && !self.codes.contains_key(&hash) {
            self.codes.insert_mut(hash, code);
        }
        hash
    }
}

/// Code as the EVM side wants it: EIP-7702 designators are decoded, everything else, Stylus programs included, stays raw bytes.
pub fn bytecode_of(code: Bytes) -> Bytecode {
    Bytecode::new_raw_checked(code.clone()).unwrap_or_else(|_| Bytecode::new_legacy(code))
}

impl Database for State {
    type Error = Infallible;

    fn basic(&mut self, address: Address) -> Result<Option<AccountInfo>, Infallible> {
        Ok(self.accounts.get(&address).map(|account| AccountInfo {
            balance: account.balance,
            nonce: account.nonce,
            code_hash: account.code_hash,
            code: self
                .codes
                .get(&account.code_hash)
                .cloned()
                .or_else(|| Some(Bytecode::default())),
            ..AccountInfo::default()
        }))
    }

    fn code_by_hash(&mut self, code_hash: B256) -> Result<Bytecode, Infallible> {
        Ok(self.codes.get(&code_hash).cloned().unwrap_or_default())
    }

    fn storage(&mut self, address: Address, index: U256) -> Result<U256, Infallible> {
        Ok(self.slot(&address, &index))
    }

    fn block_hash(&mut self, _number: u64) -> Result<B256, Infallible> {
        // BLOCKHASH speaks of L1 blocks on Arbitrum, and a devnode has no L1.
        Ok(B256::ZERO)
    }
}

/// Reading without `mut`, for tracers that look at the state before.
impl DatabaseRef for State {
    type Error = Infallible;

    fn basic_ref(&self, address: Address) -> Result<Option<AccountInfo>, Infallible> {
        self.clone().basic(address)
    }

    fn code_by_hash_ref(&self, code_hash: B256) -> Result<Bytecode, Infallible> {
        self.clone().code_by_hash(code_hash)
    }

    fn storage_ref(&self, address: Address, index: U256) -> Result<U256, Infallible> {
        Ok(self.slot(&address, &index))
    }

    fn block_hash_ref(&self, number: u64) -> Result<B256, Infallible> {
        self.clone().block_hash(number)
    }
}

impl DatabaseCommit for State {
    fn commit(&mut self, changes: AddressMap<Account>) {
        self.apply(changes);
    }
}
