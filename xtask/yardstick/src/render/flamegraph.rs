//! Profiles as flame graphs: SVG files to open in a browser, with search and zoom.

use std::io;

use inferno::flamegraph::{self, Options, Palette, color::MultiPalette};

use super::quantity;
use crate::model::{
    profile::{Iterations, Profile},
    stack::Stacks,
};

/// The flame graph of one benchmark. Widths are CPU time per iteration where it is known, else samples.
///
/// # Errors
///
/// Where the profile holds no samples to draw.
pub fn draw(profile: &Profile) -> io::Result<Vec<u8>> {
    let samples = profile.stacks.total();
    let mut options = options(&profile.key.id);
    options.subtitle = Some(subtitle(profile, samples));
    if let Some(cpu_ns) = profile.routine_ns_per_iteration().filter(|_| samples > 0) {
        options.factor = cpu_ns / samples as f64;
        options.count_name = match profile.work.iterations {
            Iterations::Derived(_) => "ns per iteration (derived)",
            Iterations::Runs(_) => "ns per run",
            Iterations::Counted(_) | Iterations::Unknown => "ns per iteration",
        }
        .to_owned();
    }
    svg(&mut options, &profile.stacks)
}

/// The flame graph of a suite: one tower per benchmark, as wide as its share of the samples.
///
/// # Errors
///
/// Where the profiles hold no samples to draw.
pub fn draw_suite<'a>(
    label: &str,
    profiles: impl Iterator<Item = &'a Profile>,
) -> io::Result<Vec<u8>> {
    let mut towers = Stacks::default();
    for profile in profiles {
        for (stack, weight) in &profile.stacks.0 {
            // Ids are not function names, and may hold what separates these.
            let id = profile.key.id.replace(';', ",");
            towers.add([&[id], stack.as_slice()].concat(), *weight);
        }
    }
    let mut options = options(label);
    options.subtitle = Some("one tower per benchmark".to_owned());
    svg(&mut options, &towers)
}

fn options(title: &str) -> Options<'static> {
    let mut options = Options::default();
    options.title = title.to_owned();
    // By crate and by name, so that a function has the same colour in every picture.
    options.colors = Palette::Multi(MultiPalette::Rust);
    options.deterministic = true;
    // Percent of the picture: narrower frames cannot be seen, and would be most of the file.
    options.min_width = 0.05;
    options
}

fn subtitle(profile: &Profile, samples: u64) -> String {
    let facts = &profile.facts;
    let quality = &profile.quality;
    let mut parts = vec![
        format!(
            "{samples} samples of {} at {:.0} Hz",
            facts.event, facts.real_rate_hz
        ),
        format!(
            "{:.1} % of frames symbolised",
            100.0 * quality.symbolised_share
        ),
        format!("{:.1} % of stacks rooted", 100.0 * quality.rooted_share),
    ];
    if let Some(cpu_ns) = profile.routine_ns_per_iteration() {
        parts.insert(
            0,
            match profile.work.iterations {
                Iterations::Runs(_) => format!("{} of CPU time per run", quantity::time(cpu_ns)),
                _ => format!("{} of CPU time per iteration", quantity::time(cpu_ns)),
            },
        );
    }
    parts.join(" · ")
}

fn svg(options: &mut Options<'_>, stacks: &Stacks) -> io::Result<Vec<u8>> {
    let folded = stacks.to_string();
    let mut svg = Vec::new();
    flamegraph::from_lines(options, folded.lines(), &mut svg)?;
    Ok(svg)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::hot_paths::sample;

    fn text(svg: io::Result<Vec<u8>>) -> String {
        String::from_utf8(svg.expect("stacks to draw")).expect("SVG is text")
    }

    #[test]
    fn the_picture_says_what_it_is_and_how_good() {
        let svg = text(draw(&sample::profile()));
        for wanted in [
            "e2e/linear",
            "100 samples of cpu-clock at 966 Hz",
            "99.5 % of frames symbolised",
        ] {
            assert!(svg.contains(wanted), "{wanted} is missing");
        }
    }

    #[test]
    fn widths_are_ns_per_iteration_where_iterations_are_known_and_samples_elsewhere() {
        let mut profile = sample::profile();
        assert!(
            text(draw(&profile)).contains("(577 ns per iteration, 59.98%)"),
            "of 9.62 ns per sample: 3.8 % of the samples were not the routine's"
        );
        profile.work.iterations = Iterations::Unknown;
        assert!(text(draw(&profile)).contains("(60 samples, 60.00%)"));
    }

    #[test]
    fn the_same_profile_draws_the_same_bytes() {
        let profile = sample::profile();
        assert_eq!(text(draw(&profile)), text(draw(&profile)));
    }

    #[test]
    fn search_and_zoom_are_in_the_file() {
        let svg = text(draw(&sample::profile()));
        assert!(svg.contains("function search(") && svg.contains("function zoom("));
    }

    #[test]
    fn a_suite_has_one_tower_per_benchmark() {
        let mut other = sample::profile();
        other.key.id = "e2e/dia;mond".to_owned();
        let svg = text(draw_suite("e2e", [&sample::profile(), &other].into_iter()));
        assert!(svg.contains("e2e/linear (100 samples, 50.00%)"));
        assert!(svg.contains("e2e/dia,mond (100 samples, 50.00%)"));
    }
}
