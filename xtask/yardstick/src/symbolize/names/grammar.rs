//! The grammar of demangled Rust names, read leniently and written in one spelling.
//!
//! ```text
//! path    = head { "::" segment }
//! head    = "<" type [ " as " path ] ">" | segment
//! segment = identifier [ generics ] [ braces ] | generics | braces | "<impl " … ">"
//! type    = "&" type | "*const " type | "[" … "]" | "(" types ")" | "dyn " bounds | "fn" … | path
//! ```

/// Types nest deeper than this only in names that nobody can read.
const MAX_DEPTH: u32 = 48;

/// The name in its one spelling; `None` if it does not follow the grammar.
pub(super) fn rust_name(name: &str) -> Option<String> {
    let mut reader = Reader {
        rest: name,
        depth: 0,
    };
    let path = reader.path()?;
    reader.rest.is_empty().then_some(path)
}

struct Reader<'a> {
    rest: &'a str,
    depth: u32,
}

impl<'a> Reader<'a> {
    fn eat(&mut self, token: &str) -> bool {
        match self.rest.strip_prefix(token) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn expect(&mut self, token: &str) -> Option<()> {
        self.eat(token).then_some(())
    }

    /// Takes what `open` to its matching `close` encloses; both are consumed.
    fn enclosed(&mut self, open: char, close: char) -> Option<&'a str> {
        let text = self.rest;
        let mut depth = 0u32;
        let mut previous = '\0';
        for (at, c) in text.char_indices() {
            // The `>` of an arrow closes nothing.
            let arrow = c == '>' && matches!(previous, '-' | '=');
            if c == open {
                depth += 1;
            } else if c == close && !arrow {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    self.rest = &text[at + c.len_utf8()..];
                    return Some(&text[open.len_utf8()..at]);
                }
            }
            previous = c;
        }
        None
    }

    fn identifier(&mut self) -> Option<&'a str> {
        let text = self.rest;
        let end = text
            .find(|c: char| {
                !(c.is_alphanumeric() || matches!(c, '_' | '$' | '.' | '#' | '?' | '~' | '-'))
            })
            .unwrap_or(text.len());
        // The arrow of a return type does not belong to the identifier.
        let end = text[..end].find("->").unwrap_or(end);
        if end == 0 {
            return None;
        }
        self.rest = &text[end..];
        Some(&text[..end])
    }

    fn path(&mut self) -> Option<String> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return None;
        }
        let mut segments: Vec<String> = Vec::new();
        if self.rest.starts_with('<') {
            segments.push(self.qualified_head()?);
        } else {
            self.segment(&mut segments)?;
        }
        while self.eat("::") {
            self.segment(&mut segments)?;
        }
        self.depth -= 1;
        while segments.len() > 1 && segments.last().is_some_and(|last| is_hash(last)) {
            segments.pop();
        }
        Some(segments.join("::"))
    }

    /// `<Type as Trait>` as it is; `<Type>` without the brackets where the type is a path.
    fn qualified_head(&mut self) -> Option<String> {
        if self.rest.starts_with("<impl ") {
            return self.impl_block();
        }
        self.expect("<")?;
        let of_type = self.type_()?;
        if self.eat(" as ") {
            let of_trait = self.path()?;
            self.expect(">")?;
            return Some(format!("<{of_type} as {of_trait}>"));
        }
        self.expect(">")?;
        Some(inherent(&of_type))
    }

    /// `<impl Trait for Type>` and `<impl Type>`, as the legacy mangling spells impl blocks
    /// that stand in another module than the type.
    fn impl_block(&mut self) -> Option<String> {
        self.expect("<impl ")?;
        let first = self.type_()?;
        if self.eat(" for ") {
            let of_type = self.type_()?;
            self.expect(">")?;
            return Some(format!("<{of_type} as {first}>"));
        }
        self.expect(">")?;
        Some(inherent(&first))
    }

    fn segment(&mut self, segments: &mut Vec<String>) -> Option<()> {
        if self.rest.starts_with("<impl ") {
            let head = self.impl_block()?;
            // The module of the impl block says nothing that the type does not.
            segments.clear();
            segments.push(head);
            return Some(());
        }
        if self.rest.starts_with('<') {
            self.enclosed('<', '>')?;
            return Some(());
        }
        if self.rest.starts_with('{') {
            segments.push(braces(self.enclosed('{', '}')?)?);
        } else {
            segments.push(self.identifier()?.to_owned());
        }
        loop {
            if self.rest.starts_with('<') {
                self.enclosed('<', '>')?;
            } else if self.rest.starts_with('{') {
                // `call_once{{vtable.shim}}` of the legacy mangling.
                segments.push(braces(self.enclosed('{', '}')?)?);
            } else if self.rest.starts_with('(') && self.depth > 1 {
                self.signature()?;
            } else {
                return Some(());
            }
        }
    }

    /// Passes over `(A, B) -> C`.
    fn signature(&mut self) -> Option<()> {
        self.enclosed('(', ')')?;
        if self.eat(" -> ") {
            self.type_()?;
        }
        Some(())
    }

    fn type_(&mut self) -> Option<String> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return None;
        }
        let name = self.type_of_any_kind();
        self.depth -= 1;
        name
    }

    fn type_of_any_kind(&mut self) -> Option<String> {
        for (token, spelling) in [("*const ", "*const "), ("*mut ", "*mut ")] {
            if self.eat(token) {
                return Some(format!("{spelling}{}", self.type_()?));
            }
        }
        if self.eat("&") {
            self.lifetime();
            let spelling = if self.eat("mut ") { "&mut " } else { "&" };
            return Some(format!("{spelling}{}", self.type_()?));
        }
        if self.rest.starts_with('[') {
            self.enclosed('[', ']')?;
            return Some("[_]".to_owned());
        }
        if self.rest.starts_with('(') {
            return self.tuple();
        }
        for token in ["!", "_"] {
            if self.rest.strip_prefix(token).is_some_and(ends_type) && self.eat(token) {
                return Some(token.to_owned());
            }
        }
        if self.eat("dyn ") {
            return self.bounds().map(|bounds| format!("dyn {bounds}"));
        }
        if self.eat("impl ") {
            return self.bounds().map(|bounds| format!("impl {bounds}"));
        }
        self.function_pointer().or_else(|| self.path())
    }

    fn tuple(&mut self) -> Option<String> {
        self.expect("(")?;
        let mut types = Vec::new();
        while !self.eat(")") {
            types.push(self.type_()?);
            if !self.eat(", ") {
                self.eat(",");
            }
        }
        Some(format!("({})", types.join(", ")))
    }

    fn bounds(&mut self) -> Option<String> {
        let mut bounds = Vec::new();
        loop {
            self.higher_ranked();
            if !self.lifetime() {
                bounds.push(self.path()?);
            }
            if !self.eat(" + ") {
                return Some(bounds.join(" + "));
            }
        }
    }

    /// `unsafe extern "C" fn(A) -> B` in any of its forms, as `fn`.
    fn function_pointer(&mut self) -> Option<String> {
        let start = self.rest;
        self.higher_ranked();
        self.eat("unsafe ");
        if self.eat("extern ") && self.eat("\"") {
            let quote = self.rest.find('"')?;
            self.rest = self.rest[quote + 1..].trim_start();
        }
        if self.eat("fn") && (self.rest.starts_with('(') || ends_type(self.rest)) {
            if self.rest.starts_with('(') {
                self.signature()?;
            }
            return Some("fn".to_owned());
        }
        self.rest = start;
        None
    }

    fn higher_ranked(&mut self) {
        if let Some(rest) = self.rest.strip_prefix("for<")
            && let Some(close) = rest.find('>')
        {
            self.rest = rest[close + 1..].trim_start();
        }
    }

    fn lifetime(&mut self) -> bool {
        let Some(rest) = self.rest.strip_prefix('\'') else {
            return false;
        };
        let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_'));
        self.rest = rest[end.unwrap_or(rest.len())..].trim_start_matches(' ');
        true
    }
}

fn ends_type(rest: &str) -> bool {
    rest.is_empty() || rest.starts_with(['>', ',', ')', ' ', ']'])
}

/// The head of an inherent impl: a path stands by itself, other types need brackets.
fn inherent(of_type: &str) -> String {
    let is_path = of_type.starts_with(|c: char| c.is_alphabetic() || matches!(c, '_' | '{'))
        && !of_type.starts_with("dyn ")
        && !of_type.starts_with("impl ");
    let is_qualified_path = of_type.starts_with('<') && of_type.contains(">::");
    if is_path || is_qualified_path {
        of_type.to_owned()
    } else {
        format!("<{of_type}>")
    }
}

/// What is in braces, without numbers: all that a closure can be called is `{closure}`.
fn braces(inner: &str) -> Option<String> {
    let inner = inner.trim_start_matches('{').trim_end_matches('}');
    let word = inner.split(['#', ':', ' ']).next().unwrap_or_default();
    let kinds = ["closure", "async", "gen", "coroutine", "generator"];
    let spelling = if kinds.iter().any(|kind| word.starts_with(kind)) {
        "closure"
    } else if inner.contains("shim") {
        "shim"
    } else {
        word
    };
    let is_plain = !spelling.is_empty()
        && spelling
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '_' | '.'));
    is_plain.then(|| format!("{{{spelling}}}"))
}

/// The hash that the legacy mangling appends: `h` and 16 hexadecimal digits.
fn is_hash(segment: &str) -> bool {
    segment.len() == 17
        && segment.starts_with('h')
        && segment[1..].bytes().all(|byte| byte.is_ascii_hexdigit())
}
