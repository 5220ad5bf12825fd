//! Benchmarks that were recorded: where their time went.

use super::{page::everything, with};

#[test]
fn functions_are_gathered_sorted_and_filtered() {
    let names = "[...document.querySelectorAll('.open .functions tbody th')].map((cell) => cell.firstChild.textContent + cell.textContent.slice(cell.firstChild.length)).join(' | ')";
    let tab = "document.querySelector('.open [role=tab][aria-selected=true]').textContent";
    with(&everything(), "#benchmark/e2e/linear", |browser| {
        let said = browser.text("document.querySelector('.open .where').innerText");
        for part in [
            "Where e2e/linear lost 1,490 ns",
            "12,004 and 11,873 stack samples",
        ] {
            assert!(said.contains(part), "{part}: {said}");
        }
        let first = browser.text(names);
        assert!(
            first.starts_with("runtime::mailbox::Type0<T, S>::push | "),
            "{first}"
        );
        assert_eq!(
            browser.value("document.querySelectorAll('.open .functions tbody tr').length"),
            25
        );
        browser.value("document.querySelector('.open .more-rows').click()");
        let all = browser.text(names);
        assert!(
            all.split(" | ").count() > 90
                && all.contains("was runtime::mailbox::old_push (same callers and callees)"),
            "{all}"
        );
        let explained =
            browser.text("document.querySelector('.open .functions tbody tr').textContent");
        assert!(
            explained.contains("+1.490 µs") && explained.contains("100.0 %"),
            "{explained}"
        );
        browser.press(&["/", "T", "y", "p", "e", "1", "7", "<"]);
        assert_eq!(
            browser.text(names),
            "std::sync::mpsc::Type17<T, S>::try_lock"
        );
        browser.press(&["Escape"]);
        browser.until("location.hash", "#benchmark/e2e/linear");
        browser.value("document.querySelector('.open .functions [data-sort=name] button').focus()");
        browser.press(&["Enter"]);
        assert!(browser.text(names).starts_with("alloc::"));
        assert_eq!(browser.text(tab), "Functions");
        browser.value("document.querySelector('.open [role=tab]').focus()");
        browser.press(&["ArrowRight", "ArrowRight"]);
        assert_eq!(browser.text(tab), "Crates");
        assert_eq!(browser.text(names), "runtime | tokio");
        browser.press(&["ArrowLeft", "ArrowLeft", "ArrowLeft"]);
        assert_eq!(browser.text(tab), "Threads");
    });
}

#[test]
fn flame_graphs_of_both_sides_are_drawn_and_what_was_not_recorded_is_said() {
    with(&everything(), "#benchmark/e2e/linear", |browser| {
        let frames = "document.querySelectorAll('.open .flame-frame').length";
        assert!(browser.value(frames).as_u64() > Some(50));
        browser.value("document.querySelector('.open .flame [data-view=before]').click()");
        assert!(browser.value(frames).as_u64() > Some(50));
        browser.value("location.hash = 'benchmark/memory/actor'");
        browser.until("location.hash", "#benchmark/memory/actor");
        browser.until(
            "document.querySelector('.open').id",
            "benchmark/memory/actor",
        );
        let said = browser.text("document.querySelector('.open .where').textContent");
        assert!(said.contains("pre has too few samples"), "{said}");
    });
}
