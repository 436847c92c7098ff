//! Unit tests, one file per entry point; within a file the reverts first, then the paths.
