// Recursive descent; one function per construct, one token of lookahead.

#include "ir/parse.h"

#include <bit>
#include <charconv>
#include <cmath>
#include <limits>
#include <vector>

#include "ir/lexer.h"
#include "ir/text.h"

namespace heddle::Internal {

namespace {

class Parser {
public:
    Parser(std::string_view text, SymbolTable &symbols)
        : lexer_(text), symbols_(symbols) {
        advance();
    }

    Expr whole_expr() {
        Expr e = expr();
        if (token_.kind != Token::End) fail("the expression ends before " + described(token_));
        return e;
    }
    Stmt whole_stmt() {
        Stmt s = statements();
        if (token_.kind != Token::End) fail("no statement begins with " + described(token_));
        return s;
    }

private:
    // --- tokens

    void advance() {
        token_ = lexer_.next();
    }
    [[noreturn]] void fail(const std::string &message) const {
        syntax_error(token_, message);
    }
    static std::string described(const Token &t) {
        return t.kind == Token::End ? "the end of the text" : "'" + t.text + "'";
    }
    bool at(const char *punctuation) const {
        return token_.kind == Token::Punctuation && token_.text == punctuation;
    }
    bool at_word(const char *word) const {
        return token_.kind == Token::Name && token_.text == word;
    }
    bool accept(const char *punctuation) {
        if (!at(punctuation)) return false;
        advance();
        return true;
    }
    bool accept_word(const char *word) {
        if (!at_word(word)) return false;
        advance();
        return true;
    }
    void expect(const char *punctuation) {
        if (!accept(punctuation)) fail(std::string("expected '") + punctuation + "' before " + described(token_));
    }
    void expect_word(const char *word) {
        if (!accept_word(word)) fail(std::string("expected '") + word + "' before " + described(token_));
    }

    // A name that the text form does not use itself.
    std::string name() {
        const bool plain = token_.kind == Token::Name && !is_reserved_word(token_.text);
        if (!plain && token_.kind != Token::QuotedName) fail("expected a name before " + described(token_));
        std::string text = token_.text;
        advance();
        return text;
    }
    int integer() {
        const Token where = token_;
        const bool negative = accept("-");
        int value = 0;
        const char *begin = token_.text.data(), *end = begin + token_.text.size();
        const auto [stop, error] = std::from_chars(begin, end, value);
        if (token_.kind != Token::Number || error != std::errc() || stop != end) {
            syntax_error(where, "expected an integer before " + described(token_));
        }
        advance();
        return negative ? -value : value;
    }
    Type type() {
        const std::optional<Type> t =
            token_.kind == Token::Name ? type_named(token_.text) : std::optional<Type>();
        if (!t) fail("expected a type before " + described(token_));
        advance();
        return *t;
    }
    // T or (T, U)
    Types types() {
        if (!accept("(")) return {type()};
        Types result;
        do result.push_back(type());
        while (accept(","));
        expect(")");
        return result;
    }

    // Calls make(); what the node's make() refuses is an error in the text at `where`.
    template<typename Make>
    static auto made(const Token &where, const std::string &what, Make &&make) {
        try {
            return make();
        } catch (const InternalError &) {
            syntax_error(where, "the operands do not fit " + what);
        }
    }

    // --- symbols

    static Type &element(SymbolTable::Entry &entry, int value_index) {
        const auto i = static_cast<size_t>(value_index);
        if (entry.elements.size() <= i) entry.elements.resize(i + 1);
        return entry.elements[i];
    }
    SymbolTable::Entry &bind(const std::string &name, Type type) {
        SymbolTable::Entry &entry = symbols_.entry(name);
        entry.type = type;
        entry.bound = true;
        return entry;
    }

    // --- expressions

    Expr expr() {
        return logical_or();
    }

    template<typename Node>
    static Expr binary(const Token &op, const Expr &a, const Expr &b) {
        if (a.type() != b.type()) {
            syntax_error(op, "the operands of '" + op.text + "' are " + to_string(a.type()) + " and " +
                                 to_string(b.type()));
        }
        return made(op, "'" + op.text + "'", [&] { return Node::make(a, b); });
    }

    Expr logical_or() {
        Expr e = logical_and();
        while (at("||")) {
            const Token op = token_;
            advance();
            e = binary<Or>(op, e, logical_and());
        }
        return e;
    }
    Expr logical_and() {
        Expr e = equality();
        while (at("&&")) {
            const Token op = token_;
            advance();
            e = binary<And>(op, e, equality());
        }
        return e;
    }
    Expr equality() {
        Expr e = ordering();
        while (at("==") || at("!=")) {
            const Token op = token_;
            advance();
            Expr b = ordering();
            e = op.text == "==" ? binary<EQ>(op, e, b) : binary<NE>(op, e, b);
        }
        return e;
    }
    Expr ordering() {
        Expr e = sum();
        while (at("<") || at("<=") || at(">") || at(">=")) {
            const Token op = token_;
            advance();
            Expr b = sum();
            e = op.text == "<"    ? binary<LT>(op, e, b)
                : op.text == "<=" ? binary<LE>(op, e, b)
                : op.text == ">"  ? binary<GT>(op, e, b)
                                  : binary<GE>(op, e, b);
        }
        return e;
    }
    Expr sum() {
        Expr e = product();
        while (at("+") || at("-")) {
            const Token op = token_;
            advance();
            Expr b = product();
            e = op.text == "+" ? binary<Add>(op, e, b) : binary<Sub>(op, e, b);
        }
        return e;
    }
    Expr product() {
        Expr e = unary();
        while (at("*") || at("/") || at("%")) {
            const Token op = token_;
            advance();
            Expr b = unary();
            e = op.text == "*"   ? binary<Mul>(op, e, b)
                : op.text == "/" ? binary<Div>(op, e, b)
                                 : binary<Mod>(op, e, b);
        }
        return e;
    }
    Expr unary() {
        const Token op = token_;
        if (accept("!")) {
            Expr a = unary();
            return made(op, "'!'", [&] { return Not::make(a); });
        }
        if (accept("-")) {
            if (token_.kind == Token::Number) return number(true);
            if (accept_word("inf")) return infinity(true);
            fail("'-' stands only before a number; write 0 - x");
        }
        return primary();
    }

    Expr primary() {
        const Token where = token_;
        switch (token_.kind) {
        case Token::Number: return number(false);
        case Token::String: advance(); return StringImm::make(where.text);
        case Token::QuotedName: return reference();
        case Token::Name: return is_reserved_word(token_.text) ? word() : reference();
        case Token::Punctuation:
            if (!at("(")) break;
            advance();
            if (accept_word("let")) return let();
            {
                Expr e = expr();
                expect(")");
                return e;
            }
        case Token::End: break;
        }
        fail("expected an expression before " + described(token_));
    }

    Expr let() {
        const std::string bound = name();
        expect("=");
        Expr value = expr();
        const Symbol symbol = bind(bound, value.type()).symbol;
        expect_word("in");
        Expr body = expr();
        expect(")");
        return Let::make(symbol, value, body);
    }

    // digits [fraction] [exponent] [suffix]; the suffix is the type: none, i64, u8, f, f64, f16, bf16.
    Expr number(bool negative) {
        const Token where = token_;
        const std::string text = token_.text;
        advance();
        size_t suffix = text.find_first_not_of("0123456789.e+-");
        if (suffix == std::string::npos) suffix = text.size();
        const std::string digits = text.substr(0, suffix), kind = text.substr(suffix);
        if (kind == "f" || kind == "f16" || kind == "f64" || kind == "bf16") {
            const Type t = kind == "f" ? Float(32) : kind == "f16" ? Float(16) : kind == "f64" ? Float(64) : BFloat(16);
            const double value = floating(digits, t, where);
            return FloatImm::make(t, negative ? -value : value);
        }
        std::optional<Type> t = Int(32);
        if (!kind.empty()) t = type_named((kind[0] == 'u' ? "uint" : "int") + kind.substr(1));
        uint64_t value = 0;
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
        const bool whole = error == std::errc() && end == digits.data() + digits.size();
        if (!whole || !t || (!kind.empty() && kind[0] != 'i' && kind[0] != 'u')) {
            syntax_error(where, "not a number: '" + text + "'");
        }
        const uint64_t wrapped = negative ? uint64_t{0} - value : value;
        const auto as_signed = static_cast<int64_t>(wrapped);
        const bool fits = t->is_uint() ? !negative && wrap_unsigned(value, t->bits()) == value
                                       : wrap_signed(as_signed, t->bits()) == as_signed && (negative ? as_signed <= 0 : as_signed >= 0);
        if (!fits) syntax_error(where, "'" + text + "' does not fit " + to_string(*t));
        return t->is_uint() ? UIntImm::make(*t, value) : IntImm::make(*t, as_signed);
    }

    static double floating(const std::string &digits, Type t, const Token &where) {
        // float32 is read as such: rounding twice could be off by one. The 16-bit types are printed with
        // the digits of a float32, of which they are a subset, so nothing is rounded twice there.
        double wide = 0;
        float narrow = 0;
        const char *begin = digits.data(), *end = begin + digits.size();
        const auto result = t.bits() == 64 ? std::from_chars(begin, end, wide) : std::from_chars(begin, end, narrow);
        if (result.ec != std::errc() || result.ptr != end) {
            syntax_error(where, "not a number: '" + digits + "'");
        }
        return t.bits() == 64 ? wide : static_cast<double>(narrow);
    }

    Type type_in_parentheses() {
        expect("(");
        const Token where = token_;
        const Type t = type();
        if (!t.is_float() || !t.is_scalar()) syntax_error(where, "expected a floating-point type");
        return t;
    }
    Expr infinity(bool negative) {
        const Type t = type_in_parentheses();
        expect(")");
        return FloatImm::make(t, negative ? -INFINITY : INFINITY);
    }
    Expr not_a_number() {
        const Type t = type_in_parentheses();
        double value = std::nan("");
        if (accept(",")) {
            uint64_t bits = 0;
            std::from_chars(token_.text.data(), token_.text.data() + token_.text.size(), bits);
            value = std::bit_cast<double>(bits);
            if (!std::isnan(value)) fail("expected the bits of a NaN before " + described(token_));
            advance();
        }
        expect(")");
        return FloatImm::make(t, value);
    }

    ExprList expr_list(const char *close) {
        ExprList list;
        if (!at(close)) {
            do list.push_back(expr());
            while (accept(","));
        }
        expect(close);
        return list;
    }
    IntList int_list(const char *close) {
        IntList list;
        if (!at(close)) {
            do list.push_back(integer());
            while (accept(","));
        }
        expect(close);
        return list;
    }
    ExprList arguments(size_t count) {
        const Token where = token_;
        expect("(");
        ExprList list = expr_list(")");
        if (list.size() != count) {
            syntax_error(where, "expected " + std::to_string(count) + " operands, not " + std::to_string(list.size()));
        }
        return list;
    }

    // A word of the language that begins an expression.
    Expr word() {
        const Token where = token_;
        const std::string text = token_.text;
        const auto fit = [&](auto &&make) { return made(where, text, make); };
        advance();
        if (text == "true") return const_true();
        if (text == "false") return const_false();
        if (text == "inf") return infinity(false);
        if (text == "nan") return not_a_number();
        if (text == "reinterpret") {
            expect("<");
            const Type t = type();
            expect(">");
            const ExprList a = arguments(1);
            return fit([&] { return Reinterpret::make(t, a[0]); });
        }
        if (const std::optional<Type> t = type_named(text)) {
            const ExprList a = arguments(1);
            return fit([&] { return Cast::make(*t, a[0]); });
        }
        if (text == "min" || text == "max") {
            const ExprList a = arguments(2);
            return text == "min" ? binary<Min>(where, a[0], a[1]) : binary<Max>(where, a[0], a[1]);
        }
        if (text == "select") {
            const ExprList a = arguments(3);
            return fit([&] { return Select::make(a[0], a[1], a[2]); });
        }
        if (text == "ramp" || text == "broadcast" || text == "shuffle" || text == "vector_reduce") {
            return vector_word(where);
        }
        if (const std::optional<CallOp> op = call_named(text)) return call(*op, where);
        syntax_error(where, "'" + text + "' does not begin an expression; a name that is a word of the language "
                                         "stands in `backquotes`");
    }

    Expr vector_word(const Token &word) {
        const auto fit = [&](auto &&make) { return made(word, word.text, make); };
        expect("(");
        if (word.text == "shuffle") {
            expect("[");
            const ExprList vectors = expr_list("]");
            expect(",");
            expect("[");
            const IntList indices = int_list("]");
            expect(")");
            return fit([&] { return Shuffle::make(vectors, indices); });
        }
        if (word.text == "vector_reduce") {
            const std::optional<ReduceOp> op = reduction_named(token_.text);
            if (!op) fail("expected a reduction before " + described(token_));
            advance();
            expect(",");
            const Expr value = expr();
            expect(",");
            const int lanes = integer();
            expect(")");
            return fit([&] { return VectorReduce::make(*op, value, lanes); });
        }
        const Expr a = expr();
        expect(",");
        Expr stride;
        if (word.text == "ramp") {
            stride = expr();
            expect(",");
        }
        const int lanes = integer();
        expect(")");
        return fit([&] { return stride.defined() ? Ramp::make(a, stride, lanes) : Broadcast::make(a, lanes); });
    }

    Expr call(CallOp op, const Token &where) {
        std::optional<Type> t;
        if (accept("<")) {
            t = type();
            expect(">");
        }
        std::string callee;
        if (token_.kind == Token::String) {
            callee = token_.text;
            advance();
        }
        expect("(");
        ExprList args = expr_list(")");
        if (!t) t = usual_type(op, args);
        if (!t) syntax_error(where, "the type of " + where.text + " does not follow from its arguments; write " +
                                        where.text + "<type>(...)");
        return Call::make(*t, op, std::move(args), callee);
    }

    // name [:type] then nothing (a variable), (args) or #i(args) (an access), [index] (a load).
    Expr reference() {
        const Token where = token_;
        const std::string text = name();
        std::optional<Type> given;
        if (accept(":")) given = type();
        const bool has_value_index = accept("#");
        const int value_index = has_value_index ? integer() : 0;
        if (value_index < 0) syntax_error(where, "a value of a Tuple has an index of at least 0");
        SymbolTable::Entry &entry = symbols_.entry(text);
        if (!at("(") && !at("[")) {
            if (entry.type == Type()) entry.type = given.value_or(Int(32));
            return Variable::make(given.value_or(entry.type), entry.symbol);
        }
        Type &known = element(entry, value_index);
        if (known == Type() && !given) {
            syntax_error(where, "the element type of " + text + " is not known here; write " + text + ":type");
        }
        if (known == Type()) known = *given;
        const Type t = given.value_or(known);
        const Symbol buffer = entry.symbol;
        if (accept("(")) {
            ExprList args = expr_list(")");
            return Access::make(t, buffer, std::move(args), value_index);
        }
        const Index i = index();
        return made(where, "a load of " + text, [&] {
            return Load::make(t.with_lanes(i.index.type().lanes()), buffer, i.index, i.predicate, i.alignment);
        });
    }

    struct Index {
        Expr index, predicate;
        Alignment alignment;
    };
    Index index() {
        Index i;
        expect("[");
        i.index = expr();
        if (accept_word("if")) i.predicate = expr();
        if (accept_word("align")) {
            expect("(");
            i.alignment.modulus = integer();
            expect(",");
            i.alignment.remainder = integer();
            expect(")");
        }
        expect("]");
        return i;
    }

    // --- statements

    Stmt statements() {
        StmtList list;
        while (token_.kind != Token::End && !at("}")) {
            if (at_word("given")) {
                given();
            } else {
                list.push_back(statement());
            }
        }
        return Block::make(std::move(list));
    }
    Stmt braces() {
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
        if (at("{")) return braces();
        if (token_.kind == Token::Name) {
            if (accept_word("let")) return let_stmt();
            if (accept_word("allocate")) return allocate();
            if (accept_word("view")) return view();
            if (accept_word("realize")) return realize();
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
            if (accept_word("acquire")) {
                const Expr semaphore = expr();
                expect(",");
                const Expr count = expr();
                const Stmt body = braces();
                return made(where, "acquire", [&] { return Acquire::make(semaphore, count, body); });
            }
            if (accept_word("eval")) return Evaluate::make(expr());
            if (at_word("produce") || at_word("consume")) {
                const bool is_producer = token_.text == "produce";
                advance();
                const Symbol buffer = symbols_.entry(name()).symbol;
                return ProducerConsumer::make(buffer, is_producer, braces());
            }
            if (accept_word("atomic")) {
                const bool shared = accept_word("shared");
                return Atomic::make(shared, braces());
            }
            if (const std::optional<ForType> loop = loop_type_named(token_.text)) {
                advance();
                return for_loop(*loop, where);
            }
        }
        return store_or_write();
    }

    Stmt let_stmt() {
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
        return LetStmt::make(symbol, value, statements());
    }

    Stmt allocate() {
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
        return Allocate::make(buffer, t, std::move(extents), where, condition, statements());
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

    Stmt view() {
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
        return View::make(buffer, t, std::move(bounds), std::move(strides), statements(), release);
    }

    Stmt realize() {
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
        const Stmt body = braces();
        return made(where, "realize", [&] {
            return Realize::make(buffer, t, bounds, order, memory_type, condition, body);
        });
    }

    Stmt for_loop(ForType loop_type, const Token &where) {
        const std::string text = name();
        expect_word("in");
        const Range r = range();
        Partition partition = Partition::Auto;
        if (accept_word("never_partition")) partition = Partition::Never;
        if (accept_word("always_partition")) partition = Partition::Always;
        const Symbol loop = bind(text, r.min.type()).symbol;
        const Stmt body = braces();
        return made(where, "a loop", [&] { return For::make(loop, r.min, r.extent, loop_type, partition, body); });
    }

    Stmt if_stmt(const Token &where) {
        const Expr condition = expr();
        const Stmt then_case = braces();
        Stmt else_case;
        if (accept_word("else")) {
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

    Lexer lexer_;
    Token token_;
    SymbolTable &symbols_;
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
