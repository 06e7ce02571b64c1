//! Each language finds the names of a small file of its own.

use super::Language;

fn check(path: &str, text: &str, names: &[&str], imports: &[&str]) {
    let found = Language::of_path(path).symbols(text);
    let defined: Vec<_> = found.definitions.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(defined, names, "{path}");
    assert_eq!(found.imports, imports, "{path}");
}

#[test]
fn rust() {
    check(
        "a.rs",
        "use crate::store::{Row, Key};\nmod row;\npub struct Feed<T> { head: T }\nimpl<T> Feed<T> {\n  fn watch(&self) {}\n}\nmacro_rules! each { () => {} }",
        &["row", "Feed", "head", "watch", "each"],
        &["crate::store::{Row, Key}", "row"],
    );
}

#[test]
fn typescript_and_javascript() {
    let text = "import { a } from './a.js';\nexport const limit = 3;\nexport class Chat { send(): void { const inner = 1; } }\ninterface Turn { id: string }\nexport * from \"./b\";";
    check("a.ts", text, &["limit", "Chat", "send", "Turn", "id"], &["./a.js", "./b"]);
    check("a.tsx", "export function App() { return <p/>; }", &["App"], &[]);
    check("a.js", "import x from 'y';\nfunction go() {}\nclass A { run() {} }", &["go", "A", "run"], &["y"]);
}

#[test]
fn python() {
    check(
        "a.py",
        "import os\nfrom .models import Model\nLIMIT = 3\nclass Coder:\n    def run(self):\n        x = 1\n",
        &["LIMIT", "Coder", "run"],
        &["os", "from .models import Model"],
    );
}

#[test]
fn go() {
    check(
        "a.go",
        "package a\nimport \"net/http\"\ntype Server struct { addr string }\nfunc (s *Server) Listen() {}\nfunc New() *Server { return nil }",
        &["Server", "addr", "Listen", "New"],
        &["net/http"],
    );
}

#[test]
fn java_and_c_sharp() {
    check(
        "A.java",
        "import a.b.C;\nclass A { int size; void run() {} }",
        &["A", "size", "run"],
        &["import a.b.C"],
    );
    check(
        "A.cs",
        "using System;\nclass A { int Size { get; } void Run() {} }",
        &["A", "Size", "Run"],
        &["using System"],
    );
}

#[test]
fn c_and_cpp() {
    check(
        "a.c",
        "#include \"a.h\"\n#define LIMIT 3\nstruct pool { int size; };\nstatic int *grow(struct pool *p) { int x; return 0; }",
        &["LIMIT", "pool", "size", "grow"],
        &["a.h"],
    );
    check(
        "a.cpp",
        "#include <vector>\nclass Pool { public: void grow(); };\nvoid Pool::grow() {}",
        &["Pool", "grow", "grow"],
        &["vector"],
    );
}

#[test]
fn ruby() {
    check("a.rb", "module A\n  class B\n    def run; end\n  end\nend", &["A", "B", "run"], &[]);
}

#[test]
fn others_by_their_lines() {
    check(
        "a.proto",
        "import \"b.proto\";\nmessage Turn {\n}\nservice Jobs {\n  rpc GetJob(A) returns (B);\n}",
        &["Turn", "Jobs", "GetJob"],
        &["b.proto"],
    );
    check("a.sh", "source ./env.sh\nbuild() {\n}\n", &["build"], &["./env.sh"]);
    check("a.kt", "data class Row(val id: Int)\nfun open() {}", &["Row", "open"], &[]);
}

#[test]
fn broken_text_is_read_as_far_as_it_goes() {
    let found = Language::Rust.symbols("fn whole() {}\nfn broken( {{{\nstruct \u{0} ");
    assert!(found.definitions.iter().any(|it| it.name == "whole"));
    let deep = "(".repeat(100_000);
    Language::Rust.symbols(&deep);
    Language::Python.symbols(&deep);
}
