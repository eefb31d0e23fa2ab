//! The listing of a dialplan, byte for byte as `dialplan show` writes it.

use super::{Context, Dialplan, Extension, HINT, Priority, pattern::Pattern};

/// Most bytes of the two columns; what is longer is cut.
const MAX_COLUMN_BYTES: usize = 1023;
/// How deep includes are followed when one extension is looked for.
const MAX_DEPTH: usize = 128;

/// The last line of a listing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Totals {
    /// Extensions listed; variants for a caller id count on their own.
    pub extensions: usize,
    /// Priorities listed.
    pub priorities: usize,
    /// Contexts listed.
    pub contexts: usize,
}

/// What was asked for and is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// No context has that name.
    Context,
    /// No extension matches.
    Extension,
}

/// One listing on its way.
struct Listing<'a, W> {
    dialplan: &'a Dialplan,
    write: W,
    totals: Totals,
    has_context: bool,
    has_extension: bool,
    line: Vec<u8>,
}

impl Dialplan {
    /// Writes the listing: everything, one context, or what a dialled string reaches.
    ///
    /// Asterisk says so and writes no totals if there is nothing of that name.
    ///
    /// # Errors
    /// Those of `write`, which is given the listing piece by piece.
    pub fn show<E>(
        &self,
        context: Option<&[u8]>,
        exten: Option<&[u8]>,
        write: impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<Result<Totals, Missing>, E> {
        let mut listing = Listing {
            dialplan: self,
            write,
            totals: Totals::default(),
            has_context: false,
            has_extension: false,
            line: Vec::new(),
        };
        listing.contexts(context, exten, &mut Vec::new())?;
        listing.end(context, exten)
    }
}

impl<E, W: FnMut(&[u8]) -> Result<(), E>> Listing<'_, W> {
    fn contexts(
        &mut self,
        name: Option<&[u8]>,
        exten: Option<&[u8]>,
        path: &mut Vec<Vec<u8>>,
    ) -> Result<(), E> {
        let dialplan = self.dialplan;
        for context in dialplan.contexts.iter().rev() {
            let own = dialplan.files.bytes(context.name);
            if name.is_none_or(|name| name == own) {
                self.has_context = true;
                self.context(context, own, exten, path)?;
            }
        }
        Ok(())
    }

    fn context(
        &mut self,
        context: &Context,
        name: &[u8],
        exten: Option<&[u8]>,
        path: &mut Vec<Vec<u8>>,
    ) -> Result<(), E> {
        let mut is_headed = exten.is_none();
        if is_headed {
            self.header(context, name, false)?;
        }
        for extension in &context.extensions {
            let is_asked = exten.is_none_or(|exten| extension.key.pattern.matches(exten).exact);
            if !is_asked {
                continue;
            }
            self.has_extension = true;
            if !is_headed {
                is_headed = true;
                self.header(context, name, !path.is_empty())?;
            }
            self.extension(extension)?;
        }
        self.includes(context, exten, path)?;
        self.ignorepats(context, exten)?;
        if path.is_empty() {
            self.switches(context)?;
        }
        if is_headed {
            (self.write)(b"\n")?;
        }
        Ok(())
    }

    fn header(&mut self, context: &Context, name: &[u8], is_included: bool) -> Result<(), E> {
        self.totals.contexts += 1;
        let what: &[u8] = if is_included { b"Included context" } else { b"Context" };
        let parts: [&[u8]; 5] = [b"[ ", what, b" '", name, b"' created by 'pbx_config' ]\n"];
        (self.write)(&parts.concat())?;
        if context.has_autohints && !is_included {
            (self.write)(b"Autohints support enabled\n")?;
        }
        Ok(())
    }

    fn extension(&mut self, extension: &Extension) -> Result<(), E> {
        self.totals.extensions += 1;
        self.totals.priorities += extension.priorities.len();
        let files = &self.dialplan.files;
        for (at, priority) in extension.priorities.iter().enumerate() {
            let mut left = Vec::new();
            match (at, priority.label) {
                (0, _) => {
                    left.extend([b"'", files.bytes(priority.name), b"'"].concat());
                    match &extension.key.caller {
                        Some(caller) => {
                            left.extend([b" (CID match '", caller.compared(), b"') => "].concat());
                        }
                        None => left.extend(b" =>"),
                    }
                }
                (_, Some(label)) => left.extend([b"   [", files.bytes(label), b"]"].concat()),
                (_, None) => {}
            }
            self.priority(&left, priority)?;
        }
        Ok(())
    }

    fn priority(&mut self, left: &[u8], priority: &Priority) -> Result<(), E> {
        let files = &self.dialplan.files;
        let line = &mut self.line;
        line.clear();
        line.extend(b"  ");
        push_column(line, left, 17);
        line.push(b' ');
        let start = line.len();
        if priority.number == HINT {
            line.extend(b"hint: ");
            line.extend(files.bytes(priority.application));
        } else {
            line.extend(priority.number.to_string().as_bytes());
            line.extend(b". ");
            line.extend(files.bytes(priority.application));
            line.push(b'(');
            line.extend(files.bytes(priority.data));
            line.push(b')');
        }
        line.truncate(line.len().min(start + MAX_COLUMN_BYTES));
        line.resize(line.len().max(start + 45), b' ');
        let origin = files.origin(priority.origin);
        let file = origin.rsplit(|&byte| byte == b'/').next().unwrap_or(origin);
        line.extend(b" [");
        line.extend(file);
        line.push(b':');
        line.extend(priority.line.to_string().as_bytes());
        line.extend(b"]\n");
        (self.write)(line)
    }

    fn includes(
        &mut self,
        context: &Context,
        exten: Option<&[u8]>,
        path: &mut Vec<Vec<u8>>,
    ) -> Result<(), E> {
        let dialplan = self.dialplan;
        for include in &context.includes {
            let name = dialplan.files.bytes(include.text);
            if exten.is_none() {
                self.other(b"Include =>        ", name)?;
            } else if path.len() < MAX_DEPTH
                && !path.iter().any(|seen| seen.eq_ignore_ascii_case(name))
            {
                path.push(name.to_vec());
                self.contexts(Some(name), exten, path)?;
                path.pop();
            }
        }
        Ok(())
    }

    fn ignorepats(&mut self, context: &Context, exten: Option<&[u8]>) -> Result<(), E> {
        let dialplan = self.dialplan;
        for &ignorepat in &context.ignorepats {
            let name = dialplan.files.bytes(ignorepat);
            let beginning = Pattern::new(&[b"_", name, b"."].concat());
            if exten.is_none_or(|exten| beginning.matches(exten).exact) {
                self.other(b"Ignore pattern => ", name)?;
            }
        }
        Ok(())
    }

    fn switches(&mut self, context: &Context) -> Result<(), E> {
        let files = &self.dialplan.files;
        for switch in &context.switches {
            let both = [files.bytes(switch.name), b"/", files.bytes(switch.data)].concat();
            self.other(b"Alt. Switch =>    ", &both)?;
        }
        Ok(())
    }

    fn other(&mut self, what: &[u8], value: &[u8]) -> Result<(), E> {
        let mut line = [b"  ", what].concat();
        push_column(&mut line, &[b"'", value, b"'"].concat(), 45);
        line.extend(b" [pbx_config]\n");
        (self.write)(&line)
    }

    fn end(
        mut self,
        context: Option<&[u8]>,
        exten: Option<&[u8]>,
    ) -> Result<Result<Totals, Missing>, E> {
        let none = b"There is no existence of ".as_slice();
        if let Some(context) = context
            && !self.has_context
        {
            (self.write)(&[none, b"'", context, b"' context\n"].concat())?;
            return Ok(Err(Missing::Context));
        }
        if let Some(exten) = exten
            && !self.has_extension
        {
            let text = match context {
                Some(context) => [none, exten, b"@", context, b" extension\n"].concat(),
                None => [none, b"'", exten, b"' extension in all contexts\n"].concat(),
            };
            (self.write)(&text)?;
            return Ok(Err(Missing::Extension));
        }
        let Totals { extensions, priorities, contexts } = self.totals;
        let many = |count, one, many| if count == 1 { one } else { many };
        let text = format!(
            "-= {extensions} {} ({priorities} {}) in {contexts} {}. =-\n",
            many(extensions, "extension", "extensions"),
            many(priorities, "priority", "priorities"),
            many(contexts, "context", "contexts"),
        );
        (self.write)(text.as_bytes())?;
        Ok(Ok(self.totals))
    }
}

/// A column: cut at its limit, filled with blanks to its width.
fn push_column(line: &mut Vec<u8>, text: &[u8], width: usize) {
    let start = line.len();
    line.extend(&text[..text.len().min(MAX_COLUMN_BYTES)]);
    line.resize(line.len().max(start + width), b' ');
}
