// Recursive descent; one function per construct, one token of lookahead. Expressions are in expr_parser.cpp.

#include "ir/parse.h"

#include <functional>
#include <vector>

#include "ir/expr_parser.h"

namespace heddle::Internal {

namespace {

class Parser : public ExprParser {
public:
    using ExprParser::ExprParser;

    Stmt whole_stmt() {
        Stmt s = statements();
        if (token_.kind != Token::End) fail("no statement begins with " + described(token_));
        return s;
    }

private:
    // Makes a statement of its body.
    using Enclosing = std::function<Stmt(const Stmt &body)>;

    // Up to the brace that closes the block. Bodies are no calls of their own, but levels in a list: a thousand stages
    // make statements some thousands deep, which is no reason to need much of the stack.
    Stmt statements() {
        struct Level {
            StmtList before;
            Enclosing enclosing;
            bool in_braces;
        };
        std::vector<Level> levels;
        StmtList list;
        const auto enter = [&](Enclosing enclosing, bool in_braces) {
            levels.push_back({std::move(list), std::move(enclosing), in_braces});
            list.clear();
            go_down();
        };
        const auto leave = [&] {
            Level &level = levels.back();
            level.before.push_back(level.enclosing(Block::make(std::move(list))));
            list = std::move(level.before);
            levels.pop_back();
            go_up();
        };
        for (;;) {
            if (token_.kind == Token::End || at("}")) {
                while (!levels.empty() && !levels.back().in_braces) leave();
                if (levels.empty()) return Block::make(std::move(list));
                expect("}");
                leave();
            } else if (at_word("given")) {
                given();
            } else if (Enclosing open = open_statement()) {
                enter(std::move(open), false);
            } else if (Enclosing braced = braced_statement()) {
                expect("{");
                enter(std::move(braced), true);
            } else {
                list.push_back(statement());
            }
        }
    }
    Stmt braces() {
        const Nested level(*this);
        expect("{");
        Stmt s = statements();
        expect("}");
        return s;
    }

    void given() {
        advance();
        do {
            SymbolTable::Entry &entry = symbols_.entry(name());
            if (!accept(":")) {
                entry.type = Int(32);
                continue;
            }
            Types t = types();
            if (accept("[")) {
                expect("]");
                entry.elements = std::move(t);
            } else {
                entry.type = t[0];
            }
        } while (accept(","));
    }

    Stmt statement() {
        const Token where = token_;
        if (token_.kind == Token::Name) {
            if (accept_word("if")) return if_stmt(where);
            if (accept_word("assert")) {
                const Expr condition = expr();
                expect_word("else");
                const Expr message = expr();
                return made(where, "assert", [&] { return Assert::make(condition, message); });
            }
            if (accept_word("fork")) {
                StmtList tasks = {braces()};
                while (accept_word("and")) tasks.push_back(braces());
                return made(where, "fork", [&] { return Fork::make(tasks); });
            }
            if (accept_word("eval")) return Evaluate::make(expr());
        }
        return store_or_write();
    }

    // A statement that is open to the end of its block, up to where its body begins.
    Enclosing open_statement() {
        if (token_.kind != Token::Name) return {};
        if (accept_word("let")) return let_stmt();
        if (accept_word("allocate")) return allocate();
        if (accept_word("view")) return view();
        return {};
    }

    // One with a body in braces, up to these.
    Enclosing braced_statement() {
        const Token where = token_;
        if (at("{")) {
            return [](const Stmt &body) { return body; };
        }
        if (token_.kind != Token::Name) return {};
        if (accept_word("realize")) return realize();
        if (accept_word("acquire")) {
            const Expr semaphore = expr();
            expect(",");
            const Expr count = expr();
            return [=](const Stmt &body) {
                return made(where, "acquire", [&] { return Acquire::make(semaphore, count, body); });
            };
        }
        if (at_word("produce") || at_word("consume")) {
            const bool is_producer = token_.text == "produce";
            advance();
            const Symbol buffer = symbols_.entry(name()).symbol;
            return [=](const Stmt &body) { return ProducerConsumer::make(buffer, is_producer, body); };
        }
        if (accept_word("atomic")) {
            const bool shared = accept_word("shared");
            return [=](const Stmt &body) { return Atomic::make(shared, body); };
        }
        if (const std::optional<ForType> loop = loop_type_named(token_.text)) {
            advance();
            return for_loop(*loop, where);
        }
        return {};
    }

    Enclosing let_stmt() {
        const Token where = token_;
        const std::string text = name();
        std::optional<Type> declared;
        Types elements;
        if (accept(":")) {
            Types t = types();
            if (accept("[")) {
                expect("]");
                elements = std::move(t);
            } else {
                declared = t[0];
            }
        }
        expect("=");
        const Expr value = expr();
        if (declared && *declared != value.type()) {
            syntax_error(where, text + " is declared " + to_string(*declared) + ", but its value is " +
                                    to_string(value.type()));
        }
        SymbolTable::Entry &entry = bind(text, value.type());
        if (!elements.empty()) entry.elements = std::move(elements);
        const Symbol symbol = entry.symbol;
        return [=](const Stmt &rest) { return LetStmt::make(symbol, value, rest); };
    }

    Enclosing allocate() {
        const std::string text = name();
        expect(":");
        const Type t = type();
        expect("[");
        ExprList extents;
        while (!at("]") && !at_word("if")) {
            extents.push_back(expr());
            if (!accept(",")) break;
        }
        Expr condition;
        if (accept_word("if")) condition = expr();
        expect("]");
        const MemoryType where = memory();
        SymbolTable::Entry &entry = symbols_.entry(text);
        entry.elements = {t};
        entry.bound = true;
        const Symbol buffer = entry.symbol;
        return [=](const Stmt &rest) { return Allocate::make(buffer, t, extents, where, condition, rest); };
    }

    MemoryType memory() {
        if (!accept("@")) return MemoryType::Auto;
        const std::optional<MemoryType> m = memory_type_named(token_.text);
        if (!m) fail("expected a kind of memory before " + described(token_));
        advance();
        return *m;
    }

    // [min, +extent)
    Range range() {
        expect("[");
        Range r;
        r.min = expr();
        expect(",");
        expect("+");
        r.extent = expr();
        expect(")");
        return r;
    }

    Enclosing view() {
        const std::string text = name();
        expect(":");
        const Types t = types();
        Ranges bounds;
        ExprList strides;
        if (accept_word("over")) {
            do {
                bounds.push_back(range());
                expect_word("step");
                strides.push_back(expr());
            } while (accept(","));
        }
        SymbolTable::Entry &entry = symbols_.entry(text);
        entry.elements = t;
        const Symbol buffer = entry.symbol;
        std::string release;
        if (accept_word("release")) release = name();
        return [=](const Stmt &rest) { return View::make(buffer, t, bounds, strides, rest, release); };
    }

    Enclosing realize() {
        const Token where = token_;
        const std::string text = name();
        expect(":");
        const Types t = types();
        Ranges bounds;
        if (accept_word("over")) {
            do bounds.push_back(range());
            while (accept(","));
        }
        IntList order;
        if (accept_word("order")) {
            expect("(");
            order = int_list(")");
        } else {
            for (size_t i = 0; i < bounds.size(); i++) order.push_back(static_cast<int>(i));
        }
        const MemoryType memory_type = memory();
        Expr condition;
        if (accept_word("if")) condition = expr();
        SymbolTable::Entry &entry = symbols_.entry(text);
        entry.elements = t;
        entry.bound = true;
        const Symbol buffer = entry.symbol;
        return [=](const Stmt &body) {
            return made(where, "realize", [&] {
                return Realize::make(buffer, t, bounds, order, memory_type, condition, body);
            });
        };
    }

    Enclosing for_loop(ForType loop_type, const Token &where) {
        const std::string text = name();
        expect_word("in");
        const Range r = range();
        Partition partition = Partition::Auto;
        if (accept_word("never_partition")) partition = Partition::Never;
        if (accept_word("always_partition")) partition = Partition::Always;
        const Symbol loop = bind(text, r.min.type()).symbol;
        return [=](const Stmt &body) {
            return made(where, "a loop", [&] { return For::make(loop, r.min, r.extent, loop_type, partition, body); });
        };
    }

    Stmt if_stmt(const Token &where) {
        const Expr condition = expr();
        const Stmt then_case = braces();
        Stmt else_case;
        if (accept_word("else")) {
            const Nested level(*this);
            const Token at_else = token_;
            else_case = accept_word("if") ? if_stmt(at_else) : braces();
        }
        return made(where, "if", [&] { return If::make(condition, then_case, else_case); });
    }

    Stmt store_or_write() {
        const Token where = token_;
        if (token_.kind == Token::Name && is_reserved_word(token_.text)) {
            fail("no statement begins with " + described(token_));
        }
        const Symbol buffer = symbols_.entry(name()).symbol;
        if (at("[")) {
            const Index i = index();
            expect("=");
            const Expr value = expr();
            return made(where, "a store", [&] {
                return Store::make(buffer, i.index, value, i.predicate, i.alignment);
            });
        }
        expect("(");
        ExprList args;
        while (!at(")") && !at_word("if")) {
            args.push_back(expr());
            if (!accept(",")) break;
        }
        Expr predicate;
        if (accept_word("if")) predicate = expr();
        expect(")");
        expect("=");
        ExprList values;
        if (accept("{")) {
            values = expr_list("}");
        } else {
            values.push_back(expr());
        }
        return made(where, "a write", [&] { return Write::make(buffer, args, values, predicate); });
    }
};

}  // namespace

SymbolTable::Entry &SymbolTable::entry(const std::string &name) {
    Entry &e = entries_[name];
    if (!e.symbol.defined()) e.symbol = Symbol::fresh(name);
    return e;
}

void SymbolTable::add(const std::string &name, Type type) {
    entry(name).type = type;
}

void SymbolTable::add_buffer(const std::string &name, Types elements) {
    entry(name).elements = std::move(elements);
}

const Symbol &SymbolTable::symbol(const std::string &name) const {
    auto it = entries_.find(name);
    HEDDLE_ASSERT(it != entries_.end(), "no symbol is called ", name);
    return it->second.symbol;
}

Expr SymbolTable::variable(const std::string &name) const {
    const Symbol &s = symbol(name);
    const Type t = entries_.at(name).type;
    return Variable::make(t == Type() ? Int(32) : t, s);
}

Expr parse_expr(std::string_view text, SymbolTable &symbols) {
    return Parser(text, symbols).whole_expr();
}

Stmt parse_stmt(std::string_view text, SymbolTable &symbols) {
    return Parser(text, symbols).whole_stmt();
}

}  // namespace heddle::Internal
