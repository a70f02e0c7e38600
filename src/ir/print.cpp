// Printing is two walks: the first gives every symbol its printed name and learns the element types of
// buffers, the second writes. Both meet symbols in the order in which the parser does.

#include "ir/print.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <map>
#include <ostream>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "ir/compare.h"
#include "ir/rewrite.h"
#include "ir/text.h"

namespace heddle::Internal {

namespace {

/** What the first walk finds out. */
struct Names {
    std::unordered_map<uint64_t, std::string> text;    ///< printed name by id
    std::vector<Symbol> order;                         ///< all symbols as they appear
    std::unordered_map<uint64_t, Type> variables;      ///< type of the first use as a Variable
    std::unordered_map<uint64_t, Types> elements;      ///< element type of the first access, per value
    std::unordered_set<uint64_t> bound;                ///< by Let, LetStmt or For
    std::unordered_set<uint64_t> shaped;               ///< by Realize, View or Allocate
};

class NameCollector {
public:
    template<typename Root>
    static Names collect(const Root &root) {
        NameCollector c;
        walk_graph(
            root, [&](const Variable &n) { c.variable(n); },
            [&](const Access &n) { c.element(n.buffer, n.type, n.value_index); },
            [&](const Load &n) { c.element(n.buffer, n.type.element_of(), 0); },
            [&](const Let &n) { c.bind(n.symbol); }, [&](const LetStmt &n) { c.bind(n.symbol); },
            [&](const For &n) { c.bind(n.loop); }, [&](const ProducerConsumer &n) { c.see(n.buffer); },
            [&](const Write &n) {
                for (size_t i = 0; i < n.values.size(); i++) {
                    c.element(n.buffer, n.values[i].type(), static_cast<int>(i));
                }
            },
            [&](const Store &n) { c.element(n.buffer, n.value.type().element_of(), 0); },
            [&](const Realize &n) { c.shape(n.buffer); }, [&](const View &n) { c.shape(n.buffer); },
            [&](const Allocate &n) { c.shape(n.buffer); });
        c.give_names();
        return std::move(c.names_);
    }

private:
    void see(const Symbol &s) {
        if (seen_.insert(s.id()).second) names_.order.push_back(s);
    }
    void variable(const Variable &n) {
        see(n.symbol);
        names_.variables.emplace(n.symbol.id(), n.type);
    }
    void bind(const Symbol &s) {
        see(s);
        names_.bound.insert(s.id());
    }
    void shape(const Symbol &s) {
        see(s);
        names_.shaped.insert(s.id());
    }
    void element(const Symbol &s, Type t, int value_index) {
        see(s);
        Types &types = names_.elements[s.id()];
        const auto i = static_cast<size_t>(value_index);
        if (types.size() <= i) types.resize(i + 1);
        if (types[i] == Type()) types[i] = t;
    }
    void give_names() {
        std::unordered_set<std::string> taken;
        for (const Symbol &s : names_.order) taken.insert(s.name());
        std::unordered_map<std::string, int> last;
        for (const Symbol &s : names_.order) {
            auto [count, first] = last.emplace(s.name(), 0);
            std::string name = s.name();
            while (!first) {
                name = s.name() + "." + std::to_string(++count->second);
                first = taken.insert(name).second;
            }
            names_.text[s.id()] = written(name);
        }
    }
    static std::string written(const std::string &name) {
        const bool plain = !name.empty() && is_name_start(name[0]) &&
                           std::all_of(name.begin(), name.end(), is_name_character);
        if (plain && !is_reserved_word(name)) return name;
        std::string out = "`";
        for (char c : name) {
            if (c == '`' || c == '\\') out += '\\';
            out += c;
        }
        return out + "`";
    }

    Names names_;
    std::unordered_set<uint64_t> seen_;
};

// How tightly an expression binds; an operand that binds less stands in parentheses.
enum Precedence { Lowest, OrLevel, AndLevel, EqualityLevel, OrderLevel, SumLevel, ProductLevel, UnaryLevel, Primary };

class Printer {
public:
    Printer(Names names, const PrintOptions &options)
        : names_(std::move(names)), options_(options) {
    }

    void print(const Expr &e, int least = Lowest) {
        if (!e.defined()) {
            out_ += "undefined()";
            return;
        }
        const bool marked = e.get() == options_.mark;
        if (marked) mark_begin_ = out_.size();
        print_node(e, least);
        if (marked) mark_end_ = out_.size();
    }

    void print_root(const Stmt &s) {
        if (options_.types) print_given();
        print(s);
    }

    void print(const Stmt &s) {
        if (!s.defined()) {
            line("undefined()");
            return;
        }
        const bool marked = s.get() == options_.mark;
        if (marked) mark_begin_ = out_.size();
        print_node(s);
        if (marked && mark_end_ == 0) mark_end_ = out_.size();
    }

    std::string take() {
        if (options_.mark && mark_end_ > mark_begin_) return with_carets();
        return std::move(out_);
    }

private:
    // --- symbols

    const std::string &name(const Symbol &s) {
        return names_.text[s.id()];
    }

    // Whether the parser knows the type of s by now; notes that it does from here on.
    bool type_is_known(const Symbol &s, Type t) {
        auto [it, added] = known_.emplace(s.id(), t);
        return added ? t == Int(32) : it->second == t;
    }

    bool element_is_known(const Symbol &s, Type t, int value_index) {
        Types &types = known_elements_[s.id()];
        const auto i = static_cast<size_t>(value_index);
        if (types.size() <= i) types.resize(i + 1);
        const bool known = types[i] == t;
        if (types[i] == Type()) types[i] = t;
        return known;
    }

    void print_buffer(const Symbol &s, Type element, int value_index) {
        out_ += name(s);
        if (options_.types && !element_is_known(s, element, value_index)) out_ += ":" + to_string(element);
        if (value_index) out_ += "#" + std::to_string(value_index);
    }

    static std::string types_text(const Types &types) {
        if (types.size() == 1) return to_string(types[0]);
        std::string text = "(";
        for (size_t i = 0; i < types.size(); i++) text += (i ? ", " : "") + to_string(types[i]);
        return text + ")";
    }

    void print_given() {
        std::string text;
        const auto add = [&](const std::string &entry) { text += (text.empty() ? "given " : ", ") + entry; };
        for (const Symbol &s : names_.order) {
            if (names_.bound.count(s.id())) continue;
            if (auto it = names_.variables.find(s.id()); it != names_.variables.end() && it->second != Int(32)) {
                add(name(s) + ": " + to_string(it->second));
                known_[s.id()] = it->second;
            }
            if (names_.shaped.count(s.id())) continue;
            if (auto it = names_.elements.find(s.id()); it != names_.elements.end()) {
                add(name(s) + ": " + types_text(it->second) + "[]");
                known_elements_[s.id()] = it->second;
            }
        }
        if (!text.empty()) line(text);
    }

    // --- expressions

    void print_list(const ExprList &list) {
        for (size_t i = 0; i < list.size(); i++) {
            if (i) out_ += ", ";
            print(list[i]);
        }
    }

    void print_binary(const Expr &a, const char *op, const Expr &b, int level, int least) {
        const bool parentheses = level < least;
        if (parentheses) out_ += "(";
        // Comparisons do not chain: both sides stand in parentheses if they are comparisons.
        const bool comparison = level == EqualityLevel || level == OrderLevel;
        print(a, comparison ? SumLevel : level);
        out_ += op;
        print(b, comparison ? SumLevel : level + 1);
        if (parentheses) out_ += ")";
    }

    template<typename... Args>
    void print_call(const char *word, const Args &...args) {
        out_ += word;
        out_ += "(";
        bool first = true;
        const auto one = [&](const auto &arg) {
            if (!first) out_ += ", ";
            first = false;
            if constexpr (std::is_same_v<std::decay_t<decltype(arg)>, int>) {
                out_ += std::to_string(arg);
            } else if constexpr (std::is_same_v<std::decay_t<decltype(arg)>, std::string>) {
                out_ += arg;
            } else {
                print(arg);
            }
        };
        (one(args), ...);
        out_ += ")";
    }

    void print_predicate(const Expr &predicate, bool after_text) {
        if (!predicate.defined() || equal(predicate, const_true(predicate.type().lanes()))) return;
        out_ += after_text ? " if " : "if ";
        print(predicate);
    }

    void print_index(const Expr &index, const Expr &predicate, const Alignment &alignment) {
        out_ += "[";
        print(index);
        print_predicate(predicate, true);
        if (!(alignment == Alignment{})) {
            out_ += " align(" + std::to_string(alignment.modulus) + ", " + std::to_string(alignment.remainder) + ")";
        }
        out_ += "]";
    }

    void print_node(const Call &n) {
        out_ += to_string(n.op);
        const std::optional<Type> usual = usual_type(n.op, n.args);
        if (!usual || *usual != n.type) out_ += "<" + to_string(n.type) + ">";
        if (!n.name.empty()) out_ += " " + quoted(n.name);
        out_ += "(";
        print_list(n.args);
        out_ += ")";
    }

    void print_node(const Shuffle &n) {
        out_ += "shuffle([";
        print_list(n.vectors);
        out_ += "], [";
        for (size_t i = 0; i < n.indices.size(); i++) out_ += (i ? ", " : "") + std::to_string(n.indices[i]);
        out_ += "])";
    }

    void print_node(const UIntImm &n) {
        if (n.type.is_bool()) {
            out_ += n.value ? "true" : "false";
        } else {
            out_ += std::to_string(n.value) + "u" + std::to_string(n.type.bits());
        }
    }

    void print_node(const IntImm &n) {
        out_ += std::to_string(n.value);
        if (n.type.bits() != 32) out_ += "i" + std::to_string(n.type.bits());
    }

    void print_node(const Variable &n) {
        out_ += name(n.symbol);
        if (options_.types && !type_is_known(n.symbol, n.type)) out_ += ":" + to_string(n.type);
    }

    void print_node(const Let &n) {
        out_ += "(let " + name(n.symbol) + " = ";
        print(n.value);
        known_[n.symbol.id()] = n.value.type();
        out_ += " in ";
        print(n.body);
        out_ += ")";
    }

    void print_node(const Access &n) {
        print_buffer(n.buffer, n.type, n.value_index);
        out_ += "(";
        print_list(n.args);
        out_ += ")";
    }

    void print_node(const Load &n) {
        print_buffer(n.buffer, n.type.element_of(), 0);
        print_index(n.index, n.predicate, n.alignment);
    }

#define HEDDLE_AS(Name) const auto &n = static_cast<const Name &>(*e.get())
#define HEDDLE_OPERATOR(Name, text, level)           \
    case NodeKind::Name: {                           \
        HEDDLE_AS(Name);                             \
        print_binary(n.a, text, n.b, level, least);  \
        break;                                       \
    }
#define HEDDLE_SELF(Name)    \
    case NodeKind::Name: {   \
        HEDDLE_AS(Name);     \
        print_node(n);       \
        break;               \
    }
#define HEDDLE_CALL_LIKE(Name, word, ...)   \
    case NodeKind::Name: {                  \
        HEDDLE_AS(Name);                    \
        print_call(word, __VA_ARGS__);      \
        break;                              \
    }
    void print_node(const Expr &e, int least) {
        switch (e.get()->kind) {
            HEDDLE_SELF(IntImm)
            HEDDLE_SELF(UIntImm)
            HEDDLE_OPERATOR(Add, " + ", SumLevel)
            HEDDLE_OPERATOR(Sub, " - ", SumLevel)
            HEDDLE_OPERATOR(Mul, "*", ProductLevel)
            HEDDLE_OPERATOR(Div, "/", ProductLevel)
            HEDDLE_OPERATOR(Mod, " % ", ProductLevel)
            HEDDLE_OPERATOR(EQ, " == ", EqualityLevel)
            HEDDLE_OPERATOR(NE, " != ", EqualityLevel)
            HEDDLE_OPERATOR(LT, " < ", OrderLevel)
            HEDDLE_OPERATOR(LE, " <= ", OrderLevel)
            HEDDLE_OPERATOR(GT, " > ", OrderLevel)
            HEDDLE_OPERATOR(GE, " >= ", OrderLevel)
            HEDDLE_OPERATOR(And, " && ", AndLevel)
            HEDDLE_OPERATOR(Or, " || ", OrLevel)
            HEDDLE_CALL_LIKE(Cast, to_string(n.type).c_str(), n.value)
            HEDDLE_CALL_LIKE(Reinterpret, ("reinterpret<" + to_string(n.type) + ">").c_str(), n.value)
            HEDDLE_CALL_LIKE(Min, "min", n.a, n.b)
            HEDDLE_CALL_LIKE(Max, "max", n.a, n.b)
            HEDDLE_CALL_LIKE(Select, "select", n.condition, n.true_value, n.false_value)
            HEDDLE_CALL_LIKE(Ramp, "ramp", n.base, n.stride, n.lanes)
            HEDDLE_CALL_LIKE(Broadcast, "broadcast", n.value, n.lanes)
            HEDDLE_CALL_LIKE(VectorReduce, "vector_reduce", std::string(to_string(n.op)), n.value, n.type.lanes())
            HEDDLE_SELF(Variable)
            HEDDLE_SELF(Let)
            HEDDLE_SELF(Access)
            HEDDLE_SELF(Load)
            HEDDLE_SELF(Shuffle)
            HEDDLE_SELF(Call)
        case NodeKind::FloatImm: {
            HEDDLE_AS(FloatImm);
            out_ += float_text(n.value, n.type);
            break;
        }
        case NodeKind::StringImm: {
            HEDDLE_AS(StringImm);
            out_ += quoted(n.value);
            break;
        }
        case NodeKind::Not: {
            HEDDLE_AS(Not);
            out_ += "!";
            print(n.a, UnaryLevel);
            break;
        }
#define HEDDLE_EXPR(Name, levels, FIELDS, MAKE, doc)
#define HEDDLE_STMT(Name, levels, FIELDS, MAKE, doc) case NodeKind::Name:
#include "ir/nodes.def"
#undef HEDDLE_EXPR
#undef HEDDLE_STMT
            break;
        }
    }
#undef HEDDLE_AS
#undef HEDDLE_OPERATOR
#undef HEDDLE_SELF
#undef HEDDLE_CALL_LIKE

    // --- statements

    void line(const std::string &text) {
        indent();
        out_ += text + "\n";
    }
    void indent() {
        out_.append(static_cast<size_t>(4 * depth_), ' ');
    }
    // " {", the body, "}".
    void print_body(const Stmt &body, const char *closing = "}\n") {
        out_ += " {\n";
        print_inside(body);
        indent();
        out_ += closing;
    }
    void print_inside(const Stmt &body) {
        depth_++;
        print(body);
        depth_--;
    }

    void print_range(const Range &r) {
        out_ += "[";
        print(r.min);
        out_ += ", +";
        print(r.extent);
        out_ += ")";
    }
    void print_memory(MemoryType memory) {
        if (memory != MemoryType::Auto) out_ += std::string(" @") + to_string(memory);
    }

    static bool is_open(const Stmt &s) {
        return s.as<LetStmt>() || s.as<Allocate>() || s.as<View>();
    }

    void print_node(const Block &n) {
        for (size_t i = 0; i < n.stmts.size(); i++) {
            const bool enclose = i + 1 < n.stmts.size() && is_open(n.stmts[i]);
            if (!enclose) {
                print(n.stmts[i]);
                continue;
            }
            line("{");
            print_inside(n.stmts[i]);
            line("}");
        }
    }

    void print_node(const LetStmt &n) {
        indent();
        out_ += "let " + name(n.symbol);
        // A pointer says what it points to, where that is known from its use.
        auto element = names_.elements.find(n.symbol.id());
        if (options_.types && n.value.type().is_handle() && element != names_.elements.end() &&
            !names_.shaped.count(n.symbol.id())) {
            out_ += ": " + types_text(element->second) + "[]";
            known_elements_[n.symbol.id()] = element->second;
        }
        out_ += " = ";
        print(n.value);
        known_[n.symbol.id()] = n.value.type();
        out_ += "\n";
        print(n.body);
    }

    void print_node(const For &n) {
        indent();
        out_ += std::string(to_string(n.for_type)) + " " + name(n.loop) + " in ";
        print_range({n.min, n.extent});
        known_[n.loop.id()] = n.min.type();
        if (n.partition == Partition::Never) out_ += " never_partition";
        if (n.partition == Partition::Always) out_ += " always_partition";
        print_body(n.body);
    }

    void print_node(const Realize &n) {
        indent();
        out_ += "realize " + name(n.buffer) + ": " + types_text(n.types);
        for (size_t i = 0; i < n.bounds.size(); i++) {
            out_ += i ? ", " : " over ";
            print_range(n.bounds[i]);
        }
        bool ordered = true;
        for (size_t i = 0; i < n.order.size(); i++) ordered &= n.order[i] == static_cast<int>(i);
        if (!ordered) {
            out_ += " order(";
            for (size_t i = 0; i < n.order.size(); i++) out_ += (i ? ", " : "") + std::to_string(n.order[i]);
            out_ += ")";
        }
        print_memory(n.memory);
        if (!equal(n.condition, const_true())) print_predicate(n.condition, true);
        known_elements_[n.buffer.id()] = n.types;
        print_body(n.body);
    }

    void print_node(const View &n) {
        indent();
        out_ += "view " + name(n.buffer) + ": " + types_text(n.types);
        for (size_t i = 0; i < n.bounds.size(); i++) {
            out_ += i ? ", " : " over ";
            print_range(n.bounds[i]);
            out_ += " step ";
            print(n.strides[i]);
        }
        if (!n.release.empty()) out_ += " release " + n.release;
        out_ += "\n";
        known_elements_[n.buffer.id()] = n.types;
        print(n.body);
    }

    void print_node(const Allocate &n) {
        indent();
        out_ += "allocate " + name(n.buffer) + ": " + to_string(n.type) + "[";
        print_list(n.extents);
        print_predicate(n.condition, !n.extents.empty());
        out_ += "]";
        print_memory(n.memory);
        out_ += "\n";
        known_elements_[n.buffer.id()] = {n.type};
        print(n.body);
    }

    void print_node(const If &n) {
        out_ += "if ";
        print(n.condition);
        print_body(n.then_case, n.else_case.defined() ? "} else" : "}\n");
        if (!n.else_case.defined()) return;
        if (const If *chained = n.else_case.as<If>()) {
            out_ += " ";
            print_node(*chained);
        } else {
            print_body(n.else_case);
        }
    }

    void print_node(const Write &n) {
        indent();
        // The values follow in the text, so they do not yet tell the parser the types.
        out_ += name(n.buffer) + "(";
        print_list(n.args);
        print_predicate(n.predicate, !n.args.empty());
        out_ += n.values.size() > 1 ? ") = {" : ") = ";
        print_list(n.values);
        out_ += n.values.size() > 1 ? "}\n" : "\n";
    }

    void print_node(const Store &n) {
        indent();
        out_ += name(n.buffer);
        print_index(n.index, n.predicate, n.alignment);
        out_ += " = ";
        print(n.value);
        out_ += "\n";
    }

    void print_node(const Stmt &s) {
#define HEDDLE_AS(Name) const auto &n = static_cast<const Name &>(*s.get())
        switch (s.get()->kind) {
#define HEDDLE_EXPR(Name, levels, FIELDS, MAKE, doc) case NodeKind::Name:
#define HEDDLE_STMT(Name, levels, FIELDS, MAKE, doc)
#include "ir/nodes.def"
#undef HEDDLE_EXPR
#undef HEDDLE_STMT
            break;
        case NodeKind::LetStmt: return print_node(*s.as<LetStmt>());
        case NodeKind::For: return print_node(*s.as<For>());
        case NodeKind::Realize: return print_node(*s.as<Realize>());
        case NodeKind::View: return print_node(*s.as<View>());
        case NodeKind::Allocate: return print_node(*s.as<Allocate>());
        case NodeKind::Write: return print_node(*s.as<Write>());
        case NodeKind::Store: return print_node(*s.as<Store>());
        case NodeKind::Block: return print_node(*s.as<Block>());
        case NodeKind::If: indent(); return print_node(*s.as<If>());
        case NodeKind::ProducerConsumer: {
            HEDDLE_AS(ProducerConsumer);
            indent();
            out_ += (n.is_producer ? "produce " : "consume ") + name(n.buffer);
            return print_body(n.body);
        }
        case NodeKind::Atomic: {
            HEDDLE_AS(Atomic);
            indent();
            out_ += n.shared ? "atomic shared" : "atomic";
            return print_body(n.body);
        }
        case NodeKind::Assert: {
            HEDDLE_AS(Assert);
            indent();
            out_ += "assert ";
            print(n.condition);
            out_ += " else ";
            print(n.message);
            out_ += "\n";
            return;
        }
        case NodeKind::Fork: {
            HEDDLE_AS(Fork);
            for (size_t i = 0; i < n.tasks.size(); i++) {
                if (i == 0) indent();
                out_ += i == 0 ? "fork" : "and";
                print_body(n.tasks[i], i + 1 < n.tasks.size() ? "} " : "}\n");
            }
            return;
        }
        case NodeKind::Acquire: {
            HEDDLE_AS(Acquire);
            indent();
            out_ += "acquire ";
            print(n.semaphore);
            out_ += ", ";
            print(n.count);
            return print_body(n.body);
        }
        case NodeKind::Evaluate: {
            HEDDLE_AS(Evaluate);
            indent();
            out_ += "eval ";
            print(n.value);
            out_ += "\n";
            return;
        }
        }
#undef HEDDLE_AS
    }

    // --- pointing at a node

    // The lines around the mark, with carets below the first line of the marked text.
    std::string with_carets() const {
        const size_t line_begin = out_.rfind('\n', mark_begin_ ? mark_begin_ - 1 : 0);
        const size_t begin = line_begin == std::string::npos || mark_begin_ == 0 ? 0 : line_begin + 1;
        const size_t line_end = std::min(out_.find('\n', mark_begin_), out_.size());
        size_t from = mark_begin_;
        while (from < line_end && out_[from] == ' ') from++;
        const size_t to = std::max(from + 1, std::min(line_end, mark_end_));
        const std::string carets = std::string(from - begin, ' ') + std::string(to - from, '^') + "\n";
        std::string text = out_;
        const bool has_newline = line_end < out_.size();
        text.insert(has_newline ? line_end + 1 : line_end, has_newline ? carets : "\n" + carets);
        if (options_.context < 0) return text;
        size_t first = begin, last = line_end + 1 + carets.size();
        for (int i = 0; i < options_.context; i++) {
            if (first > 0) first = first == 1 ? 0 : text.rfind('\n', first - 2) + 1;
            last = last < text.size() ? std::min(text.find('\n', last), text.size() - 1) + 1 : text.size();
        }
        return text.substr(first, last - first);
    }

    Names names_;
    const PrintOptions &options_;
    std::string out_;
    int depth_ = 0;
    size_t mark_begin_ = 0, mark_end_ = 0;
    std::unordered_map<uint64_t, Type> known_;             ///< types of variables that the parser knows here
    std::unordered_map<uint64_t, Types> known_elements_;   ///< and of the elements of buffers
};

std::string shortest(auto value) {
    std::array<char, 64> buffer;
    const auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
    HEDDLE_ASSERT(error == std::errc());
    std::string text(buffer.data(), end);
    if (text.find_first_of(".e") == std::string::npos) text += ".0";
    return text;
}

}  // namespace

std::string float_text(double value, Type type) {
    const std::string type_name = to_string(type.element_of());
    if (std::isnan(value)) {
        const double usual = std::nan("");
        if (std::bit_cast<uint64_t>(value) == std::bit_cast<uint64_t>(usual)) return "nan(" + type_name + ")";
        return "nan(" + type_name + ", " + std::to_string(std::bit_cast<uint64_t>(value)) + ")";
    }
    if (std::isinf(value)) return (value < 0 ? "-inf(" : "inf(") + type_name + ")";
    if (type.bits() == 64) return shortest(value) + "f64";
    const std::string text = shortest(static_cast<float>(value));
    if (type.is_bfloat()) return text + "bf16";
    return text + (type.bits() == 16 ? "f16" : "f");
}

std::string quoted(const std::string &text) {
    static constexpr const char *digits = "0123456789abcdef";
    std::string out = "\"";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out += {'\\', c};
        } else if (c == '\n') {
            out += "\\n";
        } else if (c == '\t') {
            out += "\\t";
        } else if (byte < 0x20 || byte == 0x7f) {
            out += {'\\', 'x', digits[byte >> 4], digits[byte & 15]};
        } else {
            out += c;
        }
    }
    return out + "\"";
}

std::string to_string(const Expr &e, const PrintOptions &options) {
    Printer printer(NameCollector::collect(e), options);
    printer.print(e);
    return printer.take();
}

std::string to_string(const Stmt &s, const PrintOptions &options) {
    Printer printer(NameCollector::collect(s), options);
    printer.print_root(s);
    return printer.take();
}

std::ostream &operator<<(std::ostream &out, const Stmt &s) {
    return out << to_string(s);
}

}  // namespace heddle::Internal

namespace heddle {

std::ostream &operator<<(std::ostream &out, const Expr &e) {
    Internal::PrintOptions options;
    options.types = false;
    return out << Internal::to_string(e, options);
}

std::ostream &operator<<(std::ostream &out, const Type &t) {
    return out << to_string(t);
}

}  // namespace heddle
