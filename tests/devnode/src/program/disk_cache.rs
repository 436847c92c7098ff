//! Native code of programs on disk, so that a node started again does not compile again.
//!
//! A file is named by the hash of the instrumented module and of everything the compiler was told, so that neither another version of
//! metering nor another compiler finds it. It begins with a checksum of the rest. Whatever is wrong with a file counts as its absence:
//! the program is compiled and written anew. Native code is run as it stands, so the directory is to be trusted like the node's own
//! binary: it is made for its user alone.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
    time::SystemTime,
};

use alloy_primitives::{B256, keccak256};

/// Names the directory; `off` does without one.
pub const DIRECTORY_VARIABLE: &str = "DEVNODE_CACHE_DIR";
/// Most bytes kept from one start of a node to the next.
const MOST_BYTES: u64 = 1 << 30;
const CHECKSUM: usize = 32;

/// A directory of compiled programs.
#[derive(Clone, Debug)]
pub struct DiskCache {
    directory: PathBuf,
}

/// Where the environment wants compiled programs kept: where [`DIRECTORY_VARIABLE`] says, else in the user's cache directory.
#[must_use]
pub fn default_directory() -> Option<PathBuf> {
    match env::var_os(DIRECTORY_VARIABLE) {
        Some(value) if value == "off" || value.is_empty() => None,
        Some(value) => Some(value.into()),
        None => {
            let caches = env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
            let caches =
                caches.or_else(|| Some(Path::new(&env::var_os("HOME")?).join(".cache")))?;
            Some(caches.join("novation").join("devnode"))
        }
    }
}

impl DiskCache {
    /// Opens `directory`, making it if need be and dropping the oldest files beyond [`MOST_BYTES`].
    ///
    /// # Errors
    /// The directory cannot be made or read.
    pub fn open(directory: PathBuf) -> io::Result<Self> {
        make_private(&directory)?;
        let cache = Self { directory };
        cache.prune(MOST_BYTES)?;
        Ok(cache)
    }

    /// What was stored under `key`, if it is whole.
    #[must_use]
    pub fn load(&self, key: B256) -> Option<Vec<u8>> {
        let mut bytes = fs::read(self.path(key)).ok()?;
        let (checksum, content) = bytes.split_at_checked(CHECKSUM)?;
        if keccak256(content) != checksum {
            tracing::debug!(target: "program", %key, "damaged file in the cache of programs");
            return None;
        }
        bytes.drain(..CHECKSUM);
        Some(bytes)
    }

    /// Stores `content` under `key`. Nodes that store the same at once do not disturb each other: a file appears whole or not at all.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn store(&self, key: B256, content: &[u8]) -> io::Result<()> {
        let path = self.path(key);
        let unfinished = path.with_extension(format!("{}.part", std::process::id()));
        let checksum = keccak256(content);
        fs::write(&unfinished, [checksum.as_slice(), content].concat())?;
        fs::rename(&unfinished, &path).inspect_err(|_| {
            // Nobody will look for it.
            let _ = fs::remove_file(&unfinished);
        })
    }

    /// Drops the oldest files until no more than `most` bytes are left.
    fn prune(&self, most: u64) -> io::Result<()> {
        let mut files = Vec::new();
        for entry in fs::read_dir(&self.directory)? {
            // A file that went away meanwhile needs no dropping.
            let Ok(entry) = entry else { continue };
            if let Ok(facts) = entry.metadata() {
                let written = facts.modified().unwrap_or(SystemTime::UNIX_EPOCH);
                files.push((written, facts.len(), entry.path()));
            }
        }
        let mut bytes: u64 = files.iter().map(|(_, bytes, _)| bytes).sum();
        files.sort();
        for (_, size, path) in files {
            if bytes <= most {
                break;
            }
            if fs::remove_file(path).is_ok() {
                bytes -= size;
            }
        }
        Ok(())
    }

    fn path(&self, key: B256) -> PathBuf {
        self.directory.join(format!("{}.native", hex::encode(key)))
    }
}

#[cfg(unix)]
fn make_private(directory: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(directory)
}

#[cfg(not(unix))]
fn make_private(directory: &Path) -> io::Result<()> {
    fs::create_dir_all(directory)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A directory of the test's own, gone afterwards.
    struct Scratch(PathBuf);

    impl Scratch {
        fn new(name: &str) -> Self {
            let path = env::temp_dir().join(format!("devnode-{name}-{}", std::process::id()));
            let _ = fs::remove_dir_all(&path);
            Self(path)
        }
    }

    impl Drop for Scratch {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn what_is_stored_is_found_again_by_another_node() {
        let scratch = Scratch::new("found");
        let key = B256::repeat_byte(1);
        let cache = DiskCache::open(scratch.0.clone()).unwrap();
        assert_eq!(cache.load(key), None);
        cache.store(key, b"native code").unwrap();
        let other = DiskCache::open(scratch.0.clone()).unwrap();
        assert_eq!(other.load(key).as_deref(), Some(&b"native code"[..]));
        assert_eq!(other.load(B256::repeat_byte(2)), None);
    }

    #[test]
    fn damaged_files_count_as_absent() {
        let scratch = Scratch::new("damaged");
        let key = B256::repeat_byte(1);
        let cache = DiskCache::open(scratch.0.clone()).unwrap();
        cache.store(key, b"native code").unwrap();
        let whole = fs::read(cache.path(key)).unwrap();
        for at in 0..whole.len() {
            let mut damaged = whole.clone();
            damaged[at] ^= 1;
            fs::write(cache.path(key), &damaged).unwrap();
            assert_eq!(cache.load(key), None, "bit of byte {at}");
            fs::write(cache.path(key), &whole[..at]).unwrap();
            assert_eq!(cache.load(key), None, "cut at {at}");
        }
    }

    #[test]
    fn oldest_files_are_dropped_beyond_the_bound() {
        let scratch = Scratch::new("bound");
        let cache = DiskCache::open(scratch.0.clone()).unwrap();
        for byte in 1..=3 {
            cache.store(B256::repeat_byte(byte), &[0; 68]).unwrap();
            let file = fs::File::open(cache.path(B256::repeat_byte(byte))).unwrap();
            let time = SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(byte.into());
            file.set_modified(time).unwrap();
        }
        cache.prune(200).unwrap();
        let held = [1, 2, 3].map(|byte| cache.load(B256::repeat_byte(byte)).is_some());
        assert_eq!(held, [false, true, true]);
    }
}
