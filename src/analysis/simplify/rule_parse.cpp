// The parser of rules: a precedence climber over a dozen operators.

#include <cctype>

#include "analysis/simplify/rule.h"

namespace heddle::Internal {

bool Pattern::constant() const {
    if (kind == Kind::Constant || kind == Kind::Number) return true;
    if (kind != Kind::Op) return false;
    for (const Pattern &p : operands) {
        if (!p.constant()) return false;
    }
    return true;
}

namespace {

struct Operator {
    std::string_view text;
    NodeKind kind;
    int precedence;
    bool swapped;  // > and >= are < and <= turned round
};

// Longer spellings stand before their prefixes.
constexpr Operator operators[] = {
    {"||", NodeKind::Or, 1, false},  {"&&", NodeKind::And, 2, false}, {"==", NodeKind::EQ, 3, false},
    {"!=", NodeKind::NE, 3, false},  {"<=", NodeKind::LE, 4, false},  {">=", NodeKind::LE, 4, true},
    {"<", NodeKind::LT, 4, false},   {">", NodeKind::LT, 4, true},    {"+", NodeKind::Add, 5, false},
    {"-", NodeKind::Sub, 5, false},  {"*", NodeKind::Mul, 6, false},  {"/", NodeKind::Div, 6, false},
    {"%", NodeKind::Mod, 6, false},
};

class PatternParser {
public:
    explicit PatternParser(std::string_view text)
        : text_(text) {
    }

    Pattern whole() {
        Pattern p = binary(1);
        skip();
        check(at_ == text_.size(), "text after the pattern");
        return p;
    }

private:
    void check(bool condition, const char *what) const {
        HEDDLE_ASSERT(condition, what, " in rule `", text_, "` at ", at_);
    }
    void skip() {
        while (at_ < text_.size() && text_[at_] == ' ') at_++;
    }
    bool accept(std::string_view token) {
        skip();
        if (text_.substr(at_, token.size()) != token) return false;
        at_ += token.size();
        return true;
    }
    void need(std::string_view token) {
        check(accept(token), "something is missing");
    }

    static Pattern op(NodeKind kind, std::vector<Pattern> operands) {
        Pattern p;
        p.kind = Pattern::Kind::Op;
        p.op = kind;
        p.operands = std::move(operands);
        return p;
    }

    Pattern binary(int precedence) {
        Pattern a = unary();
        for (bool more = true; more;) {
            more = false;
            for (const Operator &o : operators) {
                if (o.precedence < precedence || !accept(o.text)) continue;
                Pattern b = binary(o.precedence + 1);
                if (o.swapped) std::swap(a, b);
                std::vector<Pattern> operands;
                operands.push_back(std::move(a));
                operands.push_back(std::move(b));
                a = op(o.kind, std::move(operands));
                more = true;
                break;
            }
        }
        return a;
    }

    Pattern call(NodeKind kind, size_t count) {
        std::vector<Pattern> operands;
        need("(");
        for (size_t i = 0; i < count; i++) {
            if (i) need(",");
            operands.push_back(binary(1));
        }
        need(")");
        return op(kind, std::move(operands));
    }

    Pattern number(int64_t value, bool is_bool) {
        Pattern p;
        p.kind = Pattern::Kind::Number;
        p.number = value;
        p.is_bool = is_bool;
        return p;
    }

    Pattern wildcard(Pattern::Kind kind, size_t index) {
        Pattern p;
        p.kind = kind;
        p.index = static_cast<uint8_t>(index);
        return p;
    }

    Pattern unary() {
        if (accept("!")) {
            std::vector<Pattern> operand;
            operand.push_back(unary());
            return op(NodeKind::Not, std::move(operand));
        }
        if (accept("(")) {
            Pattern p = binary(1);
            need(")");
            return p;
        }
        skip();
        const size_t start = at_;
        while (at_ < text_.size() && std::isalnum(static_cast<unsigned char>(text_[at_]))) at_++;
        const std::string_view word = text_.substr(start, at_ - start);
        check(!word.empty(), "an operand is missing");
        if (std::isdigit(static_cast<unsigned char>(word[0]))) return number(std::stoll(std::string(word)), false);
        if (word == "true" || word == "false") return number(word == "true", true);
        if (word == "min") return call(NodeKind::Min, 2);
        if (word == "max") return call(NodeKind::Max, 2);
        if (word == "select") return call(NodeKind::Select, 3);
        if (word.size() == 2 && word[0] == 'c') {
            check(word[1] >= '0' && word[1] <= '3', "no such constant");
            return wildcard(Pattern::Kind::Constant, static_cast<size_t>(word[1] - '0'));
        }
        constexpr std::string_view values = "xyzwu", bools = "pqr";
        check(word.size() == 1, "no such name");
        if (auto i = values.find(word[0]); i != values.npos) return wildcard(Pattern::Kind::Value, i);
        auto i = bools.find(word[0]);
        check(i != bools.npos, "no such name");
        return wildcard(Pattern::Kind::Bool, i);
    }

    std::string_view text_;
    size_t at_ = 0;
};

}  // namespace

Pattern parse_pattern(std::string_view text) {
    return PatternParser(text).whole();
}

Rule parse_rule(const RuleText &text) {
    Rule r;
    r.before = parse_pattern(text.before);
    r.after = parse_pattern(text.after);
    r.types = text.types;
    r.has_condition = *text.when != 0;
    if (r.has_condition) r.when = parse_pattern(text.when);
    return r;
}

}  // namespace heddle::Internal
