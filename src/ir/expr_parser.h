#pragma once
// The expressions of the text IR: recursive descent, one function per construct, one token of lookahead. Operators go by
// a table of their precedence, which takes one frame of the stack per operand where one function per level would take
// one for each of them.

#include <charconv>
#include <cstddef>
#include <optional>
#include <string>

#include "ir/lexer.h"
#include "ir/parse.h"
#include "ir/text.h"

namespace heddle::Internal {

class ExprParser {
public:
    ExprParser(std::string_view text, SymbolTable &symbols);

    Expr whole_expr() {
        Expr e = expr();
        if (token_.kind != Token::End) fail("the expression ends before " + described(token_));
        return e;
    }

protected:
    // --- nesting

    // Texts come from files as well. Their reader, and all that walks over what it makes, goes down with each level of the
    // text, and a stack is finite. What is printed is read: a chain of 1000 stages makes statements 5000 levels deep,
    // and the terms of sums and the cases of selects are counted in thousands at most. How much of the stack a level needs
    // differs between builds, so that is limited, too, to half of the usual 8 MiB.
    static constexpr int most_levels = 10000, most_height = 5000;
    static constexpr std::ptrdiff_t most_stack = 4 << 20;

    // One level down, as long as this lives.
    class Nested {
    public:
        explicit Nested(ExprParser &parser)
            : parser_(parser) {
            parser_.go_down();
        }
        ~Nested() {
            parser_.go_up();
        }
        Nested(const Nested &) = delete;
        Nested &operator=(const Nested &) = delete;

    private:
        ExprParser &parser_;
    };
    void go_down();
    void go_up() {
        levels_--;
    }

    // --- tokens

    void advance() {
        token_ = lexer_.next();
    }
    [[noreturn]] void fail(const std::string &message) const {
        syntax_error(token_, message);
    }
    [[noreturn]] void fail_before(const char *expected) const {
        fail(std::string("expected ") + expected + " before " + described(token_));
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

    /** Of operators that bind at least as tightly. */
    Expr expr(int least = 0);
    ExprList expr_list(const char *close);
    IntList int_list(const char *close);

    struct Index {
        Expr index, predicate;
        Alignment alignment;
    };
    Index index();

    [[noreturn]] static void fail_of_depth(const Token &where);

    Lexer lexer_;
    Token token_;
    SymbolTable &symbols_;

private:
    static Expr binary(const Token &op, Expr (*make)(const Expr &, const Expr &), const Expr &a, const Expr &b);
    Expr operand();
    Expr negation();
    Expr negative();
    Expr text();
    Expr primary();
    Expr let();
    Expr number(bool negative);
    Type type_in_parentheses();
    Expr infinity(bool negative);
    Expr not_a_number();
    ExprList arguments(size_t count);
    Expr word();
    Expr vector_word(const Token &word);
    Expr call(CallOp op, const Token &where);
    Expr reference();

    int levels_ = 0;  // that the parser is down now
    int height_ = 0;  // of the highest expression that was read on this level
    const void *stack_;
};

}  // namespace heddle::Internal
