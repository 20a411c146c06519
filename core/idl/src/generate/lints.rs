//! Lints that the names and shapes of an IDL may set off.

use proc_macro2::TokenStream;
use quote::quote;

/// The attribute that allows what a module of generated code cannot help.
pub(super) fn allowed() -> TokenStream {
    quote! {
        #[allow(
            dead_code,
            unreachable_pub,
            clippy::approx_constant,
            clippy::disallowed_names,
            clippy::enum_variant_names,
            clippy::fn_params_excessive_bools,
            clippy::large_enum_variant,
            clippy::many_single_char_names,
            clippy::module_inception,
            clippy::module_name_repetitions,
            clippy::should_implement_trait,
            clippy::similar_names,
            clippy::struct_excessive_bools,
            clippy::struct_field_names,
            clippy::too_many_lines,
            clippy::type_complexity,
            clippy::wrong_self_convention,
            reason = "names, numbers and shapes are those of the IDL; not all of it need be used"
        )]
    }
}
