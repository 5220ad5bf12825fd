//! What the probe writes and the toolkit reads: formats, and nothing that a bench executable needs.

pub mod environment;
pub mod measured;
pub mod recording;

pub use measured::Measured;
pub use recording::Recording;
