//! From tokens to text that is read with pleasure.

use proc_macro2::{TokenStream, TokenTree};

/// Whether a name is said anywhere in what a module holds itself: not in the modules within it.
pub(super) fn mentions(tokens: &TokenStream, name: &str) -> bool {
    let mut is_module = false;
    for token in tokens.clone() {
        match token {
            TokenTree::Ident(ident) if ident == "mod" => is_module = true,
            TokenTree::Ident(ident) if ident == name => return true,
            TokenTree::Group(group) => {
                if !is_module && mentions(&group.stream(), name) {
                    return true;
                }
                is_module = false;
            }
            TokenTree::Ident(_) | TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
    }
    false
}

/// The source of a module, with blank lines between its items.
pub(super) fn printed(module: TokenStream) -> String {
    let file = syn::parse2(module).expect("what is written here is Rust");
    spaced(&prettyplease::unparse(&file))
}

fn spaced(text: &str) -> String {
    let mut spaced = String::with_capacity(text.len() + text.len() / 16);
    let mut previous = "";
    for line in text.lines() {
        if is_apart(previous.trim(), line.trim()) {
            spaced.push('\n');
        }
        spaced.push_str(line);
        spaced.push('\n');
        previous = line;
    }
    spaced
}

/// Whether an item that begins with `line` stands apart from what ends with `previous`.
fn is_apart(previous: &str, line: &str) -> bool {
    let is_item = ["///", "#[", "pub ", "impl ", "impl<", "fn "].iter().any(|start| line.starts_with(start));
    is_item && previous.ends_with(['}', ';']) && !previous.starts_with("//")
}
