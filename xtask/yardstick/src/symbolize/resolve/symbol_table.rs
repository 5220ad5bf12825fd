//! Symbol tables: the functions of files without debug information.

use object::{Object, ObjectSymbol, SymbolKind};

use super::super::images::Image;

/// Functions by address.
pub(super) struct SymbolTable<'a> {
    /// Sorted by start.
    functions: Vec<Function<'a>>,
}

struct Function<'a> {
    start: u64,
    bytes: u64,
    name: &'a str,
}

impl<'a> SymbolTable<'a> {
    /// The full table, the one of the separate debug file, and the one for dynamic linking.
    pub(super) fn of(image: &'a Image<'_>) -> Self {
        let mut functions = Vec::new();
        for elf in image.elf.iter().chain(&image.debug) {
            functions.extend(elf.symbols().filter_map(function));
            functions.extend(elf.dynamic_symbols().filter_map(function));
        }
        Self::new(functions)
    }

    fn new(mut functions: Vec<Function<'a>>) -> Self {
        // Of several names for one start the public one is kept, whatever tables are installed:
        // `write` of `__write` and `__GI___libc_write`. Assembly labels have no length and come last.
        functions.sort_by_key(|function| {
            let underscores = function
                .name
                .bytes()
                .take_while(|&byte| byte == b'_')
                .count();
            (
                function.start,
                function.bytes == 0,
                underscores,
                function.name,
            )
        });
        functions.dedup_by_key(|function| function.start);
        Self { functions }
    }

    /// The function whose code holds `address`.
    pub(super) fn function_at(&self, address: u64) -> Option<&'a str> {
        let next = self
            .functions
            .partition_point(|function| function.start <= address);
        let function = self.functions[..next].last()?;
        // A label without a length reaches to the next one, which `next` has ruled out.
        let holds = function.bytes == 0 || address - function.start < function.bytes;
        holds.then_some(function.name)
    }
}

fn function<'a>(symbol: impl ObjectSymbol<'a>) -> Option<Function<'a>> {
    if symbol.kind() != SymbolKind::Text || !symbol.is_definition() {
        return None;
    }
    Some(Function {
        start: symbol.address(),
        bytes: symbol.size(),
        name: symbol.name().ok().filter(|name| !name.is_empty())?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> SymbolTable<'static> {
        let function = |start, bytes, name| Function { start, bytes, name };
        SymbolTable::new(vec![
            function(30, 0, "label"),
            function(10, 5, "__GI_f"),
            function(10, 5, "f"),
            function(20, 0, "g's label"),
            function(20, 4, "g"),
        ])
    }

    #[test]
    fn an_address_belongs_to_the_function_that_holds_it() {
        let at = |address| table().function_at(address);
        assert_eq!(
            [10, 14, 20, 23].map(at),
            [Some("f"), Some("f"), Some("g"), Some("g")]
        );
    }

    #[test]
    fn an_address_between_functions_belongs_to_none() {
        let at = |address| table().function_at(address);
        assert_eq!([9, 15, 24].map(at), [None; 3]);
    }

    #[test]
    fn a_label_without_a_length_reaches_to_the_next_one() {
        assert_eq!(table().function_at(35), Some("label"));
    }
}
