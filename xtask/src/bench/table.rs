//! Tables for a terminal, which are also Markdown.

use std::fmt;

/// A table with a title.
#[derive(Debug, Default)]
pub struct Table {
    title: String,
    rows: Vec<Vec<String>>,
    notes: Vec<String>,
}

impl Table {
    /// A table with these columns and no row yet.
    pub fn new(title: &str, columns: &[&str]) -> Self {
        let head = columns.iter().map(|&column| column.to_owned()).collect();
        Self { title: title.to_owned(), rows: vec![head], notes: Vec::new() }
    }

    /// Adds a row.
    pub fn row(&mut self, cells: Vec<String>) {
        self.rows.push(cells);
    }

    /// Adds a line below the table.
    pub fn note(&mut self, line: impl Into<String>) {
        self.notes.push(line.into());
    }
}

impl fmt::Display for Table {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let width = |at: usize| {
            self.rows.iter().filter_map(|row| row.get(at)).map(|cell| cell.chars().count()).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..columns).map(width).collect();
        writeln!(formatter, "### {}\n", self.title)?;
        for (at, row) in self.rows.iter().enumerate() {
            let cells = widths.iter().enumerate().map(|(column, &width)| {
                let cell = row.get(column).map_or("", String::as_str);
                if column == 0 { format!("{cell:<width$}") } else { format!("{cell:>width$}") }
            });
            writeln!(formatter, "| {} |", cells.collect::<Vec<_>>().join(" | "))?;
            if at == 0 {
                let rule = widths.iter().enumerate().map(|(column, &width)| {
                    let dashes = "-".repeat(width + 1);
                    if column == 0 { format!("{dashes}-") } else { format!("{dashes}:") }
                });
                writeln!(formatter, "|{}|", rule.collect::<Vec<_>>().join("|"))?;
            }
        }
        for note in &self.notes {
            writeln!(formatter, "\n{note}")?;
        }
        Ok(())
    }
}

/// How a value stands to its target.
pub fn against(value: f64, target: f64) -> String {
    let met = if value <= target { "met" } else { "MISSED" };
    format!("≤ {target} {met}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let mut table = Table::new("T", &["name", "µs"]);
        table.row(vec!["a".into(), "12.5".into()]);
        table.note("note");
        let expected = "### T\n\n| name |   µs |\n|------|-----:|\n| a    | 12.5 |\n\nnote\n";
        assert_eq!(table.to_string(), expected);
    }

    #[test]
    fn target_is_met_up_to_itself() {
        assert_eq!(against(1.2, 1.2), "≤ 1.2 met");
        assert_eq!(against(1.21, 1.2), "≤ 1.2 MISSED");
    }
}
