//! Comments, and which of them say something about what stands beside them.

/// A comment with its marks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Comment<'a> {
    pub(super) text: &'a str,
    /// Line of its first character.
    pub(super) first: u32,
    /// Line of its last character.
    pub(super) last: u32,
}

impl Comment<'_> {
    fn is_block(&self) -> bool {
        self.text.starts_with("/*")
    }

    /// Whether it is marked as documentation: `/** .. */`.
    fn is_doc(&self) -> bool {
        self.text.starts_with("/**") && self.text.len() > "/**/".len()
    }
}

/// The documentation of something whose first token is on `line`, from the comments in front of it.
///
/// The last `/** */` counts, wherever it is. Without one, it is what ends on the line above or on the same line: one
/// block, or consecutive line comments.
pub(super) fn leading(comments: &[Comment<'_>], line: u32) -> Option<String> {
    if let Some(doc) = comments.iter().rev().find(|comment| comment.is_doc()) {
        return cleaned(std::slice::from_ref(doc));
    }
    let mut below = line;
    let mut first = comments.len();
    for (at, comment) in comments.iter().enumerate().rev() {
        let is_adjacent = comment.last + 1 >= below;
        let is_joined = first == comments.len() || !comment.is_block();
        if !is_adjacent || !is_joined {
            break;
        }
        (first, below) = (at, comment.first);
        if comment.is_block() {
            break;
        }
    }
    cleaned(&comments[first..])
}

/// The documentation of something that ends on `line`, from the comments behind it. `next` is the line of what follows
/// on them.
pub(super) fn trailing(comments: &[Comment<'_>], line: u32, next: u32) -> Option<String> {
    let comment = comments.first().filter(|comment| comment.first == line && comment.last < next)?;
    cleaned(std::slice::from_ref(comment))
}

/// How many of the comments between two tokens belong to the first one, which ends on `line`.
pub(super) fn owned_by_previous(comments: &[Comment<'_>], line: u32, next: u32) -> usize {
    comments.iter().take_while(|comment| comment.first == line && comment.last < next).count()
}

/// The words of comments, without marks, shared indentation and empty lines around them.
fn cleaned(comments: &[Comment<'_>]) -> Option<String> {
    let mut lines = Vec::new();
    if let [comment] = comments
        && comment.is_block()
    {
        block(comment.text, &mut lines);
    } else {
        let texts = comments.iter().map(|comment| comment.text);
        lines.extend(dedented(
            texts.map(|text| text.trim_start_matches('/').trim_start_matches('#')).collect(),
        ));
    }
    let first = lines.iter().position(|line| !line.is_empty())?;
    let last = lines.iter().rposition(|line| !line.is_empty())?;
    Some(lines[first..=last].join("\n"))
}

/// The words of one block.
fn block<'a>(text: &'a str, lines: &mut Vec<&'a str>) {
    let inner = text.trim_start_matches('/').trim_end_matches('/').trim_matches('*');
    let mut rest = inner.lines();
    // The line that opens the comment says nothing of the others' indentation.
    lines.extend(rest.next().map(str::trim));
    let rest: Vec<&str> = rest.collect();
    let starred = rest.iter().all(|line| line.trim().is_empty() || line.trim_start().starts_with('*'));
    let bare = |line: &'a str| if starred { line.trim_start().trim_start_matches('*') } else { line };
    lines.extend(dedented(rest.into_iter().map(bare).collect()));
}

/// Lines without the indentation that they share.
fn dedented(lines: Vec<&str>) -> impl Iterator<Item = &str> {
    let lines: Vec<&str> = lines.into_iter().map(str::trim_end).collect();
    let indents =
        lines.iter().filter(|line| !line.is_empty()).map(|line| line.len() - line.trim_start().len());
    let shared = indents.min().unwrap_or(0);
    lines.into_iter().map(move |line| line.get(shared..).unwrap_or_default())
}
