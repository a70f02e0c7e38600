#include "ir/expr_parser.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdlib>

namespace heddle::Internal {

namespace {

template<typename Node>
Expr make_binary(const Expr &a, const Expr &b) {
    return Node::make(a, b);
}

struct BinaryOperator {
    const char *text;
    int level;  // how tightly it binds
    Expr (*make)(const Expr &, const Expr &);
};
constexpr BinaryOperator binary_operators[] = {
    {"||", 0, make_binary<Or>}, {"&&", 1, make_binary<And>}, {"==", 2, make_binary<EQ>}, {"!=", 2, make_binary<NE>},
    {"<", 3, make_binary<LT>},  {"<=", 3, make_binary<LE>},  {">", 3, make_binary<GT>},  {">=", 3, make_binary<GE>},
    {"+", 4, make_binary<Add>}, {"-", 4, make_binary<Sub>},  {"*", 5, make_binary<Mul>}, {"/", 5, make_binary<Div>},
    {"%", 5, make_binary<Mod>},
};
const BinaryOperator *binary_operator(const Token &t) {
    if (t.kind != Token::Punctuation) return nullptr;
    for (const BinaryOperator &op : binary_operators) {
        if (t.text == op.text) return &op;
    }
    return nullptr;
}

double floating(const std::string &digits, Type t, const Token &where) {
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

}  // namespace

ExprParser::ExprParser(std::string_view text, SymbolTable &symbols)
    : lexer_(text), symbols_(symbols), stack_(__builtin_frame_address(0)) {
    advance();
}

void ExprParser::go_down() {
    const auto used = std::abs(static_cast<const char *>(__builtin_frame_address(0)) - static_cast<const char *>(stack_));
    if (levels_ >= most_levels || used > most_stack) fail_of_depth(token_);
    levels_++;
}

void ExprParser::fail_of_depth(const Token &where) {
    syntax_error(where, "this is nested too deeply to be read");
}

Expr ExprParser::binary(const Token &op, Expr (*make)(const Expr &, const Expr &), const Expr &a, const Expr &b) {
    if (a.type() != b.type()) {
        syntax_error(op, "the operands of '" + op.text + "' are " + to_string(a.type()) + " and " + to_string(b.type()));
    }
    return made(op, "'" + op.text + "'", [&] { return make(a, b); });
}

Expr ExprParser::expr(int least) {
    const Nested level(*this);
    const int beside = height_;
    height_ = 0;
    Expr e = operand();
    for (const BinaryOperator *op = binary_operator(token_); op && op->level >= least; op = binary_operator(token_)) {
        const Token where = token_;
        advance();
        const Expr b = expr(op->level + 1);
        e = binary(where, op->make, e, b);
        // A long sum is read in one loop, but is as high as it is long.
        if (++height_ > most_height) fail_of_depth(where);
    }
    height_ = std::max(height_, beside);
    return e;
}

Expr ExprParser::operand() {
    Expr e = at("!") ? negation() : at("-") ? negative() : primary();
    height_++;
    return e;
}

Expr ExprParser::negation() {
    const Nested level(*this);
    const Token op = token_;
    advance();
    const Expr a = operand();
    return made(op, "'!'", [&] { return Not::make(a); });
}

Expr ExprParser::negative() {
    advance();
    if (token_.kind == Token::Number) return number(true);
    if (accept_word("inf")) return infinity(true);
    fail("'-' stands only before a number; write 0 - x");
}

Expr ExprParser::text() {
    Expr e = StringImm::make(token_.text);
    advance();
    return e;
}

Expr ExprParser::primary() {
    switch (token_.kind) {
    case Token::Number: return number(false);
    case Token::String: return text();
    case Token::QuotedName: return reference();
    case Token::Name: return is_reserved_word(token_.text) ? word() : reference();
    case Token::Punctuation:
        if (!at("(")) break;
        advance();
        if (accept_word("let")) return let();
        {
            Expr e = expr();
            expect(")");
            height_--;  // parentheses make no node
            return e;
        }
    case Token::End: break;
    }
    fail_before("an expression");
}

Expr ExprParser::let() {
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
Expr ExprParser::number(bool negative) {
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

Type ExprParser::type_in_parentheses() {
    expect("(");
    const Token where = token_;
    const Type t = type();
    if (!t.is_float() || !t.is_scalar()) syntax_error(where, "expected a floating-point type");
    return t;
}
Expr ExprParser::infinity(bool negative) {
    const Type t = type_in_parentheses();
    expect(")");
    return FloatImm::make(t, negative ? -INFINITY : INFINITY);
}
Expr ExprParser::not_a_number() {
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

ExprList ExprParser::expr_list(const char *close) {
    ExprList list;
    if (!at(close)) {
        do list.push_back(expr());
        while (accept(","));
    }
    expect(close);
    return list;
}
IntList ExprParser::int_list(const char *close) {
    IntList list;
    if (!at(close)) {
        do list.push_back(integer());
        while (accept(","));
    }
    expect(close);
    return list;
}
ExprList ExprParser::arguments(size_t count) {
    const Token where = token_;
    expect("(");
    ExprList list = expr_list(")");
    if (list.size() != count) {
        syntax_error(where, "expected " + std::to_string(count) + " operands, not " + std::to_string(list.size()));
    }
    return list;
}

// A word of the language that begins an expression.
Expr ExprParser::word() {
    const Token where = token_;
    const std::string text = token_.text;
    const auto fit = [&](auto &&make) { return made(where, text, make); };
    advance();
    if (text == "true") return const_true();
    if (text == "false") return const_false();
    if (text == "inf") return infinity(false);
    if (text == "nan") return not_a_number();
    std::optional<Type> to;
    size_t count = 1;
    if (text == "reinterpret") {
        expect("<");
        to = type();
        expect(">");
    } else if (text == "min" || text == "max") {
        count = 2;
    } else if (text == "select") {
        count = 3;
    } else {
        to = type_named(text);
        count = to ? 1 : 0;
    }
    if (count > 0) {
        const ExprList a = arguments(count);
        switch (count) {
        case 2: return binary(where, text == "min" ? make_binary<Min> : make_binary<Max>, a[0], a[1]);
        case 3: return fit([&] { return Select::make(a[0], a[1], a[2]); });
        default: return fit([&] { return text == "reinterpret" ? Reinterpret::make(*to, a[0]) : Cast::make(*to, a[0]); });
        }
    }
    if (text == "ramp" || text == "broadcast" || text == "shuffle" || text == "vector_reduce") {
        return vector_word(where);
    }
    if (const std::optional<CallOp> op = call_named(text)) return call(*op, where);
    syntax_error(where, "'" + text + "' does not begin an expression; a name that is a word of the language "
                                     "stands in `backquotes`");
}

Expr ExprParser::vector_word(const Token &word) {
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

Expr ExprParser::call(CallOp op, const Token &where) {
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
Expr ExprParser::reference() {
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

ExprParser::Index ExprParser::index() {
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

}  // namespace heddle::Internal
