//! Threads that run the machine. A Stylus call nests on the native stack, some hundred deep at worst, so these have a large one.

use std::{
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{Receiver, Sender, channel},
    },
    thread,
};

use thiserror::Error;
use tokio::sync::oneshot;

type Job = Box<dyn FnOnce() + Send>;

/// A job that did not come back.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("internal error: the request ended abnormally")]
pub struct JobLost;

/// A fixed set of threads that take jobs from one queue.
#[derive(Clone)]
pub struct Executor {
    queue: Sender<Job>,
}

impl Executor {
    /// Starts `threads` threads with native stacks of `stack_bytes`, which are virtual: pages are touched only as deep as calls nest. They end when the last clone of the executor is dropped.
    pub fn start(threads: usize, stack_bytes: usize) -> io::Result<Self> {
        let (queue, jobs) = channel::<Job>();
        let jobs = Arc::new(Mutex::new(jobs));
        for index in 0..threads.max(1) {
            let jobs = Arc::clone(&jobs);
            thread::Builder::new()
                .name(format!("evm-{index}"))
                .stack_size(stack_bytes)
                .spawn(move || work(&jobs))?;
        }
        Ok(Self { queue })
    }

    /// Runs `job` on one of the threads. A panic in it is contained and reported as [`JobLost`].
    pub async fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, JobLost> {
        let (done, result) = oneshot::channel();
        let job = move || {
            // Nobody waits any more when the client has gone.
            let _ = done.send(job());
        };
        self.queue.send(Box::new(job)).map_err(|_| JobLost)?;
        result.await.map_err(|_| JobLost)
    }
}

fn work(jobs: &Mutex<Receiver<Job>>) {
    loop {
        let job = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = job else { return };
        if catch_unwind(AssertUnwindSafe(job)).is_err() {
            tracing::error!("a request panicked; the node goes on");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_is_contained() {
        let executor = Executor::start(1, 1 << 20).expect("threads start");
        assert_eq!(
            executor.run(|| panic!("on purpose")).await,
            Err::<(), _>(JobLost)
        );
        assert_eq!(executor.run(|| 7).await, Ok(7));
    }
}
