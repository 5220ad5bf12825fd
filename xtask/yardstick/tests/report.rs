//! The report, opened in a browser as a file: what is in it, what can be done with it, and that it asks nobody for anything.
//!
//! Where there is no Chromium these tests say so and test nothing; `.ci/run` installs one.

#![allow(clippy::disallowed_methods, reason = "tests meet the machine itself")]

#[path = "report/browser.rs"]
mod browser;
#[path = "report/difference.rs"]
mod difference;
#[path = "settlements/fixture.rs"]
mod fixture;
#[path = "report/page.rs"]
mod page;
#[path = "report/recorded.rs"]
mod recorded;

use std::{
    io::{self, Write},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use browser::Browser;
use page::{Page, everything, fifty_benchmarks};
use yardstick::{
    analysis::verdict::{self, signed_rank::hodges_lehmann},
    model::course::Standing,
};

/// One browser at a time: they would only slow each other down.
static ALONE: Mutex<()> = Mutex::new(());

/// Opens a page and does something with it; then nothing may have gone wrong, and nothing been asked of a network.
fn with(page: &Page, fragment: &str, act: impl FnOnce(&mut Browser)) {
    let _alone: MutexGuard<'_, ()> = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let Some(program) = browser::installed() else {
        // Not by a macro: what those write is shown only for tests that fail.
        let _ = writeln!(
            io::stderr(),
            "NOT TESTED: there is no Chromium here, so that nobody opened the report"
        );
        return;
    };
    let mut browser = Browser::start(&program);
    browser.resize(1280, 900);
    browser.open(page.file(), fragment);
    act(&mut browser);
    let complaints = browser.complaints();
    assert!(complaints.is_empty(), "{complaints:#?}");
    let files = browser.files();
    assert!(
        files.iter().all(|file| file.contains(page.name())),
        "the page needs other files: {files:?}"
    );
}

#[test]
fn the_points_that_are_drawn_are_those_that_the_interval_is_formed_from() {
    let settlement = fixture::everything();
    let courses = verdict::courses(&settlement);
    assert_eq!(courses.len(), settlement.answers.len());
    let mut compared = 0;
    for (answer, course) in settlement.answers.iter().zip(courses) {
        let counting = course.points.iter();
        let counting = counting.filter(|point| point.standing == Standing::Counts);
        let log_ratios: Vec<f64> = counting.filter_map(|point| point.log_ratio).collect();
        let id = &answer.question.key.id;
        assert_eq!(log_ratios.len(), answer.rounds as usize, "{id}");
        if let Some(interval) = answer.decisive() {
            assert_eq!(course.statistic, interval.statistic, "{id}");
            let estimate = hodges_lehmann(&log_ratios);
            assert_eq!(estimate, Some(interval.estimate), "{id}");
            compared += 1;
        }
    }
    assert!(compared > 8, "{compared}");
}

const VISIBLE_IDS: &str = "[...document.querySelectorAll('#table tbody tr')].filter((row) => row.checkVisibility()).map((row) => row.dataset.id).join(' ')";

#[test]
fn the_answer_is_there_in_the_words_of_the_terminal() {
    let page = everything();
    with(&page, "", |browser| {
        let headline = browser.text("document.querySelector('.headline').textContent");
        assert!(
            headline
                .starts_with("post is costlier (slower, more bytes) than pre in some benchmarks")
                && headline.ends_with("False alarms in at most 5\u{a0}% of such runs."),
            "{headline}"
        );
        let tally = browser.text(
            "[...document.querySelectorAll('dl.tally dd')].map((count) => count.textContent).join(' ')",
        );
        assert_eq!(tally, "4 1 6 3");
        let warnings = browser.text("document.querySelector('.warnings').textContent");
        assert!(warnings.contains("the lock file differs"), "{warnings}");
    });
}

#[test]
fn rows_are_filtered_by_words_and_verdicts() {
    with(&everything(), "", |browser| {
        browser.press(&["/", "d", "i", "a"]);
        assert_eq!(browser.text(VISIBLE_IDS), "e2e/diamond e2e/diamond");
        assert_eq!(
            browser.text("document.getElementById('shown').textContent"),
            "2 of 13 answers"
        );
        browser.value("document.querySelector('[data-verdict=unchanged]').click()");
        assert_eq!(browser.text(VISIBLE_IDS), "e2e/diamond");
        browser.press(&["z", "z"]);
        assert_eq!(browser.text(VISIBLE_IDS), "");
        assert_eq!(
            browser.value("document.getElementById('none-shown').hidden"),
            false
        );
        browser.press(&["Escape"]);
        assert_eq!(
            browser.text("document.getElementById('shown').textContent"),
            "13 answers"
        );
        assert_eq!(browser.text("document.activeElement.id"), "filter");
    });
}

#[test]
fn rows_are_sorted_by_any_column_with_the_keyboard() {
    with(&everything(), "", |browser| {
        let order = |browser: &mut Browser| {
            let text = browser.text(VISIBLE_IDS);
            text.split(' ').map(str::to_owned).collect::<Vec<_>>()
        };
        let as_shown = order(browser);
        browser.value("document.querySelector('[data-sort=id] button').focus()");
        browser.press(&["Enter"]);
        let ascending = order(browser);
        let mut sorted = ascending.clone();
        sorted.sort();
        assert_eq!(ascending, sorted);
        let state = "document.querySelector('[data-sort=id]').getAttribute('aria-sort')";
        assert_eq!(browser.text(state), "ascending");
        browser.press(&[" "]);
        assert_eq!(browser.text(state), "descending");
        let mut descending = order(browser);
        descending.reverse();
        assert_eq!(descending.first(), sorted.first());
        browser.value("document.querySelector('[data-sort=change] button').focus()");
        browser.press(&["Enter"]);
        assert_eq!(browser.text(state), "none");
        let by_change = order(browser);
        assert_eq!(by_change[0], "e2e/fast_path", "the greatest improvement");
        let unknown = ["message/burst", "message/fan_out", "message/late"];
        assert!(
            by_change[10..]
                .iter()
                .all(|id| unknown.contains(&id.as_str())),
            "what has no interval is last: {by_change:?}"
        );
        browser.press(&["Enter"]);
        assert!(
            order(browser)[10..]
                .iter()
                .all(|id| unknown.contains(&id.as_str())),
            "the other way round as well"
        );
        browser.value("document.querySelector('[data-sort=verdict] button').click()");
        assert_eq!(order(browser), as_shown);
    });
}

#[test]
fn a_benchmark_has_a_page_and_an_address_of_its_own() {
    let shown = "[...document.querySelectorAll('article, #overview')].filter((part) => part.checkVisibility()).map((part) => part.id).join(' ')";
    with(&everything(), "#benchmark/e2e/linear", |browser| {
        browser.until(shown, "benchmark/e2e/linear");
        assert_eq!(
            browser.text("document.activeElement.id"),
            "benchmark/e2e/linear"
        );
        let page = browser.text("document.querySelector('.open').textContent");
        for part in [
            "Regressed (warns).",
            "12.28 µs → 13.77 µs",
            "+12.0\u{a0}%",
            "12.2\u{a0}% more instructions",
        ] {
            assert!(page.contains(part), "{part}: {page}");
        }
        browser.value("document.querySelector('.open .next').click()");
        browser.until("location.hash", "#benchmark/e2e/fast_path");
        browser.press(&["Escape"]);
        browser.until(shown, "overview");
        browser.value("document.querySelector('a[href=\"#benchmark/message/fan_out\"]').focus()");
        browser.press(&["Enter"]);
        browser.until(shown, "benchmark/message/fan_out");
        let page = browser.text("document.querySelector('.open').textContent");
        assert!(
            page.contains("It falls into modes") && page.contains("318.7 ns in 75 %"),
            "{page}"
        );
        browser.value("new Promise((done) => { addEventListener('hashchange', done, { once: true }); history.back(); }).then(() => 0)");
        browser.until(shown, "overview");
        browser.value("document.querySelector('tr[data-id=\"message/tell\"] td.change').click()");
        browser.until("location.hash", "#benchmark/message/tell");
    });
}

#[test]
fn the_rounds_are_there_as_numbers() {
    with(&everything(), "#benchmark/message/ask", |browser| {
        let rows = "document.querySelectorAll('.open details.rounds tbody tr')";
        assert_eq!(browser.value(&format!("{rows}.length")), 0);
        browser.value("document.querySelector('.open details.rounds summary').focus()");
        browser.press(&["Enter"]);
        browser.value("new Promise((done) => setTimeout(done, 50))");
        assert_eq!(browser.value(&format!("{rows}.length")), 40);
        let third = browser.text(&format!("{rows}[2].textContent"));
        assert!(third.contains("dropped: others used its CPU"), "{third}");
    });
}

#[test]
fn the_theme_is_the_system_s_until_another_one_is_chosen() {
    let ground = "getComputedStyle(document.body).backgroundColor";
    with(&everything(), "", |browser| {
        let light = browser.text(ground);
        browser.media("screen", "dark");
        let dark = browser.text(ground);
        assert_ne!(light, dark);
        browser.value("document.getElementById('theme').click()");
        assert_eq!(browser.text(ground), light);
        assert_eq!(
            browser.text("document.getElementById('theme').textContent"),
            "Theme: light"
        );
        browser.media("screen", "light");
        browser.value("document.getElementById('theme').click()");
        assert_eq!(browser.text(ground), dark);
        browser.ask("Page.reload", &serde_json::json!({}));
        browser.value("new Promise((done) => setTimeout(done, 300))");
        assert_eq!(browser.text(ground), dark, "it is remembered");
    });
}

#[test]
fn everything_is_reached_by_tab_and_shows_where_one_is() {
    with(&everything(), "", |browser| {
        let stops = "document.querySelectorAll('a, button, input, summary, [tabindex=\"0\"]')";
        let all = browser.value(&format!(
            "[...{stops}].filter((stop) => stop.checkVisibility({{ visibilityProperty: true }}) && !stop.disabled).length"
        ));
        let all = all.as_u64().expect("a number");
        assert!(all > 25, "{all}");
        browser.value("window.seen = new Set(), window.unseen = []");
        for _ in 0..all {
            browser.press(&["Tab"]);
            browser.value(
                "seen.add(document.activeElement); if (getComputedStyle(document.activeElement).outlineStyle === 'none') unseen.push(document.activeElement.outerHTML); 0",
            );
        }
        assert_eq!(browser.value("seen.size"), all);
        assert_eq!(browser.text("unseen.join()"), "");
    });
}

#[test]
fn what_is_seen_is_also_said() {
    for fragment in ["", "#benchmark/message/latency"] {
        with(&everything(), fragment, |browser| {
            let silent = "[...document.querySelectorAll('svg')].filter((svg) => svg.checkVisibility() && !svg.closest('[aria-hidden]') && !(svg.role === 'img' || svg.getAttribute('role') === 'img' && svg.getAttribute('aria-label'))).map((svg) => svg.outerHTML).join()";
            assert_eq!(browser.text(silent), "");
            let levels = browser.text("[...document.querySelectorAll('h1, h2, h3, h4')].filter((one) => one.checkVisibility()).map((one) => one.tagName[1]).join('')");
            let leaps = levels
                .as_bytes()
                .windows(2)
                .filter(|pair| pair[1] > pair[0] + 1)
                .count();
            assert!(levels.starts_with('1') && leaps == 0, "{levels}");
            let nameless = "[...document.querySelectorAll('table')].filter((table) => !table.caption).length + document.querySelectorAll('th:not([scope])').length";
            assert_eq!(browser.value(nameless), 0);
            let landmarks = "['header', 'nav', 'main', 'footer'].filter((name) => document.querySelector(name)).length";
            assert_eq!(browser.value(landmarks), 4);
        });
    }
}

#[test]
fn a_narrow_window_needs_no_scrolling_sideways() {
    for fragment in ["", "#benchmark/e2e/linear", "#benchmark/message/latency"] {
        with(&everything(), fragment, |browser| {
            for width in [1280, 800, 400, 320] {
                browser.resize(width, 800);
                // What watches its own size follows after the next frame.
                browser.value("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))).then(() => 0)");
                let wide = browser.value("document.documentElement.scrollWidth");
                let widest = "[...document.querySelectorAll('main *')].filter((one) => one.checkVisibility()).sort((a, b) => b.getBoundingClientRect().right - a.getBoundingClientRect().right).slice(0, 3).map((one) => one.outerHTML.slice(0, 80)).join()";
                assert!(
                    wide.as_u64() <= Some(u64::from(width)),
                    "{wide} pixels in {width} at {fragment:?}: {}",
                    browser.text(widest)
                );
            }
        });
    }
}

#[test]
fn on_paper_everything_is_open_and_nothing_is_a_control() {
    let page = everything();
    with(&page, "#benchmark/e2e/linear", |browser| {
        browser.print(&page.beside("printed.pdf"));
        browser.media("print", "dark");
        let open = browser.value("[...document.querySelectorAll('#overview, article')].every((part) => part.checkVisibility())");
        assert_eq!(open, true);
        let controls = "[...document.querySelectorAll('input, #theme, .chips button, .turn')].filter((part) => part.checkVisibility()).length";
        assert_eq!(browser.value(controls), 0);
        assert_eq!(
            browser.text("getComputedStyle(document.body).backgroundColor"),
            "rgb(255, 255, 255)"
        );
    });
}

#[test]
fn fifty_benchmarks_are_no_burden() {
    let page = fifty_benchmarks();
    let size = page.size();
    assert!(size < 5_000_000, "{size} bytes");
    with(&page, "", |browser| {
        let ready = browser.value("Number(document.documentElement.dataset.ready)");
        let loaded =
            browser.value("Math.round(performance.getEntriesByType('navigation')[0].loadEventEnd)");
        let begun = Instant::now();
        browser.press(&["/", "7"]);
        let filtered = begun.elapsed().as_millis();
        println!(
            "{size} bytes; ready after {ready} ms, loaded after {loaded} ms, filtered after {filtered} ms"
        );
        // A second is what is wanted of a machine that has nothing else to do.
        assert!(ready.as_u64() < Some(10_000), "{ready}");
        let rows = browser.text(VISIBLE_IDS);
        assert!(rows.split(' ').all(|id| id.contains('7')), "{rows}");
    });
}

#[test]
fn pictures_are_taken_of_both_themes_and_all_widths() {
    let page = everything();
    with(&page, "", |browser| {
        for scheme in ["light", "dark"] {
            browser.media("screen", scheme);
            for (width, name) in [(1280, "wide"), (400, "narrow")] {
                browser.resize(width, 900);
                for (fragment, what) in [
                    ("", "overview"),
                    ("#benchmark/e2e/linear", "benchmark"),
                    ("#benchmark/message/fan_out", "modes"),
                ] {
                    browser.open(page.file(), fragment);
                    browser.picture(&page.beside(&format!("{what}-{name}-{scheme}.png")));
                }
            }
        }
        browser.media("print", "light");
        browser.resize(794, 1123);
        browser.picture(&page.beside("print.png"));
    });
}
