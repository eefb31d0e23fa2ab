//! Percentiles, and how figures are printed beside their bars.

use std::time::Duration;

/// Values in order.
pub(crate) struct Spread(Vec<Duration>);

impl Spread {
    pub(crate) fn of(mut values: Vec<Duration>) -> Self {
        values.sort_unstable();
        Self(values)
    }

    pub(crate) fn count(&self) -> usize {
        self.0.len()
    }

    /// The value that so many of a thousand do not exceed, in milliseconds.
    pub(crate) fn permille_ms(&self, permille: usize) -> f64 {
        let at = (self.0.len() * permille).div_ceil(1000).clamp(1, self.0.len().max(1)) - 1;
        self.0.get(at).map_or(f64::NAN, |value| value.as_secs_f64() * 1000.0)
    }

    /// Prints the middle, the 99th of a hundred and the greatest.
    pub(crate) fn print(&self, what: &str, p99_bar_ms: Option<f64>, max_bar_ms: Option<f64>) {
        println!("  {:<44} {:>9}", format!("{what}, count"), self.count());
        print(&format!("{what}, p50"), self.permille_ms(500), "ms", None);
        print(&format!("{what}, p99"), self.permille_ms(990), "ms", p99_bar_ms);
        print(&format!("{what}, max"), self.permille_ms(1000), "ms", max_bar_ms);
    }
}

/// Prints one figure, with the most that it should be.
pub(crate) fn print(what: &str, value: f64, unit: &str, bar: Option<f64>) {
    let bar = match bar {
        Some(bar) if value <= bar => format!("  (at most {bar})"),
        Some(bar) => format!("  (at most {bar}: MISSED)"),
        None => String::new(),
    };
    println!("  {what:<44} {value:>9.3} {unit}{bar}");
}
