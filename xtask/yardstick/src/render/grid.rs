//! A table of text, for a terminal or as Markdown.

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};

/// Where the text of a column stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    /// Words.
    Left,
    /// Numbers.
    Right,
}

/// A table of text.
#[derive(Clone, Debug)]
pub struct Grid {
    columns: Vec<(String, Align)>,
    rows: Vec<Vec<String>>,
}

impl Grid {
    /// A table without rows.
    pub fn new<'n>(columns: impl IntoIterator<Item = (&'n str, Align)>) -> Self {
        Self {
            columns: columns
                .into_iter()
                .map(|(name, align)| (name.to_owned(), align))
                .collect(),
            rows: Vec::new(),
        }
    }

    /// Adds a row; as many cells as there are columns.
    pub fn row(&mut self, cells: impl Into<Vec<String>>) {
        let cells = cells.into();
        debug_assert_eq!(cells.len(), self.columns.len());
        self.rows.push(cells);
    }

    /// Aligned columns, two spaces in; every line ends with a line feed.
    pub fn terminal(&self) -> String {
        let mut table = Table::new();
        table
            .load_style(presets::NOTHING)
            .set_content_arrangement(ContentArrangement::Disabled)
            .set_header(self.columns.iter().map(|(name, _)| name));
        for row in &self.rows {
            table.add_row(row);
        }
        for (index, (_, align)) in self.columns.iter().enumerate() {
            if let Some(column) = table.column_mut(index) {
                column.set_cell_alignment(match align {
                    Align::Left => CellAlignment::Left,
                    Align::Right => CellAlignment::Right,
                });
            }
        }
        let mut text = String::new();
        for line in table.lines() {
            text.push_str(format!(" {line}").trim_end());
            text.push('\n');
        }
        text
    }

    /// A Markdown table; every line ends with a line feed.
    pub fn markdown(&self) -> String {
        let mut text = String::new();
        let mut line = |cells: &mut dyn Iterator<Item = String>| {
            for cell in cells {
                text.push_str("| ");
                text.push_str(&cell);
                text.push(' ');
            }
            text.push_str("|\n");
        };
        line(&mut self.columns.iter().map(|(name, _)| escape(name)));
        line(&mut self.columns.iter().map(|(_, align)| {
            match align {
                Align::Left => ":--",
                Align::Right => "--:",
            }
            .to_owned()
        }));
        for row in &self.rows {
            line(&mut row.iter().map(|cell| escape(cell)));
        }
        text
    }
}

/// A cell holds no line feed, and a bar in it would end it. Code spans keep their
/// backslashes except before a bar, so this is right inside and outside of them.
fn escape(cell: &str) -> String {
    cell.replace(['\n', '\r'], " ").replace('|', "\\|")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn grid() -> Grid {
        let mut grid = Grid::new([("function", Align::Left), ("time", Align::Right)]);
        grid.row(["a|b".to_owned(), "12 µs".to_owned()]);
        grid.row(["longer name".to_owned(), "1 ns".to_owned()]);
        grid
    }

    #[test]
    fn terminal_columns_are_aligned_and_lines_have_no_trailing_space() {
        assert_eq!(
            grid().terminal(),
            "  function      time\n  a|b          12 µs\n  longer name   1 ns\n"
        );
    }

    #[test]
    fn markdown_escapes_what_would_end_a_cell() {
        assert_eq!(
            grid().markdown(),
            "| function | time |\n| :-- | --: |\n| a\\|b | 12 µs |\n| longer name | 1 ns |\n"
        );
    }

    proptest! {
        #[test]
        fn markdown_rows_have_one_line_and_all_their_cells(cell in "\\PC*[|\n]?\\PC*") {
            let mut grid = Grid::new([("a", Align::Left), ("b", Align::Left)]);
            grid.row([cell.clone(), cell]);
            let text = grid.markdown();
            prop_assert_eq!(text.lines().count(), 3);
            let row = text.lines().last().unwrap_or_default();
            let bars = row.matches('|').count() - row.matches("\\|").count();
            prop_assert_eq!(bars, 3, "{}", row);
        }
    }
}
