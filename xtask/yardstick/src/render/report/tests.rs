use super::prose::{prose, sentence};

#[test]
fn names_become_code_and_nothing_becomes_markup() {
    let cases = [
        (
            "`a<b>` is 3 % slower",
            "<code>a&lt;b&gt;</code> is 3\u{a0}% slower",
        ),
        ("a ` alone", "a ` alone"),
        ("<script>", "&lt;script&gt;"),
    ];
    for (text, html) in cases {
        assert_eq!(prose(text).into_string(), html);
    }
    assert_eq!(sentence("it is so").into_string(), "It is so.");
    assert_eq!(sentence("why?").into_string(), "Why?");
}
