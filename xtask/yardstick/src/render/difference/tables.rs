//! Functions and groups with both sides, their difference, and a row that makes the table sum.

use crate::{
    model::{
        comparison::Sides,
        difference::{Delta, Difference, GroupRow, Grouping, Presence},
    },
    render::{
        grid::{
            Align::{self, Left, Right},
            Grid,
        },
        quantity::ABSENT,
    },
};

use super::{Quote, scale::Scale};

/// How many functions the table shows.
const FUNCTIONS_SHOWN: usize = 15;

/// How many groups of one kind a table shows.
const GROUPS_SHOWN: usize = 8;

/// Names keep as many characters, however narrow the terminal is.
const SHORTEST_NAME: usize = 24;

/// The longest name that is shown whole where any width will do.
const LONGEST_NAME: usize = 80;

/// A table of times with what its numbers are.
pub(super) struct Table {
    pub(super) heading: String,
    pub(super) grid: Grid,
}

/// That of the functions, then those of the groups.
pub(super) fn all(difference: &Difference, quote: Quote, columns: Option<usize>) -> Vec<Table> {
    let mut tables = Vec::from_iter(functions(difference, quote, columns));
    tables.extend(groups(difference, quote, columns));
    tables
}

/// The functions whose own time differs most.
fn functions(difference: &Difference, quote: Quote, columns: Option<usize>) -> Option<Table> {
    let rows: Vec<Row<'_>> = difference
        .functions
        .iter()
        .map(|row| Row {
            name: &row.function,
            suffix: match &row.presence {
                Presence::Both => String::new(),
                Presence::Renamed { from, .. } => format!(" (was {})", quote(from)),
                Presence::New => " (new)".to_owned(),
                Presence::Gone => " (gone)".to_owned(),
            },
            own: &row.own,
            total: &row.total,
        })
        .collect();
    let kind = Kind {
        singular: "function",
        plural: "functions",
        shown: FUNCTIONS_SHOWN,
    };
    table(difference, "Functions", &kind, &rows, quote, columns)
}

/// The groups of each kind whose own time differs most; kinds that do not tell anything apart are left out.
fn groups(difference: &Difference, quote: Quote, columns: Option<usize>) -> Vec<Table> {
    [
        (Grouping::Layer, "By layer", "layer", "layers"),
        (Grouping::Module, "By module", "module", "modules"),
        (Grouping::Crate, "By crate", "crate", "crates"),
        (Grouping::Task, "By task", "task", "tasks"),
        (Grouping::Thread, "By thread", "thread", "threads"),
    ]
    .into_iter()
    .filter_map(|(grouping, heading, singular, plural)| {
        let groups = difference.groups.get(&grouping)?;
        let rows: Vec<Row<'_>> = groups.iter().map(Row::from).collect();
        let kind = Kind {
            singular,
            plural,
            shown: GROUPS_SHOWN,
        };
        (rows.len() > 1)
            .then(|| table(difference, heading, &kind, &rows, quote, columns))
            .flatten()
    })
    .collect()
}

/// What the rows of a table are called, and how many of them it shows.
struct Kind {
    singular: &'static str,
    plural: &'static str,
    shown: usize,
}

struct Row<'d> {
    name: &'d str,
    suffix: String,
    own: &'d Delta,
    total: &'d Delta,
}

impl<'d> From<&'d GroupRow> for Row<'d> {
    fn from(row: &'d GroupRow) -> Self {
        Self {
            name: &row.name,
            suffix: String::new(),
            own: &row.own,
            total: &row.total,
        }
    }
}

/// A column, and how soon it is left out where the terminal is narrow: the greatest number first.
struct Column {
    title: &'static str,
    align: Align,
    dispensable: u8,
    cells: Vec<String>,
}

impl Column {
    fn width(&self) -> usize {
        let cells = self.cells.iter().map(String::as_str);
        let widths = cells.chain([self.title]).map(|cell| cell.chars().count());
        widths.max().unwrap_or(0)
    }
}

fn table(
    difference: &Difference,
    heading: &str,
    kind: &Kind,
    rows: &[Row<'_>],
    quote: Quote,
    columns: Option<usize>,
) -> Option<Table> {
    if rows.is_empty() {
        return None;
    }
    let cpu = difference.cpu.ns;
    let scale = Scale::of([cpu.before, cpu.after]);
    let (shown, rest) = rows.split_at(kind.shown.min(rows.len()));
    let mut numbers = numbers(&scale, shown);
    let mut names: Vec<(String, String)> = shown
        .iter()
        .map(|row| (row.name.to_owned(), row.suffix.clone()))
        .collect();
    let mut close = |ns: Sides<f64>, name: String| {
        for (column, cell) in numbers.iter_mut().zip([
            scale.digits(ns.before),
            scale.digits(ns.after),
            scale.change_digits(ns.difference()),
        ]) {
            column.cells.push(cell);
        }
        for column in numbers.iter_mut().skip(3) {
            column.cells.push(String::new());
        }
        names.push((String::new(), name));
    };
    if !rest.is_empty() {
        let sum = rest
            .iter()
            .fold(Sides::default(), |sum: Sides<f64>, row| Sides {
                before: sum.before + row.own.ns.before,
                after: sum.after + row.own.ns.after,
            });
        let noun = match rest.len() {
            1 => kind.singular,
            _ => kind.plural,
        };
        close(sum, format!("{} other {noun}", rest.len()));
    }
    close(cpu, "sum".to_owned());

    let room = fit(&mut numbers, columns);
    let named: Vec<String> = names
        .into_iter()
        .map(|(name, suffix)| match name.is_empty() {
            true => suffix,
            false => format!("{}{suffix}", quote(&shortened(&name, room))),
        })
        .collect();
    let titles = numbers.iter().map(|column| (column.title, column.align));
    let mut grid = Grid::new(titles.chain([(kind.singular, Left)]));
    for (row, name) in named.into_iter().enumerate() {
        let cells = numbers.iter().map(|column| column.cells[row].clone());
        grid.row(cells.chain([name]).collect::<Vec<_>>());
    }
    Some(Table {
        heading: format!("{heading}, {} of CPU time per iteration", scale.unit()),
        grid,
    })
}

/// The first three are those of a sum, too.
fn numbers(scale: &Scale, rows: &[Row<'_>]) -> Vec<Column> {
    let column = |title, dispensable, cell: &dyn Fn(&Row<'_>) -> String| Column {
        title,
        align: Right,
        dispensable,
        cells: rows.iter().map(cell).collect(),
    };
    let time = |ns: f64| match ns {
        0.0 => ABSENT.to_owned(),
        ns => scale.digits(ns),
    };
    vec![
        column("self before", 2, &|row| time(row.own.ns.before)),
        column("self after", 1, &|row| time(row.own.ns.after)),
        column("difference", 0, &|row| {
            scale.change_digits(row.own.difference_ns())
        }),
        column("95 % interval", 4, &|row| {
            scale.interval(row.own.lower_ns, row.own.upper_ns)
        }),
        column("beyond chance", 3, &|row| {
            let is_beyond = row.own.is_significant();
            if is_beyond { "yes" } else { "no" }.to_owned()
        }),
        column("total before", 6, &|row| time(row.total.ns.before)),
        column("total after", 5, &|row| time(row.total.ns.after)),
    ]
}

/// Leaves out what does not fit, and says how much room there is for names.
fn fit(numbers: &mut Vec<Column>, columns: Option<usize>) -> usize {
    let Some(columns) = columns else {
        return LONGEST_NAME;
    };
    loop {
        // Two spaces stand before every column.
        let taken: usize = numbers.iter().map(|column| column.width() + 2).sum();
        let room = columns.saturating_sub(taken + 2);
        let last = numbers.iter().map(|column| column.dispensable).max();
        match last {
            Some(last) if room < SHORTEST_NAME && last > 0 => {
                numbers.retain(|column| column.dispensable < last);
            }
            _ => return room.clamp(SHORTEST_NAME, LONGEST_NAME),
        }
    }
}

/// The name with its middle left out where it is too long: its ends tell functions apart.
fn shortened(name: &str, limit: usize) -> String {
    let length = name.chars().count();
    if length <= limit {
        return name.to_owned();
    }
    let tail = limit / 2;
    let head = limit - tail - 1;
    let start: String = name.chars().take(head).collect();
    let end: String = name.chars().skip(length - tail).collect();
    format!("{start}…{end}")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::sample::{delta, difference};
    use super::*;

    fn plain(columns: Option<usize>) -> String {
        let table = functions(&difference(), str::to_owned, columns).expect("there are functions");
        table.grid.terminal()
    }

    #[test]
    fn every_function_has_both_sides_and_the_last_row_is_the_sum() {
        let text = plain(None);
        let row = text.lines().find(|line| line.contains("mailbox::push"));
        let words: Vec<&str> = row.expect("a row").split_whitespace().collect();
        assert_eq!(
            words,
            [
                "400",
                "1,964",
                "1,564",
                "more",
                "[+1,424,",
                "+1,704]",
                "yes",
                "700",
                "2,264",
                "runtime::mailbox::push"
            ]
        );
        let last = text.lines().last().expect("a last row");
        assert_eq!(
            last.split_whitespace().collect::<Vec<_>>(),
            ["3,570", "5,270", "1,700", "more", "sum"]
        );
    }

    #[test]
    fn functions_of_one_side_and_renamed_ones_are_said_to_be_so() {
        let text = plain(None);
        for end in [
            "runtime::broker::route (new)",
            "runtime::ask::old_reply (gone)",
            "runtime::workflow::plan (was runtime::engine::plan)",
        ] {
            assert!(text.lines().any(|line| line.ends_with(end)), "{text}");
        }
    }

    #[test]
    fn what_is_not_shown_is_summed() {
        let mut many = difference();
        let row = many.functions[0].clone();
        many.functions = vec![row; 20];
        let table = functions(&many, str::to_owned, None).expect("there are functions");
        let text = table.grid.terminal();
        assert!(text.contains("5 other functions"), "{text}");
        assert!(text.contains("7,820 more"), "{text}");
    }

    #[test]
    fn kinds_of_groups_with_one_group_are_left_out() {
        let headings: Vec<String> = groups(&difference(), str::to_owned, None)
            .into_iter()
            .map(|table| table.heading)
            .collect();
        assert_eq!(
            headings,
            [
                "By layer, ns of CPU time per iteration",
                "By crate, ns of CPU time per iteration"
            ]
        );
    }

    #[test]
    fn a_narrow_terminal_keeps_names_and_differences() {
        for columns in [40, 60, 80, 100, 130] {
            let text = plain(Some(columns));
            assert!(text.contains("1,564 more"), "{text}");
            assert!(text.contains("runtime::mailbox::push"), "{text}");
        }
        assert!(!plain(Some(60)).contains("total"));
        assert!(plain(Some(130)).contains("total before"));
    }

    #[test]
    fn a_time_that_is_not_there_is_no_zero() {
        let table = functions(&difference(), str::to_owned, None).expect("there are functions");
        let text = table.grid.terminal();
        let row = text.lines().find(|line| line.contains("route (new)"));
        let first = row.and_then(|row| row.split_whitespace().next());
        assert_eq!(first, Some(ABSENT));
        assert_eq!(delta(0.0, 1.0, 0.0).ns.before, 0.0);
    }

    proptest! {
        #[test]
        fn shortened_names_fit_and_keep_both_ends(name in "\\PC{0,200}", limit in 5..80_usize) {
            let short = shortened(&name, limit);
            prop_assert!(short.chars().count() <= limit);
            prop_assert_eq!(short.chars().next(), name.chars().next());
            prop_assert_eq!(short.chars().last(), name.chars().last());
        }
    }
}
