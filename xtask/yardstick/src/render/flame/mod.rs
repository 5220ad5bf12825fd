//! The flame graph of a difference: where the time of a benchmark went, before and after its change, in one picture.
//!
//! Widths are time on one side; what is gone shows in those before, what is new in those after. Only what is beyond
//! chance has a colour. An SVG file ([`draw`]) shows the widths after wherever it is shown, and is live where scripts
//! run; a page mounts the same component ([`SCRIPT`], [`STYLE`]) over [`data`].

mod data;
mod layout;
mod name;
mod svg;
#[cfg(test)]
mod tests;
mod text;

pub use data::data;
pub use svg::draw;

/// The component, `mountFlame(container, data, options)`; its first lines are its contract. It holds neither `]]>` nor
/// `</script`, so it can be embedded as it is.
pub const SCRIPT: &str = include_str!("flame.js");

/// What the component looks like. Its colours follow the `color-scheme` of the page.
pub const STYLE: &str = include_str!("flame.css");

/// What the colours and marks mean: an `svg` element of 24 px in height, styled by [`STYLE`] below the class `flame`.
pub const LEGEND: &str = include_str!("legend.svg");
