//! One builder at a time: tests, demo and command line may all want the same outputs at once.

use std::fs::{self, File};
use std::io;

use crate::checkout::Checkout;

/// Waits until no other process or thread builds `what`, and holds the place until dropped.
pub(crate) fn acquire(checkout: &Checkout, what: &str) -> io::Result<File> {
    let folder = checkout.target();
    fs::create_dir_all(&folder)?;
    let file = File::create(folder.join(format!(".{what}.lock")))?;
    file.lock()?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::thread;

    use super::*;

    #[test]
    fn two_builders_never_work_at_the_same_time() {
        let checkout = Checkout::find().expect("checkout");
        let inside = AtomicUsize::new(0);
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    let _lock = acquire(&checkout, "test-of-the-lock").expect("lockable");
                    assert_eq!(inside.fetch_add(1, Ordering::SeqCst), 0);
                    thread::sleep(std::time::Duration::from_millis(5));
                    inside.fetch_sub(1, Ordering::SeqCst);
                });
            }
        });
    }
}
