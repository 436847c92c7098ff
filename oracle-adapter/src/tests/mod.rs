//! Unit tests, one file per concept; within a file the reverts first, then the paths.
pub(crate) mod host;
