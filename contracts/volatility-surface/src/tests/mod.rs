mod change_limit;
pub(crate) mod host;
mod interface;
mod listing;
mod publishing;
mod scene;
mod terms;
