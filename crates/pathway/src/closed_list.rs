//! A closed list: an enum whose every value has words for people and an id in
//! JSON, written once.

/// Declares the enum with `ALL` and `words()`; the words are its documentation.
macro_rules! closed_list {
    ($(#[$about:meta])* $name:ident { $($value:ident = $words:literal,)* }) => {
        $(#[$about])*
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash,
            serde::Serialize, serde::Deserialize,
        )]
        #[serde(rename_all = "snake_case")]
        pub enum $name {
            $(#[doc = $words] $value,)*
        }

        impl $name {
            /// All of them, in their order.
            pub const ALL: &'static [$name] = &[$($name::$value,)*];

            /// As people read it.
            pub const fn words(self) -> &'static str {
                match self {
                    $($name::$value => $words,)*
                }
            }
        }
    };
}

pub(crate) use closed_list;
