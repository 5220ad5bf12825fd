//! The page for a browser that every comparison leaves.

use camino::Utf8Path;
use yardstick::host::Host;

use super::{STORE, fixture::everything, having_run, run};

#[test]
fn the_page_for_a_browser_lies_beside_what_it_is_made_from() {
    let mut machine = having_run(&everything());
    let said = run(&mut machine, "compare pre post --replay --open");
    assert!(
        said.contains("for a browser: profiles/comparisons/pre..post/1/report.html"),
        "{said}"
    );
    assert!(said.starts_with("$ cargo xtask compare pre post --replay --open\nexit code: 0\n"));
    assert!(
        said.ends_with("warning: the report is not opened: the recording holds no desktop\n"),
        "{said}"
    );
    let folder = Utf8Path::new(STORE).join("comparisons/pre..post/1");
    let read = |name: &str| {
        let bytes = machine.read_file(&folder.join(name)).expect("readable");
        String::from_utf8(bytes.expect("it is there")).expect("text")
    };
    let page = read("report.html");
    assert!(page.starts_with("<!DOCTYPE html>") && page.ends_with("</html>"));
    assert_eq!(read(".gitignore"), "/report.html\n");
    run(&mut machine, "compare pre post --replay --format json");
    let again = machine.read_file(&folder.join("report.html"));
    let again = again.expect("readable").expect("it is there");
    assert!(
        again == page.as_bytes(),
        "the same rounds make the same page"
    );
}
