//! Entry points under motsu.
