//! The nodes that matter in each grammar. A language is one arm of this table.

use super::{Language, grammar::Rules};

pub(super) fn rules(language: Language) -> Option<Rules> {
    Some(match language {
        Language::Other => return None,
        Language::Rust => Rules {
            grammar: tree_sitter_rust::LANGUAGE.into(),
            definitions: &[
                ("function_item", "name"),
                ("function_signature_item", "name"),
                ("struct_item", "name"),
                ("enum_item", "name"),
                ("enum_variant", "name"),
                ("field_declaration", "name"),
                ("union_item", "name"),
                ("trait_item", "name"),
                ("type_item", "name"),
                ("const_item", "name"),
                ("static_item", "name"),
                ("macro_definition", "name"),
                ("mod_item", "name"),
            ],
            at_top: &[],
            top: 0,
            imports: &[("use_declaration", "argument"), ("mod_item", "name")],
        },
        Language::TypeScript => ecma(tree_sitter_typescript::LANGUAGE_TYPESCRIPT.into()),
        Language::Tsx => ecma(tree_sitter_typescript::LANGUAGE_TSX.into()),
        Language::JavaScript => ecma(tree_sitter_javascript::LANGUAGE.into()),
        Language::Python => Rules {
            grammar: tree_sitter_python::LANGUAGE.into(),
            definitions: &[("function_definition", "name"), ("class_definition", "name")],
            at_top: &[("assignment", "left")],
            top: 2,
            imports: &[("import_statement", "name"), ("import_from_statement", "")],
        },
        Language::Go => Rules {
            grammar: tree_sitter_go::LANGUAGE.into(),
            definitions: &[
                ("function_declaration", "name"),
                ("method_declaration", "name"),
                ("method_elem", "name"),
                ("type_spec", "name"),
                ("field_declaration", "name"),
            ],
            at_top: &[("const_spec", "name"), ("var_spec", "name")],
            top: 3,
            imports: &[("import_spec", "path")],
        },
        Language::Java => Rules {
            grammar: tree_sitter_java::LANGUAGE.into(),
            definitions: &[
                ("class_declaration", "name"),
                ("interface_declaration", "name"),
                ("enum_declaration", "name"),
                ("record_declaration", "name"),
                ("annotation_type_declaration", "name"),
                ("method_declaration", "name"),
                ("constructor_declaration", "name"),
                ("enum_constant", "name"),
                ("field_declaration", "declarator"),
            ],
            at_top: &[],
            top: 0,
            imports: &[("import_declaration", "")],
        },
        Language::C => Rules {
            grammar: tree_sitter_c::LANGUAGE.into(),
            definitions: C_DEFINITIONS,
            at_top: &[("declaration", "declarator")],
            top: 2,
            imports: &[("preproc_include", "path")],
        },
        Language::Cpp => Rules {
            grammar: tree_sitter_cpp::LANGUAGE.into(),
            definitions: C_DEFINITIONS,
            at_top: &[("declaration", "declarator")],
            top: 2,
            imports: &[("preproc_include", "path")],
        },
        Language::CSharp => Rules {
            grammar: tree_sitter_c_sharp::LANGUAGE.into(),
            definitions: &[
                ("class_declaration", "name"),
                ("interface_declaration", "name"),
                ("struct_declaration", "name"),
                ("enum_declaration", "name"),
                ("enum_member_declaration", "name"),
                ("record_declaration", "name"),
                ("delegate_declaration", "name"),
                ("method_declaration", "name"),
                ("constructor_declaration", "name"),
                ("property_declaration", "name"),
            ],
            at_top: &[],
            top: 0,
            imports: &[("using_directive", "")],
        },
        Language::Ruby => Rules {
            grammar: tree_sitter_ruby::LANGUAGE.into(),
            definitions: &[
                ("method", "name"),
                ("singleton_method", "name"),
                ("class", "name"),
                ("module", "name"),
            ],
            at_top: &[("assignment", "left")],
            top: 1,
            imports: &[],
        },
    })
}

fn ecma(grammar: tree_sitter::Language) -> Rules {
    Rules {
        grammar,
        definitions: &[
            ("function_declaration", "name"),
            ("generator_function_declaration", "name"),
            ("class_declaration", "name"),
            ("abstract_class_declaration", "name"),
            ("interface_declaration", "name"),
            ("type_alias_declaration", "name"),
            ("enum_declaration", "name"),
            ("method_definition", "name"),
            ("method_signature", "name"),
            ("property_signature", "name"),
            ("public_field_definition", "name"),
            ("function_signature", "name"),
        ],
        at_top: &[("variable_declarator", "name")],
        top: 3,
        imports: &[("import_statement", "source"), ("export_statement", "source")],
    }
}

const C_DEFINITIONS: &[(&str, &str)] = &[
    ("function_definition", "declarator"),
    ("struct_specifier", "name"),
    ("union_specifier", "name"),
    ("enum_specifier", "name"),
    ("class_specifier", "name"),
    ("namespace_definition", "name"),
    ("enumerator", "name"),
    ("field_declaration", "declarator"),
    ("type_definition", "declarator"),
    ("preproc_def", "name"),
    ("preproc_function_def", "name"),
];
