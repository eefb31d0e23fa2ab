//! Which Asterisk a dialplan is for.

/// The versions that can be asked for; each with years of support.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Version {
    /// Asterisk 13.
    V13,
    /// Asterisk 16.
    V16,
    /// Asterisk 18.
    V18,
    /// Asterisk 20.
    V20,
    /// Asterisk 22.
    V22,
}

impl Version {
    /// All of them, oldest first.
    pub const ALL: [Self; 5] = [Self::V13, Self::V16, Self::V18, Self::V20, Self::V22];

    /// Its number, as people write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::V13 => "13",
            Self::V16 => "16",
            Self::V18 => "18",
            Self::V20 => "20",
            Self::V22 => "22",
        }
    }
}
